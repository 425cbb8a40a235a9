"""Attacks on one case: rows of the database put back to an earlier state, and damaged. HTTP, SQL, command line only.

    python -m tests.proofs.put_back PATH/OF/caseapp

prints what each attack did to the program of that commit; exits 1 if one succeeded.
"""

import re
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from caseapp.tools.pytest_plugin import running_stack
from tests.helpers.visitor import Answer
from tests.proofs.attacked_office import AttackedOffice, Team, attacked_office, post, variables_of

BRIEF = "Brief about the ferry at Kasenyi"
CLIENTS = (
    "Tuyisenge Nshimirimana",
    "Yadira Montufar",
    "Farhod Rahmatov",
    "Oluchi Eze-Nwankwo",
    "Sopheap Keovong",
    "Bekzod Tursunov",
    "Marisela Xicay",
)  # fictional
DUE = date.today() + timedelta(days=9)
CASE_TABLES = ("vault_record", "vault_case", "vault_past")
LIST_TABLES = ("index_part", "index_head")
WARNED = re.compile(
    r"Rows of the database were put back|does not open|is being rebuilt|was not compared|is missing"
    r"|rows of the database were put back"
)
LISTS = ("/", "/cases/", f"/calendar/agenda/{DUE - timedelta(days=2)}/")


@dataclass(frozen=True)
class Kept:
    """Rows of one table with the same value in one column, as they were."""

    table: str
    column: str
    value: UUID
    rows: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Outcome:
    """What an attack did. `harm` says what the people of the office lost without a warning; empty if nothing."""

    attack: str
    harm: tuple[str, ...]

    @property
    def has_succeeded(self) -> bool:
        return bool(self.harm)


class Thief:
    """A writer into the database, as its superuser: no row is hidden, no trigger stops him."""

    def __init__(self, office: AttackedOffice) -> None:
        self.office = office

    @contextmanager
    def _connect(self) -> Generator["psycopg.Connection[Any]"]:
        with psycopg.connect(self.office.database, autocommit=True) as database:
            database.execute("SET session_replication_role = replica")
            yield database

    def keep(self, column: str, value: UUID, *tables: str) -> tuple[Kept, ...]:
        """Copy the rows of these tables."""
        kept = []
        with self._connect() as database:
            for table in tables:
                query = sql.SQL("SELECT * FROM {} WHERE {} = %s").format(sql.Identifier(table), sql.Identifier(column))
                cursor = database.execute(query, [value])
                names = [part.name for part in cursor.description or ()]
                rows = tuple(dict(zip(names, row, strict=True)) for row in cursor)
                kept.append(Kept(table, column, value, rows))
        return tuple(kept)

    def put_back(self, kept: Sequence[Kept]) -> None:
        """Delete what the tables have now and insert the kept rows."""
        with self._connect() as database, database.transaction():
            for group in kept:
                table, column = sql.Identifier(group.table), sql.Identifier(group.column)
                database.execute(sql.SQL("DELETE FROM {} WHERE {} = %s").format(table, column), [group.value])
                for row in group.rows:
                    names = sql.SQL(", ").join(map(sql.Identifier, row))
                    places = sql.SQL(", ").join(sql.Placeholder() * len(row))
                    insert = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(table, names, places)
                    database.execute(insert, list(row.values()))

    def flip_byte(self, group_id: UUID) -> None:
        """Flip one byte of the newest part of a group's list."""
        with self._connect() as database:
            database.execute(
                "UPDATE index_part SET sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1) WHERE group_id = %s"
                " AND chunk = 0 AND hi = (SELECT max(hi) FROM index_part p WHERE p.group_id = index_part.group_id)",
                [group_id],
            )

    def offices_directory(self) -> tuple[Kept, ...]:
        """Copy the signed list of the office's people: the one roster that has no group of cases."""
        with self._connect() as database:
            query = (
                "SELECT group_id FROM accounts_roster r WHERE NOT EXISTS"
                " (SELECT 1 FROM index_head h WHERE h.group_id = r.group_id) ORDER BY length(sealed) DESC LIMIT 1"
            )
            [(group_id,)] = database.execute(query).fetchall()
        return self.keep("group_id", group_id, "accounts_roster")


