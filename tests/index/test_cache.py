"""What stands in memory is bounded, shared by threads, gone when idle, and never written anywhere."""

import datetime as dt
import gc
import sys
import threading
import tracemalloc
import weakref
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import connection

from caseapp.index import cache, queries, reader, rows
from caseapp.index.cache import Cache
from caseapp.index.columns import freezing
from caseapp.index.group_index import GroupIndex
from caseapp.lib import clock
from caseapp.tools.bench.fictional_cases import fictional_cases
from caseapp.vault.core import primitives
from caseapp.vault.core.keyring import GroupKey
from tests.index.factories import keys_with_index, row, save

NOW = dt.datetime(2026, 12, 8, 15, 0, tzinfo=dt.UTC)
ORG = uuid4()


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> "Clock":
    moved = Clock()
    monkeypatch.setattr(clock, "now", lambda: moved.now)
    return moved


class Clock:
    """A clock that the test sets."""

    now = NOW


def group() -> GroupKey:
    return GroupKey(group=uuid4(), epoch=1, key=primitives.new_key())


def test_an_index_nobody_asked_for_in_ten_minutes_is_dropped(at: Clock) -> None:
    held, used, unused = Cache(GroupIndex), group(), group()
    first = held.get(ORG, used)
    held.get(ORG, unused)
    at.now = NOW + dt.timedelta(minutes=9)
    assert held.drop_idle() == 0
    assert held.get(ORG, used) is first
    at.now = NOW + dt.timedelta(minutes=10)
    assert held.drop_idle() == 1
    assert held.get(ORG, used) is first


def test_the_least_recently_used_index_goes_first_and_the_last_used_stays(at: Clock) -> None:
    held, groups = Cache(GroupIndex, limit=15_000), [group() for _ in range(4)]
    for one in groups:
        entries = [(UUID(int=n).bytes, rows.encode(row())) for n in range(3)]
        held.get(ORG, one).apply_part(entries, whole=True, seq=1)
    held.get(ORG, groups[0])
    held.trim()
    assert [held.get(ORG, one).seq for one in groups] == [1, 0, 0, 1]
    alone = Cache(GroupIndex, limit=1)
    alone.get(ORG, groups[0]).apply_part(entries, whole=True, seq=1)
    alone.trim()
    assert alone.get(ORG, groups[0]).seq == 1


def test_the_weight_follows_the_rows() -> None:
    index = Cache(GroupIndex).get(ORG, group())
    index.apply_part([(UUID(int=n).bytes, rows.encode(row())) for n in range(5)], whole=False, seq=1)
    heavier = index.weight
    index.apply_part([(UUID(int=n).bytes, None) for n in range(5)], whole=False, seq=2)
    assert (heavier > 5 * 500, index.weight) == (True, 0)


def bench_rows(count: int) -> list[tuple[bytes, bytes]]:
    return [(case_id.bytes, rows.encode(case)) for case_id, case in fictional_cases(count, ORG)]


def test_the_cache_counts_all_that_an_index_holds_in_memory() -> None:
    entries = bench_rows(3000)
    tracemalloc.start()
    try:
        index = GroupIndex()
        index.apply_part([(bytes(bytearray(at)), bytes(bytearray(raw))) for at, raw in entries], whole=True, seq=1)
        estimate = index.weight
        _ = index.facts, index.vocabulary
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert 0.9 * held < index.weight < 1.5 * held
    assert 0.8 * held < estimate < 2 * held


def test_a_large_index_is_frozen_in_a_web_process_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freezing, "FROM_ROWS", 20)
    monkeypatch.setattr(freezing, "_processes", [])
    frozen = gc.get_freeze_count()
    for count, is_web in ((30, False), (10, True)):
        if is_web:
            freezing.freeze_in_this_process("web")
        index = GroupIndex()
        index.apply_part(bench_rows(count), whole=True, seq=1)
        _ = index.facts, index.vocabulary
        assert gc.get_freeze_count() == frozen
    try:
        index.apply_part(bench_rows(30), whole=True, seq=1)
        _ = index.facts
        assert gc.get_freeze_count() > frozen
    finally:
        gc.unfreeze()


