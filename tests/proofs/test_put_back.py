"""Rows put back and altered by SQL are noticed over HTTP, then decided on, and nothing readable is left behind.

On commit e59cbe9 six of the seven attacks succeed: `python -m tests.proofs.put_back` on a checkout of it.
"""

import sys
from pathlib import Path

import pytest

from tests.proofs.attacked_office import attacked_office
from tests.proofs.put_back import BRIEF, CLIENTS, Attack, is_warning

pytestmark = pytest.mark.stack
REASON = "Compared with the docket printed for Nshimirimana"


def test_rows_put_back_and_altered_are_noticed_and_nothing_readable_is_left(tmp_path: Path) -> None:
    with attacked_office(str(Path(sys.executable).with_name("caseapp"))) as office:
        attack = Attack(office)
        with attack.run() as outcomes:
            assert {outcome.attack: outcome.harm for outcome in outcomes if outcome.has_succeeded} == {}
            assert len(outcomes) == 7
            _lead_restores_what_is_left(attack)
            _nothing_readable_is_left(attack, tmp_path)


def _lead_restores_what_is_left(attack: Attack) -> None:
    team, ana = attack.teams[0], attack.office.ana
    assert ana.post(f"{team.path}restore/", {"act": "restore", "reason": REASON}).status == 303
    page = ana.get(team.path)
    assert BRIEF in page.text
    assert not is_warning(page)
    assert attack.save_note(team) == 303
    assert REASON in ana.get("/trail/").text


def _nothing_readable_is_left(attack: Attack, tmp_path: Path) -> None:
    needles = tmp_path / "needles.txt"
    texts = {**{f"client-{number}": name for number, name in enumerate(CLIENTS)}, "brief": BRIEF, "reason": REASON}
    needles.write_text("".join(f"{label}: {text}\n" for label, text in texts.items()))
    # What these pages write is in these stores; `tests/stack/test_main_job.py` scans all of them, which takes minutes.
    stores = ("--only", "database", "--only", "data", "--only", "logs")
    command = ("seal-scan", "--needles", str(needles), "--exclude", str(tmp_path), *stores, "--json")
    scanned = attack.office.stack.run_command(*command)
    assert scanned.returncode == 0, (scanned.stdout[-3000:], scanned.stderr[-1000:])
    assert (attack.office.stack.root / "seen" / "1.sqlite").is_file(), "the memory of versions was one of the places"
