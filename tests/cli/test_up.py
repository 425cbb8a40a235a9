"""`caseapp up` for real: it starts, refuses, restarts what dies, stops cleanly and finds its data again."""

import json
import os
import re
import shutil
import signal
import socket
import stat
import time
import urllib.request
from collections.abc import Callable, Generator
from pathlib import Path

import psycopg
import pytest

from caseapp.tools.pytest_plugin import RunningStack, data_folder, run_caseapp, running_stack
from tests.helpers import first_run_walk
from tests.helpers.browsing import browser

pytestmark = pytest.mark.stack
PATIENCE = 30.0


@pytest.fixture(scope="module")
def stack() -> Generator[RunningStack]:
    with data_folder() as root, running_stack(root) as running:
        yield running


@pytest.fixture
def empty() -> Generator[Path]:
    with data_folder() as root:
        yield root


def processes_of(stack: RunningStack) -> set[int]:
    """All process ids below the supervisor, itself included."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
    found = {stack.process.pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def wait_until(is_so: Callable[[], object], *, patience: float = PATIENCE) -> None:
    give_up = time.monotonic() + patience
    while not is_so():
        assert time.monotonic() < give_up, "it did not happen"
        time.sleep(0.1)


def alive(pids: set[int]) -> set[int]:
    """Those that still run; a zombie that nobody has collected yet does not."""
    running = set()
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state != "Z":
            running.add(pid)
    return running


def test_the_pages_answer(stack: RunningStack) -> None:
    with urllib.request.urlopen(f"{stack.url}/healthz", timeout=10) as answer:
        assert answer.status == 200


def test_the_doctor_finds_everything_healthy(stack: RunningStack) -> None:
    wait_until(lambda: stack.run_command("doctor").returncode == 0)
    page = json.loads(stack.run_command("doctor", "--json").stdout)
    assert page["healthy"] is True
    assert [check["name"] for check in page["checks"] if not check["ok"]] == []


@pytest.mark.browser
def test_the_first_run_leads_to_a_colleague_who_sees_the_case_in_40_clicks_and_fields_each(stack: RunningStack) -> None:
    """By a person who reads only what is on the pages, and without mail. The office then stays for the other tests."""
    printed = re.search(r"http://\S+/setup/#\S+", stack.terminal_output.read_text())
    assert printed is not None
    with browser() as running:
        founder, colleague = first_run_walk.walk_in(running), first_run_walk.walk_in(running)
        link = first_run_walk.found_office(founder, printed[0], int(time.time()))
        founder.reads("No mail server is set up yet: reminders are not going out.")
        first_run_walk.open_case(founder, "Aminata Diallo")
        words = first_run_walk.join_office(colleague, link)
        first_run_walk.approve(founder, "Bjarne Ravnsborg", words)
        first_run_walk.see_case(colleague, "Aminata Diallo")
    assert len(founder.acts) <= 40, founder.acts
    assert len(colleague.acts) <= 40, colleague.acts


def test_what_it_stores_is_for_this_user_only(stack: RunningStack) -> None:
    for folder in ("secrets", "blobs", "logs", "run", "pg"):
        assert stat.S_IMODE((stack.root / folder).stat().st_mode) == 0o700, folder
    for path in [*(stack.root / "secrets").iterdir(), *(stack.root / "logs").iterdir(), stack.stack_file]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path.name


def test_no_process_leaves_a_core_file(stack: RunningStack) -> None:
    for pid in processes_of(stack):
        limits = Path(f"/proc/{pid}/limits").read_text()
        assert re.search(r"Max core file size +0 +0 ", limits), pid


def test_the_database_writes_no_statement_to_its_log(stack: RunningStack) -> None:
    with psycopg.connect(stack.database_url("web"), autocommit=True) as connection:
        with pytest.raises(psycopg.errors.UndefinedTable):
            connection.execute("SELECT 'Planted Needle' FROM no_such_table")
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            connection.execute("SELECT %s::uuid", ["Planted Needle"])
    log = (stack.root / "logs" / "postgres.log").read_text()
    assert "SELECT" not in log


def test_no_page_waits_for_the_database_for_ever_and_a_web_process_that_stands_still_holds_no_lock(
    stack: RunningStack,
) -> None:
    with psycopg.connect(stack.database_url("web"), autocommit=True) as connection:
        assert connection.execute("SHOW statement_timeout").fetchone() == ("1min",)
        assert connection.execute("SHOW idle_in_transaction_session_timeout").fetchone() == ("5min",)
        connection.execute("SET statement_timeout = 200")
        with psycopg.connect(stack.database_url("owner")) as other:
            other.execute("LOCK TABLE vault_record IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(psycopg.errors.QueryCanceled):
                connection.execute("SELECT count(*) FROM vault_record")
    with psycopg.connect(stack.database_url("clock"), autocommit=True) as connection:
        assert connection.execute("SHOW statement_timeout").fetchone() == ("0",), "a night's work may take its time"


def test_no_role_of_ours_is_strong(stack: RunningStack) -> None:
    for role in ("owner", "web", "clock"):
        with psycopg.connect(stack.database_url(role)) as connection:
            rights = connection.execute(
                "SELECT rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
            )
            assert rights.fetchone() == (False,), role


@pytest.mark.parametrize("name", ["worker", "beat", "web", "valkey", "postgres"])
def test_a_killed_process_is_started_again_and_it_says_so(stack: RunningStack, name: str) -> None:
    before = stack.pid_of(name)
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: stack.pid_of(name) not in (0, before) and alive({stack.pid_of(name)}))
    assert f"{name} was killed by signal 9; it is started again" in stack.terminal_output.read_text()
    wait_until(lambda: stack.run_command("doctor").returncode == 0)


def test_each_process_gives_signs_of_life_from_its_own_loop(stack: RunningStack) -> None:
    port = str(stack.read_state()["ports"]["web"])
    assert stack.run_command("alive", "web", "--port", port).returncode == 0
    for name in ("worker", "beat"):
        wait_until(lambda name=name: stack.run_command("alive", name).returncode == 0, patience=120)  # type: ignore[misc]
        (mark,) = (stack.root / "run").glob(f"{name}.*.alive")
        os.kill(stack.pid_of(name), signal.SIGSTOP)  # else it may mark while the command starts
        try:
            os.utime(mark, (time.time() - 1000, time.time() - 1000))
            silent = stack.run_command("alive", name)
        finally:
            os.kill(stack.pid_of(name), signal.SIGCONT)
        assert (silent.returncode, silent.stdout) == (1, f"{name} gave no sign of life.\n")
    wait_until(lambda: stack.run_command("alive", "worker").returncode == 0, patience=120)  # 15 seconds when idle
    assert stack.run_command("alive", "web", "--port", "9").returncode == 1


def test_a_second_start_on_the_same_folder_is_refused(stack: RunningStack) -> None:
    refused = stack.run_command("up")
    assert refused.returncode == 1
    assert refused.stderr == f"Caseapp is already running on {stack.root}.\n"


def test_a_taken_port_is_refused(empty: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = run_caseapp("up", "--port", str(port), root=empty)
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"Port {port} is taken")


def test_a_folder_of_a_newer_version_is_refused_and_left_alone(empty: Path) -> None:
    empty.mkdir()
    (empty / "VERSION").write_text("caseapp-data 999\n")
    refused = run_caseapp("up", root=empty)
    assert refused.returncode == 1
    assert "belongs to a newer version of Caseapp" in refused.stderr
    assert [path.name for path in empty.iterdir()] == ["VERSION"]


def test_a_folder_with_other_things_is_refused(empty: Path) -> None:
    empty.mkdir()
    (empty / "letter.txt").write_text("not ours")
    refused = run_caseapp("up", root=empty)
    assert refused.returncode == 1
    assert "contains other things" in refused.stderr


def test_a_file_in_the_folders_place_is_refused(empty: Path) -> None:
    empty.write_text("a file")
    refused = run_caseapp("up", root=empty)
    assert (refused.returncode, refused.stderr) == (1, f"The data folder {empty} is not a folder.\n")


def test_a_full_disk_is_refused(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from caseapp.cli.stack import data_folder as place

    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=100 * 2**20))
    with pytest.raises(place.CannotStart, match="has 100 MB left"):
        place.open_folder(place.DataFolder(empty), shared=False)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_leaves_no_process_and_the_next_start_finds_the_data(empty: Path, number: signal.Signals) -> None:
    with running_stack(empty) as first:
        with psycopg.connect(first.database_url("owner")) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS seven")
        started = processes_of(first)
        assert len(started) > 5
        assert first.stop(number) == 0
        assert alive(started) == set()
    with running_stack(empty) as second, psycopg.connect(second.database_url("owner")) as connection:
        assert connection.execute("SELECT seven FROM kept").fetchone() == (7,)


def test_nothing_is_left_behind_when_the_supervisor_itself_is_killed(empty: Path) -> None:
    with running_stack(empty) as stack:
        started = processes_of(stack)
        stack.stop(signal.SIGKILL)
        wait_until(lambda: not alive(started))


def test_the_doctor_says_not_healthy_when_nothing_runs(empty: Path) -> None:
    page = run_caseapp("doctor", "--json", root=empty)
    assert page.returncode == 1
    assert json.loads(page.stdout)["healthy"] is False


def test_an_unknown_command_is_bad_use(empty: Path) -> None:
    assert run_caseapp("reticulate", root=empty).returncode == 2


def test_every_process_has_the_temp_folder_of_its_stack(stack: RunningStack) -> None:
    folders = {}
    for name, pid in stack.read_state()["pids"].items():
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        folders[name] = next((line[7:].decode() for line in environment if line.startswith(b"TMPDIR=")), "")
    supervisor = folders.pop("supervisor")
    assert supervisor != str(stack.root / "tmp"), "it was started by a person"
    assert folders.pop("postgres") == str(stack.root / "pg" / "tmp"), "its own user cannot reach the other"
    folders.pop("valkey")  # it writes its title over its environment, so the kernel shows neither
    assert folders == dict.fromkeys(("web", "worker", "beat"), str(stack.root / "tmp"))
    assert stat.S_IMODE((stack.root / "tmp").stat().st_mode) == 0o700


def test_what_a_killed_process_left_in_the_temp_folder_is_gone_at_the_next_start(empty: Path) -> None:
    with running_stack(empty):
        (empty / "tmp" / "left").write_text("of a process that was killed")
    with running_stack(empty):
        assert list((empty / "tmp").iterdir()) == []
