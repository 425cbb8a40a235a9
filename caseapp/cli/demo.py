"""A fictional office, created through the services of the pages: 3 staff, 40 cases, hearings in the next 60 days."""

import argparse
import io
import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from caseapp.accounts.keys.staff import Staff

ZONE = "America/New_York"
REQUEST_FOR_EVIDENCE: dict[str, Any] = {"what": "rfe", "how": "mail", "answers": {"rfe_form": "other"}}
FAR_AHEAD = 2**33  # seconds since 1970: the year 2242
STAFF = (
    ("Ana Ruiz", "attorney", "ana@demo.invalid"),
    ("Ben Okafor", "accredited_representative", "ben@demo.invalid"),
    ("Ines Duarte", "caseworker", "ines@demo.invalid"),
)
# Invented people, with names that are common in their countries.
PEOPLE = (
    ("María López García", "GT", "Mam"), ("Farid Karimi", "AF", "Dari"), ("Olena Kovalenko", "UA", "Ukrainian"),
    ("Jean-Baptiste Pierre", "HT", "Haitian Creole"), ("Nguyễn Thị Lan", "VN", "Vietnamese"),
    ("Tesfaye Bekele", "ET", "Amharic"), ("Samira Haddad", "SY", "Arabic"), ("Luis Hernández Paz", "HN", "Spanish"),
    ("Aminata Diallo", "GN", "Fulah"), ("Roza Aliyeva", "KZ", "Russian"), ("Kwame Mensah", "GH", "Twi"),
    ("Gabriela Rojas", "VE", "Spanish"), ("Min Thu Aung", "MM", "Burmese"), ("Yusuf Abdi", "SO", "Somali"),
    ("Chen Weiming", "CN", "Mandarin"), ("Marcela Quispe", "PE", "Quechua"), ("Ahmad Rahimi", "AF", "Pashto"),
    ("Sofía Castillo", "SV", "Spanish"), ("Emmanuel Ndayizeye", "BI", "Kirundi"), ("Leila Hosseini", "IR", "Farsi"),
)  # fmt: skip
KINDS = ("master", "individual", "master", "bond", "individual")
COURTS = ("Court North", "Court South", "Court East")


@dataclass(frozen=True)
class DemoOffice:
    """The sign-in of the demo office, and its number of cases."""

    email: str
    passphrase: str
    cases: int


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `caseapp demo`, which creates the fictional office in an empty installation."""
    parser = subparsers.add_parser("demo", help="Create a fictional office (only where no office exists)")
    parser.add_argument("--cases", type=int, default=40, help="Number of cases (default 40)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Create the office unless one exists. Return 0 in both cases, so that a second start keeps its data."""
    import django

    django.setup()
    from caseapp.accounts.members import new_office

    if not new_office.needs_setup():
        return 0
    seeded = seed_office(cases=args.cases)
    print(f"Demo office with {seeded.cases} fictional cases. Sign in as {seeded.email} with:  {seeded.passphrase}")
    return 0


def seed_office(*, cases: int = 40) -> DemoOffice:
    """Create the office, its staff and cases. The passphrase is new each time."""
    from caseapp.account.services import new_office as office
    from caseapp.accounts.keys.profile import Profile
    from caseapp.accounts.members.new_office import Founder
    from caseapp.accounts.signin import factors, recovery_code
    from caseapp.accounts.signin import passphrase as doors
    from caseapp.team.services import enrolment

    passphrase = doors.propose_passphrase()
    name, role, email = STAFF[0]
    signed_in = office.found_office(
        office_name="Harbor Legal Aid (demo)",
        zone=ZONE,
        language="en",
        member_name=name,
        email=email,
        passphrase=passphrase,
        founder=Founder(is_supervising=True),
    )
    staff = signed_in.staff
    code = recovery_code.propose_recovery_code(staff)
    recovery_code.confirm_recovery_code(staff, code, code)
    # Visitors are not asked for a second factor: the fictional office contains no real secrets.
    factors.postpone_requirement(staff.keys, until=FAR_AHEAD)
    colleagues = [staff.member_id]
    words = {STAFF[0][2]: passphrase}
    for name, role, email in STAFF[1:]:
        profile = Profile(name=name, role=role, language="en", zone=ZONE, office_name=staff.office_name)
        words[email] = doors.propose_passphrase()
        colleagues.append(enrolment.admit_member(staff, profile=profile, email=email, passphrase=words[email]))
    _deal_recovery_sheets(staff, words)
    chance = random.Random(7)  # noqa: S311  # the same fictional office each time; nothing secret is derived from it
    for number in range(cases):
        _open_case(staff, number, colleagues, chance)
    return DemoOffice(email=STAFF[0][2], passphrase=passphrase, cases=cases)


