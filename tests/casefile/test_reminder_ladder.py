"""The reminder ladder, worked by hand: four different people, each kind of date, each day.

Friday, January 8, 2027 is the date. 60 days before it is Mon 9 Nov 2026, 30 days Wed 9 Dec, 14 days Fri 25 Dec,
7 days Fri 1 Jan 2027, 3 days Tue 5 Jan, 1 day Thu 7 Jan; 90 days before it is Sat 10 Oct 2026. The ten working days
after it are Mon 11 to Fri 15 and Mon 18 to Fri 22 Jan. 30 days after it is Sun 7 Feb.
"""

import datetime as dt
from typing import Any
from uuid import UUID

import pytest

from caseapp.accounts.directory.team_members import Colleague
from caseapp.casefile.reminder_plans import reminder_ladder, reminder_schedule
from caseapp.casefile.reminder_plans.reminder_ladder import LADDER, Rung
from caseapp.index.rows import CaseRow, DeadlineRow
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.today.dated_lists import RemindedMember, reminder_offsets

TODAY = dt.date(2026, 10, 1)
DATE = dt.date(2027, 1, 8)
NADIA, KWAME, INGRID, TOMAS = (UUID(int=number) for number in (1, 2, 3, 4))  # owner, lead, supervisor, admin
AFTER = tuple(f"01-{day}" for day in (11, 12, 13, 14, 15, 18, 19, 20, 21, 22))
Table = dict[str, dict[str, tuple[tuple[str, ...], tuple[str, ...]]]]
ESCALATED = {
    "Kwame": (("01-05",), ("01-05",)),
    "Ingrid": (("01-07",), ("01-07",)),
    "Tomas": (("01-08", *AFTER), ("01-08", *AFTER)),
}
# For each kind of date and each person: the days of reminders, and which of them are urgent.
BY_HAND: Table = {
    "fatal": {
        "Nadia": (
            ("11-09", "12-09", "12-25", "01-01", "01-05", "01-07", "01-08"),
            ("01-01", "01-05", "01-07", "01-08"),
        ),
        **ESCALATED,
    },
    "serious": {"Nadia": (("12-09", "12-25", "01-01", "01-05", "01-07"), ("01-07",)), **ESCALATED},
    "routine": {"Nadia": (("12-25", "01-05"), ())},
    "opens": {"Nadia": (("01-01", "01-08"), ())},
    "watch": {"Nadia": (("01-08",), ())},
    "hearing": {
        "Nadia": (("12-25", "01-01", "01-05", "01-07"), ("01-07",)),
        "Kwame": (("12-25", "01-01", "01-05", "01-07"), ("01-07",)),
    },
}


def _colleague(member: UUID, role: str, *, is_admin: bool = False) -> Colleague:
    return Colleague(member_id=member, name="", role=role, is_admin=is_admin, hpke_public=b"", sign_public=b"")


TEAM = (
    _colleague(NADIA, "caseworker"),
    _colleague(KWAME, "attorney"),
    _colleague(INGRID, "supervisor"),
    _colleague(TOMAS, "caseworker", is_admin=True),
)
NAMES = {NADIA: "Nadia", KWAME: "Kwame", INGRID: "Ingrid", TOMAS: "Tomas"}


def _deadline(kind: str, **more: Any) -> Deadline:
    fields: dict[str, Any] = {"what": "Brief", "severity": kind, "owner": NADIA, "act_by": DATE, "due_on": DATE}
    if kind == "opens":
        fields |= {"severity": "routine", "act_by": None, "due_on": None, "opens_on": DATE}
    if kind == "watch":
        fields |= {"severity": "fatal", "duty": "watch"}
    return Deadline(**fields | more)


def _plan(kind: str, today: dt.date = TODAY, **more: Any) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    if kind == "hearing":
        starts = dt.datetime.combine(DATE, dt.time(18, 30), dt.UTC)
        hearing = Hearing(kind="master", starts_at=starts, zone="America/New_York", goes=NADIA)
        planned = reminder_schedule.hearing_plan(hearing, KWAME, today)
    else:
        planned = reminder_schedule.deadline_plan(_deadline(kind, **more), KWAME, TEAM, today)
    return {
        NAMES[plan.member]: (
            tuple(f"{day:%m-%d}" for day in plan.days),
            tuple(f"{day:%m-%d}" for day in plan.urgent_days),
        )
        for plan in planned
    }


@pytest.mark.parametrize("kind", BY_HAND)
def test_each_of_four_people_is_reminded_on_the_days_worked_by_hand(kind: str) -> None:
    assert _plan(kind) == BY_HAND[kind]


def test_every_kind_of_the_ladder_is_worked_by_hand() -> None:
    assert set(BY_HAND) == set(LADDER)


