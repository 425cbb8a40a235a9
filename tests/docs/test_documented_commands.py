"""Every command that README.md and docs/ show is run for real, so that what stands there works.

A command is a line of a plain fenced block, or inline code, that begins with one of PROGRAMS; in a block marked `sh`
every line is one. Capital words (FILE) get a value from VALUES. What cannot run inside a test stands in INSTEAD, with
the reason and the weaker check that is made. So a new command in the docs is run, or has to be put into these tables.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from caseapp.tools.pytest_plugin import RunningStack, bare_environment, data_folder, running_stack

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
PROGRAMS = {
    "caseapp", "make", "python", "python3", "docker", "uv", "uvx", "pip", "pipx", "pytest", "ruff", "mypy",
    "lint-imports", "pip-audit", "celery", "gunicorn", "playwright", "psql", "pg_dump", "pg_restore", "createdb",
    "valkey-cli", "redis-cli", "curl", "wget", "openssl", "age", "gpg", "git", "ssh", "rsync", "scp", "cp", "mv",
    "rm", "tar", "mkdir", "chmod", "chown", "kill", "crontab", "systemctl", "journalctl", "sudo", "apt", "apt-get",
    "export", "source", "sh", "bash",
}  # fmt: skip
SHELLS = {"sh", "shell", "bash", "console"}
PLACEHOLDER = re.compile(r"[A-Z][A-Z0-9_-]+(\.\w+)?")
ASSIGNMENT = re.compile(r"[A-Z][A-Z0-9_]*=")
FENCED = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
PATIENCE = 240.0  # seconds for one command, on two cores that run other tests too


class Instead(NamedTuple):
    """Why a command is not run here, and what is run in its place (with the same placeholders)."""

    reason: str
    command: str


INSTEAD = {
    "make install": Instead("make test began with it", "make --dry-run install"),
    "make run": Instead("runs until Ctrl-C; test_up.py runs what it starts", "make --dry-run run"),
    "make run DEMO=1": Instead("runs until Ctrl-C", "make --dry-run run DEMO=1"),
    "make test": Instead("this is what it runs", "make --dry-run test"),
    "make unit": Instead("its tests are part of this run", "make --dry-run unit"),
    "make check": Instead("make test begins with it", "make --dry-run check"),
    "make house": Instead("part of make check", "make --dry-run house"),
    "make fix": Instead("writes into the code", "make --dry-run fix"),
    "make translations": Instead("writes into the catalogues", "make --dry-run translations"),
    "make migration ROOM=reminders NAME=channel_is_optional": Instead(
        "writes a migration", "make --dry-run migration ROOM=reminders NAME=channel_is_optional"
    ),
    "make install-all": Instead("make test began with it", "make --dry-run install-all"),
    "pytest tests/lib/test_phones.py": Instead("part of this run", "ls tests/lib/test_phones.py"),
    "pytest tests/documents tests/clients/test_pages.py -k hearing": Instead(
        "part of this run", "ls tests/clients/test_pages.py"
    ),
    "pytest tests/rules tests/deadlines": Instead("part of this run", "ls tests/rules/test_names.py"),
    "pytest tests/records": Instead("part of this run", "ls tests/records"),
    'pytest tests/clients tests/cases tests/ui -m "not browser"': Instead(
        "part of this run", "ls tests/clients/test_pages.py"
    ),
    "caseapp alive PROCESS": Instead("tests/cli runs it on processes of a whole stack", "caseapp alive --help"),
    "caseapp deadlines check-pack caseapp/rules/packs/us-federal.toml": Instead(
        "the copy in this folder is the same file", "caseapp deadlines check-pack pack.toml"
    ),
    "git rev-parse HEAD": Instead("there is no checkout in this folder", "ls"),
    "git commit --no-verify": Instead("there is no checkout in this folder", "ls"),
    "CASEAPP_IMPORT_ROWS=20000 pytest -s tests/moving/test_import_of_many_rows.py": Instead(
        "twelve minutes", "ls tests/moving/test_import_of_many_rows.py"
    ),
    "caseapp fill-office --cases 5000": Instead(
        "half a minute; tests/tools/bench/test_large_office.py seals some", "caseapp fill-office --help"
    ),
    "caseapp bench pages": Instead(
        "starts stacks of its own; tests/tools/bench/test_pages.py runs it", "caseapp bench pages --help"
    ),
    "caseapp bench pages --json": Instead(
        "starts stacks of its own; tests/tools/bench/test_pages.py runs it", "caseapp bench pages --help"
    ),
    "make load": Instead("ten minutes; tests/tools/bench/test_load.py has a short one", "make --dry-run load"),
    "make load MINUTES=1": Instead("minutes; tests/tools/bench/test_load.py", "make --dry-run load MINUTES=1"),
    "caseapp bench all": Instead("an hour; tests/tools/bench/test_report.py writes its report", "caseapp bench --help"),
    "caseapp bench conflicts --json": Instead(
        "needs the system's PostgreSQL; tests/tools/bench/test_conflicts.py runs it", "caseapp bench conflicts --help"
    ),
    "caseapp bench import --rows 20000 --kills 20 --json": Instead(
        "half an hour; tests/tools/bench/test_moves.py runs it with fewer rows", "caseapp bench import --help"
    ),
    "caseapp bench round-trip --cases 2000 --documents 1000 --json": Instead(
        "ten minutes; tests/tools/bench/test_moves.py runs it with fewer cases", "caseapp bench round-trip --help"
    ),
    "caseapp export CASE": Instead("needs an office; test_export.py runs it", "caseapp export --help"),
    "caseapp move-in ARCHIVE": Instead("needs an office; test_export.py runs it", "caseapp move-in --help"),
    "caseapp recover": Instead("asks for the words of the sheets; tests/cli runs it", "caseapp recover --help"),
    "make soak": Instead("takes hours", "make --dry-run soak"),
    "make audit": Instead("asks the network for known holes", "make --dry-run audit"),
    "python -m tests.helpers.pictures FOLDER": Instead(
        "two minutes of browser", "python -m tests.helpers.pictures --help"
    ),
    "caseapp bench timing": Instead("500 pairs take minutes; tests/proofs runs two", "caseapp bench timing --help"),
    "caseapp bench memory": Instead("a load of half a minute; tests/proofs tries its parts", "caseapp bench --help"),
    "caseapp recover test FILE": Instead("test_recover_command.py types shares", "caseapp recover test --help"),
    "caseapp recover grant --request FILE --out FILE.json": Instead(
        "test_recovery.py types shares", "caseapp recover grant --help"
    ),
    "caseapp forget-factors E-MAIL": Instead(
        "needs a member; test_factors_command.py runs it", "caseapp forget-factors --help"
    ),
    "caseapp forget-factors E-MAIL --office-code CODE": Instead(
        "needs a member; test_forget_factors.py runs it", "caseapp forget-factors --help"
    ),
    "caseapp backup TO": Instead("tests/cli/backup makes one of a whole office", "caseapp backup --help"),
    "caseapp backup key FILE": Instead(
        "would keep a key in this folder; tests/cli/backup does", "caseapp backup --help"
    ),
    "caseapp backup verify TARGET": Instead("needs a backup; tests/cli/backup has one", "caseapp backup --help"),
    "caseapp backup drill TARGET --key FILE": Instead("needs a backup; tests/cli/backup", "caseapp backup --help"),
    "caseapp restore FROM --key FILE": Instead("needs a backup; tests/cli/backup has one", "caseapp restore --help"),
    "caseapp restore": Instead("needs a backup; tests/cli/backup has one", "caseapp restore --help"),
    "caseapp backup": Instead("needs a folder of backups; tests/cli/backup makes one", "caseapp backup --help"),
    "caseapp audit verify --witness FILE": Instead("needs a witness; tests/audit has one", "caseapp audit --help"),
    "docker compose up --detach postgres": Instead("needs a running engine", "docker compose config --quiet"),
    'docker compose run --rm --volume "$PWD/offline:/offline:ro" backup restore /backups --key /offline/FILE': Instead(
        "needs a running engine", "docker compose config --quiet"
    ),
    **dict.fromkeys(
        (
            "docker compose exec web caseapp doctor",
            'docker compose run --rm --volume "$PWD/offline:/offline" backup backup key /offline/FILE',
            "docker compose exec backup caseapp backup",
            "docker compose exec backup caseapp backup verify /backups",
            'docker compose run --rm --volume "$PWD/offline:/offline:ro" backup backup drill /backups'
            " --key /offline/FILE",
        ),
        Instead("needs a running engine", "docker compose config --quiet"),
    ),
    "caseapp serve web": Instead("runs until it is stopped", "caseapp serve --help"),
    "caseapp serve backup": Instead("runs until it is stopped", "caseapp serve --help"),
    "caseapp office new": Instead("needs a first office; test_two_offices.py runs it", "caseapp office new --help"),
    "caseapp office remove ID": Instead(
        "destroys an office; test_two_offices.py runs it", "caseapp office remove --help"
    ),
    "caseapp office verify CERTIFICATE": Instead(
        "needs a removed office; test_two_offices.py runs it", "caseapp office verify --help"
    ),
    "caseapp test-mail ADDRESS": Instead("needs a mail server; test_doctor.py has one", "caseapp test-mail --help"),
    "caseapp rebuild-index": Instead("needs an office; test_rebuild_index.py runs it", "caseapp rebuild-index --help"),
    "caseapp lockdown": Instead("needs an office; test_lockdown.py runs it", "caseapp lockdown --help"),
    "caseapp lockdown --office ID": Instead("needs an office; test_lockdown.py runs it", "caseapp lockdown --help"),
    "caseapp lockdown --end --office ID": Instead(
        "needs an office; test_lockdown.py runs it", "caseapp lockdown --help"
    ),
    "caseapp lockdown --end": Instead("needs an office; test_lockdown.py runs it", "caseapp lockdown --help"),
    "make compose-test": Instead("minutes on a container engine", "make --dry-run compose-test"),
    "make pin-images": Instead("asks registries and changes files", "make --dry-run pin-images"),
    "docker compose ps": Instead("needs a running engine", "docker compose config --quiet"),
    "docker compose exec web caseapp setup-link": Instead("needs a running engine", "caseapp setup-link --help"),
    "caseapp up": Instead("runs until Ctrl-C; test_up.py runs it", "caseapp up --help"),
    "caseapp upgrade": Instead("refuses while Caseapp runs; tests/cli upgrades", "caseapp upgrade --help"),
    "docker compose build": Instead("builds an image", "docker compose config --quiet"),
    "docker compose stop web worker beat backup": Instead("needs a running engine", "docker compose config --quiet"),
    "docker compose run --rm --no-deps backup upgrade": Instead(
        "needs a running engine", "docker compose config --quiet"
    ),
    "docker compose up --detach": Instead("takes ports 80 and 443", "docker compose config --quiet"),
    "docker compose up": Instead("builds an image and takes ports 80 and 443", "docker compose config --quiet"),
}
VALUES = {
    ("caseapp alive", "PROCESS"): "worker",
    ("caseapp doctor", "CHECK"): "database",
    ("caseapp seal-scan", "FILE"): "needles.txt",
    ("caseapp deadlines check-pack", "FILE"): "pack.toml",
    ("caseapp import", "FILE.csv"): "cases.csv",
    ("caseapp import", "OUT.csv"): "rejected.csv",
    ("caseapp deadlines compute", "FILE.toml"): "office.toml",
}
# Added to what the docs show. Every store takes the scan five seconds, and the temporary folders hold broken files of
# other tests; tests/stack scans all of them. A bench at its full size takes half a minute of both cores.
ADDED = {"caseapp seal-scan": ["--only", "database", "--only", "logs"], "caseapp bench": ["--small"]}
# A value without which a command rightly refuses, as a person would set it.
NEEDED = {"CASEAPP_HOST": "cases.example.org"}


def commands_in(text: str) -> Iterator[str]:
    """Every command that one page shows, in its order, without prompt and trailing comment."""
    for match in FENCED.finditer(text):
        for line in match[2].replace("\\\n", " ").splitlines():
            command = re.split(r"(?:^|\s)#", line.strip().removeprefix("$ "))[0].strip()
            if command and (match[1] in SHELLS or (not match[1] and is_command(command))):
                yield command
    for inline in re.findall(r"`([^`\n]+(?:\n[^`\n]+)?)`", FENCED.sub("", text)):
        command = " ".join(inline.split()).removeprefix("$ ")
        if is_command(command):
            yield command


def is_command(text: str) -> bool:
    """Whether a reader would type it. A program's bare name (`make`) only names it."""
    try:
        words = [word for word in shlex.split(text) if not ASSIGNMENT.match(word)]
    except ValueError:
        return False
    if not words:
        return False
    return words[0].startswith((".venv/bin/", "./")) or (words[0] in PROGRAMS and len(words) > 1)


