"""Each single change of a row, after a list was read."""

import datetime as dt
import gc
import threading
from uuid import UUID

import pytest

from caseapp.index import group_index, rows
from caseapp.index.columns import changes
from caseapp.index.group_index import GroupIndex
from caseapp.index.kept import kept_lists
from caseapp.index.kept.people import TasksOf
from caseapp.index.member.kept_items import KeptItems
from caseapp.index.rows import CaseRow, TaskRow
from caseapp.index.view import IndexView

ANA, BEN = UUID(int=901), UUID(int=902)
DAY = dt.date(2026, 12, 8)
FIRST, SECOND, THIRD = (UUID(int=number << 64) for number in (1, 2, 3))


def row(*texts: str, ref: str = "7KQ4D", owner: UUID = ANA, version: int = 1) -> CaseRow:
    tasks = tuple(TaskRow(id=UUID(int=at), text=text, owner=owner, due_on=DAY) for at, text in enumerate(texts))
    return CaseRow(ref=ref, stage="master", tasks=tasks, head_version=version)


def apply(group: GroupIndex, changed: dict[UUID, CaseRow | None]) -> None:
    entries = [(case_id.bytes, rows.encode(each) if each else None) for case_id, each in changed.items()]
    group.apply_part(entries, whole=False, seq=group.seq + 1)


def items(*groups: GroupIndex) -> KeptItems[TaskRow]:
    return IndexView(groups, member_id=ANA).tasks_of(ANA)


def texts(read: KeptItems[TaskRow]) -> list[str]:
    return [each.item.text for each in read]


@pytest.fixture
def group() -> GroupIndex:
    """Two cases, of which a list was read."""
    group = GroupIndex()
    apply(group, {FIRST: row("call", ref="A"), SECOND: row("write", "send", ref="B")})
    assert texts(items(group)) == ["call", "write", "send"]
    return group


def test_a_row_that_changes_is_read_again(group: GroupIndex) -> None:
    apply(group, {SECOND: row("meet", ref="B")})
    assert texts(items(group)) == ["call", "meet"]


def test_a_new_row_is_put_in_its_place(group: GroupIndex) -> None:
    apply(group, {THIRD: row("ask", ref="AA")})
    assert texts(items(group)) == ["call", "ask", "write", "send"]


def test_a_row_that_is_removed_leaves(group: GroupIndex) -> None:
    apply(group, {FIRST: None})
    assert texts(items(group)) == ["write", "send"]


def test_a_row_in_the_place_of_a_removed_one_is_its_own(group: GroupIndex) -> None:
    apply(group, {FIRST: None})
    apply(group, {THIRD: row("ask", ref="C")})
    assert [(each.case_id, each.item.text) for each in items(group)] == [
        (SECOND, "write"),
        (SECOND, "send"),
        (THIRD, "ask"),
    ]


def test_another_ref_is_another_place(group: GroupIndex) -> None:
    apply(group, {FIRST: row("call", ref="Z")})
    assert texts(items(group)) == ["write", "send", "call"]


def test_rows_that_are_laid_out_anew_are_read_anew(group: GroupIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_index, "REBUILD_ABOVE", 0)
    apply(group, {FIRST: None, UUID(int=1): row("first of all", ref="A")})
    assert texts(items(group)) == ["first of all", "write", "send"]


def test_more_changes_than_the_log_has_make_a_list_anew(group: GroupIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "MOST_NOTED", 3)
    for number in range(4):
        apply(group, {FIRST: row(f"call {number}", ref="A")})
    assert texts(items(group)) == ["call 3", "write", "send"]


def test_a_page_that_is_being_made_shows_the_rows_of_its_moment(group: GroupIndex) -> None:
    page = items(group)
    apply(group, {FIRST: None, SECOND: row("meet", ref="B")})
    later = items(group)
    apply(group, {SECOND: None, THIRD: row("ask", ref="C")})
    assert texts(page) == ["call", "write", "send"]
    assert texts(later) == ["meet"]
    assert texts(items(group)) == ["ask"]


def test_what_a_row_was_before_stays_in_memory_only_while_a_page_needs_it(group: GroupIndex) -> None:
    page, before = items(group), rows.encode(row("call", ref="A"))
    apply(group, {FIRST: None})

    def is_held() -> bool:
        return any(
            type(each) is dict and any(_has(value, before) for value in each.values()) for each in gc.get_objects()
        )

    assert is_held()
    del page
    gc.collect()
    assert not is_held()


def _has(value: object, raw: bytes) -> bool:
    return type(value) is tuple and raw in value


def test_a_case_of_two_groups_is_listed_once_in_its_newest_state() -> None:
    first, second = GroupIndex(), GroupIndex()
    apply(first, {FIRST: row("old", ref="A")})
    apply(second, {FIRST: row("new", ref="A", version=2), SECOND: row("other", ref="B")})
    assert texts(items(first)) == ["old"]
    assert texts(items(first, second)) == ["new", "other"]
    apply(first, {FIRST: row("newest", ref="A", version=3)})
    assert texts(items(first, second)) == ["newest", "other"]
    assert texts(items(second)) == ["new", "other"]


def test_lists_that_nobody_reads_are_dropped_when_there_are_too_many(
    group: GroupIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_lists, "MOST_BYTES", 3 * (kept_lists.LIST_BYTES + 3 * kept_lists.ENTRY_BYTES))
    for number in range(9):
        group.kept.read(TasksOf(UUID(int=number)), group.facts)
        assert texts(items(group)) == ["call", "write", "send"]
    assert list(group.kept._lists) == [TasksOf(UUID(int=7)), TasksOf(UUID(int=8)), TasksOf(ANA)]
    assert group.weight > group.kept.weight > 0


def test_readers_and_a_writer_at_once_see_whole_lists(group: GroupIndex) -> None:
    wrong = list[list[str]]()

    def read_often() -> None:
        for _ in range(200):
            read = texts(items(group))
            if sorted(read)[-2:] != ["send", "write"] or len(read) != 3:
                wrong.append(read)

    readers = [threading.Thread(target=read_often) for _ in range(3)]
    for each in readers:
        each.start()
    for number in range(200):
        with group.lock:
            apply(group, {FIRST: row(f"call {number}", ref="A")})
    for each in readers:
        each.join()
    assert wrong == []
