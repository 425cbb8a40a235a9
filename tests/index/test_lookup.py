"""Lists, calendar and Today, answered from rows."""

import datetime as dt
from uuid import UUID

import pytest

from caseapp.index import rows
from caseapp.index.group_index import REBUILD_ABOVE, GroupIndex
from caseapp.index.results import CaseConditions
from caseapp.index.rows import CaseRow, HearingRow
from caseapp.index.view import IndexView
from caseapp.lib import clock
from tests.index.factories import deadline, hearing, missed_deadlines, row, task

NOW = dt.datetime(2026, 12, 8, 15, 0, tzinfo=dt.UTC)  # Tuesday, 10:00 in New York
TODAY = NOW.date()
ANA, BEN = UUID(int=101), UUID(int=102)
ZONE = "America/New_York"


def day(offset: int) -> dt.date:
    return TODAY + dt.timedelta(days=offset)


def hours(offset: float) -> dt.datetime:
    return NOW + dt.timedelta(hours=offset)


@pytest.fixture(autouse=True)
def _tuesday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def view_of(*cases: CaseRow) -> IndexView:
    """A view over these cases, saved one after another; ids count from 1."""
    group = GroupIndex()
    _ = group.facts, group.vocabulary  # built before the rows come, so that every row is added one by one
    for number, case in enumerate(cases, 1):
        group.apply_part([(UUID(int=number).bytes, rows.encode(case))], whole=False, seq=number)
    return IndexView((group,), member_id=ANA, zone=ZONE)


def test_a_row_comes_back_as_it_was_saved() -> None:
    case = row(
        names=(("Олена Коваленко", "lead"), ("Olena Kovalenko", "lead"), ("Petro", "child")),
        a_numbers=("000000417",), other_numbers=("MSC2190000001",), born=dt.date(1990, 2, 28), citizenships=("UA",),
        languages=("Ukrainian",), relief=("asylum", "tps"), lead=ANA, team=(ANA, BEN), detained=True,
        hearings=(hearing(hours(22.5), goes=ANA, interpreter="Ukrainian", interpreter_asked=True),),
        deadlines=(deadline(day(2), "fatal", owner=BEN, checked=True, due_on=day(3)),), tasks=(task(owner=ANA),),
        opened_on=day(-10), last_contact_on=day(-1), head_version=7, head_digest=bytes(range(32)),
    )  # fmt: skip
    assert view_of(case).find_row(UUID(int=1)) == case


def test_an_unknown_case_is_none() -> None:
    assert view_of(row()).find_row(UUID(int=5)) is None


def test_hearings_of_a_span_come_in_order_of_time_start_included_end_not() -> None:
    view = view_of(
        row(ref="AAAAA", hearings=(hearing(hours(5)), hearing(hours(1)), hearing(hours(24)))),
        row(ref="CCCCC", hearings=(hearing(hours(3)), hearing(hours(0)), hearing(hours(-1)))),
    )
    found = view.hearings_between(hours(0), hours(24))
    assert [(item.row.ref, item.item.starts_at) for item in found] == [
        ("CCCCC", hours(0)), ("AAAAA", hours(1)), ("CCCCC", hours(3)), ("AAAAA", hours(5)),
    ]  # fmt: skip


def test_the_next_hearing_skips_those_with_an_outcome() -> None:
    view = view_of(
        row(hearings=(hearing(hours(2), outcome="reset"),)), row(ref="CCCCC", hearings=(hearing(hours(50)),))
    )
    found = view.next_hearing(NOW)
    assert found is not None
    assert found.item.starts_at == hours(50)
    assert view.next_hearing(hours(51)) is None


def test_deadlines_come_by_consequence_and_then_by_day() -> None:
    view = view_of(
        row(
            ref="AAAAA", deadlines=(deadline(day(1), "routine"), deadline(day(9), "fatal"), deadline(day(15), "fatal"))
        ),
        row(
            ref="CCCCC", deadlines=(deadline(day(3), "serious"), deadline(day(2), "serious"), deadline(day(0), "fatal"))
        ),
    )
    found = view.deadlines_between(TODAY, day(14))
    assert [(item.item.severity, item.item.act_by) for item in found] == [
        ("fatal", day(0)), ("fatal", day(9)), ("serious", day(2)), ("serious", day(3)), ("routine", day(1)),
    ]  # fmt: skip


