"""Hearings, deadlines and tasks as lists across cases show them: finished values for the template."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from caseapp.index.results import Item
from caseapp.index.rows import CaseRow, DeadlineRow, HearingRow, TaskRow
from caseapp.lib import clock
from caseapp.ui.display import labels, tags
from caseapp.ui.display.colleagues import MemberNames
from caseapp.ui.display.paths import case_path, quick_reverse
from caseapp.ui.display.rule_names import short_deadline_name
from caseapp.ui.display.status import StatusLabel, day_status, deadline_day_status, watch_status


@dataclass(frozen=True)
class HearingLine:
    """One hearing in the court's time zone. `has_begun`: its hour is over, so an outcome can be recorded."""

    href: str
    case_href: str
    outcome_href: str
    on: date
    at: datetime
    zone: str
    kind: str
    location: str
    ref: str
    name: str
    who: str
    interpreter: str
    outcome: str
    has_begun: bool
    is_detained: bool


@dataclass(frozen=True)
class DeadlineLine:
    """One open deadline. `on` is the internal deadline; `due_on` is set only where it differs.

    what      the short name; the page behind `href` has the full one
    distance  in words, empty where the status says it already
    filing    where its filing is recorded; empty for a date on which nothing is to be filed
    """

    href: str
    case_href: str
    what: str
    ref: str
    name: str
    on: date
    due_on: date | None
    is_window: bool
    status: StatusLabel
    is_checked: bool
    who: str
    distance: str
    filing: str
    is_watch: bool
    is_detained: bool


@dataclass(frozen=True)
class AgendaTaskLine:
    """One open task. `who` has it, `name` is the client's."""

    done_action: str
    case_href: str
    text: str
    ref: str
    name: str
    who: str
    on: date | None
    status: StatusLabel | None


def client_name_of(row: CaseRow) -> str:
    """Return the client's name as written; empty for a case without a client."""
    return row.names[0][0] if row.names else ""


def location_of(court: str, room: str, format_code: str) -> str:
    """Return court, room and hearing format: `Court North, room 12, by video`."""
    parts = [
        court,
        _("room %(room)s") % {"room": room} if room else "",
        labels.label_of(labels.HEARING_FORMATS, format_code),
    ]
    return ", ".join(part for part in parts if part)


def short_hearing_kind(code: str) -> str:
    """Return a kind of hearing as lists call it: `Master`."""
    kinds = labels.SHORT_HEARING_KINDS if code in labels.SHORT_HEARING_KINDS else labels.HEARING_KINDS
    return labels.label_of(kinds, code)


def interpreter_note(language: str, *, is_requested: bool) -> str:
    """Return the interpreter language and if one was requested; empty without a language."""
    if not language:
        return ""
    text = _("Interpreter: %(language)s, requested") if is_requested else _("Interpreter: %(language)s, not requested")
    return text % {"language": language}


def hearing_line(item: Item[HearingRow], names: MemberNames) -> HearingLine:
    """Return the line of a hearing in the index."""
    row = item.item
    return HearingLine(
        href=quick_reverse("hearings:hearing", row.id),
        case_href=case_path(item.case_id),
        outcome_href=quick_reverse("hearings:outcome", row.id),
        on=row.starts_on,
        at=row.starts_at,
        zone=row.zone,
        kind=short_hearing_kind(row.kind),
        location=location_of(row.court, row.room, row.hearing_format),
        ref=item.row.ref,
        name=client_name_of(item.row),
        who=names.get(row.goes, "") if row.goes else "",
        interpreter=interpreter_note(row.interpreter, is_requested=row.interpreter_asked),
        outcome=labels.label_of(labels.OUTCOMES, row.outcome) if row.outcome else "",
        has_begun=row.starts_at <= clock.now(),
        is_detained=item.row.detained,
    )


def deadline_line(item: Item[DeadlineRow], names: MemberNames, today: date) -> DeadlineLine:
    """Return the line of a deadline in the index. Raises ValueError for a deadline without a day."""
    row = item.item
    if row.day is None:
        raise ValueError("deadline without a day")
    status = _deadline_status(row, row.day, today)
    distance = tags.distance_between(today, row.day)
    return DeadlineLine(
        href=quick_reverse("deadlines:deadline", row.id),
        case_href=case_path(item.case_id),
        what=short_deadline_name(row.what),
        ref=item.row.ref,
        name=client_name_of(item.row),
        on=row.day,
        due_on=row.due_on if row.due_on and row.due_on != row.day else None,
        is_window=not (row.act_by or row.due_on),
        status=status,
        is_checked=row.checked,
        who=names.get(row.owner, "") if row.owner else "",
        distance="" if status.word == distance else distance,
        filing=quick_reverse("deadlines:filing", row.id) if row.day_of_ours else "",
        is_watch=row.is_watch,
        is_detained=item.row.detained,
    )


def _deadline_status(row: DeadlineRow, on: date, today: date) -> StatusLabel:
    if row.is_watch:
        return watch_status(today, on)
    if not row.day_of_ours:
        return StatusLabel("upcoming", _("Opens"))
    return deadline_day_status(today, on, row.due_on)


def task_line(item: Item[TaskRow], names: MemberNames, today: date) -> AgendaTaskLine:
    """Return the line of a task in the index."""
    row = item.item
    return AgendaTaskLine(
        done_action=quick_reverse("cases:task_done", row.id),
        case_href=case_path(item.case_id),
        text=row.text,
        ref=item.row.ref,
        name=client_name_of(item.row),
        who=names.get(row.owner, "") if row.owner else "",
        on=row.due_on,
        status=day_status(today, row.due_on) if row.due_on else None,
    )


@dataclass(frozen=True)
class NextDate:
    """Next date of a case."""

    on: date
    what: str
    status: StatusLabel


def next_date(item: HearingRow | DeadlineRow | None, today: date) -> NextDate | None:
    """Return a hearing or deadline as the case list shows it; None without a date."""
    if isinstance(item, HearingRow):
        on = item.starts_on
        return NextDate(on, short_hearing_kind(item.kind), day_status(today, on))
    if isinstance(item, DeadlineRow) and item.day:
        return NextDate(item.day, short_deadline_name(item.what), _deadline_status(item, item.day, today))
    return None