class Attack:
    """The attacks, each on a team of its own with one case, which gets a fatal deadline after the rows were copied."""

    def __init__(self, office: AttackedOffice) -> None:
        self.office, self.thief = office, Thief(office)
        self.teams: list[Team] = []

    @contextmanager
    def run(self) -> Generator[list[Outcome]]:
        """Run every attack and yield what each did, on the running program.

        Before the last two the program starts again, so that its memory is empty.
        """
        outcomes = [
            self._put_back("the whole case", self._case),
            self._put_back("the head of a case", lambda team: self.thief.keep("id", team.case_id, "vault_record")),
            self._put_back("the list of a team", self._list),
            self._put_back("a case and its list", lambda team: (*self._case(team), *self._list(team))),
        ]
        flipped, _ = self._prepare(lambda _team: ())
        covered, kept = self._prepare(self._case)
        outcomes.append(self._put_back_people())
        self.thief.put_back(kept)
        self.thief.flip_byte(flipped.id)
        self.thief.flip_byte(covered.id)
        with _started_again(self.office):
            outcomes.append(Outcome("a flipped byte in a list", self._harm_of_damage(flipped)))
            outcomes.append(Outcome("a case put back under a flipped byte", self._harm(covered)))
            yield outcomes

    def _case(self, team: Team) -> tuple[Kept, ...]:
        return self.thief.keep("case_id", team.case_id, *CASE_TABLES)

    def _list(self, team: Team) -> tuple[Kept, ...]:
        return self.thief.keep("group_id", team.id, *LIST_TABLES)

    def _prepare(self, keeps: Callable[[Team], Sequence[Kept]]) -> tuple[Team, Sequence[Kept]]:
        """Make a team with a case, copy rows, then add a fatal deadline."""
        number = len(self.teams)
        team = self.office.make_team(f"Team {number}", CLIENTS[number], with_ben=False)
        self.teams.append(team)
        kept = keeps(team)
        due = {"due_on_day": str(DUE.day), "due_on_month": str(DUE.month), "due_on_year": str(DUE.year)}
        fields = {"what": BRIEF, "severity": "fatal", "reason": "briefing schedule", **due}
        post(self.office.ana, f"{team.path}deadlines/new/", fields)
        assert BRIEF in self.office.ana.get(team.path).text
        return team, kept

    def _put_back(self, attack: str, keeps: Callable[[Team], Sequence[Kept]]) -> Outcome:
        team, kept = self._prepare(keeps)
        self.thief.put_back(kept)
        return Outcome(f"put back: {attack}", self._harm(team))

    def _harm(self, team: Team) -> tuple[str, ...]:
        """Look at the case as its lead, and try to save a note in it."""
        page = self.office.ana.get(team.path)
        harm = []
        if page.status == 500:
            harm.append("its page fails with an error of the program")
        if not is_warning(page):
            lost = BRIEF not in page.text
            harm.append("its page has no fatal deadline and no warning" if lost else "its page has no warning")
        if self.save_note(team) == 303:
            harm.append("a note was saved over it")
        return tuple(harm)

    def _harm_of_damage(self, team: Team) -> tuple[str, ...]:
        """Look at the pages that read lists, until what is damaged is rebuilt."""
        harm = [f"{path} answers {status}" for path in LISTS if (status := self.office.ana.get(path).status) != 200]
        for _ in range(20):
            self.office.ana.get("/")
            if not is_warning(self.office.ana.get("/cases/")):
                break
        if BRIEF not in self.office.ana.get(LISTS[2]).text:
            harm.append("the fatal deadline is not on the calendar again")
        return tuple(harm)

    def _put_back_people(self) -> Outcome:
        """Put the list of people back to the time before Ben was removed."""
        team, _ = self._prepare(lambda _team: ())
        kept = self.thief.offices_directory()
        self.office.remove_ben()
        self.office.ana.get("/")
        newest = self.thief.offices_directory()
        self.thief.put_back(kept)
        harm = [f"{path} has no warning" for path in LISTS if not is_warning(self.office.ana.get(path))]
        if self.save_note(team) == 303:
            harm.append("a note was saved")
        self.thief.put_back(newest)
        return Outcome("put back: the list of people", tuple(harm))

    def save_note(self, team: Team) -> int:
        """Send a note and return the status."""
        fields = {"text": "Phoned.", "told_by": "", "kind": "note"}
        return self.office.ana.post(f"{team.path}notes/new/", fields).status


def is_warning(page: Answer) -> bool:
    return WARNED.search(page.text) is not None


@contextmanager
def _started_again(office: AttackedOffice) -> Generator[None]:
    """Stop the program and start it again on the same data, as after an update."""
    office.stack.stop()
    with running_stack(office.stack.root, **variables_of(office.box)) as office.stack:
        for visitor in (office.ana, office.cora, office.ben, office.vera):
            visitor.port = int(office.stack.read_state()["ports"]["web"])
        yield


def main() -> int:
    """Print what each attack did to the program of the command line. Return 1 if one succeeded."""
    with attacked_office(sys.argv[1]) as office, Attack(office).run() as outcomes:
        for outcome in outcomes:
            result = "SUCCEEDED" if outcome.has_succeeded else "noticed"
            print(f"{result:9}  {outcome.attack}: {'; '.join(outcome.harm) or 'shown, and nothing saved over it'}")
    return int(any(outcome.has_succeeded for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
