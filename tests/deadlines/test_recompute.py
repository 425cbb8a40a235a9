"""When the law changes: nothing moves, the earlier date is reminded of, a person decides; cuts do no harm.

Expected dates are worked by hand.
"""

import datetime as dt
from uuid import UUID

import pytest

from caseapp import rules
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import case_access, office_law
from caseapp.cases.services import cases
from caseapp.deadlines.services import acts, recompute
from caseapp.deadlines.services.recompute import Bound
from caseapp.hearings.services import hearings
from caseapp.index import queries, reader, store
from caseapp.law import services
from caseapp.lib import clock, recompute_mark
from caseapp.lib.errors import EditConflict, Refused
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault.store import Entry
from caseapp.vault.tenancy import office_transaction
from tests.deadlines import law
from tests.helpers import cast

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)
ONE_YEAR = "us.asylum.one_year"
ARRIVED = dt.date(2026, 4, 9)
ALL = Bound(seconds=3600, cases=10_000)
ONE = Bound(seconds=3600, cases=1)


@pytest.fixture(autouse=True)
def _frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def attorney() -> Staff:
    return cast.found()


@pytest.fixture
def case_id(attorney: Staff) -> UUID:
    return cases.open_case(attorney, cases.NewCase(name="Farid Karimi", last_arrival_on=ARRIVED, relief=("asylum",)))


def _deadline(staff: Staff, case_id: UUID, rule: str = ONE_YEAR) -> Entry[Deadline]:
    with office_transaction(staff.org_id):
        found = case_access.open_case(staff.keys, case_id).entries_of(Deadline)
    return next(entry for entry in found if entry.record.working and entry.record.working.rule == rule)


def _mark(staff: Staff) -> str:
    with office_transaction(staff.org_id):
        return queries.law_marks(staff.org_id, [staff.keys.groups[0].group])[staff.keys.groups[0].group]


def _days_of(record: Deadline) -> set[dt.date]:
    return {day for planned in record.planned for day in planned.days}


def _shorter(monkeypatch: pytest.MonkeyPatch) -> str:
    """Eleven months instead of a year: Tue 9 Mar 2027, act by the same day or before."""
    return law.change(monkeypatch, ONE_YEAR, count="+11m")


def _is_behind(staff: Staff) -> bool:
    with office_transaction(staff.org_id):
        marks = queries.law_marks(staff.org_id, [group.group for group in staff.keys.groups])
    return any(mark != rules.pack_version() for mark in marks.values())


