"""The commit-msg hook: which messages it takes, and that a hook of your own stays."""

import subprocess
from pathlib import Path

import pytest

from caseapp.tools import git_hooks


@pytest.mark.parametrize(
    "message",
    [
        "hearings: Refuse a hearing on a federal holiday",
        "rules, deadlines: Store steps as codes and values\n\nThey were English sentences.\n",
        "cases: Need a reason before closing",
        'Merge branch "main"',
        "tests: Follow the link\n# Please enter the commit message\n",
    ],
)
def test_a_message_in_the_form_is_taken(message: str) -> None:
    assert git_hooks.check_message(message) == ""


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("hearings: " + "Refuse " * 10, "characters"),
        ("Refuse a hearing on a holiday", "room"),
        ("hearings: refuse a hearing on a holiday", "room"),
        ("hearings: Refused a hearing on a holiday", "imperative"),
        ("hearings: Adding a holiday", "imperative"),
        ("hearings: Refuse a holiday.", "full stop"),
        ("hearings: Refuse a holiday\nat once", "second line"),
        ("", "room"),
    ],
)
def test_a_message_in_another_form_is_refused_with_its_reason(message: str, reason: str) -> None:
    assert reason in git_hooks.check_message(message)


def test_git_asks_the_hook_at_each_commit(tmp_path: Path) -> None:
    def git(*arguments: str) -> subprocess.CompletedProcess[str]:
        given = ["git", "-C", str(tmp_path), "-c", "user.name=Ana", "-c", "user.email=ana@office.test", *arguments]
        return subprocess.run(given, capture_output=True, text=True, check=False)

    git("init", "--quiet")
    tools = tmp_path / "caseapp" / "tools"
    tools.mkdir(parents=True)
    (tools / "git_hooks.py").write_text(Path(git_hooks.__file__).read_text())
    assert git_hooks.install(tmp_path) == ["commit-msg", "pre-commit"]
    assert git_hooks.install(tmp_path) == []
    refused = git("commit", "--allow-empty", "-m", "Added things")
    assert refused.returncode == 1
    assert "Start with the room" in refused.stderr
    assert git("commit", "--allow-empty", "-m", "tools: Add a hook").returncode == 0


def test_a_hook_of_your_own_is_left_alone(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    mine = tmp_path / ".git" / "hooks" / "commit-msg"
    mine.parent.mkdir(exist_ok=True)
    mine.write_text("#!/bin/sh\nexit 0\n")
    assert git_hooks.install(tmp_path) == ["pre-commit"]
    assert mine.read_text() == "#!/bin/sh\nexit 0\n"


def test_without_git_nothing_is_written(tmp_path: Path) -> None:
    assert git_hooks.install(tmp_path) == []
