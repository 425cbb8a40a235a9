"""Saving an import: cases with dates and reminders, once and no twice, and its undo."""

import datetime as dt

import pytest
from msgspec.structs import replace

from caseapp.casefile import case_access
from caseapp.cases.services import cases, notes
from caseapp.hearings.services import hearings
from caseapp.index import reader
from caseapp.lib.errors import Refused
from caseapp.moving.reading.plans.row_plan import MemberName, RowPlan
from caseapp.moving.services import imports
from caseapp.moving.services.importing import import_store, steps
from caseapp.moving.services.importing.shapes import DONE, RUNNING, UNDONE
from caseapp.records.case import Case
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.records.note import Note
from caseapp.records.party import Party
from caseapp.tools.bench.moves.office_digest import content_digest, outstanding_reminders, whole_digest
from caseapp.vault.core.keyring import WALL
from caseapp.vault.head import Access
from caseapp.vault.models import VaultCase
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast
from tests.helpers.two_offices import Worker
from tests.moving.importing_world import (
    broken_plan,
    case_of,
    case_plan,
    checked_import,
    results_of,
    run_import,
    with_case,
    with_person,
    work_to_rest,
)


def test_cases_come_in_with_their_dates_and_reminders_and_each_broken_row_is_named(attorney: Worker) -> None:
    plans = [broken_plan(n) if n % 4 == 3 else case_plan(n) for n in range(12)]
    import_id, state = run_import(attorney.staff, plans)
    assert state.step == DONE
    assert state.counts == {"opened": 9, "rejected": 3}
    assert [item.row for item in results_of(attorney.staff, import_id) if item.result == "rejected"] == [4, 8, 12]
    first = attorney.file(next(item.case_id for item in results_of(attorney.staff, import_id) if item.case_id))
    hearing, brief = (
        first.get_only(Hearing).record,
        [e.record for e in first.entries_of(Deadline) if e.record.what == "Brief"],
    )
    assert hearing.planned
    assert brief[0].planned  # both are announced
    assert len(outstanding_reminders(attorney.staff)) == 18  # hearing, brief and filing deadline of six cases
    assert len(first.entries_of(Deadline)) > 1  # the master hearing started its filing deadlines
    with office_transaction(attorney.staff.org_id):
        assert len(list(reader.open_view(attorney.staff.keys).all_rows())) == 9


def test_a_second_run_of_the_same_file_changes_nothing(attorney: Worker) -> None:
    plans = [case_plan(n) for n in range(7)]
    run_import(attorney.staff, plans)
    before = whole_digest(attorney.staff)
    _, state = run_import(attorney.staff, plans, size=3)
    assert state.counts == {"present": 7}
    assert whole_digest(attorney.staff) == before


def test_a_row_without_an_id_is_known_again_by_what_it_says(attorney: Worker) -> None:
    plain = case_plan(1, keys={}, case=Case(ref="", title="Matter"))
    run_import(attorney.staff, [plain])
    _, state = run_import(attorney.staff, [replace(plain, row=9)])
    assert state.counts == {"present": 1}


def test_what_differs_is_listed_and_never_overwritten(attorney: Worker) -> None:
    run_import(attorney.staff, [case_plan(0)])
    before = whole_digest(attorney.staff)
    other = case_plan(0)
    changed = with_case(other, title="Another matter", stage="individual")
    import_id, state = run_import(attorney.staff, [changed])
    assert state.counts == {"differs": 1}
    assert {(d.field, d.theirs, d.ours) for d in results_of(attorney.staff, import_id)[0].differences} == {
        ("case.title", "Another matter", "Matter 0"),
        ("case.stage", "individual", "master"),
    }
    assert whole_digest(attorney.staff) == before


def test_later_rows_find_their_case_by_its_old_id_or_wait_and_say_so(attorney: Worker) -> None:
    run_import(attorney.staff, [case_plan(0)])
    here, missing = {"legalserver": "26-0000000"}, {"legalserver": "26-0000009"}
    rows = [
        RowPlan(
            row=2, kind="note", case_keys=here, keys={"legalserver.note": "N1"}, notes=(Note(text="Told us more."),)
        ),
        RowPlan(row=3, kind="note", case_keys=missing, notes=(Note(text="Too early."),)),
    ]
    import_id, state = run_import(attorney.staff, rows)
    assert state.counts == {"added": 1, "waiting": 1}
    _, again = run_import(attorney.staff, rows)
    assert again.counts == {"present": 1, "waiting": 1}
    run_import(attorney.staff, [case_plan(9, with_dates=False)])
    assert imports.try_waiting_rows(attorney.staff, import_id) == 1
    assert work_to_rest(attorney.staff, import_id).counts == {"added": 2}


