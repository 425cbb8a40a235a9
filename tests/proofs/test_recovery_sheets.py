"""The admin who makes a recovery set tries to bring enough sheets together, with all he sees, stores and copies.

Ana made the set and keeps one of its sheets. She has every answer that her sessions ever got, a dump after each step,
every secret of the server, and her whole keyring. Ben has a wall that she is not in.
"""

import gc
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client

from caseapp.accounts.directory import escrow, escrow_rows, groups
from caseapp.accounts.directory.escrow_rows import EscrowRow
from caseapp.vault.core import hybrid, shares
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import OpenFailed
from tests.helpers import cast
from tests.helpers.attacker import Sealed, keys_from, opened
from tests.helpers.two_offices import Worker
from tests.helpers.visitor import words_of_sheet
from tests.proofs.seizure import Dump, take
from tests.proofs.sheet_attack import sheets_in
from tests.team.test_members import member

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("frozen")]
LENGTH = shares.SHEET_WORDS
SHEETS = re.compile(r'id="sheet-([0-9a-f-]{36})"')
HALF = re.compile(r"[0-9a-f]{32}")  # file name: the owner
OWN, SET = "/recovery/sheet/", "/recovery/"


@dataclass
class Recorder:
    """A browser that keeps every answer."""

    client: Client
    answers: list[str] = field(default_factory=list)

    def get(self, path: str) -> str:
        response = self.client.get(path)
        content = response.getvalue() if response.streaming else response.content
        return self._keep(content, dict(response.headers))

    def post(self, path: str, **sent: object) -> str:
        response = self.client.post(path, sent)
        return self._keep(response.content, dict(response.headers))

    def _keep(self, content: bytes, headers: dict[str, str]) -> str:
        self.answers.append(f"{headers}\n{content.decode('utf-8', 'replace')}")
        return self.answers[-1]


def sheets_in_memory() -> set[str]:
    """Every sheet that an object of this process refers to."""
    seen: set[str] = set()
    for holder in gc.get_objects():
        referents = gc.get_referents(holder)
        # The collector does not track tuples of texts: look into them too.
        for value in (*referents, *(text for each in referents if type(each) is tuple for text in each)):
            if type(value) is str and 150 < len(value) < 400 and value.count(" ") == LENGTH - 1:
                seen |= sheets_in(value)
    return seen


def _sheets_opened(dump: Dump, privates: Iterable[bytes], people: Iterable[UUID]) -> Iterator[str]:
    for row in dump["accounts_sheet"]:
        for private in privates:
            for who in people:
                info = LABELS["recovery sheet"] + row["org_id"].bytes + row["id"].bytes + who.bytes
                try:
                    yield hybrid.open_from(private, bytes(row["sealed"]), info)[4:].rstrip(b"\0").decode()
                except (OpenFailed, UnicodeDecodeError):
                    continue


def _escrow_opens(dump: Dump, org: UUID, given: Iterable[str]) -> escrow_rows.OpenedEscrow:
    rows = [EscrowRow(id=row["id"], sealed=bytes(row["sealed"])) for row in dump["accounts_recovery"]]
    return escrow_rows.open_rows(org, rows, shares.derive_key_pair(shares.recover_secret(given)))


def _server_secrets(dump: Dump) -> list[bytes]:
    """The server's keys, and the halves of this office, without those of other tests in this process."""
    folder = Path(settings.OPERATIONAL_KEY_FILE).parent
    ids = {
        value.hex for rows in dump.tables.values() for row in rows for value in row.values() if isinstance(value, UUID)
    }
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    ours = [path for path in files if not HALF.match(path.name) or path.name[:32] in ids]
    assert any(HALF.match(path.name) for path in ours), "the halves are among them"
    return [*(path.read_bytes() for path in ours), settings.SECRET_KEY.encode()]


def _collects(browser: Recorder) -> str:
    (sheet,) = SHEETS.findall(browser.get(OWN))
    words = words_of_sheet(browser.post(OWN, act="show", sheet=sheet))
    assert "'Location': '/recovery/sheet/'" in browser.post(OWN, act="check", sheet=sheet, words=words)
    return words