def test_deadlines_can_be_asked_of_one_owner() -> None:
    view = view_of(row(deadlines=(deadline(day(1), owner=ANA), deadline(day(1), owner=BEN), deadline(day(1)))))
    assert [item.item.owner for item in view.deadlines_between(None, day(5), owner=BEN)] == [BEN]
    assert len(view.deadlines_between(None, day(5))) == 3


def test_overdue_is_what_had_to_be_done_before_today() -> None:
    view = view_of(
        row(deadlines=(deadline(day(-1)), deadline(day(0)), deadline(None, due_on=day(-40)))),
        row(ref="CCCCC", deadlines=(deadline(None, opens_on=day(-3)),)),
    )
    assert [each.day for each in missed_deadlines(view, TODAY)] == [day(-40), day(-1)]


def test_a_window_is_listed_on_the_day_it_opens() -> None:
    view = view_of(row(deadlines=(deadline(None, opens_on=day(3)),)))
    assert len(view.deadlines_between(TODAY, day(3))) == 1


def test_tasks_are_those_of_one_member_by_day_undated_last() -> None:
    view = view_of(
        row(tasks=(task("b", owner=ANA), task("c", owner=BEN), task("nobody's"))),
        row(ref="CCCCC", tasks=(task("a", owner=ANA, due_on=day(4)),)),
    )
    assert [item.item.text for item in view.tasks_of(ANA)] == ["a", "b"]
    assert [item.item.text for item in view.tasks_of(None)] == ["nobody's"]


def test_a_saved_change_moves_dates_owners_and_names() -> None:
    group = GroupIndex()
    case_id = UUID(int=1).bytes
    before = row(hearings=(hearing(hours(1)),), deadlines=(deadline(day(1)),), tasks=(task(owner=ANA),))
    after = row(hearings=(hearing(hours(49)),), deadlines=(deadline(day(9)),), tasks=(task(owner=BEN),))
    group.apply_part([(case_id, rows.encode(before))], whole=False, seq=1)
    view = IndexView((group,), member_id=ANA)
    assert (
        len(view.hearings_between(NOW, hours(24))),
        len(view.deadlines_between(None, day(5))),
        len(view.tasks_of(ANA)),
    ) == (1, 1, 1)
    group.apply_part([(case_id, rows.encode(after))], whole=False, seq=2)
    assert (
        len(view.hearings_between(NOW, hours(24))),
        len(view.deadlines_between(None, day(5))),
        len(view.tasks_of(ANA)),
    ) == (0, 0, 0)
    assert (
        len(view.hearings_between(NOW, hours(72))),
        len(view.deadlines_between(None, day(9))),
        len(view.tasks_of(BEN)),
    ) == (1, 1, 1)
    group.apply_part([(case_id, None)], whole=False, seq=3)
    assert (
        len(view.hearings_between(NOW, hours(72))),
        len(view.deadlines_between(None, day(9))),
        len(view.tasks_of(BEN)),
    ) == (0, 0, 0)


def test_many_changes_at_once_give_the_same_agenda_as_one_by_one() -> None:
    group = GroupIndex()
    _ = group.facts
    entries = [
        (UUID(int=number).bytes, rows.encode(row(ref=f"R{number:04}", deadlines=(deadline(day(number % 30)),))))
        for number in range(1, REBUILD_ABOVE + 3)
    ]
    group.apply_part(entries, whole=False, seq=1)
    assert len(IndexView((group,), member_id=ANA).deadlines_between(None, day(30))) == REBUILD_ABOVE + 2


def listed(view: IndexView, sort: str = "ref", **conditions: object) -> list[str]:
    return [line.row.ref for line in view.list_cases(CaseConditions(**conditions), sort=sort).rows]  # type: ignore[arg-type]  # test


def test_the_case_list_holds_open_cases_unless_closed_ones_are_asked_for() -> None:
    view = view_of(row(ref="AAAAA"), row(ref="CCCCC", closed=True, stage="closed"))
    assert listed(view) == ["AAAAA"]
    assert listed(view, closed=True) == ["CCCCC"]
    assert listed(view, closed=None) == ["AAAAA", "CCCCC"]
    assert listed(view, stage="closed") == ["CCCCC"]


