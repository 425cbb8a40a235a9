"""Who is reminded when; and that no change of mind ever leaves a date silent."""

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec
import pytest

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import case_access, undo
from caseapp.casefile.reminder_plans import reminder_schedule
from caseapp.cases.services import cases
from caseapp.deadlines.services import acts
from caseapp.hearings.services import hearings
from caseapp.lib import clock
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.reminders import queries
from caseapp.reminders.planning import outbox
from caseapp.reminders.planning.plan import Series
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault import server_keys
from caseapp.vault.core import operational, primitives
from caseapp.vault.head import Access
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast

pytestmark = pytest.mark.django_db(transaction=True)
NOW = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)
DUE = dt.date(2027, 1, 8)


@pytest.fixture(autouse=True)
def _frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def attorney() -> Staff:
    return cast.found()


@pytest.fixture
def case_id(attorney: Staff) -> UUID:
    return cases.open_case(attorney, cases.NewCase(name="Leila Hosseini"))


def _brief(staff: Staff, case_id: UUID) -> UUID:
    return acts.set_by_hand(staff, case_id, what="Brief", due_on=DUE, severity="fatal", reason="schedule")


def _record(staff: Staff, case_id: UUID, deadline_id: UUID) -> tuple[int, Deadline]:
    with office_transaction(staff.org_id):
        entry = case_access.open_case(staff.keys, case_id).get(deadline_id, Deadline)
    return entry.version, entry.record


def _is_reminded(staff: Staff, case_id: UUID, deadline_id: UUID) -> bool:
    """Whether every planned day of a deadline stands in the fire rows, under the plan the record has now."""
    with acting_as("clock"):
        outbox.merge()
    _, record = _record(staff, case_id, deadline_id)
    with office_transaction(staff.org_id):
        key = case_access.open_case(staff.keys, case_id).get_only(Access).record.token_key
    found = []
    for planned in record.planned:
        version = planned.version or record.plan_version
        seed = primitives.mac(key, deadline_id.bytes, version.to_bytes(8, "big"))[:16]
        series = Series(seed, planned.member, planned.days, frozenset(planned.urgent_days))
        found += [_holds(staff, planned.member, day, series.token_for(day)) for day in planned.days]
    return bool(found) and all(found)


def _holds(staff: Staff, member: UUID, day: dt.date, token: bytes) -> bool:
    from django.db import connection

    with office_transaction(staff.org_id), connection.cursor() as cursor:
        place = queries.day_lookup(staff.org_id, member, day)
        cursor.execute("SELECT id, sealed FROM reminders_fire WHERE lookup = %s", [place])
        row = cursor.fetchone()
    key = server_keys.operational_key()
    return row is not None and operational.open_fire(key, staff.org_id, row[0], bytes(row[1])).has_token(token)


def test_a_fatal_date_is_brought_to_mind_on_the_days_of_its_rule(attorney: Staff, case_id: UUID) -> None:
    _, record = _record(attorney, case_id, _brief(attorney, case_id))
    (planned,) = record.planned
    # 30, 14, 7, 3, 1 and 0 days before Fri 8 Jan 2027 (60 is past), then ten working days while it is not done.
    before = [
        dt.date(2026, 12, 9),
        dt.date(2026, 12, 25),
        dt.date(2027, 1, 1),
        dt.date(2027, 1, 5),
        dt.date(2027, 1, 7),
    ]
    after = [dt.date(2027, 1, day) for day in (11, 12, 13, 14, 15, 18, 19, 20, 21, 22)]
    assert list(planned.days) == [*before, DUE, *after]
    assert set(planned.urgent_days) == {*before[2:], DUE, *after}


def test_merging_brings_every_planned_day(attorney: Staff, case_id: UUID) -> None:
    assert _is_reminded(attorney, case_id, _brief(attorney, case_id))


@pytest.mark.parametrize("merged_between", [True, False])
def test_done_by_mistake_and_reopened_is_reminded_again(attorney: Staff, case_id: UUID, merged_between: bool) -> None:
    deadline_id = _brief(attorney, case_id)
    acts.mark_done(attorney, case_id, deadline_id, version=1, note="filed")
    if merged_between:
        with acting_as("clock"):
            outbox.merge()
    acts.reopen_deadline(attorney, case_id, deadline_id, version=2)
    assert _is_reminded(attorney, case_id, deadline_id)