def test_what_was_open_while_an_index_was_frozen_leaves_memory_with_the_idle_one(
    at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Opened:
        """What a request has open, in a cycle as an exception with its traceback is."""

        def __init__(self) -> None:
            self.itself = self

    monkeypatch.setattr(freezing, "FROM_ROWS", 20)
    monkeypatch.setattr(freezing, "_processes", ["web"])
    held, opened = Cache(GroupIndex), Opened()
    left = weakref.ref(opened)
    try:
        index = held.get(ORG, group())
        index.apply_part(bench_rows(30), whole=True, seq=1)
        _ = index.facts
        del opened
        gc.collect()
        assert left() is not None, "frozen: the collector passes it over"
        at.now = NOW + dt.timedelta(minutes=11)
        assert held.drop_idle() == 1
        assert left() is None
    finally:
        gc.unfreeze()


def test_another_key_epoch_group_or_office_is_another_index() -> None:
    held, one = Cache(GroupIndex), group()
    others = [
        (ORG, GroupKey(group=one.group, epoch=1, key=primitives.new_key())),
        (ORG, GroupKey(group=one.group, epoch=2, key=one.key)),
        (ORG, GroupKey(group=uuid4(), epoch=1, key=one.key)),
        (uuid4(), one),
    ]
    assert len({id(held.get(*place)) for place in [(ORG, one), *others]}) == 5


def test_the_thread_that_drops_idle_indexes_drops_without_a_request(at: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "LOOK_EVERY", 0.01)
    held = Cache(GroupIndex)
    held.get(ORG, group())
    at.now = NOW + dt.timedelta(minutes=11)
    sweeper = held._sweeper
    assert sweeper is not None
    sweeper.join(timeout=20)
    assert len(held) == 0
    held.get(ORG, group())
    assert held._sweeper is not None
    assert held._sweeper is not sweeper


@pytest.mark.django_db(transaction=True)
def test_one_thread_loads_and_the_others_wait_and_see_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = keys_with_index()
    for number in range(20):
        save(keys, (UUID(int=number), row()))
    cache.drop_all()
    loads: list[int] = []
    parts_after = queries.parts_after

    def counted(org_id: UUID, group_id: UUID, seq: int) -> list[queries.Part]:
        loads.append(seq)
        return parts_after(org_id, group_id, seq)

    monkeypatch.setattr(queries, "parts_after", counted)
    totals: list[int] = []
    start = threading.Barrier(6)

    def request() -> None:
        start.wait()
        totals.append(reader.open_view(keys).list_cases().total)
        connection.close()

    threads = [threading.Thread(target=request) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(loads), totals) == (1, [20] * 6)


@pytest.mark.django_db(transaction=True)
def test_readers_and_a_writer_in_threads_never_see_half_a_save() -> None:
    keys = keys_with_index()
    save(keys, *((UUID(int=case), row(ref="0")) for case in range(4)))
    stop = threading.Event()
    wrong: list[object] = []

    def read() -> None:
        while not stop.is_set():
            view = reader.open_view(keys)
            with view._groups[0].lock:
                seen = {found.ref for _, found in view.all_rows()}
            if len(seen) != 1:
                wrong.append(seen)
        connection.close()

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for number in range(1, 80):
            save(keys, *((UUID(int=case), row(ref=str(number))) for case in range(4)))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert wrong == []
    assert {found.ref for _, found in reader.open_view(keys).all_rows()} == {"79"}


_opened: list[tuple[str, str]] | None = None


def _listen(event: str, args: tuple[object, ...]) -> None:
    if _opened is not None and event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+"):
        _opened.append((str(args[0]), args[1]))


@pytest.fixture
def written() -> Iterator[list[tuple[str, str]]]:
    """Files that this process opens for writing from here on. An audit hook cannot be taken out, so it is silenced."""
    global _opened
    if _listen not in _hooks:
        sys.addaudithook(_listen)
        _hooks.append(_listen)
    _opened = []
    yield _opened
    _opened = None


_hooks: list[object] = []


@pytest.mark.django_db(transaction=True)
def test_nothing_of_an_index_is_written_to_a_file(written: list[tuple[str, str]], tmp_path: Path) -> None:
    keys = keys_with_index()
    for number in range(17):
        save(keys, (UUID(int=number), row("Fatima Karimi")))
    cache.drop_all()
    assert len(reader.open_view(keys).search_cases("karimi")) == 17
    assert written == []
    (tmp_path / "control").write_text("the listener hears")
    assert [Path(name).name for name, _ in written] == ["control"]
