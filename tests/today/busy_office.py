"""An office of 40 open cases on Tuesday, 24 November 2026, 10:00 in New York."""

import datetime as dt
from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.transaction import case_transaction
from caseapp.cases.services import cases, tasks
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.records.party import Contact, Party
from caseapp.vault.registry import Record

TODAY = dt.date(2026, 11, 24)
EASTERN = "America/New_York"
BRIEF = "Notice of appeal from an immigration judge's decision, EOIR-26 received by the Board"
# Fictional people of many countries.
GIVEN = ("Farid", "Maria", "Aminata", "Olena", "Tuan", "Samira", "Jean-Baptiste", "Rosa")
FAMILY = ("Karimi", "Lopez Garcia", "Diallo", "Kovalenko", "Pham")


def fill_office(staff: Staff, colleague: UUID | None = None) -> list[UUID]:
    """Open 40 cases, each with one date: overdue 3, missed 1, hearings 7, watch 3, due 26; tasks on six of them."""
    records: list[Record] = [
        *(_deadline(what=BRIEF, act_by=TODAY - _days(6 + n), due_on=TODAY - _days(3 + n)) for n in range(3)),
        _deadline(what="Biometrics", act_by=TODAY - _days(2), due_on=TODAY + _days(12)),
        *(_hearing(minutes=-90 + 60 * n, goes=staff.member_id if n % 2 else None) for n in range(4)),
        *(_hearing(minutes=7 * 24 * 60 + n) for n in range(3)),
        *(_deadline(what="USCIS decides", due_on=TODAY + _days(4 + n), duty="watch") for n in range(3)),
        *(_deadline(what=BRIEF, act_by=TODAY + _days(n // 2), due_on=TODAY + _days(n // 2 + 2)) for n in range(26)),
    ]
    opened = []
    for number, record in enumerate(records):
        contacts = (Contact(way="phone", text=f"(212) 555-01{number:02}", safe="yes"),)
        name = f"{GIVEN[number % 8]} {FAMILY[number % 5]}"
        case_id = cases.open_case(staff, cases.NewCase(name=name, contacts=contacts, stage="individual"))
        with case_transaction(staff, case_id) as draft:
            draft.add(record)
            if number in {4, 12, 20}:  # a hearing, a watch date or a deadline of a detained client
                party = draft.file.entries_of(Party)[0]
                draft.change(party.id, replace(party.record, detained_since=TODAY - _days(1)))
        if number < 6:
            owner = staff.member_id if number < 4 or colleague is None else colleague
            tasks.add_task(staff, case_id, text="Ask for the school records", due_on=TODAY + _days(number), owner=owner)
        opened.append(case_id)
    return opened


def _days(number: int) -> dt.timedelta:
    return dt.timedelta(days=number)


def _deadline(**more: object) -> Deadline:
    return Deadline(severity="fatal", reason="order", **more)  # type: ignore[arg-type]  # test


def _hearing(*, minutes: int, goes: UUID | None = None) -> Hearing:
    starts_at = dt.datetime(2026, 11, 24, 15, tzinfo=dt.UTC) + dt.timedelta(minutes=minutes)
    return Hearing(kind="master", starts_at=starts_at, zone=EASTERN, court="Newark", room="12", goes=goes)