def test_the_case_list_can_be_narrowed() -> None:
    view = view_of(
        row(ref="AAAAA", lead=ANA, team=(ANA, BEN), detained=True, opened_on=day(-1)),
        row(ref="CCCCC", lead=BEN, team=(BEN,), stage="intake", opened_on=day(-20)),
    )
    assert listed(view, lead=ANA) == ["AAAAA"]
    assert listed(view, team=BEN) == ["AAAAA", "CCCCC"]
    assert listed(view, stage="intake") == ["CCCCC"]
    assert listed(view, detained=True) == ["AAAAA"]
    assert listed(view, detained=False) == ["CCCCC"]
    assert listed(view, opened_since=day(-7)) == ["AAAAA"]
    assert listed(view, lead=ANA, stage="intake") == []


def test_without_a_date_are_cases_with_nothing_ahead() -> None:
    view = view_of(
        row(ref="AAAAA", hearings=(hearing(hours(-30)),)),
        row(ref="CCCCC", hearings=(hearing(hours(30)),)),
        row(ref="DDDDD", deadlines=(deadline(day(-5)),)),
        row(ref="EEEEE", hearings=(hearing(hours(30), outcome="reset"),)),
        row(ref="FFFFF", deadlines=(deadline(None, opens_on=day(9)),)),
    )
    assert listed(view, without_date=True) == ["AAAAA", "EEEEE", "FFFFF"]


def test_the_list_sorts_by_next_date_with_what_passed_first_and_nothing_last() -> None:
    view = view_of(
        row(ref="AAAAA"),
        row(ref="CCCCC", hearings=(hearing(hours(3)),)),
        row(ref="DDDDD", deadlines=(deadline(day(-1)),)),
        row(ref="EEEEE", hearings=(hearing(hours(40)),), deadlines=(deadline(day(0)),)),
    )
    page = view.list_cases(sort="next")
    assert [line.row.ref for line in page.rows] == ["DDDDD", "EEEEE", "CCCCC", "AAAAA"]
    assert isinstance(page.rows[2].next, HearingRow)
    assert page.rows[3].next is None


def test_the_list_sorts_by_name_without_accents_and_by_longest_silence() -> None:
    view = view_of(
        row("Émile Zola", ref="AAAAA", last_contact_on=day(-1)),
        row("Ana Ruiz", ref="CCCCC"),
        row("Farid Noori", ref="DDDDD", last_contact_on=day(-90)),
    )
    assert listed(view, sort="name") == ["CCCCC", "AAAAA", "DDDDD"]
    assert listed(view, sort="last_contact") == ["CCCCC", "DDDDD", "AAAAA"]


def test_an_unknown_sort_is_refused() -> None:
    with pytest.raises(ValueError, match="sort"):
        view_of(row()).list_cases(sort="salary")


def test_pages_hold_25_and_a_page_too_far_is_the_last() -> None:
    view = view_of(*(row(ref=f"R{number:04}") for number in range(60)))
    assert [len(view.list_cases(page=number).rows) for number in (1, 2, 3)] == [25, 25, 10]
    page = view.list_cases(page=99)
    assert (page.total, page.pages, page.page, page.rows[-1].row.ref) == (60, 3, 3, "R0059")
    assert view_of().list_cases().pages == 1


def test_counts_are_of_open_cases() -> None:
    view = view_of(
        row(ref="AAAAA", lead=ANA, team=(ANA,), detained=True, opened_on=day(-2)),
        row(ref="CCCCC", lead=BEN, team=(BEN, ANA), hearings=(hearing(hours(9)),), opened_on=day(-8)),
        row(ref="DDDDD", lead=ANA, closed=True, stage="closed", detained=True),
    )
    counts = view.count_cases()
    assert (counts.open, counts.closed, counts.mine, counts.team) == (2, 1, 1, 2)
    assert (counts.without_date, counts.detained, counts.new_this_week) == (1, 1, 1)
    assert counts.by_stage == {"in_court": 2, "closed": 1}
    assert view.count_cases(BEN).mine == 1


def test_a_row_of_a_newer_program_is_read_as_far_as_known() -> None:
    import msgspec

    keys, told = msgspec.msgpack.decode(rows.encode(row()))
    newer = msgspec.msgpack.encode(([*keys, "more"], [told[0] + 1, *told[1:], "more"]))
    assert rows.decode(newer).ref == "7KQ4D"
    assert rows.decode(newer).schema == rows.SCHEMA + 1
    assert rows.decode_summary(newer).ref == "7KQ4D"


def test_a_view_shows_nothing_of_its_cases_when_printed() -> None:
    view = view_of(row("Fatima Karimi"))
    assert "Karimi" not in repr(view)
    assert "Karimi" not in repr(view._groups[0])
