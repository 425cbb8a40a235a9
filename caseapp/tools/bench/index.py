"""`caseapp bench index`: the sealed index against a plaintext Django table of the same cases in the same database.

Both contain 20,000 fictional cases and are measured in turn, one call each; the figures are medians. The twin's tables
are created and dropped here, so the database role must be the owner. Whole pages and saves: `bench pages`.
"""

import datetime as dt
import gc
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar, TypedDict
from uuid import UUID

from django.db import connection, models

from caseapp.accounts.keys.staff import Keys
from caseapp.index import cache, reader, store
from caseapp.index.models import IndexHead, IndexPart
from caseapp.index.rows import CaseRow, DeadlineRow, HearingRow
from caseapp.lib import clock
from caseapp.tools.bench.fictional_cases import fictional_cases
from caseapp.vault.core import primitives
from caseapp.vault.core.keyring import GroupKey, Keyring
from caseapp.vault.tenancy import office_transaction

CASES = 20_000
BATCH = 200
QUERIES = (
    "Karimi",
    "maria lopez",
    "Tesfaye",
    "nguyen van",
    "olena",
    "garcia",
    "hernan",
    "Ixchel",
    "mohamed",
    "kovalen",
)


class BenchFigure(TypedDict):
    """One line of `caseapp bench --json`; `ratio` = ours/peer, `goal` = the highest ratio that is good enough."""

    name: str
    unit: str
    better: str
    ours: float
    peer: float
    peer_name: str
    ratio: float
    goal: float
    met: bool


class PlainCase(models.Model):
    """A case as a tracker without a vault stores it."""

    objects: ClassVar[models.Manager["PlainCase"]] = models.Manager()
    id = models.UUIDField(primary_key=True)
    ref = models.CharField(max_length=8, db_index=True)
    stage = models.CharField(max_length=20, db_index=True)
    name = models.CharField(max_length=200, db_index=True)
    other_name = models.CharField(max_length=200)
    a_number = models.CharField(max_length=9, db_index=True)
    born = models.DateField(null=True)
    languages = models.CharField(max_length=200)
    relief = models.CharField(max_length=200)
    lead = models.UUIDField(db_index=True)
    detained = models.BooleanField()
    opened_on = models.DateField()
    last_contact_on = models.DateField()

    class Meta:
        app_label = "index"
        managed = False
        db_table = "bench_plain_case"

    def __str__(self) -> str:
        return f"twin {self.pk}"


class PlainHearing(models.Model):
    """A hearing in plaintext."""

    objects: ClassVar[models.Manager["PlainHearing"]] = models.Manager()
    id = models.UUIDField(primary_key=True)
    case = models.ForeignKey(PlainCase, models.CASCADE)
    starts_at = models.DateTimeField(db_index=True)
    kind = models.CharField(max_length=20)
    court = models.CharField(max_length=100)
    room = models.CharField(max_length=20)
    goes = models.UUIDField(null=True)

    class Meta:
        app_label = "index"
        managed = False
        db_table = "bench_plain_hearing"

    def __str__(self) -> str:
        return f"twin hearing {self.pk}"


class PlainDeadline(models.Model):
    """A deadline in plaintext."""

    objects: ClassVar[models.Manager["PlainDeadline"]] = models.Manager()
    id = models.UUIDField(primary_key=True)
    case = models.ForeignKey(PlainCase, models.CASCADE)
    what = models.CharField(max_length=100)
    severity = models.CharField(max_length=10)
    act_by = models.DateField(db_index=True)
    owner = models.UUIDField(db_index=True)

    class Meta:
        app_label = "index"
        managed = False
        db_table = "bench_plain_deadline"

    def __str__(self) -> str:
        return f"twin deadline {self.pk}"


TWIN_TABLES: tuple[type[models.Model], ...] = (PlainCase, PlainHearing, PlainDeadline)


@dataclass(frozen=True)
class IndexBench:
    """Both sides, filled with the same cases."""

    keys: Keys
    cases: dict[UUID, CaseRow]
    me: UUID
    now: dt.datetime

    @property
    def group(self) -> UUID:
        """Return the only group."""
        return self.keys.groups[0].group


def run() -> list[BenchFigure]:
    """Fill both sides, measure in turn, clean up. Needs Django set up and the database reachable as its owner."""
    with _filled_bench() as bench:
        return [
            _make_figure(
                f"cold open of {CASES:,} cases",
                *_measure_in_turn(_cold_open(bench), lambda _: _twin_open(), 7),
                peer="Django ORM, all case rows read",
                goal=1.0,
            ),
            _make_figure(
                "cold open and first search",
                *_measure_in_turn(_cold_open(bench, "Karimi"), _twin_open_and_search, 5),
                peer="Django ORM, all case rows read and one icontains search",
                goal=2.0,
            ),
            _make_figure(
                "search by name, p50",
                *_measure_in_turn(_search_by_name(bench), _twin_search, 100),
                peer="Django ORM, icontains a word, no trigrams",
                goal=1.0,
            ),
            _make_figure(
                "search by number, p50",
                *_measure_in_turn(_search_by_number(bench), _twin_number(bench), 100),
                peer="Django ORM, equality on an indexed column",
                goal=2.0,
            ),
        ]


