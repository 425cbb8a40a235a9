"""`caseapp setup-link`: only a person at the server sets up its office; one private file keeps the code."""

import re
import stat
from collections.abc import Generator
from pathlib import Path

import pytest

from caseapp.tools.pytest_plugin import RunningStack, data_folder, run_caseapp, running_stack
from tests.helpers.visitor import Visitor

pytestmark = pytest.mark.stack
CODE = re.compile(r"/setup/#([0-9a-z]{5}(?:-[0-9a-z]{5}){4})$", re.MULTILINE)


@pytest.fixture
def stack() -> Generator[RunningStack]:
    with data_folder() as root, running_stack(root) as running:
        yield running


def visitor_of(stack: RunningStack) -> Visitor:
    visitor = Visitor(int(stack.read_state()["ports"]["web"]))
    for path in ("/setup/", "/sign-in/"):  # one of them has a form, and with it the cookie of forms
        visitor.get(path)
    return visitor


def files_with(root: Path, text: str) -> set[str]:
    """Names of the files of the data folder that contain the text, the database's own excepted (test_main_job)."""
    found = set()
    for path in root.rglob("*"):
        if path.is_file() and "pg" not in path.relative_to(root).parts and text in path.read_text(errors="replace"):
            found.add(path.name)
    return found


def mode_of_code(stack: RunningStack) -> int:
    return stat.S_IMODE((stack.root / "secrets" / "setup.code").stat().st_mode)


def test_the_code_goes_from_the_terminal_to_the_office_and_then_exists_nowhere(stack: RunningStack) -> None:
    shown = CODE.search(stack.terminal_output.read_text())
    assert shown is not None
    printed = stack.run_command("setup-link")
    assert (printed.returncode, CODE.findall(printed.stdout)) == (0, [shown[1]])
    assert f"open {stack.url}/setup/ and type:  {shown[1]}\n" in printed.stdout
    assert files_with(stack.root, shown[1]) == {"setup.code"}
    assert mode_of_code(stack) == 0o600

    renewed = CODE.findall(stack.run_command("setup-link", "--new").stdout)
    assert renewed != [shown[1]]
    assert mode_of_code(stack) == 0o600, "also when written from a terminal, whose umask lets others read"
    visitor = visitor_of(stack)
    assert visitor.post("/setup/", {"code": shown[1]}).status == 404
    assert visitor.post("/setup/", {"code": renewed[0]}).status == 200

    visitor.setup_code = renewed[0]
    visitor.found_office()
    assert files_with(stack.root, renewed[0]) == set()
    assert visitor_of(stack).post("/setup/", {"code": renewed[0]}).status == 404
    (stack.root / "secrets" / "setup.code").write_text(renewed[0])  # as if the server had died before it was destroyed
    refused = stack.run_command("setup-link", "--new")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == f"The office is already set up: sign in at {stack.url}/.\n"
    assert not (stack.root / "secrets" / "setup.code").exists()

    stack.stop()
    with running_stack(stack.root) as again:
        assert "/setup/" not in again.terminal_output.read_text()


def test_under_systemd_the_terminal_output_names_the_command_and_not_the_code() -> None:
    with data_folder() as root, running_stack(root, JOURNAL_STREAM="8:1234") as stack:
        printed = stack.terminal_output.read_text()
        assert "`caseapp setup-link` prints the link" in printed
        assert stack.setup_code not in printed


def test_the_fictional_office_leaves_no_code(stack: RunningStack) -> None:
    code = stack.setup_code
    assert "Demo office" in stack.run_command("demo", "--cases", "0").stdout
    assert stack.setup_code == ""
    assert visitor_of(stack).post("/setup/", {"code": code}).status == 404


def test_without_a_running_server_there_is_no_link(tmp_path: Path) -> None:
    refused = run_caseapp("setup-link", root=tmp_path / "data")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "Caseapp does not run here" in refused.stderr
