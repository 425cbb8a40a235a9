"""View model of the case page."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import office_law
from caseapp.cases.pages import activity as stream
from caseapp.cases.pages.activity import ActivityItem
from caseapp.cases.pages.doubt import DoubtPanel, doubt_panel
from caseapp.cases.pages.parts import ListPart, list_part
from caseapp.cases.pages.proceedings import ProceedingLine, proceeding_lines
from caseapp.clients.panels import contact_sections
from caseapp.clients.panels.contact_lines import HearingContactLine
from caseapp.clients.panels.people import CasePerson, case_person, parties_by_role
from caseapp.deadlines.panels.asylum_clock import ClockPanel, clock_panel
from caseapp.deadlines.panels.case_deadlines import CaseDeadline, case_deadline, sort_deadlines
from caseapp.deadlines.services import asylum_clock
from caseapp.documents.panels import DocumentLine, document_lines
from caseapp.hearings.panels import CaseHearing, case_hearing
from caseapp.lib import clock
from caseapp.records.case import Case
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.records.note import Note
from caseapp.records.task import Task
from caseapp.ui.display import labels as words
from caseapp.ui.display.case_header import client_party_of
from caseapp.ui.display.colleagues import MemberNames, colleagues_of, names_of
from caseapp.ui.display.filter_links import FilterLink
from caseapp.ui.display.people.fact_lines import FactLine, brought_facts, case_facts
from caseapp.ui.display.status import StatusLabel, day_status, lacks_confirmation
from caseapp.vault.store import Entry, SealedFile


@dataclass(frozen=True)
class CaseTask:
    """Task of the case, open or done."""

    id: UUID
    done_action: str
    text: str
    who: str
    on: date | None
    status: StatusLabel | None
    is_done: bool


@dataclass(frozen=True)
class CasePage:
    """Content of the case page."""

    id: UUID
    ref: str
    lead_name: str
    pronouns: str
    languages: str
    reads: str
    stage: str
    court: str
    stage_question: str
    relief: str
    team: tuple[str, ...]
    seen_by: int
    is_detained: bool
    doubt: DoubtPanel | None
    next_hearing: CaseHearing | None
    next_deadline: CaseDeadline | None
    overdue: int
    reached: tuple[CasePerson, ...]
    people: tuple[CasePerson, ...]
    hearings: ListPart[CaseHearing]
    deadlines: ListPart[CaseDeadline]
    closed_deadlines: ListPart[CaseDeadline]
    has_confirmed: bool
    clock: ClockPanel | None
    has_clock: bool
    papers: ListPart[DocumentLine]
    tasks: ListPart[CaseTask]
    stream: ListPart[ActivityItem]
    links: tuple[FilterLink, ...]
    story: tuple[str, ...]
    end: "ClosingStatus"
    client_contacts: ListPart[HearingContactLine]
    proceedings: tuple[ProceedingLine, ...]
    facts: tuple[FactLine, ...]
    brought: tuple[FactLine, ...]

    @property
    def lacks_confirmation(self) -> bool:
        """Return whether the case has open deadlines and none of them is confirmed."""
        return bool(self.deadlines.total) and not self.has_confirmed

    @property
    def people_in_view(self) -> tuple[CasePerson, ...]:
        """Return the people whose cards are open; the others are folded."""
        return self.people[:PEOPLE_IN_VIEW]

    @property
    def people_folded(self) -> tuple[CasePerson, ...]:
        """Return the people whose cards are folded."""
        return self.people[PEOPLE_IN_VIEW:]


@dataclass(frozen=True)
class ClosingStatus:
    """Closing dates and legal hold of a case. `href` is "" for a member who may neither close nor destroy it."""

    closed_on: date | None
    retain_until: date | None
    is_held: bool
    href: str


PEOPLE_IN_VIEW = 4


def case_page(file: SealedFile, staff: Staff, *, show: str, opened: str = "") -> CasePage:
    """Return the case page.

    show    filters the activity (`activity.FILTERS`)
    opened  the part that shows all of its lines (a key of `parts.LIMITS`)
    """
    team = colleagues_of(staff.keys, file)
    names = names_of(team)
    today = clock.today(staff.zone)
    show = show if show in stream.FILTERS else "all"
    case = file.get_only(Case).record
    lead = client_party_of(file)
    party = lead.record if lead else None
    deadlines = [case_deadline(entry, names, today, file) for entry in sort_deadlines(file.entries_of(Deadline))]
    hearings = [case_hearing(entry, names) for entry in _hearings_in_order(file)]
    open_deadlines = sorted((line for line in deadlines if line.is_open), key=lambda line: line.on or date.max)
    persons = tuple(case_person(file, entry, on=clock.today(staff.zone)) for entry in parties_by_role(file))
    return CasePage(
        id=file.id,
        ref=case.ref,
        lead_name=party.name.full if party else "",
        pronouns=party.pronouns if party else "",
        languages=", ".join(party.languages) if party else "",
        reads=", ".join(party.reads) if party else "",
        stage=words.label_of(words.STAGES, case.stage),
        court=_court_of(file),
        stage_question=words.label_of(words.STAGE_QUESTIONS, case.stage_question),
        relief=", ".join(words.label_of(words.RELIEF, code) for code in case.relief),
        team=tuple(names[member] for member in case.team if member in names),
        seen_by=len(team),
        is_detained=any(person.detained_since for person in persons),
        doubt=doubt_panel(staff, file),
        next_hearing=_next_hearing(hearings),
        next_deadline=_next_deadline(open_deadlines),
        overdue=sum(line.is_overdue for line in open_deadlines),
        reached=tuple(person for person in persons if person.careful or (person.is_client and person.phones)),
        people=persons,
        hearings=list_part("hearings", hearings, opened),
        deadlines=list_part("deadlines", open_deadlines, opened),
        closed_deadlines=list_part("closed", [line for line in deadlines if not line.is_open], opened, at="deadlines"),
        has_confirmed=bool(open_deadlines) and not lacks_confirmation(open_deadlines),
        clock=clock_panel(file, today),
        has_clock=asylum_clock.has_clock(file, office_law.recent_packs(staff.keys)),
        papers=list_part("documents", document_lines(file, staff.zone), opened, at="papers"),
        tasks=list_part("tasks", [_case_task(entry, names, today) for entry in _tasks_in_order(file)], opened),
        stream=_activity_part(file, staff, names, show, opened),
        links=_filter_links(show),
        story=tuple(entry.record.text for entry in file.entries_of(Note) if entry.record.story),
        end=_closing_status(staff, file.id, case),
        client_contacts=_contacts_part(file, staff, opened),
        proceedings=proceeding_lines(file),
        facts=case_facts(case),
        brought=brought_facts(case),
    )


def _next_hearing(hearings: list[CaseHearing]) -> CaseHearing | None:
    """Return the next hearing; one without an outcome counts on its day, and after it until another one is booked."""
    is_open = [line for line in hearings if line.is_open]
    ahead = [line for line in is_open if line.on >= clock.today(line.zone)] or is_open[-1:]
    return ahead[0] if ahead else None


def _next_deadline(open_deadlines: list[CaseDeadline]) -> CaseDeadline | None:
    return next((line for line in open_deadlines if line.on and not line.is_watch and not line.is_overdue), None)


def _activity_part(
    file: SealedFile, staff: Staff, names: MemberNames, show: str, opened: str
) -> ListPart[ActivityItem]:
    items = stream.activity_items(file, file.id, names, zone=staff.zone, show=show)
    return list_part("activity", items, opened, at="stream", show=show)


def _contacts_part(file: SealedFile, staff: Staff, opened: str) -> ListPart[HearingContactLine]:
    lines = contact_sections.case_contact_lines(file, staff.keys, zone=staff.zone)
    return list_part("contacts", lines, opened, at="telling")


def _court_of(file: SealedFile) -> str:
    """Return court and judge of the open proceeding, as its last hearing names them: `Newark, Judge Rivera`."""
    records = [entry.record for entry in file.entries_of(Hearing) if entry.record.proceeding]
    last = max(records, key=lambda record: record.starts_at, default=None)
    if last is None:
        return ""
    judge = _("Judge %(name)s") % {"name": last.judge} if last.judge else ""
    return ", ".join(part for part in (last.court, judge) if part)


def _closing_status(staff: Staff, case_id: UUID, case: Case) -> ClosingStatus:
    href = ""
    if permissions.is_permitted(staff, "close_case"):
        href = reverse("cases:close", args=[case_id])
    elif case.closed_on is not None and permissions.is_permitted(staff, "shred_case"):
        href = reverse("cases:shred", args=[case_id])
    return ClosingStatus(case.closed_on, case.retain_until, bool(case.hold_reason), href)


def _filter_links(show: str) -> tuple[FilterLink, ...]:
    labels = {
        "all": _("All"),
        "notes": _("Notes"),
        "hearings": _("Hearings"),
        "papers": _("Documents"),
        "calls": _("Calls and texts"),
    }
    return tuple(FilterLink(f"?show={code}#stream", label, code == show) for code, label in labels.items())


def _hearings_in_order(file: SealedFile) -> list[Entry[Hearing]]:
    # Hearings without an outcome first, then those with one, the newest first.
    by_start = sorted(file.entries_of(Hearing), key=lambda entry: entry.record.starts_at)
    still_open = [entry for entry in by_start if entry.record.outcome is None]
    return still_open + [entry for entry in reversed(by_start) if entry.record.outcome is not None]


def _tasks_in_order(file: SealedFile) -> list[Entry[Task]]:
    return sorted(
        file.entries_of(Task), key=lambda entry: (entry.record.done_on is not None, entry.record.due_on or date.max)
    )


def _case_task(entry: Entry[Task], names: MemberNames, today: date) -> CaseTask:
    record = entry.record
    is_done = record.done_on is not None
    status = StatusLabel("done", _("Done")) if is_done else day_status(today, record.due_on) if record.due_on else None
    return CaseTask(
        id=entry.id,
        done_action=reverse("cases:task_done", args=[entry.id]),
        text=record.text,
        who=names.get(record.owner, "") if record.owner else "",
        on=record.due_on,
        status=status,
        is_done=is_done,
    )
