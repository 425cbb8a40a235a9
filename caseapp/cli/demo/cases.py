"""The cases of the demo office: what is known of each client, hearings, notices, tasks and documents."""

import random
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import case_access
from caseapp.casefile.file_storage import BlobWriter
from caseapp.cases.services import cases, notes, tasks
from caseapp.cli.demo.calendar import open_day
from caseapp.cli.demo.papers import PAPERS, one_page_pdf
from caseapp.cli.demo.people import Client, read_clients
from caseapp.clients.services import custody, people
from caseapp.deadlines.services import acts, notices
from caseapp.documents import services as documents
from caseapp.hearings.services import hearings
from caseapp.lib import clock
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing, Outcome
from caseapp.records.party import Contact, Name, Party
from caseapp.vault.store import SealedFile
from caseapp.vault.tenancy import office_transaction

KINDS = ("master", "individual", "master", "individual", "asylum_interview")
STORY = 1  # number of the case that is followed through a year
OVERDUE = 9  # number of the case whose passed deadlines are left open, so that a visitor sees how they are shown
TASKS = (
    "Ask for the birth record", "Order certified translation of the police report", "Call the interpreter agency",
    "Copy the I-94", "Write to the expert witness", "Check the EAD receipt number", "Prepare the exhibit list",
    "Draft the cover letter",
)  # fmt: skip
NOTICES: tuple[dict[str, Any], ...] = (
    {"what": "rfe", "how": "mail", "answers": {"rfe_form": "other"}},
    {"what": "noid", "how": "mail"},
)


class DemoCourt(NamedTuple):
    """A fictional court with its judges."""

    name: str
    zone: str
    judges: tuple[str, ...]


COURTS = (
    DemoCourt("Harborview Immigration Court", "America/New_York", ("Elena Marchetti", "Thomas Whitfield")),
    DemoCourt("Millbrook Immigration Court", "America/New_York", ("Priscilla Okonjo",)),
    DemoCourt("Lakeshore Immigration Court", "America/Chicago", ("Daniel Reyes-Holt", "Ruth Lindqvist")),
)
COURT_OF_CUSTODY = DemoCourt("Pine Hollow Immigration Court", "America/New_York", ("Martin Aldous",))