def test_a_new_law_moves_nothing_and_lists_was_would_be_and_why(
    attorney: Staff, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = _shorter(monkeypatch)
    progress = recompute.recompute_due_cases(attorney, ALL)
    record = _deadline(attorney, case_id).record
    assert (record.due_on, record.act_by) == (dt.date(2027, 4, 9), dt.date(2027, 4, 8))  # as before
    assert record.proposal is not None
    assert (record.proposal.due_on, record.proposal.law) == (dt.date(2027, 3, 9), version)
    assert record.proposal.why
    assert record.proposal.listed_on == dt.date(2026, 11, 24)
    assert progress.is_whole
    assert _mark(attorney) == version
    assert not _is_behind(attorney)


def test_reminders_follow_the_earlier_date_until_somebody_decides(
    attorney: Staff, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _deadline(attorney, case_id).record
    _shorter(monkeypatch)
    recompute.recompute_due_cases(attorney, ALL)
    listed = _deadline(attorney, case_id)
    assert listed.record.plan_version > before.plan_version
    # Seven days before Tue 9 Mar 2027 is Tue 2 Mar; nothing was planned for that day before.
    assert dt.date(2027, 3, 2) in _days_of(listed.record)
    assert dt.date(2027, 3, 2) not in _days_of(before)
    recompute.keep_date(attorney, case_id, listed.id, version=listed.version)
    assert _days_of(_deadline(attorney, case_id).record) == _days_of(before)


def test_a_later_date_changes_no_reminder(attorney: Staff, case_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _deadline(attorney, case_id).record
    law.change(monkeypatch, ONE_YEAR, count="+2y", readings=())
    recompute.recompute_due_cases(attorney, ALL)
    after = _deadline(attorney, case_id).record
    assert after.proposal is not None
    assert after.proposal.due_on == dt.date(2028, 4, 10)  # Sun 9 Apr 2028: Monday
    assert (after.planned, after.plan_version) == (before.planned, before.plan_version)


def test_accepting_writes_the_date_its_working_and_who_decided(
    attorney: Staff, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    _shorter(monkeypatch)
    recompute.recompute_due_cases(attorney, ALL)
    listed = _deadline(attorney, case_id)
    recompute.accept_proposal(attorney, case_id, listed.id, version=listed.version)
    record = _deadline(attorney, case_id).record
    assert (record.due_on, record.proposal) == (dt.date(2027, 3, 9), None)
    assert record.working is not None
    assert record.working.due_on == "2027-03-09"
    decision = record.decisions[-1]
    assert (decision.accepted, decision.by, decision.at) == (True, attorney.member_id, NOW)
    assert (decision.was[0], decision.would[0]) == ("2027-04-09", "2027-03-09")


def test_what_was_kept_is_not_listed_again_until_the_law_says_something_else(
    attorney: Staff, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    _shorter(monkeypatch)
    recompute.recompute_due_cases(attorney, ALL)
    listed = _deadline(attorney, case_id)
    recompute.keep_date(attorney, case_id, listed.id, version=listed.version)
    law.change(monkeypatch, ONE_YEAR, citation="the same dates, cited anew")
    recompute.recompute_due_cases(attorney, ALL)
    kept = _deadline(attorney, case_id).record
    assert kept.proposal is None
    assert (kept.decisions[-1].accepted, kept.decisions[-1].by) == (False, attorney.member_id)
    law.change(monkeypatch, ONE_YEAR, count="+10m")
    recompute.recompute_due_cases(attorney, ALL)
    again = _deadline(attorney, case_id).record.proposal
    assert again is not None
    assert again.due_on == dt.date(2027, 2, 9)


def test_a_law_that_changes_back_takes_its_proposal_with_it(
    attorney: Staff, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as meanwhile:
        _shorter(meanwhile)
        recompute.recompute_due_cases(attorney, ALL)
        assert _deadline(attorney, case_id).record.proposal is not None
    recompute.recompute_due_cases(attorney, ALL)
    assert _deadline(attorney, case_id).record.proposal is None


def test_a_rule_that_is_gone_is_told_and_there_is_nothing_to_accept(
    attorney: Staff, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    law.drop(monkeypatch, ONE_YEAR)
    recompute.recompute_due_cases(attorney, ALL)
    listed = _deadline(attorney, case_id)
    assert listed.record.proposal is not None
    assert "No rule computes this date any more" in listed.record.proposal.why[0]
    with pytest.raises(Refused) as refused:
        recompute.accept_proposal(attorney, case_id, listed.id, version=listed.version)
    assert refused.value.code == "no_date"
    recompute.keep_date(attorney, case_id, listed.id, version=listed.version)
    assert _deadline(attorney, case_id).record.due_on == dt.date(2027, 4, 9)


def test_only_the_lead_or_a_supervising_attorney_decides_and_only_once(
    attorney: Staff, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    _shorter(monkeypatch)
    recompute.recompute_due_cases(attorney, ALL)
    listed = _deadline(attorney, case_id)
    cast.colleague_of(attorney, role="attorney")  # neither the lead nor a supervising attorney
    with pytest.raises(Refused):
        recompute.accept_proposal(cast.signed_in("ben@office.test"), case_id, listed.id, version=listed.version)
    recompute.keep_date(attorney, case_id, listed.id, version=listed.version)
    with pytest.raises(EditConflict):
        recompute.accept_proposal(attorney, case_id, listed.id, version=listed.version)
    with pytest.raises(Refused) as refused:
        recompute.accept_proposal(attorney, case_id, listed.id, version=listed.version + 1)
    assert refused.value.code == "decided"


def test_cut_off_after_any_case_the_next_request_goes_on_there_and_nothing_is_done_twice(
    attorney: Staff, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = [
        case_id,
        *(cases.open_case(attorney, cases.NewCase(name=f"Person {n}", last_arrival_on=ARRIVED)) for n in range(4)),
    ]
    version = _shorter(monkeypatch)
    for done in range(1, 5):
        assert recompute.recompute_due_cases(attorney, ONE).done == done
        listed = [case for case in every if _deadline(attorney, case).record.proposal is not None]
        assert sorted(listed) == sorted(every)[:done]
        assert recompute_mark.parse_mark(_mark(attorney)).law == recompute_mark.version_suffix(version)
        assert _is_behind(attorney)
    assert recompute.recompute_due_cases(attorney, ONE).is_whole
    assert _mark(attorney) == version
    versions = {case: _deadline(attorney, case).version for case in every}
    with office_transaction(attorney.org_id):
        group = attorney.keys.groups[0].group
        queries.set_law_mark(attorney.org_id, group, "", instead_of=version)  # as if the last step was lost
    recompute.recompute_due_cases(attorney, ALL)
    assert {case: _deadline(attorney, case).version for case in every} == versions


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("at", ["before the case", "in the save", "before the mark"])
def test_a_process_killed_at_any_step_leaves_work_that_the_next_one_finishes(
    attorney: Staff, case_id: UUID, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    class Killed(BaseException):
        pass

    def killed(*args: object, **options: object) -> None:
        raise Killed

    version = _shorter(monkeypatch)
    place = {
        "before the case": (recompute, "list_changes"),
        "in the save": (store, "save"),
        "before the mark": (queries, "set_law_mark"),
    }[at]
    with monkeypatch.context() as dying:
        dying.setattr(*place, killed)
        with pytest.raises(Killed):
            recompute.recompute_due_cases(attorney, ALL)
    assert _is_behind(attorney)
    assert (_deadline(attorney, case_id).record.proposal is not None) == (at == "before the mark")
    recompute.recompute_due_cases(attorney, ALL)
    assert _mark(attorney) == version
    assert _deadline(attorney, case_id).record.proposal is not None


def test_a_rule_of_the_office_changed_while_the_work_is_under_way_begins_it_again(
    attorney: Staff, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    storm = rules.OfficeClosure(
        id="storm", first=dt.date(2027, 4, 9), last=dt.date(2027, 4, 9), why="Snow storm", source="the court's page"
    )
    real = recompute.list_changes

    def meanwhile(staff: Staff, case: UUID, known: office_law.Law) -> int:
        monkeypatch.setattr(recompute, "list_changes", real)
        services.add_closure(staff, storm)
        return real(staff, case, known)

    _shorter(monkeypatch)
    monkeypatch.setattr(recompute, "list_changes", meanwhile)
    recompute.recompute_due_cases(attorney, ALL)
    assert _mark(attorney) == "~20261124"  # not "all was computed"
    recompute.recompute_due_cases(attorney, ALL)
    assert _mark(attorney) == rules.pack_version()


def test_a_closure_lists_the_dates_it_touches_in_the_court_it_closes(attorney: Staff) -> None:
    case = cases.open_case(attorney, cases.NewCase(name="Olena Kovalenko"))
    starts = dt.datetime(2027, 3, 24, 13, 30, tzinfo=dt.UTC)
    hearing = Hearing(kind="individual", starts_at=starts, zone="America/New_York", court="Court North")
    hearings.book_hearing(attorney, case, hearing)
    before = _deadline(attorney, case, "us.eoir.individual.filings").record
    assert before.due_on == dt.date(2027, 2, 22)  # 30 days before Wed 24 Mar 2027, a Monday
    storm = rules.OfficeClosure(
        id="storm", first=dt.date(2027, 2, 22), last=dt.date(2027, 2, 22), court="Court South", why="Storm", source="-"
    )
    services.add_closure(attorney, storm)
    recompute.recompute_due_cases(attorney, ALL)
    assert _deadline(attorney, case, "us.eoir.individual.filings").record.proposal is None
    services.remove_item(attorney, "closure:storm")
    here = rules.OfficeClosure(
        id="here", first=dt.date(2027, 2, 22), last=dt.date(2027, 2, 22), court="Court North", why="Storm", source="-"
    )
    services.add_closure(attorney, here)
    recompute.recompute_due_cases(attorney, ALL)
    after = _deadline(attorney, case, "us.eoir.individual.filings").record
    assert after.proposal is not None
    assert after.proposal.due_on == dt.date(2027, 2, 23)
    assert after.proposal.act_by == dt.date(2027, 2, 19)  # counted back from a hearing: the open day before


def test_closed_cases_and_dates_set_by_hand_are_left_alone(
    attorney: Staff, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = _deadline(attorney, case_id)
    acts.mark_done(attorney, case_id, done.id, version=done.version, note="filed on 20 November")
    by_hand = acts.set_by_hand(
        attorney, case_id, what="Brief", due_on=dt.date(2027, 1, 8), severity="serious", reason="order"
    )
    _shorter(monkeypatch)
    recompute.recompute_due_cases(attorney, ALL)
    with office_transaction(attorney.org_id):
        file = case_access.open_case(attorney.keys, case_id)
    assert file.get(done.id, Deadline).record.proposal is None
    assert file.get(by_hand, Deadline).record.proposal is None


def test_the_index_knows_where_something_is_to_decide(
    attorney: Staff, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = cases.open_case(attorney, cases.NewCase(name="Nothing to decide"))
    _shorter(monkeypatch)
    recompute.recompute_due_cases(attorney, ALL)
    with office_transaction(attorney.org_id):
        shown, dates = reader.open_view(attorney.keys).cases_with_proposals(10)
    assert ([case for case, _ in shown], dates) == ([case_id], 1)
    assert other not in [case for case, _ in shown]
    listed = _deadline(attorney, case_id)
    recompute.accept_proposal(attorney, case_id, listed.id, version=listed.version)
    with office_transaction(attorney.org_id):
        assert reader.open_view(attorney.keys).cases_with_proposals(10) == ([], 0)


def test_a_member_of_another_office_sees_and_steps_nothing_of_it(
    attorney: Staff, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    outsider = cast.found(name="Otto", email="otto@elsewhere.test")
    version = _shorter(monkeypatch)
    with acting_as("web"):
        assert recompute.recompute_due_cases(outsider, ALL).total == 0
    assert _mark(attorney) != version
    assert _deadline(attorney, case_id).record.proposal is None
