"""The case page and the case list as finished values."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _

from caseapp.accounts import permissions
from caseapp.accounts.keys import Staff
from caseapp.cases.records import Case, Note, Task
from caseapp.deadlines.records import Deadline
from caseapp.documents.records import Document
from caseapp.hearings.records import Hearing
from caseapp.lib import clock
from caseapp.people import names as people
from caseapp.people.records import Party
from caseapp.vault.store import Entry, SealedFile
from caseapp.web import words
from caseapp.web.cases import stream
from caseapp.web.cases.stream import StreamItem
from caseapp.web.clients import sections
from caseapp.web.clients.lines import TellLine
from caseapp.web.colleagues import Names, colleagues_of, names_of
from caseapp.web.deadlines.clock import ClockPanel, clock_panel
from caseapp.web.deadlines.lines import CaseDeadline, case_deadline, in_order
from caseapp.web.today.lines import Status, day_status, interpreter_of, place_of, zone_word
from caseapp.web.today.pages import FilterLink


@dataclass(frozen=True)
class ContactLine:
    """A way to reach somebody, and whether it may be used."""

    way: str
    text: str
    safe: Status


@dataclass(frozen=True)
class Person:
    """Somebody in the case."""

    href: str
    name: str
    role: str
    other_names: tuple[str, ...]
    a_number: str
    number_id: str
    born_on: date | None
    languages: str
    careful: str
    contacts: tuple[ContactLine, ...]
    last_arrival_on: date | None
    detained_since: date | None


@dataclass(frozen=True)
class CaseHearing:
    """A hearing in the court's own time."""

    href: str
    outcome_href: str
    kind: str
    on: date
    at: datetime
    zone: str
    zone_word: str
    place: str
    who: str
    interpreter: str
    status: Status
    is_open: bool


@dataclass(frozen=True)
class Paper:
    """A document of the case."""

    href: str
    title: str
    kind: str
    on: date | None


@dataclass(frozen=True)
class TaskLine:
    """A task, open or done."""

    id: UUID
    done_action: str
    text: str
    who: str
    on: date | None
    status: Status | None
    is_done: bool


@dataclass(frozen=True)
class CasePage:
    """Everything of the case page."""

    id: UUID
    ref: str
    lead_name: str
    pronouns: str
    languages: str
    reads: str
    stage: str
    relief: str
    team: tuple[str, ...]
    seen_by: int
    is_detained: bool
    is_damaged: bool
    next_hearing: CaseHearing | None
    next_deadline: CaseDeadline | None
    careful: tuple[tuple[str, str], ...]
    people: tuple[Person, ...]
    hearings: tuple[CaseHearing, ...]
    deadlines: tuple[CaseDeadline, ...]
    closed_deadlines: tuple[CaseDeadline, ...]
    clock: ClockPanel | None
    papers: tuple[Paper, ...]
    tasks: tuple[TaskLine, ...]
    stream: tuple[StreamItem, ...]
    links: tuple[FilterLink, ...]
    story: tuple[str, ...]
    end: "End"
    telling: tuple[TellLine, ...]


@dataclass(frozen=True)
class End:
    """How far a case is from its end. `href` is "" for whoever has no part in it."""

    closed_on: date | None
    retain_until: date | None
    is_held: bool
    href: str


@dataclass(frozen=True)
class CaseHead:
    """What a page about one case needs around its form."""

    id: UUID
    ref: str
    name: str
    href: str


def case_head(file: SealedFile) -> CaseHead:
    """Ref and client of an open case."""
    lead = lead_of(file)
    return CaseHead(
        file.id, file.one(Case).record.ref, lead.record.name.full if lead else "", reverse("cases:case", args=[file.id])
    )


def lead_of(file: SealedFile) -> Entry[Party] | None:
    """The client the case is about."""
    return next((entry for entry in file.all(Party) if entry.record.role == "lead"), None)


def case_page(file: SealedFile, staff: Staff, *, show: str) -> CasePage:
    """`show` is a part of the stream (`stream.SHOWS`)."""
    team = colleagues_of(staff.keys, file)
    names = names_of(team)
    today = clock.today(staff.zone)
    show = show if show in stream.SHOWS else "all"
    case = file.one(Case).record
    lead = lead_of(file)
    party = lead.record if lead else None
    deadlines = [case_deadline(entry, names, today) for entry in in_order(file.all(Deadline))]
    hearings = [case_hearing(entry, names, staff.zone) for entry in _by_start(file)]
    # One whose outcome nobody recorded still stands here on its day, and later while nothing else is booked.
    is_open = [line for line in hearings if line.is_open]
    ahead = [line for line in is_open if line.on >= clock.today(line.zone)] or is_open[-1:]
    due = sorted((line for line in deadlines if line.is_open and line.on), key=lambda line: line.on or date.max)
    persons = tuple(_person(entry, file.id) for entry in _by_role(file))
    return CasePage(
        id=file.id,
        ref=case.ref,
        lead_name=party.name.full if party else "",
        pronouns=party.pronouns if party else "",
        languages=", ".join(party.languages) if party else "",
        reads=", ".join(party.reads) if party else "",
        stage=words.word(words.STAGES, case.stage),
        relief=", ".join(words.word(words.RELIEF, code) for code in case.relief),
        team=tuple(names[member] for member in case.team if member in names),
        seen_by=len(team),
        is_detained=any(person.detained_since for person in persons),
        is_damaged=bool(file.damaged),
        next_hearing=ahead[0] if ahead else None,
        next_deadline=due[0] if due else None,
        careful=tuple((person.name, person.careful) for person in persons if person.careful),
        people=persons,
        hearings=tuple(hearings),
        deadlines=tuple(sorted((line for line in deadlines if line.is_open), key=lambda line: line.on or date.max)),
        closed_deadlines=tuple(line for line in deadlines if not line.is_open),
        clock=clock_panel(file, today),
        papers=papers_of(file, staff.zone),
        tasks=tuple(_task(entry, names, today) for entry in _by_due(file)),
        stream=stream.stream_of(file, file.id, names, zone=staff.zone, show=show),
        links=_links(show),
        story=tuple(entry.record.text for entry in file.all(Note) if entry.record.story),
        end=_end(staff, file.id, case),
        telling=sections.case_lines(file, staff.keys),
    )


