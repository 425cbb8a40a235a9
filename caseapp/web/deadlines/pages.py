"""A deadline with its numbered working as finished values."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from caseapp.accounts.keys import Staff
from caseapp.deadlines.records import Deadline, Step
from caseapp.lib import clock
from caseapp.vault.store import Entry, SealedFile
from caseapp.web import tags, words
from caseapp.web.cases.pages import CaseHead, case_head
from caseapp.web.colleagues import Names
from caseapp.web.deadlines.lines import acts_on, status_of
from caseapp.web.today.lines import Status


@dataclass(frozen=True)
class WorkingStep:
    """One numbered line of `components/working.html`."""

    name: str
    what: str
    because: str
    on: date | None


@dataclass(frozen=True)
class Argued:
    """A date that could also be argued."""

    on: date | None
    text: str
    citation: str


@dataclass(frozen=True)
class Working:
    """The computation, as made with its day's rule."""

    steps: tuple[WorkingStep, ...]
    result: date | None
    result_note: str
    source: str
    warnings: tuple[str, ...]
    others: tuple[Argued, ...]
    is_flux: bool
    is_manual: bool


@dataclass(frozen=True)
class CheckLine:
    """A second person's own working."""

    who: str
    on: date
    same: bool


@dataclass(frozen=True)
class DeadlinePage:
    """Everything of the page. `on` is the date to act by, `due_on` the last day by the rule."""

    head: CaseHead
    version: int
    what: str
    severity: str
    status: Status
    on: date | None
    is_own_date: bool
    act_by: date | None
    due_on: date | None
    due_time: str
    opens_on: date | None
    own_target_on: date | None
    reason: str
    who: str
    entered_by: str
    is_open: bool
    can_reopen: bool
    is_checked: bool
    can_check: bool
    checks: tuple[CheckLine, ...]
    working: Working | None


def deadline_page(file: SealedFile, entry: Entry[Deadline], names: Names, staff: Staff) -> DeadlinePage:
    """One deadline of an open case."""
    record = entry.record
    is_open = record.state == "open"
    return DeadlinePage(
        head=case_head(file),
        version=entry.version,
        what=record.what,
        severity=words.word(words.SEVERITIES, record.severity),
        status=status_of(record, clock.today(staff.zone)),
        on=acts_on(record),
        is_own_date=record.moved_to is not None,
        act_by=record.act_by,
        due_on=record.due_on,
        due_time=_clock_of(record.due_minute),
        opens_on=record.opens_on,
        own_target_on=record.own_target_on,
        reason=record.reason,
        who=names.get(record.owner, "") if record.owner else "",
        entered_by=names.get(record.entered_by, "") if record.entered_by else "",
        is_open=is_open,
        can_reopen=record.state in {"done", "waived"},
        is_checked=any(check.same for check in record.checks),
        can_check=is_open and record.entered_by != staff.member_id,
        checks=tuple(
            CheckLine(names.get(check.by, ""), check.at.astimezone(ZoneInfo(staff.zone)).date(), check.same)
            for check in record.checks
        ),
        working=working_of(record),
    )


def working_of(deadline: Deadline) -> Working | None:
    """The numbered proof, or None for a date set by hand."""
    kept = deadline.working
    if kept is None:
        return None
    act_by = _day(kept.act_by)
    due_on = _day(kept.due_on)
    note = ""
    if act_by and due_on and act_by != due_on:
        note = _("our safe day; the last day by the rule is %(date)s") % {"date": tags.day(due_on)}
    return Working(
        steps=tuple(_step(step) for step in kept.steps),
        result=act_by or due_on or _day(kept.opens_on),
        result_note=note,
        source=f"{kept.citation} ({kept.rule}, {kept.version})",
        warnings=kept.warnings,
        others=tuple(Argued(_day(due), text, citation) for _position, due, citation, text in kept.others),
        is_flux=kept.state == "flux",
        is_manual=kept.state == "manual",
    )


def _step(step: Step) -> WorkingStep:
    # The sentence already names its day.
    return WorkingStep(words.word(words.STEPS, step.name), step.text, step.citation, None)


def _day(text: str) -> date | None:
    return datetime.fromisoformat(text).date() if text else None


def _clock_of(minute: str) -> str:
    return datetime.fromisoformat(minute).strftime("%-H:%M") if minute else ""
