"""View model of the case page."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import office_law
from caseapp.casefile.contact.reachability import PHONE
from caseapp.cases.pages import activity as stream
from caseapp.cases.pages.activity import ActivityItem
from caseapp.cases.pages.doubt import DoubtPanel, doubt_panel
from caseapp.cases.pages.parts import KINDS, CaseLists, CaseTask, ListPart, hearings_in_order, open_deadlines
from caseapp.cases.pages.proceedings import ProceedingLine
from caseapp.clients.panels.contact_lines import HearingContactLine
from caseapp.clients.panels.people import CasePerson, case_person, parties_by_role
from caseapp.deadlines.panels.asylum_clock import ClockPanel, clock_panel
from caseapp.deadlines.panels.case_deadlines import CaseDeadline, case_deadline, deadline_status, main_date
from caseapp.deadlines.services import asylum_clock
from caseapp.documents.panels import DocumentLine, document_lines, documents_in_order
from caseapp.hearings.panels import CaseHearing, case_hearing
from caseapp.lib import clock
from caseapp.lib.errors import NotFound
from caseapp.records.answer import INTAKE, Answer
from caseapp.records.case import Case
from caseapp.records.deadline import Deadline, is_checked, is_watch
from caseapp.records.hearing import Hearing
from caseapp.records.party import CLIENT_ROLES, Party
from caseapp.ui.display import labels as words
from caseapp.ui.display.case_header import CaseHead, case_head, client_party_of
from caseapp.ui.display.colleagues import MemberNames, colleagues_of, names_of
from caseapp.ui.display.filter_links import FilterLink
from caseapp.ui.display.paths import quick_reverse
from caseapp.ui.display.people.fact_lines import FactLine, brought_facts, case_facts
from caseapp.ui.paging import PageOfList, cut_page
from caseapp.vault.store import Entry, SealedFile


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
    reached_more: int
    people: ListPart[CasePerson]
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
    story: ListPart[str]
    end: "ClosingStatus"
    client_contacts: ListPart[HearingContactLine]
    proceedings: ListPart[ProceedingLine]
    has_intake: bool
    facts: tuple[FactLine, ...]
    brought: tuple[FactLine, ...]

    @property
    def lacks_confirmation(self) -> bool:
        """Return whether the case has open deadlines and none of them is confirmed."""
        return bool(self.deadlines.total) and not self.has_confirmed

    @property
    def people_in_view(self) -> tuple[CasePerson, ...]:
        """Return the people whose cards are open; the others are folded."""
        return self.people.lines[:PEOPLE_IN_VIEW]

    @property
    def people_folded(self) -> tuple[CasePerson, ...]:
        """Return the people whose cards are folded."""
        return self.people.lines[PEOPLE_IN_VIEW:]

    @property
    def people_more(self) -> int:
        """Return the number of people behind the fold, or on the page that lists them all."""
        return max(0, self.people.total - PEOPLE_IN_VIEW)


@dataclass(frozen=True)
class ClosingStatus:
    """Closing dates and legal hold of a case. `href` is "" for a member who may neither close nor destroy it."""

    closed_on: date | None
    retain_until: date | None
    is_held: bool
    href: str


@dataclass(frozen=True)
class PartPage:
    """One page of a long list of a case. `row` is the template of a line, `classes` are those of the list."""

    head: CaseHead
    title: str
    row: str
    classes: str
    page: PageOfList[Any]
    links: tuple[FilterLink, ...]
    lacks_confirmation: bool

    @property
    def ref(self) -> str:
        """Return the reference of the case, as lines ask for it."""
        return self.head.ref

    @property
    def id(self) -> UUID:
        """Return the id of the case, as lines ask for it."""
        return self.head.id


OVERDUE = "passed"  # kind of status
PEOPLE_IN_VIEW, REACHED_IN_VIEW, PAPERS_IN_VIEW = 4, 6, 8


def case_page(file: SealedFile, staff: Staff, *, show: str) -> CasePage:
    """Return the case page. `show` filters the activity (`activity.FILTERS`)."""
    team = colleagues_of(staff.keys, file)
    names = names_of(team)
    today = clock.today(staff.zone)
    lists = CaseLists(file, staff, names, known_filter(show))
    case = file.get_only(Case).record
    lead = client_party_of(file)
    party = lead.record if lead else None
    open_dates = open_deadlines(file)
    deadlines = lists.first_lines("deadlines")
    reached = [entry for entry in parties_by_role(file) if _is_reached(entry.record)]
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
        is_detained=any(entry.record.detained_since for entry in file.entries_of(Party)),
        doubt=doubt_panel(staff, file),
        next_hearing=_next_hearing(file, names),
        next_deadline=_next_deadline(lists, open_dates),
        overdue=sum(deadline_status(entry.record, today).kind == OVERDUE for entry in open_dates),
        reached=tuple(case_person(file, entry, on=today) for entry in reached[:REACHED_IN_VIEW]),
        reached_more=max(0, len(reached) - REACHED_IN_VIEW),
        people=lists.first_lines("people"),
        hearings=lists.first_lines("hearings"),
        deadlines=deadlines,
        closed_deadlines=lists.first_lines("closed"),
        has_confirmed=any(is_checked(entry.record) for entry in open_dates),
        clock=clock_panel(file, today),
        has_clock=asylum_clock.has_clock(file, office_law.recent_packs(staff.keys)),
        papers=_papers_part(file, staff),
        tasks=lists.first_lines("tasks"),
        stream=lists.first_lines("activity"),
        links=filter_links(lists.show, "#stream"),
        story=lists.first_lines("story"),
        end=_closing_status(staff, file.id, case),
        client_contacts=lists.first_lines("contacts"),
        proceedings=lists.first_lines("proceedings"),
        has_intake=case.stage == INTAKE or any(entry.record.tree == INTAKE for entry in file.entries_of(Answer)),
        facts=case_facts(case),
        brought=brought_facts(case),
    )


def part_page(file: SealedFile, staff: Staff, name: str, query: QueryDict) -> PartPage:
    """Return one page of a long list. Raises NotFound for a list, or a client, that the case does not have."""
    if name not in KINDS:
        raise NotFound("no such list")
    only = _requested_client(file, query)
    names = names_of(colleagues_of(staff.keys, file))
    lists = CaseLists(file, staff, names, known_filter(query.get("show", "")), only)
    listed, kind = lists.list_named(name), KINDS[name]
    page = cut_page(listed.rows, query, kept=("show", "person"))
    return PartPage(
        head=case_head(file),
        title=str(kind.title),
        row=kind.row,
        classes=kind.lists,
        page=page.with_lines(listed.make(page.lines)),
        links=filter_links(lists.show, "") if name == "activity" else (),
        lacks_confirmation=name == "deadlines" and not any(is_checked(e.record) for e in open_deadlines(file)),
    )


def _requested_client(file: SealedFile, query: QueryDict) -> UUID | None:
    text = query.get("person", "")
    if not text:
        return None
    try:
        return file.get(UUID(text), Party).id
    except ValueError as exc:
        raise NotFound("no such person") from exc


def known_filter(show: str) -> str:
    """Return the filter of the activity that an address asks for; all for one that does not exist."""
    return show if show in stream.FILTERS else "all"


def _is_reached(party: Party) -> bool:
    """Return whether a person is named near the top of the page: for a safety note, or a client's telephone."""
    has_phone = any(contact.way == PHONE for contact in party.contacts)
    return bool(party.careful) or (party.role in CLIENT_ROLES and has_phone)