def test_a_note_keeps_the_author_and_the_time_that_the_file_gives_it(attorney: Worker) -> None:
    then = dt.datetime(2019, 3, 4, 15, 30, tzinfo=dt.UTC)
    plan = case_plan(1, notes=(Note(text="First call.", told_by="Kim Park", entered_at=then),))
    import_id, _ = run_import(attorney.staff, [plan])
    note = attorney.file(case_of(results_of(attorney.staff, import_id)[0])).get_only(Note).record
    assert (note.told_by, note.entered_at) == ("Kim Park", then)


def test_a_list_of_cases_takes_over_what_a_list_of_people_opened(attorney: Worker) -> None:
    ids = {"clio": "77"}
    person = case_plan(3, kind="person", case=None, keys=ids)
    person = with_person(person, external_ids=ids)
    run_import(attorney.staff, [person])
    matter = case_plan(3, keys={"clio.matter": "5"}, person_keys=ids, person=None)
    matter = with_case(matter, external_ids={"clio.matter": "5"})
    import_id, state = run_import(attorney.staff, [matter])
    assert state.counts == {"taken_over": 1}
    file = attorney.file(case_of(results_of(attorney.staff, import_id)[0]))
    assert file.get_only(Case).record.title == "Matter 3"
    assert file.get_only(Party).record.name.full == "Olena Kovalenko 3"


def test_undo_gives_a_case_that_was_taken_over_and_restricted_back_to_its_team(attorney: Worker) -> None:
    staff, ids = attorney.staff, {"clio": "77"}
    people, _ = run_import(staff, [with_person(case_plan(3, kind="person", case=None, keys=ids), external_ids=ids)])
    case_id = case_of(results_of(staff, people)[0])
    before = whole_digest(staff)
    matter = with_case(
        case_plan(3, keys={"clio.matter": "5"}, person_keys=ids, person=None, relief=("vawa",)),
        external_ids={"clio.matter": "5"},
    )
    import_id, state = run_import(staff, [matter])
    assert state.counts == {"taken_over": 1}
    home = attorney.file(case_id).get_only(Access).record.home_group_id
    assert staff.keys.group(home).kind == WALL
    imports.start_undo(staff, import_id)
    assert work_to_rest(staff, import_id).counts == {"undone": 1}
    assert attorney.file(case_id).get_only(Access).record.home_group_id == staff.keys.teams[0].group
    assert whole_digest(staff) == before


def test_undo_leaves_a_case_restricted_that_a_member_changed_since(attorney: Worker) -> None:
    staff, ids = attorney.staff, {"clio": "77"}
    people, _ = run_import(staff, [with_person(case_plan(3, kind="person", case=None, keys=ids), external_ids=ids)])
    case_id = case_of(results_of(staff, people)[0])
    matter = with_case(
        case_plan(3, keys={"clio.matter": "5"}, person_keys=ids, person=None, relief=("vawa",)),
        external_ids={"clio.matter": "5"},
    )
    import_id, _ = run_import(staff, [matter])
    entry = attorney.file(case_id).get_only(Case)
    cases.change_case(staff, case_id, version=entry.version, relief=("family",))
    imports.start_undo(staff, import_id)
    assert work_to_rest(staff, import_id).counts == {"kept": 1}
    assert staff.keys.group(attorney.file(case_id).get_only(Access).record.home_group_id).kind == WALL


def test_protected_cases_are_walled_to_the_importer_and_the_lead_in_one_group_each_lead(attorney: Worker) -> None:
    staff = attorney.staff
    ben = cast.colleague_of(staff)
    plans = [case_plan(n, relief=("u",), members=(MemberName(role="lead", name="Ben O."),)) for n in range(4)]
    plans += [case_plan(n, relief=("vawa",)) for n in range(4, 8)]
    import_id = checked_import(staff, plans, size=2)
    state = import_store.open_import(staff, import_id)
    with office_transaction(staff.org_id):
        import_store.save_state(staff, import_id, replace(state, people={"Ben O.": ben}))
    imports.start_saving(staff, import_id)
    assert work_to_rest(staff, import_id).counts == {"opened": 8}
    with office_transaction(staff.org_id):
        homes = [
            case_access.open_case(staff.keys, case_of(item)).get_only(Access).record.home_group_id
            for item in results_of(staff, import_id)
        ]
    assert len(set(homes[:4])) == len(set(homes[4:])) == 1
    assert homes[0] != homes[4]
    assert {staff.keys.group(home).kind for home in homes} == {WALL}
    other = cast.signed_in("ben@office.test")
    with office_transaction(staff.org_id):
        assert len(list(reader.open_view(other.keys).all_rows())) == 4


