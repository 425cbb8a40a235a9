"""Every save that touches a name or a number writes it for the conflict officers, and no other save writes anything."""

import datetime as dt

import pytest
from msgspec.structs import replace

from caseapp.casefile.transaction import case_transaction
from caseapp.casefile.upkeep import conflict_filing
from caseapp.cases.services import closing, notes
from caseapp.index.conflicts import rows, store
from caseapp.index.conflicts.rows import ConflictEntry, ConflictPerson
from caseapp.records.case import Case
from caseapp.records.party import Contact, Name, Party
from caseapp.vault.core import parts
from caseapp.vault.head import Access
from caseapp.vault.tenancy import office_transaction
from tests.conflicts.offices import filed_people, open_case, stored_parts
from tests.helpers.two_offices import Worker

YESTERDAY = dt.date(2026, 11, 23)
TOWNS = (
    "of Herat",
    "of Kabul",
    "of Mazar-i-Sharif",
    "of Balkh",
    "of Kandahar",
    "of Jalalabad",
    "of Kunduz",
    "of Charikar",
)


def _add(worker: Worker, case_id: object, party: Party) -> None:
    with case_transaction(worker.staff, case_id) as draft:  # type: ignore[arg-type]  # a UUID
        draft.add(party)


def test_a_new_case_is_filed_with_the_names_numbers_and_birth_years_of_everyone_in_it(attorney: Worker) -> None:
    case_id = open_case(attorney.staff, "Farid Karimi", "000-123-417")
    _add(
        attorney,
        case_id,
        Party(
            role="opposing",
            name=Name(full="Halima Yusuf"),
            other_names=(Name(full="Halimo Yuusuf"),),
            other_numbers=(("passport", "P 55-12 x"),),
            born_period="1987-05",
            contacts=(Contact(way="phone", text="(212) 555-0173"), Contact(way="address", text="12 Elm Street")),
            careful="Lives with the other side.",
        ),
    )
    lead, adverse = filed_people(attorney.staff)[case_id] or ()
    assert (lead.names, lead.a_number) == (("Farid Karimi",), "000123417")
    assert adverse == ConflictPerson(("Halima Yusuf", "Halimo Yuusuf"), "", ("p5512x",), ("2125550173",), 1987)


def test_a_save_that_touches_no_name_writes_nothing_for_the_officers(attorney: Worker) -> None:
    case_id = open_case(attorney.staff, "Farid Karimi")
    before = stored_parts(attorney.staff)
    notes.add_note(attorney.staff, case_id, text="Called; no answer.")
    assert stored_parts(attorney.staff) == before


def test_a_changed_spelling_is_written_and_the_newest_state_counts(attorney: Worker) -> None:
    case_id = open_case(attorney.staff, "Farid Karimi")
    with case_transaction(attorney.staff, case_id) as draft:
        entry = draft.file.get_only(Party)
        draft.change(entry.id, replace(entry.record, other_names=(Name(full="Fared Kareemi"),)))
    assert [person.names for person in filed_people(attorney.staff)[case_id] or ()] == [
        ("Farid Karimi", "Fared Kareemi")
    ]


def test_a_failed_save_leaves_nothing_in_the_index(attorney: Worker) -> None:
    case_id = open_case(attorney.staff, "Farid Karimi")
    before = stored_parts(attorney.staff)

    def save_and_fail() -> None:
        with office_transaction(attorney.staff.org_id):
            _add(attorney, case_id, Party(role="child", name=Name(full="Laila Karimi")))
            raise RuntimeError("the machine stopped here")

    with pytest.raises(RuntimeError):
        save_and_fail()
    assert stored_parts(attorney.staff) == before
    assert attorney.file(case_id).get_only(Access).record.conflict_since == 1


def test_parts_of_cases_with_one_and_with_seven_people_have_the_same_size(attorney: Worker) -> None:
    case_id = open_case(attorney.staff, "Farid Karimi")
    for name in ("Laila Karimi", "Omid Karimi", "Parwin Karimi", "Hamid Noori", "Zahra Noori", "Latif Noori"):
        spellings = tuple(Name(full=f"{name} {other}") for other in TOWNS)
        phones = (Contact(way="phone", text="(212) 555-0173"),)
        _add(attorney, case_id, Party(role="child", name=Name(full=name), other_names=spellings, contacts=phones))
    people = filed_people(attorney.staff)[case_id] or ()
    assert len(rows.encode_people(people)) > parts.STEP, "more than one step of a part without a filler"
    assert len({size for _, _, size in stored_parts(attorney.staff)}) == 1


def test_a_closed_case_stays_in_the_index_and_a_destroyed_one_goes_from_it(attorney: Worker) -> None:
    case_id = open_case(attorney.staff, "Farid Karimi")
    other = open_case(attorney.staff, "Nadia Haddad")
    with case_transaction(attorney.staff, case_id) as draft:
        case = draft.file.get_only(Case)
        draft.change(case.id, replace(case.record, stage="closed", closed_on=YESTERDAY, retain_until=YESTERDAY))
    assert set(filed_people(attorney.staff)) == {case_id, other}
    closing.shred_case(
        attorney.staff, case_id, typed_ref=attorney.file(case_id).get_only(Case).record.ref, reason="Retention over."
    )
    conflict_filing.tend_conflict_index(attorney.staff, 0.1)
    assert set(filed_people(attorney.staff)) == {other}
    assert len(stored_parts(attorney.staff)) == 1


def test_merging_keeps_the_newest_state_of_each_case_under_the_groups_own_key(attorney: Worker) -> None:
    cases = [open_case(attorney.staff, f"Client {number:02d} Karimi") for number in range(store.MERGE_FROM)]
    before = filed_people(attorney.staff)
    conflict_filing.tend_conflict_index(attorney.staff, 0.1)
    assert len(stored_parts(attorney.staff)) == 1
    assert filed_people(attorney.staff) == before
    assert set(before) == set(cases)


def test_of_two_entries_the_higher_version_counts_and_a_destroyed_case_stays_destroyed() -> None:
    person = (ConflictPerson(("Farid Karimi",)),)
    older, newer, gone = (ConflictEntry(b"1" * 16, n, people) for n, people in ((1, ()), (2, person), (2, None)))
    for order in ((older, newer), (newer, older)):
        assert rows.newest_entries([[entry] for entry in order])[b"1" * 16] == newer
    for orders in ((older, newer, gone), (gone, newer, older), (newer, gone, older)):
        assert rows.newest_entries([[entry] for entry in orders])[b"1" * 16] == gone