def _next_hearing(file: SealedFile, names: MemberNames) -> CaseHearing | None:
    """Return the next hearing; one without an outcome counts on its day, and after it until another one is booked."""
    is_open = [entry for entry in hearings_in_order(file) if entry.record.outcome is None]
    ahead = [entry for entry in is_open if entry.record.starts_on >= clock.today(entry.record.zone)] or is_open[-1:]
    return case_hearing(ahead[0], names) if ahead else None


def _next_deadline(lists: CaseLists, open_dates: list[Entry[Deadline]]) -> CaseDeadline | None:
    for entry in open_dates:
        record = entry.record
        if main_date(record) and not is_watch(record) and deadline_status(record, lists.today).kind != OVERDUE:
            return case_deadline(entry, lists.names, lists.today, lists.file)
    return None


def _papers_part(file: SealedFile, staff: Staff) -> ListPart[DocumentLine]:
    entries = documents_in_order(file)
    href = quick_reverse("documents:papers", file.id) + "#all" if len(entries) > PAPERS_IN_VIEW else ""
    return ListPart(document_lines(entries[:PAPERS_IN_VIEW], staff.zone), len(entries), href)


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
        href = quick_reverse("cases:close", case_id)
    elif case.closed_on is not None and permissions.is_permitted(staff, "shred_case"):
        href = quick_reverse("cases:shred", case_id)
    return ClosingStatus(case.closed_on, case.retain_until, bool(case.hold_reason), href)


def filter_links(show: str, anchor: str) -> tuple[FilterLink, ...]:
    """Return the links that filter the activity; `anchor` is where the page goes on, or ""."""
    labels = {
        "all": _("All"),
        "notes": _("Notes"),
        "hearings": _("Hearings"),
        "papers": _("Documents"),
        "calls": _("Calls and texts"),
    }
    return tuple(FilterLink(f"?show={code}{anchor}", label, code == show) for code, label in labels.items())
