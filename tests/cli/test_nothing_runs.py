"""Commands of the administrator's guide where Caseapp does not run, or a file is missing: one sentence."""

from pathlib import Path

import pytest

from caseapp.cli import audit
from caseapp.cli.main import NO_DATABASE
from caseapp.cli.stack.data_folder import CannotStart
from caseapp.tools.pytest_plugin import data_folder, run_caseapp


@pytest.mark.parametrize("command", ["lockdown", "audit verify", "forget-factors ana@office.test"])
def test_a_command_says_in_one_sentence_that_the_database_does_not_answer(command: str) -> None:
    with data_folder() as root:
        done = run_caseapp(*command.split(), root=root, DATABASE_URL=f"postgresql://x:y@127.0.0.1:9/{root.name}")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{NO_DATABASE}\n")


def test_a_missing_file_of_the_witness_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"nothing\.txt cannot be read \(No such file or directory\)"):
        audit._read_witness(tmp_path / "nothing.txt")
