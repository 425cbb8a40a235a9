"""`caseapp bench conflicts`: 20 conflict checks over the sealed index, and pg_trgm on the same people in plaintext.

100,000 cases with one client and three related people each. Half of the checks give the birth year or a number, half
the name alone; each name is misspelt, transliterated or in another order. Ours is what an officer's session does: parts
are opened and read into memory once (the last figure), then each check is compared. The peer is a table of the same
people with a trigram index, asked for the 15 most similar names. Both are asked in turn; p95 is over all rounds.
"""

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
from django.db import transaction

from caseapp.conflicts.services import matching
from caseapp.conflicts.services.content import AskedPerson
from caseapp.index.conflicts import memory, store
from caseapp.index.conflicts.memory import ConflictIndex
from caseapp.index.conflicts.rows import ConflictEntry, ConflictPerson
from caseapp.index.conflicts.store import PublicKey
from caseapp.tools.bench.conflict_checks.checked_people import Check, fictional_checks, fictional_people
from caseapp.tools.bench.conflict_checks.plain_server import trigram_server
from caseapp.vault.core import hybrid, primitives
from caseapp.vault.core.keyring import CONFLICT, GroupKey

CASES = 100_000
IN_A_PART = 2_000  # cases of one stored part, as after merges
ROUNDS = 3
SHOWN = matching.MAX_MATCHES
GOAL = 0.98  # recall with an identifying fact
GOAL_BY_NAME = 0.95  # recall by name alone, of names in Latin letters
PEER = "pg_trgm on plaintext, GIN"


@dataclass
class _Side:
    """What one side did: whether it found each check's person, the milliseconds, and the most candidates of a check."""

    is_hit: dict[int, bool] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)
    most: int = 0

    def recall(self, checks: Sequence[Check], *, has_fact: bool, only_latin: bool = False) -> float:
        """Return the share of the checks of this half whose person was among the candidates."""
        chosen = [
            number
            for number, check in enumerate(checks)
            if check.has_fact == has_fact and (check.is_latin or not only_latin)
        ]
        return sum(self.is_hit[number] for number in chosen) / len(chosen)

    @property
    def p95(self) -> float:
        """Return the 95th percentile of the milliseconds."""
        return statistics.quantiles(self.times, n=20)[-1]


def run() -> list[dict[str, object]]:
    """Return the figures. Needs Django set up, the database, and a PostgreSQL with pg_trgm for the peer."""
    people = fictional_people(CASES)
    checks = fictional_checks(people)
    with trigram_server() as connection, transaction.atomic():
        _fill_peer(connection, people)
        index, seconds = _load_ours(people)
        ours, peer = _compare(index, connection, checks)
        transaction.set_rollback(True)
    memory.drop_all()
    return _figures(checks, ours, peer, seconds)


def _figures(checks: Sequence[Check], ours: _Side, peer: _Side, seconds: float) -> list[dict[str, object]]:
    with_fact = ours.recall(checks, has_fact=True), peer.recall(checks, has_fact=True)
    alone = ours.recall(checks, has_fact=False), peer.recall(checks, has_fact=False)
    latin = tuple(side.recall(checks, has_fact=False, only_latin=True) for side in (ours, peer))
    is_as_good, is_as_fast = alone[0] >= alone[1], ours.p95 <= peer.p95
    return [
        _figure("recall with a birth year or number", *with_fact, goal=GOAL, is_met=with_fact[0] >= GOAL),
        _figure("recall by name alone", *alone, goal=alone[1], is_met=is_as_good),
        _figure("recall by name alone, Latin", *latin, goal=GOAL_BY_NAME, is_met=latin[0] >= GOAL_BY_NAME),
        _figure(
            "most candidates of a name", ours.most, peer.most, goal=SHOWN, is_met=ours.most <= SHOWN, unit="people"
        ),
        _figure("one check, p95", ours.p95, peer.p95, goal=1.0, is_met=is_as_fast, unit="ms"),
        _figure("opening the sealed index once", seconds, seconds, goal=1.0, is_met=True, unit="s"),
    ]