def _deal_recovery_sheets(admin: "Staff", passphrases: dict[str, str]) -> None:
    """Deal recovery sheets to three members, each of whom checks theirs in a session of their own."""
    from caseapp.accounts.directory import members
    from caseapp.accounts.recovery import office, own_sheet
    from caseapp.accounts.recovery.dealing import HolderChoice
    from caseapp.accounts.signin import sessions, sign_in

    active = members.read_directory(admin.keys).active_people
    office.create_set(admin, 2, [HolderChoice(person.member_id) for person in active[:3]])
    for email, passphrase in passphrases.items():
        signed_in = sign_in.sign_in(email, passphrase)
        own_sheet.collect_and_check(signed_in.staff)
        sessions.end(signed_in.token)


def _open_case(staff: object, number: int, colleagues: list[UUID], chance: random.Random) -> None:
    from caseapp.accounts.keys.staff import Staff
    from caseapp.cases.services import cases, notes, tasks
    from caseapp.deadlines.services import notices
    from caseapp.hearings.services import hearings
    from caseapp.lib import clock
    from caseapp.records.hearing import Hearing
    from caseapp.records.party import Contact

    assert isinstance(staff, Staff)
    today = clock.today(ZONE)
    name, country, language = PEOPLE[number % len(PEOPLE)]
    arrived = today - timedelta(days=chance.randrange(30, 360))
    case_id = cases.open_case(
        staff,
        cases.NewCase(
            name=name if number < len(PEOPLE) else f"{name.split()[-1]} {name.split()[0]}",
            a_number=f"000-{number:03d}-{chance.randrange(1000):03d}",
            born_on=date(chance.randrange(1960, 2008), chance.randrange(1, 13), chance.randrange(1, 28)),
            born_in=country,
            citizenships=(country,),
            languages=(language,),
            contacts=(
                Contact(way="phone", text=f"555-01{number:02d}", safe=chance.choice(("yes", "not_asked", "no"))),
            ),
            careful="Call after 17:00. Do not leave voicemail." if number % 5 == 0 else "",
            last_arrival_on=arrived if number % 3 else None,
            relief=("asylum",) if number % 3 else ("cancellation",),
        ),
    )
    notes.add_note(staff, case_id, text="First talk. Brought the papers; copies are made.", told_by=name.split()[0])
    if number % 4 != 3:
        day = today + timedelta(days=number * 60 // 40)
        starts = datetime.combine(day, time(chance.choice((8, 9, 13)), 30), ZoneInfo(ZONE))
        hearings.book_hearing(
            staff,
            case_id,
            Hearing(
                kind=KINDS[number % len(KINDS)],
                starts_at=starts.astimezone(UTC),
                zone=ZONE,
                court=COURTS[number % len(COURTS)],
                room=str(chance.randrange(1, 20)),
                way=chance.choice(("in_person", "video")),
                goes=chance.choice([*colleagues, None]),
                interpreter=language,
                interpreter_asked=bool(number % 2),
            ),
        )
        if number != 1:  # one overdue deadline is left, so that a visitor sees how it is shown
            _complete_past_deadlines(staff, case_id, today)
    else:
        notices.record_notice(staff, case_id, dated_on=today - timedelta(days=10), **REQUEST_FOR_EVIDENCE)
    if number % 2 == 0:
        tasks.add_task(staff, case_id, text="Ask for the birth record", owner=chance.choice(colleagues))
    if number < 12:
        _file_document(staff, case_id, number)


def _complete_past_deadlines(staff: object, case_id: UUID, today: date) -> None:
    """Mark the deadlines that are past as done: the filing dates of near hearings, which this office met."""
    from caseapp.accounts.keys.staff import Staff
    from caseapp.casefile import case_access
    from caseapp.deadlines.services import acts
    from caseapp.records.deadline import Deadline
    from caseapp.vault.tenancy import office_transaction

    assert isinstance(staff, Staff)
    with office_transaction(staff.org_id):
        deadlines = case_access.open_case(staff.keys, case_id).entries_of(Deadline)
    for entry in deadlines:
        if entry.record.act_by is not None and entry.record.act_by < today:
            acts.mark_done(staff, case_id, entry.id, version=entry.version, note="Filed in time.")


def _file_document(staff: object, case_id: UUID, number: int) -> None:
    """Create a one-page PDF and file it like an upload."""
    from caseapp.accounts.keys.staff import Staff
    from caseapp.casefile.file_storage import BlobWriter
    from caseapp.documents import services

    assert isinstance(staff, Staff)
    writer = BlobWriter(staff.org_id)
    writer.write(one_page_pdf(f"Fictional paper number {number + 1}, made for the demo office."))
    services.add_documents(staff, case_id, [(f"paper-{number + 1}.pdf", writer.finish())])


def one_page_pdf(text: str) -> bytes:
    """Return a small valid PDF with one line of ASCII text."""
    stream = f"BT /F1 14 Tf 72 720 Td ({text}) Tj ET".encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, offsets = io.BytesIO(), []
    out.write(b"%PDF-1.4\n")
    for index, body in enumerate(objects, 1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (index, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    for offset in offsets:
        out.write(b"%010d 00000 n \n" % offset)
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
    return out.getvalue()
