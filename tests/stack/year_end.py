"""What is looked at when the year is over: its letters; and a drill after a case and a member ended."""

import datetime as dt
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from caseapp.tools.pytest_plugin import CASEAPP, bare_environment, run_caseapp
from tests.stack.conftest import Office

ROOT = Path(__file__).parents[2]
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Ending:
    """The admin who destroys a case and removes a member; that member, and the words of both."""

    admin: str
    words: str
    gone: str
    gone_id: str
    words_of_gone: str


def as_web(office: Office) -> dict[str, str]:
    """The environment of the running web processes."""
    environment: dict[str, str] = office.stack.read_state()["environment"]
    return {
        **bare_environment(office.stack.root),
        **environment,
        "DATABASE_URL": office.stack.database_url("web"),
        "CASEAPP_CLOCK_FILE": str(office.clock_file),
    }


def letters_tell_nothing(office: Office, texts: list[str], needles: dict[str, str], began: float) -> None:
    """Every letter and every text of all that time, in three languages, by the same scan that looks through stores."""
    with tempfile.TemporaryDirectory(prefix="caseapp-mail-") as folder:
        (Path(folder) / "all.eml").write_bytes(b"\n".join(office.box.raw))
        (Path(folder) / "texts").write_text("\n".join(texts))
        listed = Path(folder).with_name(f"{Path(folder).name}.needles")
        listed.write_text("".join(f"{label}: {text}\n" for label, text in needles.items()))
        try:
            scanned = subprocess.run(
                [CASEAPP, "seal-scan", "--needles", str(listed), "--extra", folder, "--exclude", str(listed),
                 "--since", str(began), "--only", "extra", "--only", "logs", "--only", "broker", "--json"],
                env=bare_environment(office.stack.root), capture_output=True, text=True, timeout=900, check=False,
            )  # fmt: skip
        finally:
            listed.unlink()
    assert scanned.returncode == 0, (scanned.stdout[-6000:], scanned.stderr[-2000:])


def drill_after_endings(office: Office, ending: Ending, now: dt.datetime) -> None:
    """The drill opens a case that was kept; it opens neither the destroyed one nor the keys of the removed member."""
    by_its_clock = {"CASEAPP_CLOCK_FILE": str(office.clock_file)}
    with tempfile.TemporaryDirectory(prefix="caseapp-year-") as folder:
        given, key, target = (Path(folder) / name for name in ("given.json", "offline.key", "target"))
        given.write_text(json.dumps({"email": ending.admin, "words": ending.words, "member": ending.gone_id}))
        for days, step in enumerate(("close", "destroy")):
            office.set_clock(now + 2 * days * DAY)
            command = [sys.executable, "-m", "tests.stack.endings", step, str(given)]
            subprocess.run(command, env=as_web(office), cwd=ROOT, check=True)
        ended = json.loads(given.read_text())
        for arguments in (["backup", "key", str(key)], ["backup", str(target)]):
            done = run_caseapp(*arguments, root=office.stack.root, **by_its_clock)
            assert done.returncode == 0, done.stderr
        command = [CASEAPP, "backup", "drill", str(target), "--key", str(key)]
        for typed, code in (
            (f"{ending.admin}\n{ending.words}\n{ended['kept']}\n\n", 0),
            (f"{ending.admin}\n{ending.words}\n{ended['destroyed']}\n\n", 1),
            (f"{ending.gone}\n{ending.words_of_gone}\n\n\n", 1),
        ):
            drilled = subprocess.run(
                command,
                input=typed,
                env=bare_environment(office.stack.root) | by_its_clock,
                capture_output=True,
                text=True,
                check=False,
                timeout=300,
            )
            assert drilled.returncode == code, (drilled.stdout, drilled.stderr)
