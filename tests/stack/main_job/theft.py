"""What a thief finds after the main job."""

import json
import subprocess
import tempfile
from pathlib import Path

from caseapp.tools.pytest_plugin import CASEAPP, bare_environment
from caseapp.vault.core import primitives
from caseapp.vault.core.envelope import CaseCipher
from tests.helpers.attacker import Sealed
from tests.stack import thief
from tests.stack.conftest import Office
from tests.stack.main_job.needles import NEEDLES


def nothing_readable_is_left(office: Office, tmp_path: Path, began: float, more: dict[str, str]) -> None:
    needles = tmp_path / "needles.txt"
    needles.write_text("".join(f"{label}: {text}\n" for label, text in {**NEEDLES, **more}.items()))
    # The letters are looked through outside the folder that is left out: it holds the needles themselves.
    with tempfile.TemporaryDirectory(prefix="caseapp-mail-") as folder:
        (Path(folder) / "all.eml").write_bytes(b"\n".join(office.box.raw))
        scanned = subprocess.run(
            [
                CASEAPP, "seal-scan", "--needles", str(needles), "--extra", folder, "--exclude", str(tmp_path),
                "--exclude", str(office.stack.terminal_output),  # a person's screen, where the link is printed
                "--since", str(began), "--json",
            ],
            env=bare_environment(office.stack.root), capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip
    assert scanned.returncode == 0, (scanned.stdout[-6000:], scanned.stderr[-2000:])
    assert json.loads(scanned.stdout)


def server_secrets_open_reminders_only(office: Office) -> None:
    things, secrets = thief.loot(office.stack.root, office.everything)
    assert len(things) > 20
    assert {"accounts_draft.sealed", "accounts_form.sealed"} <= {thing.where for thing in things}
    opened = thief.what_opens(things, secrets)
    assert opened <= thief.OPERATIONAL
    assert {"reminders_channel", "reminders_waiting_mail"} <= opened, "the attempt itself works"
    for name, secret in secrets.items():
        if len(secret) == primitives.KEY_LENGTH:
            control = _control(secret, things[0])
            assert thief.what_opens([control], {name: secret}), f"a record sealed under {name} was missed"


def _control(secret: bytes, like: Sealed) -> Sealed:
    """A record deliberately sealed under a server key."""
    org = record = case = like.id("org_id")
    sealed = CaseCipher(secret, org, case).seal(record=record, version=1, kver=1, kind=1, schema=1, body=b"x")
    return Sealed("control.sealed", {"org_id": org, "id": record, "case_id": case, "version": 1}, sealed)
