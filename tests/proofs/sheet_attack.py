"""An admin looks for enough recovery sheets to open what a colleague closed to her. HTTP, SQL and command line only.

    .venv/bin/python -m tests.proofs.sheet_attack                               # this checkout
    .venv/bin/python -m tests.proofs.sheet_attack OLDER/.venv/bin/caseapp

Ana set up the office and made a set when she was alone in it. Three people joined, Cora closed a case to all others,
and Ana makes a set for three holders. She keeps every answer she ever got, and a copy of the database. Exit code 1
when she has more than her own sheet of that set, or when the sheets of her first set open more keys than before Cora's
case.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape

import psycopg
from psycopg import sql
from shamir_mnemonic.wordlist import WORDLIST

from caseapp.tools import pytest_plugin
from caseapp.tools.pytest_plugin import CASEAPP
from caseapp.vault.core import shares
from caseapp.vault.errors import OpenFailed
from tests.helpers.visitor import Visitor
from tests.proofs.attacked_office import AttackedOffice, attacked_office, post

CLIENT = "Ioana Petrescu"  # fictional
PAGES = ("/", "/recovery/", "/recovery/sheet/", "/recovery/test/", "/trail/", "/team/", "/account/")
OPENED = re.compile(r"All ([\d,]+) keys of the office open")
KNOWN = frozenset(WORDLIST)


@dataclass(frozen=True)
class Outcome:
    """What the admin brought together.

    of_first_set   sheets of the set that she made alone; of_own_set  of the one that she made for three holders
    of_colleague   sheets that the answers to Cora have: a control, none of them Ana's
    keys_before    keys that her first set opens before Cora closed a case to her; keys_after  after it
    """

    of_first_set: int
    of_own_set: int
    of_colleague: int
    keys_before: int
    keys_after: int

    @property
    def harm(self) -> tuple[str, ...]:
        """Return what she can open that is not hers; empty if nothing."""
        harm = []
        if self.of_own_set > 1:
            harm.append(f"she has {self.of_own_set} sheets of the set that she made for three holders")
        if self.keys_after > self.keys_before:
            more = self.keys_after - self.keys_before
            harm.append(f"the sheets of her first set open {more} more keys since a case was closed to her")
        return tuple(harm)


def sheets_in(text: str) -> set[str]:
    """Return every sheet in a text: 33 words of the list in a row that fit their checksum."""
    tokens = [token.lower() for token in re.findall(r"[A-Za-z]+|\d+", unescape(re.sub(r"<[^>]*>", " ", text)))]
    words = [token for token in tokens if not token.isdigit()]
    found = set()
    for start in range(len(words) - shares.SHEET_WORDS + 1):
        window = words[start : start + shares.SHEET_WORDS]
        if all(word in KNOWN for word in window):
            try:
                shares.commit_to_sheet(" ".join(window))
            except OpenFailed:
                continue
            found.add(" ".join(window))
    return found


def play(office: AttackedOffice) -> Outcome:
    """Let Ana make a set for three holders, and return what she brought together."""
    ana, cora = office.ana, office.cora
    first = _sheets_in_all(ana.answers)
    team = office.make_team("Team of the sheets", "Pham Thi Hoa", with_ben=False)
    before = _count_opened_keys(office, first)
    closed = cora.new_case(CLIENT, group=str(team.id))
    assert ana.get(closed).status == 200
    post(cora, f"{closed}access/", {"act": "wall"})
    assert ana.get(closed).status == 404
    cora.get("/")
    after = _count_opened_keys(office, first)
    collected = set(_own_sheets(ana))
    ana.post("/recovery/", {"act": "make", "scheme": "2-3", "holders": _choose_holders(office)})
    theirs = {cora.collect_sheet(sheet) for sheet in _own_sheets(cora)}
    for sheet in set(_own_sheets(ana)) - collected:
        ana.collect_sheet(sheet)
    for path in PAGES:
        ana.get(path)
    own = (_sheets_in_all(ana.answers) | _sheets_in_all(_texts_of_database(office))) - first
    return Outcome(len(first), len(own), len(theirs - own), before, after)


def _choose_holders(office: AttackedOffice) -> list[str]:
    """Return Ana, Cora and Ben, where the page asks for holders; Ana is the one who did not join."""
    offered = re.findall(r'name="holders" value="([0-9a-f-]{36})"', office.ana.get("/recovery/").text)
    joined = {str(member): name for name, member in office.members.items()}
    return [member for member in offered if joined.get(member) != "Vera Lind"]


def _own_sheets(visitor: Visitor) -> list[str]:
    """Return the ids of a member's own sheets; a program that has no such page shows none."""
    return re.findall(r'id="sheet-([0-9a-f-]{36})"', visitor.get("/recovery/sheet/").text)


def _sheets_in_all(texts: Iterable[str]) -> set[str]:
    return set().union(*map(sheets_in, texts))


def _count_opened_keys(office: AttackedOffice, sheets: Iterable[str]) -> int:
    """Return how many keys of the office these sheets open, as the program's own command says."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(office.ana.get("/recovery/test/").text)
        file.flush()
        command = [office.program, "recover", "test", file.name]
        environment, typed = pytest_plugin.bare_environment(office.stack.root), "\n".join([*sorted(sheets), ""])
        done = subprocess.run(
            command, env=environment, input=typed, capture_output=True, text=True, timeout=60, check=False
        )
    opened = OPENED.search(done.stdout)
    return int(opened[1].replace(",", "")) if opened else 0


def _texts_of_database(office: AttackedOffice) -> Iterator[str]:
    """Yield every text and every run of bytes of every table, as text."""
    with psycopg.connect(office.database) as database:
        tables = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            for row in database.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))):
                yield from (value for value in row if isinstance(value, str))
                yield from (bytes(value).decode(errors="replace") for value in row if isinstance(value, bytes))


def main(arguments: list[str]) -> int:
    """Print what the admin brought together. Return 1 when she can open what is not hers."""
    with attacked_office(arguments[0] if arguments else CASEAPP) as office:
        outcome = play(office)
    print(outcome)
    for line in outcome.harm:
        print(f"SUCCEEDED: {line}")
    if not outcome.harm:
        print("refused")
    return int(bool(outcome.harm))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