@pytest.mark.parametrize("merged_between", [True, False])
def test_undoing_done_is_reminded_again(attorney: Staff, case_id: UUID, merged_between: bool) -> None:
    deadline_id = _brief(attorney, case_id)
    acts.mark_done(attorney, case_id, deadline_id, version=1, note="filed")
    if merged_between:
        with acting_as("clock"):
            outbox.merge()
    undo.undo_change(attorney, case_id, deadline_id, 2)
    assert _is_reminded(attorney, case_id, deadline_id)


def test_an_own_earlier_date_moves_the_reminders_earlier_and_a_later_one_does_not(
    attorney: Staff, case_id: UUID
) -> None:
    deadline_id = _brief(attorney, case_id)
    acts.set_own_dates(attorney, case_id, deadline_id, to=dt.date(2027, 1, 20), target=None, reason="agreed", version=1)
    _, record = _record(attorney, case_id, deadline_id)
    assert DUE in record.planned[0].days
    acts.set_own_dates(attorney, case_id, deadline_id, to=None, target=dt.date(2026, 12, 18), reason="", version=2)
    _, record = _record(attorney, case_id, deadline_id)
    assert dt.date(2026, 12, 17) in record.planned[0].days
    assert _is_reminded(attorney, case_id, deadline_id)


def test_a_date_entered_too_late_for_its_days_is_said_today(attorney: Staff, case_id: UUID) -> None:
    deadline_id = acts.set_by_hand(
        attorney, case_id, what="Brief", due_on=dt.date(2026, 11, 20), severity="serious", reason="found in the file"
    )
    _, record = _record(attorney, case_id, deadline_id)
    assert dt.date(2026, 11, 24) in record.planned[0].days


def test_lead_and_whoever_goes_hear_of_a_hearing(attorney: Staff, case_id: UUID) -> None:
    cast.colleague_of(attorney)
    from caseapp.accounts.directory import team_members

    with office_transaction(attorney.org_id):
        team = team_members.members_of_group(attorney.keys, attorney.keys.groups[0].group)
    other = next(member.member_id for member in team if member.member_id != attorney.member_id)
    starts = dt.datetime(2027, 2, 17, 13, 30, tzinfo=dt.UTC)
    hearing = Hearing(kind="other", starts_at=starts, zone="America/New_York", goes=other)
    hearing_id = hearings.book_hearing(attorney, case_id, hearing)
    with office_transaction(attorney.org_id):
        kept = case_access.open_case(attorney.keys, case_id).get(hearing_id, Hearing).record
    assert {planned.member for planned in kept.planned} == {attorney.member_id, other}
    assert kept.planned[0].days == tuple(dt.date(2027, 2, day) for day in (3, 10, 14, 16))