def test_undo_leaves_the_office_as_it_was(attorney: Worker) -> None:
    staff = attorney.staff
    run_import(staff, [case_plan(n) for n in range(3)])
    before = whole_digest(staff)
    rows = [
        RowPlan(row=2, kind="note", case_keys={"legalserver": "26-0000001"}, notes=(Note(text="More."),)),
        *(case_plan(n) for n in range(3, 9)),
        RowPlan(row=30, kind="note", case_keys={"legalserver": "26-0000005"}, notes=(Note(text="Of a new one."),)),
    ]
    import_id, state = run_import(staff, rows, size=3)
    assert state.counts == {"added": 2, "opened": 6}
    assert whole_digest(staff) != before
    imports.start_undo(staff, import_id)
    state = work_to_rest(staff, import_id)
    assert (state.step, state.counts) == (UNDONE, {"undone": 8})
    assert whole_digest(staff) == before


def test_what_people_changed_since_is_kept_and_listed(attorney: Worker) -> None:
    staff = attorney.staff
    import_id, _ = run_import(staff, [case_plan(n) for n in range(4)])
    kept = results_of(staff, import_id)[2]
    notes.add_note(staff, case_of(kept), text="She called today.")
    imports.start_undo(staff, import_id)
    state = work_to_rest(staff, import_id)
    assert state.counts == {"undone": 3, "kept": 1}
    assert [item.row for item in results_of(staff, import_id) if item.result == "kept"] == [kept.row]
    assert attorney.file(case_of(kept)).entries_of(Note)


def test_an_import_that_was_stopped_in_the_middle_is_undone_whole(attorney: Worker) -> None:
    staff = attorney.staff
    before = whole_digest(staff)
    import_id = checked_import(staff, [case_plan(n) for n in range(9)], size=2)
    imports.start_saving(staff, import_id)
    work = steps.Work()
    steps.advance(staff, import_id, work)
    steps.advance(staff, import_id, work)
    assert import_store.open_import(staff, import_id).step == RUNNING
    imports.pause(staff, import_id, is_paused=True)
    assert steps.advance(staff, import_id, work).next == 2
    imports.start_undo(staff, import_id)
    assert work_to_rest(staff, import_id).step == UNDONE
    assert whole_digest(staff) == before


def test_a_row_that_is_refused_leaves_nothing_of_its_case(attorney: Worker) -> None:
    bad = case_plan(1)
    bad = with_person(bad, last_arrival_on=dt.date(1970, 5, 1))
    with office_transaction(attorney.staff.org_id):
        before = VaultCase.objects.count()
    import_id, state = run_import(attorney.staff, [case_plan(0), bad, case_plan(2)])
    with office_transaction(attorney.staff.org_id):
        assert VaultCase.objects.count() == before + 2
    assert state.counts == {"opened": 2, "refused": 1}
    assert "before the date of birth" in results_of(attorney.staff, import_id)[1].reason


def test_a_date_that_is_refused_leaves_nothing_of_its_case(attorney: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise Refused("on", "This date does not fit.")

    monkeypatch.setattr(hearings, "add_hearing", refuse)
    with office_transaction(attorney.staff.org_id):
        before = VaultCase.objects.count()
    _, state = run_import(attorney.staff, [case_plan(0), case_plan(1)])
    assert state.counts == {"opened": 1, "refused": 1}
    with office_transaction(attorney.staff.org_id):
        assert VaultCase.objects.count() == before + 1


def test_two_files_with_the_same_ids_open_no_case_twice(attorney: Worker) -> None:
    staff = attorney.staff
    one = checked_import(staff, [case_plan(n) for n in range(6)], size=2)
    other = checked_import(staff, [case_plan(n) for n in range(6)], size=2)
    for import_id in (one, other):
        imports.start_saving(staff, import_id)
    works = {one: steps.Work(), other: steps.Work()}
    for _ in range(4):
        for import_id, work in works.items():
            steps.advance(staff, import_id, work)
    counts = [import_store.open_import(staff, import_id).counts for import_id in (one, other)]
    assert counts == [{"opened": 6}, {"present": 6}]
    assert len(content_digest(staff)) == 6