def _make_figure(name: str, ours: float, peer_time: float, *, peer: str, goal: float) -> BenchFigure:
    ratio = round(ours / peer_time, 3)
    return BenchFigure(
        name=name,
        unit="ms",
        better="lower",
        ours=round(ours, 3),
        peer=round(peer_time, 3),
        peer_name=peer,
        ratio=ratio,
        goal=goal,
        met=ratio <= goal,
    )


def _measure_in_turn(ours: Callable[[int], object], peer: Callable[[int], object], rounds: int) -> tuple[float, float]:
    """Return median milliseconds of both, called in turn; the first round warms up and is not counted."""
    times: tuple[list[float], list[float]] = ([], [])
    gc.collect()
    for number in range(rounds + 1):
        for side, call in zip(times, (ours, peer), strict=True):
            start = time.perf_counter()
            call(number)
            side.append((time.perf_counter() - start) * 1000)
    return statistics.median(times[0][1:]), statistics.median(times[1][1:])


def _cold_open(bench: IndexBench, query: str = "") -> Callable[[int], object]:
    def once(_: int) -> None:
        cache.drop_all()
        view = reader.open_view(bench.keys)
        if query:
            view.search_cases(query)

    return once


def _twin_open() -> list[PlainCase]:
    return list(PlainCase.objects.all())


def _twin_open_and_search(number: int) -> object:
    return _twin_open(), _twin_search(number)


def _search_by_name(bench: IndexBench) -> Callable[[int], object]:
    reader.open_view(bench.keys).search_cases("warm")
    return lambda number: reader.open_view(bench.keys).search_cases(QUERIES[number % len(QUERIES)])


def _twin_search(number: int) -> list[PlainCase]:
    matches = PlainCase.objects.all()
    for word in QUERIES[number % len(QUERIES)].split():
        matches = matches.filter(models.Q(name__icontains=word) | models.Q(other_name__icontains=word))
    return list(matches.order_by("ref")[:20])


def _search_by_number(bench: IndexBench) -> Callable[[int], object]:
    return lambda number: reader.open_view(bench.keys).search_cases(f"A{number * 97:09}")


def _twin_number(bench: IndexBench) -> Callable[[int], object]:
    return lambda number: list(PlainCase.objects.filter(a_number=f"{number * 97:09}")[:20])


@contextmanager
def _filled_bench() -> Iterator[IndexBench]:
    """Fill both sides with the same cases; remove everything at the end."""
    group = GroupKey(group=UUID(bytes=primitives.random_bytes(16), version=4), epoch=1, key=primitives.new_key())
    keyring = Keyring(hpke_private=b"", sign_private=b"", org_root_public=b"", groups=(group,))
    org, me = (UUID(bytes=primitives.random_bytes(16), version=4) for _ in range(2))
    bench = IndexBench(Keys(org, me, b"", keyring), dict(fictional_cases(CASES, me)), me, clock.now())
    with connection.schema_editor() as editor:
        for twin in TWIN_TABLES:
            editor.create_model(twin)
    try:
        _fill_tables(bench)
        yield bench
    finally:
        with connection.schema_editor() as editor:
            for twin in reversed(TWIN_TABLES):
                editor.delete_model(twin)
        with office_transaction(org):
            IndexPart.objects.filter(org_id=org).delete()
            IndexHead.objects.filter(org_id=org).delete()
        cache.drop_all()


def _fill_tables(bench: IndexBench) -> None:
    store.create(bench.keys.org_id, bench.group, 1)
    cases = list(bench.cases.items())
    for start in range(0, len(cases), BATCH):
        store.save(bench.keys, {bench.group: cases[start : start + BATCH]})
    hearings = [_twin_hearing(case_id, hearing) for case_id, row in cases for hearing in row.hearings]
    deadlines = [_twin_deadline(case_id, deadline) for case_id, row in cases for deadline in row.deadlines]
    PlainCase.objects.bulk_create([_twin_case(case_id, row) for case_id, row in cases], BATCH)
    PlainHearing.objects.bulk_create(hearings, BATCH)
    PlainDeadline.objects.bulk_create(deadlines, BATCH)
    with connection.cursor() as cursor:
        for table in ("index_part", "index_head", *(twin._meta.db_table for twin in TWIN_TABLES)):
            cursor.execute(f"ANALYZE {table}")


def _twin_case(case_id: UUID, row: CaseRow) -> PlainCase:
    return PlainCase(
        id=case_id,
        ref=row.ref,
        stage=row.stage,
        name=row.names[0][0],
        other_name=row.names[1][0],
        a_number=row.a_numbers[0],
        born=row.born,
        languages=",".join(row.languages),
        relief=",".join(row.relief),
        lead=row.lead,
        detained=row.detained,
        opened_on=row.opened_on,
        last_contact_on=row.last_contact_on,
    )


def _twin_hearing(case_id: UUID, h: HearingRow) -> PlainHearing:
    return PlainHearing(
        id=h.id, case_id=case_id, starts_at=h.starts_at, kind=h.kind, court=h.court, room=h.room, goes=h.goes
    )


def _twin_deadline(case_id: UUID, d: DeadlineRow) -> PlainDeadline:
    return PlainDeadline(id=d.id, case_id=case_id, what=d.what, severity=d.severity, act_by=d.act_by, owner=d.owner)
