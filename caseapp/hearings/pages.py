"""A hearing's brief, its booking and its outcome as finished values."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from caseapp.accounts.keys.staff import Staff
from caseapp.deadlines.panels.case_deadlines import CaseDeadline, case_deadline, sort_deadlines
from caseapp.deadlines.panels.working import WorkingPanel, working_of
from caseapp.deadlines.services.case_stages import is_before_court
from caseapp.hearings.panels import CaseHearing, case_hearing
from caseapp.hearings.services.preview import Preview
from caseapp.index import reader
from caseapp.lib import clock, courts
from caseapp.records.case import Case
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.records.party import CLIENT_ROLES, Party
from caseapp.records.proceeding import Proceeding
from caseapp.ui.display import labels, tags
from caseapp.ui.display.case_header import CaseHead, case_head, is_client_detained
from caseapp.ui.display.colleagues import MemberNames
from caseapp.ui.display.rule_names import translate_deadline_name
from caseapp.ui.display.status import lacks_confirmation
from caseapp.vault.store import Entry, SealedFile


@dataclass(frozen=True)
class AddedDeadline:
    """A deadline that booking would add."""

    what: str
    on: date | None
    due_on: date | None
    working: WorkingPanel | None


@dataclass(frozen=True)
class BookingPreview:
    """The result of a booking; `clashes` are sentences about other hearings of the same person on that day."""

    weekday: str
    deadlines: tuple[AddedDeadline, ...]
    reminders: int
    clashes: tuple[str, ...]


@dataclass(frozen=True)
class HearingPage:
    """The values around the form of a stored hearing."""

    head: CaseHead
    line: CaseHearing


@dataclass(frozen=True)
class CourtAddress:
    """Address of a court from the directory, with the day on which its source was read."""

    text: str
    read_on: date


@dataclass(frozen=True)
class ReminderSheetLink:
    """Address of the reminder sheet of one client."""

    name: str
    href: str


@dataclass(frozen=True)
class HearingBrief:
    """All that a person who appears needs to know, on one page."""

    head: CaseHead
    line: CaseHearing
    edit_href: str
    court: str
    address: CourtAddress | None
    room: str
    hearing_format: str
    link: str
    judge: str
    interpreter: str
    is_detained: bool
    sheets: tuple[ReminderSheetLink, ...]
    due: tuple[CaseDeadline, ...]
    due_total: int
    all_due: str
    bring: tuple[str, ...]
    text: str
    outcome_text: str

    @property
    def lacks_confirmation(self) -> bool:
        """Return whether no deadline of the brief is confirmed."""
        return lacks_confirmation(self.due)


def hearing_page(file: SealedFile, entry: Entry[Hearing], names: MemberNames, staff: Staff) -> HearingPage:
    """Return the page of a hearing as it is stored."""
    return HearingPage(case_head(file), case_hearing(entry, names))


SHEETS_SHOWN = 30  # clients
DUE_SHOWN = 10  # deadlines on the brief; the page of all deadlines begins with them


def hearing_brief(file: SealedFile, entry: Entry[Hearing], names: MemberNames, staff: Staff) -> HearingBrief:
    """Return the brief of a hearing. What is not known is left out."""
    record = entry.record
    # A USCIS office in the same city has another address.
    listed = courts.find_court(record.court) if is_before_court(record.kind) else None
    due = _due_before(file, record.starts_on, names, clock.today(staff.zone))
    return HearingBrief(
        head=case_head(file),
        line=case_hearing(entry, names),
        edit_href=reverse("hearings:edit", args=[entry.id]),
        court=record.court,
        address=CourtAddress(listed.address, listed.read_on) if listed else None,
        room=record.room,
        hearing_format=labels.label_of(labels.HEARING_FORMATS, record.way),
        link=record.link,
        judge=record.judge,
        interpreter=_interpreter_of(record),
        is_detained=record.detained,
        sheets=_sheet_links(file, entry)[:SHEETS_SHOWN] if record.outcome is None else (),
        due=tuple(due[:DUE_SHOWN]),
        due_total=len(due),
        all_due=reverse("cases:part", args=[file.id, "deadlines"]) if len(due) > DUE_SHOWN else "",
        bring=tuple(line.strip() for line in record.bring.splitlines() if line.strip()),
        text=record.text,
        outcome_text=record.outcome.text if record.outcome else "",
    )


def _interpreter_of(record: Hearing) -> str:
    if not record.interpreter:
        return ""
    text = _("%(language)s, requested") if record.interpreter_asked else _("%(language)s, not requested")
    return text % {"language": record.interpreter}


def _sheet_links(file: SealedFile, entry: Entry[Hearing]) -> tuple[ReminderSheetLink, ...]:
    """Return the reminder sheets of the clients whom the hearing is for, the lead first; without any, of all."""
    clients = [party for party in file.entries_of(Party) if party.record.role in CLIENT_ROLES]
    clients = [party for party in clients if party.id in entry.record.parties] or clients
    clients.sort(key=lambda party: (party.record.role != "lead", party.record.name.full.casefold()))
    return tuple(
        ReminderSheetLink(party.record.name.full, reverse("clients:slip", args=[file.id, party.id, entry.id]))
        for party in clients
    )


def _due_before(file: SealedFile, on: date, names: MemberNames, today: date) -> list[CaseDeadline]:
    """Return the open deadlines with a day up to that of the hearing, the earliest first."""
    lines = [case_deadline(entry, names, today, file) for entry in sort_deadlines(file.entries_of(Deadline))]
    due = [line for line in lines if line.is_open and not line.is_watch and line.on and line.on <= on]
    return sorted(due, key=lambda line: line.on or date.max)


# Appointments that are not at the court that has the case: their place says nothing about the next hearing.
NOT_AT_COURT = frozenset(
    ("biometrics", "ice_check_in", "uscis_interview", "asylum_interview", "prefecture", "ofpra", "appointment")
)


def booking_values(file: SealedFile, staff: Staff) -> dict[str, Any]:
    """Return the first values of the booking form, from the last hearing at a court, else from the open proceeding."""
    at_court = [entry.record for entry in file.entries_of(Hearing) if entry.record.kind not in NOT_AT_COURT]
    last = max(at_court, key=lambda record: record.starts_at, default=None)
    proceeding = next((entry.record for entry in file.entries_of(Proceeding) if entry.record.state == "open"), None)
    court = (last.court if last else "") or (proceeding.court if proceeding else "")
    listed = courts.find_court(court)
    stage = file.get_only(Case).record.stage
    return {
        "kind": stage if stage in labels.HEARING_KINDS else last.kind if last else "",
        "court": court,
        "zone": last.zone if last else listed.zone if listed else staff.zone,
        "way": last.way if last else "in_person",
        "judge": (last.judge if last else "") or (proceeding.judge if proceeding else ""),
        "goes": str(staff.member_id),
        "interpreter": last.interpreter if last else "",
        "detained": is_client_detained(file),
    }


def booking_preview(
    staff: Staff, preview: Preview, hearing: Hearing, names: MemberNames, case_id: UUID
) -> BookingPreview:
    """Return the deadlines with their working, and the other hearings of the person appearing on that day."""
    local = clock.local_time(hearing.starts_at, hearing.zone)
    return BookingPreview(
        weekday=tags.day_long(local.date()),
        deadlines=tuple(
            AddedDeadline(
                what=translate_deadline_name(deadline.what),
                on=deadline.act_by or deadline.due_on,
                due_on=deadline.due_on if deadline.due_on != deadline.act_by else None,
                working=working_of(deadline),
            )
            for deadline in preview.deadlines
        ),
        reminders=preview.reminders,
        clashes=_find_clashes(staff, hearing, names, local, case_id) if hearing.goes else (),
    )


def _find_clashes(
    staff: Staff, hearing: Hearing, names: MemberNames, local: datetime, case_id: UUID
) -> tuple[str, ...]:
    """Return a sentence for each open hearing of another case, on the same day, with the same person appearing."""
    start = datetime.combine(local.date(), datetime.min.time(), local.tzinfo)
    index = reader.open_readable_view(staff.keys, zone=staff.zone)
    return tuple(
        _("%(name)s has another hearing that day at %(time)s (%(ref)s).")
        % {
            "name": names.get(hearing.goes, "") if hearing.goes else "",
            "time": tags.court_clock(item.item.starts_at, item.item.zone),
            "ref": item.row.ref,
        }
        for item in index.hearings_between(start, start + timedelta(days=1))
        if item.item.goes == hearing.goes and item.case_id != case_id and not item.item.outcome
    )