def plain(command: str) -> str:
    """Without the folder of our programs: the tables know a command by one name."""
    return command.replace(".venv/bin/", "")


def shown() -> dict[str, list[str]]:
    """Every command, and the pages that show it."""
    found: dict[str, list[str]] = {}
    for page in PAGES:
        for command in commands_in(page.read_text(encoding="utf-8")):
            found.setdefault(plain(command), []).append(str(page.relative_to(ROOT)))
    return found


def filled(command: str) -> list[str]:
    """Its words with real values. Raises LookupError for a placeholder without one."""
    words = []
    for word in shlex.split(command):
        if PLACEHOLDER.fullmatch(word):
            word = next((v for (start, name), v in VALUES.items() if name == word and command.startswith(start)), "")
            if not word:
                raise LookupError("give its capital words a value in VALUES, or put it into INSTEAD")
        words.append(word)
    return words + [word for start, more in ADDED.items() if command.startswith(start) for word in more]


def run(command: str, folder: Path, data: Path) -> str:
    """Run it in `folder` beside the stack on `data`; answers what is wrong, or nothing."""
    try:
        words = filled(command)
    except LookupError as missing:
        return str(missing)
    given = dict(word.split("=", 1) for word in words if ASSIGNMENT.match(word) and words[0] != "make")
    words = [word for word in words if word.partition("=")[0] not in given]
    words[0] = str(BIN / words[0]) if (BIN / words[0]).exists() else words[0]
    environment = NEEDED | bare_environment(data) | given
    environment["PATH"] = f"{BIN}{os.pathsep}{environment['PATH']}"
    try:
        done = subprocess.run(
            words, cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        return str(problem)
    return "" if done.returncode == 0 else f"exit {done.returncode}: {done.stderr[-600:] or done.stdout[-600:]}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of what commands name: some of them write into the docs."""
    for page in PAGES:
        copied = tmp_path / page.relative_to(ROOT)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(page, copied)
    for name in ("Makefile", "docker-compose.yml"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copy(ROOT / "caseapp" / "rules" / "packs" / "us-federal.toml", tmp_path / "pack.toml")
    # The office's own pack is the one that the docs show.
    told = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    office = next(
        match[2] for match in FENCED.finditer(told) if match[1] == "toml" and "[[standing_orders]]" in match[2]
    )
    (tmp_path / "office.toml").write_text(office, encoding="utf-8")
    (tmp_path / "needles.txt").write_text("Xochiquetzalli\n")
    (tmp_path / "cases.csv").write_text('Case ID#,Client Name\n1,"Karimi, Farid"\n2,\n')
    return tmp_path


@pytest.fixture(scope="module")
def stack() -> Iterator[RunningStack]:
    with data_folder() as root, running_stack(root) as running:
        give_up = time.monotonic() + PATIENCE
        while running.run_command("doctor").returncode != 0:  # the worker takes a few seconds to answer
            assert time.monotonic() < give_up, running.run_command("doctor").stdout
        yield running


@pytest.mark.stack
def test_every_command_that_the_docs_show_works(stack: RunningStack, folder: Path) -> None:
    """One test for all of them, so that one stack serves them also where tests are spread over processes."""
    commands = {command: pages for command, pages in shown().items() if command not in INSTEAD}
    assert "caseapp doctor" in commands
    wrong = {command: run(command, folder, stack.root) for command in commands}
    assert {f"{command} ({commands[command][0]})": said for command, said in wrong.items() if said} == {}


@pytest.mark.parametrize("command", [name for name, entry in INSTEAD.items() if entry.command.startswith("make")])
def test_what_make_would_run_is_there(command: str, folder: Path) -> None:
    """Not run, but every program and every file that `make` would name exists."""
    printed = subprocess.run(
        shlex.split(INSTEAD[command].command), cwd=folder, capture_output=True, text=True, check=True
    ).stdout
    named = [word for word in shlex.split(printed) if re.match(r"(\.venv/bin|tests|caseapp)/", word)]
    assert named
    assert [word for word in named if not (_in_venv(word) or (ROOT / word).exists())] == []


def _in_venv(word: str) -> bool:
    return word.startswith(".venv/bin/") and (BIN / Path(word).name).exists()


@pytest.mark.parametrize(
    "instead", dict.fromkeys(entry.command for entry in INSTEAD.values() if not entry.command.startswith("make"))
)
def test_what_cannot_run_here_passes_its_weaker_check(instead: str, folder: Path, tmp_path: Path) -> None:
    if instead.startswith("docker"):
        asked = shutil.which("docker") and subprocess.run(["docker", "compose", "version"], capture_output=True)
        if not asked or asked.returncode != 0:
            pytest.skip("this machine has no `docker compose`; test_production_files.py reads the file itself")
    assert run(instead, folder if "pack.toml" in instead else ROOT, tmp_path) == ""


def test_the_tables_name_only_what_the_docs_show() -> None:
    commands = shown()
    assert [name for name in INSTEAD if name not in commands] == []
    assert [start for start, name in VALUES if not any(c.startswith(start) and name in c for c in commands)] == []
    assert [start for start in ADDED if not any(command.startswith(start) for command in commands)] == []


def test_a_new_command_is_found_wherever_it_stands() -> None:
    page = (
        "Run `caseapp doctor` or `SMTP_URL=smtp://h .venv/bin/caseapp\ntest-mail ADDRESS`; it needs `make` and `run`.\n"
        "```\n$ make  run DEMO=1   # with people\n# a comment\nprimitives.py new_key()\n```\n"
        "```sh\nnew-program --now\ncaseapp deadlines \\\n  rules\n```\n"
        '```toml\nsource = "make run"\nmake = "run"\n```\n'
    )
    assert list(commands_in(page)) == [
        "make  run DEMO=1",
        "new-program --now",
        "caseapp deadlines    rules",
        "caseapp doctor",
        "SMTP_URL=smtp://h .venv/bin/caseapp test-mail ADDRESS",
    ]


def test_every_picture_that_the_docs_show_is_there_and_all_of_them_are_shown() -> None:
    linked = {
        (page.parent / target).resolve()
        for page in PAGES
        for target in re.findall(r"!\[[^]]*\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
    }
    kept = set((ROOT / "docs" / "pictures").iterdir())
    assert linked == kept
    assert sum(path.stat().st_size for path in kept) < 2_000_000


def test_a_command_that_does_not_work_is_told(folder: Path) -> None:
    assert run("caseapp reticulate", folder, folder / "data").startswith("exit 2: ")
    assert run("caseapp deadlines compute --rule us.no.such --on order=2026-11-16", folder, folder / "data")
    assert "No such file" in run("no-such-program --now", folder, folder / "data")
    assert "VALUES" in run("caseapp export CASE", folder, folder / "data")