def _changed_rungs(rung: Rung) -> list[Rung]:
    """Each single change of a rung: a day left out, moved or added, another urgency, another repetition."""
    changed = [rung._replace(days=tuple(d for d in rung.days if d != day)) for day in rung.days]
    changed += [rung._replace(days=tuple(d + (d == day) for d in rung.days)) for day in rung.days]
    changed.append(rung._replace(days=(2, *rung.days)))
    is_urgent_ever = rung.urgent_from is not None and rung.urgent_from >= 0
    changed.append(rung._replace(urgent_from=min(rung.days) - 1 if is_urgent_ever else max(rung.days)))
    if is_urgent_ever and rung.urgent_from != max(rung.days):
        changed.append(rung._replace(urgent_from=max(rung.days)))
    return [*changed, rung._replace(repeated=rung.repeated + 1), rung._replace(repeated=max(rung.repeated - 1, 1))]


@pytest.mark.parametrize(("kind", "role"), [(kind, role) for kind, rungs in LADDER.items() for role in rungs])
def test_a_change_of_any_rung_differs_from_what_was_worked_by_hand(
    kind: str, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ladder: dict[Any, Any] = {name: dict(rungs) for name, rungs in LADDER.items()}
    for module in (reminder_ladder, reminder_schedule):
        monkeypatch.setattr(module, "LADDER", ladder)
    rung = ladder[kind][role]
    for changed in _changed_rungs(rung):
        ladder[kind][role] = changed
        assert _plan(kind) != BY_HAND[kind], changed
    ladder[kind][role] = rung
    assert _plan(kind) == BY_HAND[kind]


def test_a_rules_own_days_take_the_place_of_the_owners_and_the_others_stay() -> None:
    own = _plan("fatal", reminder_days=(180, 90, 60, 30, 14, 7, 3, 1, 0))
    # 180 days before is 12 July 2026, which is past.
    assert own["Nadia"][0] == ("10-10", *BY_HAND["fatal"]["Nadia"][0])
    assert {name: days for name, days in own.items() if name != "Nadia"} == ESCALATED


def test_a_watch_date_of_any_weight_reminds_one_member_once() -> None:
    for severity in ("fatal", "serious", "routine"):
        assert _plan("watch", severity=severity) == BY_HAND["watch"]
    # Without an owner the lead is reminded; long after the day nothing repeats.
    assert _plan("watch", owner=None) == {"Kwame": (("01-08",), ())}
    late = _deadline("watch", planned=reminder_schedule.deadline_plan(_deadline("watch"), KWAME, TEAM, TODAY))
    assert not reminder_schedule.is_plan_ending(late, dt.date(2027, 3, 1))


def test_a_watch_date_with_a_day_of_its_own_after_it_is_looked_at_again() -> None:
    assert _plan("watch", reminder_days=(0, -30)) == {"Nadia": (("01-08", "02-07"), ())}
    again = reminder_schedule.deadline_plan(
        _deadline("watch", reminder_days=(0, -30)), KWAME, TEAM, dt.date(2027, 1, 20), was_planned_before=True
    )
    assert [plan.days for plan in again] == [(dt.date(2027, 2, 7),)]
    over = reminder_schedule.deadline_plan(
        _deadline("watch", reminder_days=(0, -30)), KWAME, TEAM, dt.date(2027, 2, 20), was_planned_before=True
    )
    assert over == ()


def test_what_was_entered_after_its_day_is_said_today_to_its_owner() -> None:
    today = dt.date(2027, 1, 20)
    assert _plan("routine", today) == {"Nadia": (("01-20",), ("01-20",))}
    assert _plan("watch", today) == {"Nadia": (("01-20",), ())}
    fatal = _plan("fatal", today)
    assert fatal["Nadia"] == (("01-20",), ("01-20",))
    assert fatal["Tomas"][0][:3] == ("01-21", "01-22", "01-25")


@pytest.mark.parametrize(
    ("kind", "owner", "lead", "supervisor", "admin"),
    [
        ("fatal", {60, 30, 14, 7, 3, 1, 0}, {3}, {1}, {0}),
        ("serious", {30, 14, 7, 3, 1}, {3}, {1}, {0}),
        ("routine", {14, 3}, set(), set(), set()),
        ("opens", {7, 0}, set(), set(), set()),
        ("watch", {0}, set(), set(), set()),
    ],
)
def test_today_asks_the_ladder_for_each_of_four_people(
    kind: str, owner: set[int], lead: set[int], supervisor: set[int], admin: set[int]
) -> None:
    record = _deadline(kind)
    line = DeadlineRow(
        id=UUID(int=9), what="Brief", severity=record.severity, act_by=record.act_by, due_on=record.due_on,
        opens_on=record.opens_on, owner=NADIA, is_watch=kind == "watch",
    )  # fmt: skip
    row = CaseRow(ref="7KQ4D", stage="intake", lead=KWAME, deadlines=(line,))

    people = [RemindedMember(c.member_id, c.role, c.is_admin) for c in TEAM]
    found = [reminder_offsets(row, line, person) for person in people]
    assert found == [owner, lead, supervisor, admin]
