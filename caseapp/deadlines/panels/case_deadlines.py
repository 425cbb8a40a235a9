"""The deadlines of an open case as its pages show them."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from caseapp.deadlines.panels.filing_lines import short_filing
from caseapp.records import deadline as services
from caseapp.records.deadline import DATE_REMOVED, ENTRY_CORRECTED, SEVERITIES, TAKEN_BACK, Deadline
from caseapp.records.party import CLIENT_ROLES, Party
from caseapp.ui.display import tags
from caseapp.ui.display.colleagues import MemberNames
from caseapp.ui.display.paths import quick_reverse
from caseapp.ui.display.rule_names import short_deadline_name
from caseapp.ui.display.status import StatusLabel, deadline_day_status, watch_status
from caseapp.vault.store import Entry, SealedFile


@dataclass(frozen=True)
class CaseDeadline:
    """One deadline line. `on` is the internal deadline; `due_on` the legal deadline when it is another day."""

    href: str
    what: str
    on: date | None
    due_on: date | None
    status: StatusLabel
    is_open: bool
    is_checked: bool
    is_flux: bool
    who: str
    filing: str  # the last step of an open deadline's filing; empty without one
    persons: tuple[str, ...] = ()  # whose it is, where the case has several clients
    is_watch: bool = False  # a date of the other side, never ours
    filing_href: str = ""  # the page that records its filing, for an open deadline of ours


def main_date(deadline: Deadline) -> date | None:
    """Return a member's own date, else the internal, else the legal deadline; for a window its first day."""
    return services.day_to_act(deadline) or deadline.opens_on


def deadline_status(deadline: Deadline, today: date) -> StatusLabel:
    """Return the shape and word of a deadline's status."""
    if deadline.state == "done":
        return _done_status(deadline)
    if deadline.state == "waived":
        return StatusLabel("waived", _("Not required"))
    if deadline.state == "superseded":
        return StatusLabel("waived", _superseded_word(deadline))
    on = main_date(deadline)
    if on is None:
        return StatusLabel("to-check", _("No date yet"))
    if services.is_watch(deadline):
        return watch_status(today, on)
    if services.day_to_act(deadline) is None:
        return StatusLabel("upcoming", _("Opens"))
    return deadline_day_status(today, on, deadline.due_on)


def _superseded_word(deadline: Deadline) -> str:
    words = {
        DATE_REMOVED: _("Its date was removed"),
        ENTRY_CORRECTED: _("Ended by a correction"),
        TAKEN_BACK: _("Its entry was taken back"),
    }
    return words.get(deadline.closed_reason, "") or _("Superseded")


def _done_status(deadline: Deadline) -> StatusLabel:
    if deadline.filings:
        return StatusLabel("done", short_filing(deadline))
    if deadline.closed_on:
        return StatusLabel("done", _("Done %(date)s") % {"date": tags.day_short(deadline.closed_on)})
    return StatusLabel("done", _("Done"))


def case_deadline(entry: Entry[Deadline], names: MemberNames, today: date, file: SealedFile) -> CaseDeadline:
    """Return a deadline as one line of the page of its case."""
    record = entry.record
    on = main_date(record)
    is_watch, is_open = services.is_watch(record), record.state == "open"
    return CaseDeadline(
        href=quick_reverse("deadlines:deadline", entry.id),
        what=short_deadline_name(record.what),
        on=on,
        due_on=record.due_on if record.due_on != on else None,
        status=deadline_status(record, today),
        is_open=is_open,
        is_checked=services.is_checked(record),
        is_flux=record.working is not None and record.working.state == "flux",
        who=names.get(record.owner, "") if record.owner else "",
        filing=short_filing(record) if is_open else "",
        persons=persons_of_deadline(file, record),
        is_watch=is_watch,
        filing_href=quick_reverse("deadlines:filing", entry.id) if is_open and not is_watch else "",
    )


def persons_of_deadline(file: SealedFile, deadline: Deadline) -> tuple[str, ...]:
    """Return the names of the persons a deadline is for; none where the case has one client, or it is for all."""
    people = {entry.id: entry.record for entry in file.entries_of(Party)}
    clients = {party_id for party_id, party in people.items() if party.role in CLIENT_ROLES}
    if len(clients) < 2 or clients <= set(deadline.parties):
        return ()
    return tuple(people[party_id].name.full for party_id in deadline.parties if party_id in people)


def sort_deadlines(entries: list[Entry[Deadline]]) -> list[Entry[Deadline]]:
    """Return the deadlines, open ones first, by consequence, then by date."""
    return sorted(
        entries,
        key=lambda entry: (
            entry.record.state != "open",
            SEVERITIES.index(entry.record.severity) if entry.record.severity in SEVERITIES else len(SEVERITIES),
            main_date(entry.record) or date.max,
        ),
    )