def test_the_new_owner_of_an_overdue_deadline_is_reminded_that_day_and_the_old_one_not_again(
    attorney: Staff, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = cast.colleague_of(attorney)
    brief = acts.set_by_hand(attorney, case_id, what="Brief", due_on=DUE, severity="routine", reason="schedule")
    late = dt.datetime(2027, 1, 13, 15, 0, tzinfo=dt.UTC)  # the Wednesday after the Friday it was due
    monkeypatch.setattr(clock, "now", lambda: late)
    version, record = _record(attorney, case_id, brief)

    def days_from_today(member: UUID) -> list[dt.date]:
        planned = _record(attorney, case_id, brief)[1].planned
        return [day for plan in planned if plan.member == member for day in plan.days if day >= late.date()]

    assert late.date() not in [day for plan in record.planned for day in plan.days if plan.member == ben]
    acts.reassign_deadline(attorney, case_id, brief, owner=ben, version=version)
    assert days_from_today(ben)[:1] == [late.date()]
    version, _record_now = _record(attorney, case_id, brief)
    acts.acknowledge_deadline(cast.signed_in("ben@office.test"), case_id, brief, version=version)
    assert days_from_today(attorney.member_id) == []


def test_a_new_lead_is_reminded_of_what_is_overdue_that_day(
    attorney: Staff, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = cast.colleague_of(attorney)
    brief = acts.set_by_hand(attorney, case_id, what="Brief", due_on=DUE, severity="routine", reason="schedule")
    late = dt.datetime(2027, 1, 13, 15, 0, tzinfo=dt.UTC)
    monkeypatch.setattr(clock, "now", lambda: late)
    cases.change_case(attorney, case_id, version=1, lead=ben)
    planned = _record(attorney, case_id, brief)[1].planned
    assert late.date() in [day for plan in planned if plan.member == ben for day in plan.days]


def _token_of(staff: Staff, case_id: UUID, deadline_id: UUID, day: dt.date) -> bytes:
    """The only token of a day under the plan that the record has now."""
    with office_transaction(staff.org_id):
        file = case_access.open_case(staff.keys, case_id)
    entry = file.get(deadline_id, Deadline)
    series = reminder_schedule.series_of(entry, file.get_only(Access).record.token_key)
    (token,) = [one.token_for(day) for one in series if day in one.days]
    return token


@pytest.mark.parametrize("merged_between", [True, False])
def test_a_day_that_a_changed_plan_keeps_has_the_same_token_so_its_message_is_not_sent_again(
    attorney: Staff, case_id: UUID, monkeypatch: pytest.MonkeyPatch, merged_between: bool
) -> None:
    brief = _brief(attorney, case_id)
    monkeypatch.setattr(clock, "now", lambda: dt.datetime(2027, 1, 5, 15, 0, tzinfo=dt.UTC))  # three days before
    token = _token_of(attorney, case_id, brief, dt.date(2027, 1, 5))
    if merged_between:
        with acting_as("clock"):
            outbox.merge()
    version, _before = _record(attorney, case_id, brief)
    target = dt.date(2027, 1, 6)  # one day before it is a day three before the date
    acts.set_own_dates(attorney, case_id, brief, to=None, target=target, reason="", version=version)
    assert _token_of(attorney, case_id, brief, dt.date(2027, 1, 5)) == token
    assert _is_reminded(attorney, case_id, brief)
    days = {day for plan in _record(attorney, case_id, brief)[1].planned for day in plan.days}
    assert {dt.date(2027, 1, 5), target} <= days
    # And back: the days between were withdrawn, and withdrawn tokens never count again.
    version, _before = _record(attorney, case_id, brief)
    acts.set_own_dates(attorney, case_id, brief, to=None, target=None, reason="", version=version)
    assert _token_of(attorney, case_id, brief, dt.date(2027, 1, 5)) == token
    assert _is_reminded(attorney, case_id, brief)


def test_a_day_that_becomes_urgent_is_sent_again(
    attorney: Staff, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    brief = _brief(attorney, case_id)
    day = dt.date(2026, 12, 25)  # 14 days before Fri 8 Jan 2027
    token = _token_of(attorney, case_id, brief, day)
    monkeypatch.setattr(clock, "now", lambda: dt.datetime(2026, 12, 25, 15, 0, tzinfo=dt.UTC))
    version, _before = _record(attorney, case_id, brief)
    acts.set_own_dates(attorney, case_id, brief, to=None, target=dt.date(2026, 12, 28), reason="", version=version)
    assert _token_of(attorney, case_id, brief, day) != token
    assert day in {urgent for plan in _record(attorney, case_id, brief)[1].planned for urgent in plan.urgent_days}


def test_a_hearing_that_is_changed_on_its_day_reminds_no_member_again(
    attorney: Staff, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = cast.colleague_of(attorney)
    starts = dt.datetime(2027, 2, 17, 18, 30, tzinfo=dt.UTC)
    hearing = Hearing(kind="other", starts_at=starts, zone="America/New_York")
    hearing_id = hearings.book_hearing(attorney, case_id, hearing)
    monkeypatch.setattr(clock, "now", lambda: dt.datetime(2027, 2, 17, 14, 0, tzinfo=dt.UTC))

    def change(**fields: Any) -> set[UUID]:
        with office_transaction(attorney.org_id):
            entry = case_access.open_case(attorney.keys, case_id).get(hearing_id, Hearing)
        hearings.change_hearing(
            attorney, case_id, hearing_id, msgspec.structs.replace(entry.record, **fields), version=entry.version
        )
        with office_transaction(attorney.org_id):
            record = case_access.open_case(attorney.keys, case_id).get(hearing_id, Hearing).record
        return {plan.member for plan in record.planned if dt.date(2027, 2, 17) in plan.days}

    assert change(room="4") == set()
    assert change(goes=ben) == {ben}, "who appears now was never reminded"


def test_a_serious_date_that_is_changed_on_its_day_does_not_remind_its_owner_again(
    attorney: Staff, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = cast.colleague_of(attorney)
    brief = acts.set_by_hand(
        attorney, case_id, what="Brief", due_on=DUE, severity="serious", reason="schedule", owner=ben
    )
    monkeypatch.setattr(clock, "now", lambda: dt.datetime(2027, 1, 8, 15, 0, tzinfo=dt.UTC))  # its last reminder was 7
    version, _before = _record(attorney, case_id, brief)
    acts.set_own_dates(attorney, case_id, brief, to=dt.date(2027, 1, 20), target=None, reason="agreed", version=version)
    planned = _record(attorney, case_id, brief)[1].planned
    assert DUE not in {day for plan in planned if plan.member == ben for day in plan.days}