def _figure(
    name: str, ours: float, peer: float, *, goal: float, is_met: bool, unit: str = "share"
) -> dict[str, object]:
    return {
        "name": name,
        "unit": unit,
        "better": "higher" if unit == "share" else "lower",
        "ours": round(ours, 3),
        "peer": round(peer, 3),
        "peer_name": "itself" if unit == "s" else PEER,
        "ratio": round(ours / peer, 3) if peer else 0.0,
        "goal": round(goal, 3),
        "met": is_met,
    }


def _load_ours(people: Sequence[tuple[bytes, tuple[ConflictPerson, ...]]]) -> tuple[ConflictIndex, float]:
    """Store the people as sealed parts, and open them as an officer's session does. Return the seconds of opening."""
    org = UUID(bytes=primitives.random_bytes(16), version=4)
    pair = hybrid.new_key_pair()
    key = GroupKey(
        group=UUID(bytes=primitives.random_bytes(16), version=4),
        epoch=1,
        key=primitives.new_key(),
        hpke_private=pair.private,
        kind=CONFLICT,
    )
    public = PublicKey(key.group, 1, pair.public)
    for start in range(0, len(people), IN_A_PART):
        entries = [ConflictEntry(case_id, 1, listed) for case_id, listed in people[start : start + IN_A_PART]]
        store.add_entries(org, public, entries)
    began = time.perf_counter()
    index = memory.load(org, (key,))
    return index, time.perf_counter() - began


def _fill_peer(
    connection: "psycopg.Connection[Any]", people: Sequence[tuple[bytes, tuple[ConflictPerson, ...]]]
) -> None:
    connection.execute("CREATE TABLE bench_person (case_id bytea, name text, year int, a_number text)")
    with connection.cursor().copy("COPY bench_person FROM STDIN WITH (FORMAT binary)") as copy:
        copy.set_types(["bytea", "text", "int4", "text"])
        for case_id, listed in people:
            for person in listed:
                for name in person.names:
                    copy.write_row((case_id, name.lower(), person.year, person.a_number))
    connection.execute("CREATE INDEX ON bench_person USING gin (name gin_trgm_ops)")
    connection.execute("CREATE INDEX ON bench_person (a_number)")
    connection.execute("ANALYZE bench_person")


def _compare(
    index: ConflictIndex, connection: "psycopg.Connection[Any]", checks: Sequence[Check]
) -> tuple[_Side, _Side]:
    ours, peer = _Side(), _Side()
    gc.collect()
    gc.freeze()
    try:
        for round_number in range(ROUNDS + 1):
            for number, check in enumerate(checks):
                _time_check(ours, number, check, round_number, partial(_ask_ours, index, check.asked))
                _time_check(peer, number, check, round_number, partial(_ask_peer, connection, check.asked))
    finally:
        gc.unfreeze()
    return ours, peer


def _time_check(side: _Side, number: int, check: Check, round_number: int, ask: Callable[[], list[bytes]]) -> None:
    start = time.perf_counter()
    cases = ask()
    taken = (time.perf_counter() - start) * 1000
    if round_number:  # the first round warms both up
        side.times.append(taken)
    side.is_hit[number] = check.case_id in cases
    side.most = max(side.most, len(cases))


def _ask_ours(index: ConflictIndex, asked: AskedPerson) -> list[bytes]:
    return [match.case_id.bytes for match in matching.find_matches(index, asked)]


_BY_NAME = (
    "SELECT case_id FROM bench_person WHERE name %% %(name)s AND (%(year)s = 0 OR year = %(year)s)"
    " ORDER BY similarity(name, %(name)s) DESC LIMIT %(limit)s"
)
_BY_NUMBER = "SELECT case_id FROM bench_person WHERE a_number = %(a_number)s LIMIT %(limit)s"


def _ask_peer(connection: "psycopg.Connection[Any]", asked: AskedPerson) -> list[bytes]:
    values = {
        "name": asked.names[0].lower(),
        "year": int(asked.born or 0),
        "a_number": asked.a_number,
        "limit": SHOWN,
    }
    by_number = connection.execute(_BY_NUMBER, values).fetchall() if asked.a_number else []
    return [bytes(row[0]) for row in (*by_number, *connection.execute(_BY_NAME, values).fetchall())][:SHOWN]
