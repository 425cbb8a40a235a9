"""`caseapp bench search`: names in other spellings over the sealed index, and pg_trgm on the same names in plaintext.

Fictional people of some twenty languages; each search is a name in another Latin spelling, order or division, or in its
own script. Ours is what the search page does: the view of a member over sealed rows, the first 20 cases. The peer is a
table of the same names, lower case and without accents, with a trigram index, asked for the ten most similar. Both are
asked in turn. A hit is the stored name among the first ten (recall@10) or in the first place (recall@1).

Each side must also find names that are typed as they are stored: otherwise the bench fails with SearchFindsNothing.
"""

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import psycopg
from django.db import connection
from msgspec.structs import replace

from caseapp.accounts.keys.staff import Keys
from caseapp.index import cache, reader, store
from caseapp.index.models import IndexHead, IndexPart
from caseapp.search.pages import MAX_RESULTS
from caseapp.tools.bench.conflict_checks.plain_server import trigram_server
from caseapp.tools.bench.fictional_cases import fictional_cases
from caseapp.tools.bench.search_names.names import DEVELOPMENT, HELD_OUT, read_names
from caseapp.tools.bench.search_names.people import LATIN, OWN, Search, Yardstick, make_yardstick
from caseapp.vault.core import primitives
from caseapp.vault.core.keyring import GroupKey, Keyring
from caseapp.vault.tenancy import office_transaction

SMALLER = 20_000  # names
LARGER = 100_000  # names
SEARCHES = 500  # of each sort
CONTROLS = 40  # names that are typed as they are stored
BATCH = 1_000
TOP = 10
PEER = "pg_trgm on plaintext, GIN"
SMALLER_GOALS: Final = (0.97, 0.87)  # recall@10 and recall@1 of Latin spellings
LARGER_GOALS: Final = (0.95, 0.82)
OWN_GOAL: Final = 0.85


class SearchFindsNothing(Exception):
    """A side did not find names that were typed as they are stored: its figures would say nothing."""


@dataclass
class SideFigures:
    """What one side did: the rank of each wanted name (None: not among the first ten), and the milliseconds."""

    ranks: dict[str, list[int | None]] = field(default_factory=lambda: {LATIN: [], OWN: []})
    times: list[float] = field(default_factory=list)

    def recall(self, sort: str, first: int = TOP) -> float:
        """Return the share of the searches of a sort whose name was among the `first` results."""
        ranks = self.ranks[sort]
        return sum(rank is not None and rank < first for rank in ranks) / len(ranks)

    @property
    def p95(self) -> float:
        """Return the 95th percentile of the milliseconds."""
        return statistics.quantiles(self.times, n=20)[-1]


Find = Callable[[str], list[str]]


def run(held_out: bool = False) -> list[dict[str, object]]:
    """Return the figures. Needs Django set up, the database, and a PostgreSQL with pg_trgm for the peer.

    held_out  use the names that search was not made better on
    Raises    SearchFindsNothing, OtherNames
    """
    names = read_names(HELD_OUT if held_out else DEVELOPMENT)
    figures: list[dict[str, object]] = []
    for count, goals in ((SMALLER, SMALLER_GOALS), (LARGER, LARGER_GOALS)):
        yardstick = make_yardstick(names, count, searches=SEARCHES)
        with trigram_server() as peer_connection, _sealed_names(yardstick.names) as find:
            _fill_peer(peer_connection, yardstick.names)
            ours, peer = _compare(yardstick, find, _peer_find(peer_connection))
        figures += _figures(count, goals, ours, peer)
    return figures


def _figures(
    count: int, goals: tuple[float, float], ours: SideFigures, peer: SideFigures
) -> Iterator[dict[str, object]]:
    shares = (
        (f"{LATIN}, recall@10", LATIN, TOP, goals[0]),
        (f"{LATIN}, recall@1", LATIN, 1, goals[1]),
        (f"{OWN}, recall@10", OWN, TOP, OWN_GOAL),
    )
    for name, sort, first, goal in shares:
        share = ours.recall(sort, first)
        figure = _figure(f"{name}, {count:,}", share, peer.recall(sort, first), goal=goal, is_met=share >= goal)
        yield figure | {"unit": "share", "better": "higher"}
    is_as_fast = ours.p95 <= peer.p95
    figure = _figure(f"a search, p95, {count:,}", ours.p95, peer.p95, goal=1.0, is_met=is_as_fast)
    yield figure | {"unit": "ms", "better": "lower"}