def test_the_admin_who_made_the_set_cannot_bring_enough_sheets_together(attorney: Worker) -> None:
    ben, vera = member(attorney.staff, "caseworker"), member(attorney.staff, "volunteer", "vera@office.test")
    people = [worker.staff.member_id for worker in (attorney, ben, vera)]
    ana = Recorder(attorney.client)
    gc.collect()
    before = sheets_in_memory()  # of tests that ran earlier in this process
    dumps, everything = [take()], ["/", SET, OWN, "/recovery/test/", "/trail/", "/team/", "/account/"]
    ana.post(SET, act="make", scheme="2-3", holders=[str(who) for who in people])
    assert sheets_in_memory() == before, "the process has let go of every sheet"
    dumps.append(take())
    answers = [ana.get(path) for path in everything]
    assert "Not collected yet" in answers[1]
    hers, bens = _collects(ana), _collects(Recorder(ben.client))
    dumps.append(take())
    _collects(Recorder(vera.client))
    wall = groups.create(ben.staff.keys, kind="wall", name="Wall", members={ben.staff.member_id: "lead"})
    cast.signed_in("ben@office.test")
    assert len(set(escrow.count_covered_keys(attorney.staff.org_id))) == 1, "the wall's key is in escrow"
    dumps.append(take())
    for path in everything:
        ana.get(path)

    ring = cast.signed_in("ana@office.test").keys.keyring
    privates = [ring.hpke_private, *(group.hpke_private for group in ring.groups if group.hpke_private)]
    found = set().union(*(sheets_in(answer) for answer in ana.answers))
    found |= {words for dump in dumps for words in _sheets_opened(dump, privates, people)}
    assert found == {hers}, "one sheet, her own"
    with pytest.raises(OpenFailed):
        _escrow_opens(dumps[-1], attorney.staff.org_id, found)
    secrets = keys_from(
        [*_server_secrets(dumps[-1]), ring.org_root_private, ring.sign_private, *(g.key for g in ring.groups)]
    )
    rows = [Sealed("sheet", row, bytes(row["sealed"])) for dump in dumps for row in dump["accounts_sheet"]]
    assert list(opened(rows, secrets)) == []

    # Control: with one more sheet she would have it all, so what is shown above is not an empty promise.
    keys = _escrow_opens(dumps[-1], attorney.staff.org_id, [hers, bens]).keys
    assert wall.key in {key.key for key in keys}


def test_the_search_finds_a_sheet_in_a_page_and_in_memory() -> None:
    """Control of the search itself, with the page as it was when an admin saw every sheet."""
    texts = shares.split_secret(bytes(32), 2, 3)
    page = "".join(f"<ol><li>{'</li><li>'.join(text.split())}</li></ol>" for text in texts)
    assert sheets_in(page) == set(texts)
    assert sheets_in(f"<p>Sheet 1 of 3: {texts[0].upper()} and so on</p>") == {texts[0]}
    assert set(texts) <= sheets_in_memory()


def test_in_an_office_of_one_no_answer_has_two_sheets(attorney: Worker) -> None:
    ana = Recorder(attorney.client)
    ana.post(SET, act="make", scheme="2-3", names="Rosa Lindqvist\nJoseph Etienne\nThida Win")
    ids = SHEETS.findall(ana.get(OWN))
    for sheet in ids:
        words = words_of_sheet(ana.post(OWN, act="show", sheet=sheet))
        ana.post(OWN, act="check", sheet=sheet, words=words)
        ana.get(OWN)
    with_sheets = [found for answer in ana.answers if (found := sheets_in(answer))]
    assert [len(found) for found in with_sheets] == [1, 1, 1]
    ring = attorney.staff.keys.keyring
    assert list(_sheets_opened(take(), [ring.hpke_private], [attorney.staff.member_id])) == [], "only paper has them"