def _end(staff: Staff, case_id: UUID, case: Case) -> End:
    href = ""
    if permissions.may(staff, "close_case"):
        href = reverse("cases:close", args=[case_id])
    elif case.closed_on is not None and permissions.may(staff, "shred_case"):
        href = reverse("cases:shred", args=[case_id])
    return End(case.closed_on, case.retain_until, bool(case.hold_reason), href)


def _links(show: str) -> tuple[FilterLink, ...]:
    labels = {
        "all": _("All"),
        "notes": _("Notes"),
        "hearings": _("Hearings"),
        "papers": _("Papers"),
        "calls": _("Calls and texts"),
    }
    return tuple(FilterLink(f"?show={code}#stream", label, code == show) for code, label in labels.items())


def _by_role(file: SealedFile) -> list[Entry[Party]]:
    return sorted(file.all(Party), key=lambda entry: (entry.record.role != "lead", entry.record.name.full.casefold()))


def _by_start(file: SealedFile) -> list[Entry[Hearing]]:
    # What is still open first, then the newest past ones.
    found = sorted(file.all(Hearing), key=lambda entry: entry.record.starts_at)
    still_open = [entry for entry in found if entry.record.outcome is None]
    return still_open + [entry for entry in reversed(found) if entry.record.outcome is not None]


def _by_due(file: SealedFile) -> list[Entry[Task]]:
    return sorted(file.all(Task), key=lambda entry: (entry.record.done_on is not None, entry.record.due_on or date.max))


def _person(entry: Entry[Party], case_id: UUID) -> Person:
    party = entry.record
    return Person(
        href=reverse("cases:person", args=[case_id, entry.id]),
        name=party.name.full,
        role=words.word(words.ROLES, party.role),
        other_names=tuple(name.full for name in party.other_names),
        a_number=people.dashed(party.a_number),
        number_id=f"number-{entry.id.hex[:8]}",
        born_on=party.born_on,
        languages=", ".join(party.languages),
        careful=party.careful,
        contacts=contact_lines(party),
        last_arrival_on=party.last_arrival_on,
        detained_since=party.detained_since,
    )


def contact_lines(party: Party) -> tuple[ContactLine, ...]:
    """Every way to reach somebody, and whether it may be used."""
    return tuple(
        ContactLine(words.word(words.CONTACT_WAYS, contact.way), contact.text, _safe(contact.safe))
        for contact in party.contacts
    )


def _safe(code: str) -> Status:
    kinds = {"yes": "done", "no": "waived"}
    return Status(kinds.get(code, "to-check"), words.word(words.SAFE, code))


def case_hearing(entry: Entry[Hearing], names: Names, own_zone: str) -> CaseHearing:
    """A hearing of an open case."""
    record = entry.record
    is_open = record.outcome is None
    on = record.starts_at.astimezone(ZoneInfo(record.zone)).date()
    if record.outcome is not None:
        status = Status("done", words.word(words.OUTCOMES, record.outcome.what))
    elif record.starts_at < clock.now():
        status = Status("to-check", _("Outcome not recorded yet"))
    else:
        status = day_status(clock.today(record.zone), on)
    return CaseHearing(
        href=reverse("hearings:hearing", args=[entry.id]),
        outcome_href=reverse("hearings:outcome", args=[entry.id]),
        kind=words.word(words.HEARING_KINDS, record.kind),
        on=on,
        at=record.starts_at,
        zone=record.zone,
        zone_word=zone_word(record.zone, record.court, own=own_zone),
        place=place_of(record.court, record.room, record.way),
        who=names.get(record.goes, "") if record.goes else "",
        interpreter=interpreter_of(record.interpreter, is_asked=record.interpreter_asked),
        status=status,
        is_open=is_open,
    )


def papers_of(file: SealedFile, zone: str) -> tuple[Paper, ...]:
    """Documents in view, newest first."""
    found = [entry for entry in file.all(Document) if entry.record.removed_on is None]
    found.sort(key=lambda entry: entry.record.entered_at or clock.now(), reverse=True)
    return tuple(
        Paper(
            href=reverse("documents:document", args=[entry.id]),
            title=entry.record.title,
            kind=entry.record.kind,
            on=entry.record.entered_at.astimezone(ZoneInfo(zone)).date() if entry.record.entered_at else None,
        )
        for entry in found
    )


def _task(entry: Entry[Task], names: Names, today: date) -> TaskLine:
    record = entry.record
    is_done = record.done_on is not None
    status = Status("done", _("Done")) if is_done else day_status(today, record.due_on) if record.due_on else None
    return TaskLine(
        id=entry.id,
        done_action=reverse("cases:task_done", args=[entry.id]),
        text=record.text,
        who=names.get(record.owner, "") if record.owner else "",
        on=record.due_on,
        status=status,
        is_done=is_done,
    )