def _figure(name: str, ours: float, peer: float, *, goal: float, is_met: bool) -> dict[str, object]:
    return {
        "name": name,
        "ours": round(ours, 3),
        "peer": round(peer, 3),
        "peer_name": PEER,
        "ratio": round(ours / peer, 3) if peer else 0.0,
        "goal": goal,
        "met": is_met,
    }


@contextmanager
def _sealed_names(names: Sequence[str]) -> Iterator[Find]:
    """Seal a case for each name, and yield the search of the member who can open them all."""
    group = GroupKey(group=UUID(bytes=primitives.random_bytes(16), version=4), epoch=1, key=primitives.new_key())
    keyring = Keyring(hpke_private=b"", sign_private=b"", org_root_public=b"", groups=(group,))
    org, me = (UUID(bytes=primitives.random_bytes(16), version=4) for _ in range(2))
    keys = Keys(org, me, b"", keyring)
    try:
        _seal(keys, names)
        reader.open_readable_view(keys)  # cold, not timed here
        yield lambda text: [
            hit.row.names[0][0] for hit in reader.open_readable_view(keys).search_cases(text, MAX_RESULTS)
        ]
    finally:
        with office_transaction(org):
            IndexPart.objects.filter(org_id=org).delete()
            IndexHead.objects.filter(org_id=org).delete()
        cache.drop_all()


def _seal(keys: Keys, names: Sequence[str]) -> None:
    group = keys.groups[0].group
    store.create(keys.org_id, group, 1)
    batch = []
    for name, (case_id, row) in zip(names, fictional_cases(len(names), keys.member_id), strict=True):
        people = (replace(row.people[0], names=1),)
        batch.append((case_id, replace(row, names=((name, "lead"),), people=people)))
        if len(batch) == BATCH:
            store.save(keys, {group: batch})
            batch = []
    if batch:
        store.save(keys, {group: batch})
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE index_part")


def _fill_peer(peer: "psycopg.Connection[Any]", names: Sequence[str]) -> None:
    peer.execute("CREATE EXTENSION unaccent")
    peer.execute(
        "CREATE FUNCTION plain(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE"
        " AS $$ SELECT public.unaccent('public.unaccent', lower($1)) $$"
    )
    peer.execute("CREATE TABLE bench_name (name text, plain text GENERATED ALWAYS AS (plain(name)) STORED)")
    with peer.cursor().copy("COPY bench_name (name) FROM STDIN") as copy:
        for name in names:
            copy.write_row((name,))
    peer.execute("CREATE INDEX ON bench_name USING gin (plain gin_trgm_ops)")
    peer.execute("VACUUM ANALYZE bench_name")


_MOST_SIMILAR: Final = (
    "SELECT name FROM bench_name WHERE plain %% plain(%(text)s)"
    " ORDER BY similarity(plain, plain(%(text)s)) DESC, name LIMIT %(limit)s"
)


def _peer_find(peer: "psycopg.Connection[Any]") -> Find:
    def find(text: str) -> list[str]:
        return [row[0] for row in peer.execute(_MOST_SIMILAR, {"text": text, "limit": TOP}).fetchall()]

    return find


def _compare(yardstick: Yardstick, ours: Find, peer: Find) -> tuple[SideFigures, SideFigures]:
    """Ask both sides in turn. Raises SearchFindsNothing."""
    sides = ((ours, SideFigures(), "ours"), (peer, SideFigures(), "the peer"))
    for name in yardstick.names[:CONTROLS]:  # this also warms both up
        for find, _, side in sides:
            if side == "ours" or name.isascii():
                _check_control(find, name, side)
    gc.collect()
    gc.freeze()
    try:
        for sort, searches in yardstick.searches.items():
            for search in searches:
                for find, figures, _ in sides:
                    _time_search(find, figures, sort, search)
    finally:
        gc.unfreeze()
    return sides[0][1], sides[1][1]


def _check_control(find: Find, name: str, side: str) -> None:
    if name not in find(name)[:TOP]:
        raise SearchFindsNothing(f"{side}: a name that was typed as it is stored was not found.")


def _time_search(find: Find, figures: SideFigures, sort: str, search: Search) -> None:
    start = time.perf_counter()
    names = find(search.text)[:TOP]
    figures.times.append((time.perf_counter() - start) * 1000)
    figures.ranks[sort].append(names.index(search.wanted) if search.wanted in names else None)