class CaseMaker:
    """Makes the cases, each through the services that the pages call."""

    def __init__(self, staff: Staff, colleagues: list[UUID], zone: str, chance: random.Random) -> None:
        self.staff, self.colleagues, self.zone, self.chance = staff, colleagues, zone, chance
        self.today = clock.today(zone)

    def open_case(self, number: int) -> None:
        """Make one case with its people, dates, notes and documents."""
        clients = read_clients()
        client = clients[number % len(clients)]
        case_id = self._open(number, client)
        for relative in client.family:
            people.add_person(self.staff, case_id, _relative(*relative, client))
        notes.add_note(self.staff, case_id, text=client.note, told_by=client.name.split()[0])
        if client.held_in:
            self._take_into_custody(case_id, client, number)
        elif number == STORY:
            self._follow_through_a_year(case_id, client)
        elif number % 4 == 3:
            dated_on = open_day(self.today - timedelta(days=10), step=-1)
            notices.record_notice(self.staff, case_id, dated_on=dated_on, **NOTICES[number % 8 == 7])
        else:
            self._book(case_id, number, client)
        if number != OVERDUE:
            self._complete_past_deadlines(case_id)
        if number % 2 == 0:
            owner = self.colleagues[number // 2 % len(self.colleagues)]
            due_on = self.today + timedelta(days=number % 9 + 1) if number % 3 else None
            tasks.add_task(self.staff, case_id, text=TASKS[number // 2 % len(TASKS)], due_on=due_on, owner=owner)
        for paper in range(number % 2 + 1 if number < 18 else 0):
            self._file_document(case_id, number + paper)

    def _open(self, number: int, client: Client) -> UUID:
        arrived = self.today - timedelta(days=self.chance.randrange(30, 360))
        phone = f"(202) 555-01{number:02d}"  # numbers that are kept for fiction
        new = cases.NewCase(
            name=client.name,
            a_number=f"000-{number:03d}-{self.chance.randrange(1000):03d}",
            born_on=date(self.chance.randrange(1960, 2008), self.chance.randrange(1, 13), self.chance.randrange(1, 28)),
            born_in=client.country,
            citizenships=(client.country,),
            languages=(client.language,),
            contacts=(Contact(way="phone", text=phone, safe=self.chance.choice(("yes", "not_asked", "no"))),),
            careful=client.careful,
            last_arrival_on=arrived if number % 3 else None,
            relief=("asylum",) if number % 3 else ("cancellation",),
        )
        return cases.open_case(self.staff, new)

    def _hearing(self, kind: str, day: date, at: time, court: DemoCourt, client: Client, **more: Any) -> Hearing:
        starts = datetime.combine(day, at, ZoneInfo(court.zone))
        return Hearing(
            kind=kind,
            starts_at=starts.astimezone(UTC),
            zone=court.zone,
            court=court.name,
            judge=self.chance.choice(court.judges),
            room=str(self.chance.randrange(1, 20)),
            interpreter=client.language,
            **more,
        )

    def _book(self, case_id: UUID, number: int, client: Client) -> None:
        kind = KINDS[number % len(KINDS)]
        day = open_day(self.today + timedelta(days=number * 60 // 40))
        hearing = self._hearing(
            kind,
            day,
            time(self.chance.choice((8, 9, 13)), 30),
            COURTS[number % len(COURTS)],
            client,
            way=self.chance.choice(("in_person", "video")),
            goes=self.chance.choice([*self.colleagues, None]),
            interpreter_asked=bool(number % 2),
        )
        if kind == "asylum_interview":
            hearing = replace(hearing, court="Harborview Asylum Office", judge="", way="in_person")
        hearings.book_hearing(self.staff, case_id, hearing)

    def _take_into_custody(self, case_id: UUID, client: Client, number: int) -> None:
        """Record the arrest some days ago, the facility, and the hearings in custody."""
        since = self.today - timedelta(days=2 + number % 5)
        [lead] = [entry for entry in self._file(case_id).entries_of(Party) if entry.record.role == "lead"]
        detained = replace(lead.record, detained_since=since)
        people.change_person(self.staff, case_id, lead.id, detained, version=lead.version)
        facility = custody.NewFacility(party=lead.id, facility=client.held_in, on=since)
        custody.record_facility(self.staff, case_id, facility)
        day = open_day(self.today + timedelta(days=3 + number % 4))
        kind = "master" if number % 2 else "bond"
        goes = self.colleagues[0]
        booked = self._hearing(kind, day, time(9, 0), COURT_OF_CUSTODY, client, way="video", goes=goes, detained=True)
        hearings.book_hearing(self.staff, case_id, booked)

    def _follow_through_a_year(self, case_id: UUID, client: Client) -> None:
        """Two masters that were held, the application, biometrics, and the individual hearing that is coming."""
        court, ana = COURTS[0], self.colleagues[0]
        for months_ago, text in ((10, "Pleadings taken. Asylum application to be filed."), (6, "Application on file.")):
            day = open_day(self.today - timedelta(days=30 * months_ago))
            held = self._hearing("master", day, time(8, 30), court, client, goes=ana)
            hearing_id = hearings.book_hearing(self.staff, case_id, held)
            version = self._file(case_id).get(hearing_id, Hearing).version
            outcome = Outcome(what="continued", text=text)
            hearings.record_outcome(self.staff, case_id, hearing_id, outcome, version=version)
        filed_on = open_day(self.today - timedelta(days=230))
        notices.record_notice(self.staff, case_id, what="asylum_filed", dated_on=filed_on)
        for text in (
            "Spoke of the letters that came to the clinic in Kabul.",
            "Second meeting on the declaration. Laila was present; Omid slept.",
            "The medical charity sent its letter. It belongs in Exhibit C.",
        ):
            notes.add_note(self.staff, case_id, text=text, told_by="Farid")
        day = open_day(self.today + timedelta(days=40))
        hearings.book_hearing(
            self.staff,
            case_id,
            self._hearing("individual", day, time(13, 0), court, client, goes=ana, interpreter_asked=True),
        )
        for paper in range(len(PAPERS)):
            self._file_document(case_id, paper)

    def _complete_past_deadlines(self, case_id: UUID) -> None:
        """Mark the deadlines that are past as done: this office met them."""
        for entry in self._file(case_id).entries_of(Deadline):
            record = entry.record
            if record.state == "open" and record.act_by is not None and record.act_by < self.today:
                acts.mark_done(self.staff, case_id, entry.id, version=entry.version, note="Filed in time.")

    def _file_document(self, case_id: UUID, number: int) -> None:
        """Create a one-page PDF and file it like an upload."""
        title, file_name, kind = PAPERS[number % len(PAPERS)]
        writer = BlobWriter(self.staff.org_id)
        writer.write(one_page_pdf(f"{title}. A fictional document, made for the demo office."))
        documents.add_documents(self.staff, case_id, [(file_name, writer.finish())], title=title, kind=kind)

    def _file(self, case_id: UUID) -> SealedFile:
        with office_transaction(self.staff.org_id):
            return case_access.open_case(self.staff.keys, case_id)


def _relative(name: str, role: str, born_in_year: int, client: Client) -> Party:
    """Return a person of the client's family; children of the family were born here."""
    country = "US" if role == "child" else client.country
    return Party(
        role=role,
        name=Name(full=name),
        born_period=str(born_in_year),
        born_in=country,
        citizenships=(country,),
        languages=(client.language,),
    )
