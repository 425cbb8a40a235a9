"""`caseapp import --dry-run` checks files without an office, a key or a database."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent
HEADINGS = ["Case ID#", "Client Name", "Date Opened", "S.S.N."]


def run_import(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    return subprocess.run(
        [BIN / "caseapp", "import", *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=60
    )


def write_file(folder: Path, name: str, *rows: list[str]) -> None:
    with (folder / name).open("w", newline="") as file:
        csv.writer(file).writerows([HEADINGS, *rows])


def test_a_file_is_checked_without_an_office_and_nothing_else_is_written(tmp_path: Path) -> None:
    write_file(tmp_path, "a.csv", ["1", "Ruiz, Ana", "05/06/2024", "0"], ["2", "Diallo, Omar", "13/13/2024", "0"])
    checked = run_import(tmp_path, "--dry-run", "a.csv")
    assert checked.returncode == 0
    assert "2 rows, read as legalserver-cases" in checked.stdout
    assert "row 3: “13/13/2024” in “Date Opened” is a day that does not exist." in checked.stdout
    assert "Left behind on purpose: S.S.N." in checked.stdout
    assert checked.stderr == "2 of 2 rows\n"
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_json_has_the_counts_the_rows_and_numbers_that_two_files_share(tmp_path: Path) -> None:
    write_file(tmp_path, "a.csv", ["1", "Ruiz, Ana", "05/06/2024", ""], ["2", "", "", ""])
    write_file(tmp_path, "b.csv", ["2", "Diallo, Omar", "25/06/2024", ""], ["3", "Lin, Eva", "05/06/2024", ""])
    checked = run_import(tmp_path, "--dry-run", "a.csv", "b.csv", "--json", "--preset", "legalserver-cases")
    result = json.loads(checked.stdout)
    assert result["ids_in_several_files"] == 1
    first, second = (file["report"] for file in result["files"])
    assert (first["rows"], first["counts"], first["errors"]) == (2, {"new": 1, "rejected": 1}, {"name_missing": 1})
    assert first["rejected"][0]["row"] == 3
    assert first["rejected"][0]["sentences"] == [
        "This row has no name. Enter one in the file, or what the person is called."
    ]
    assert [question["code"] for question in second["questions"]] == ["date_order"]


def test_answers_are_given_as_options_and_rejected_rows_are_written_for_the_user_alone(tmp_path: Path) -> None:
    write_file(tmp_path, "b.csv", ["2", "=cmd()", "25/06/2024", ""], ["3", "Lin, Eva", "06/25/2024", "000"])
    checked = run_import(tmp_path, "--dry-run", "b.csv", "--date-order", "dmy", "--rejected", "out.csv")
    assert checked.returncode == 0
    out = tmp_path / "out.csv"
    assert out.stat().st_mode & 0o777 == 0o600
    rows = list(csv.reader(out.read_text("utf-8-sig").splitlines()))
    assert rows[0] == ["Row", "Reason", *HEADINGS]
    assert [row[0] for row in rows[1:]] == ["3"]
    assert rows[1][2:] == ["3", "Lin, Eva", "06/25/2024", "000"]
    assert run_import(tmp_path, "--dry-run", "b.csv", "--rejected", "out.csv").returncode == 2


def test_a_file_that_cannot_be_read_is_a_sentence_and_exit_one(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"Name:Born\nAna:1\n")
    (tmp_path / "b.csv").write_bytes(b"Name,Born\nAna,1\n")
    for words in (("a.csv",), ("b.csv", "--separator", ";")):
        refused = run_import(tmp_path, "--dry-run", *words)
        assert refused.returncode == 1
        assert "Every row has one column only." in refused.stderr
        assert refused.stdout == ""
    assert run_import(tmp_path, "--dry-run", "missing.csv").stderr == "missing.csv: The file cannot be opened.\n"


def test_bad_use_is_a_sentence_and_exit_two(tmp_path: Path) -> None:
    for words, sentence in (
        (("a.csv",), "The command only checks files: add --dry-run."),
        (("--dry-run",), "Name a file."),
        (("--dry-run", "a.csv", "--preset", "nope"), "There is no preset nope"),
        (("--dry-run", "a.csv", "--zone", "Mars/Olympus"), "Mars/Olympus is no IANA time zone"),
    ):
        refused = run_import(tmp_path, *words)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert refused.stderr.startswith(sentence)


def test_presets_are_listed(tmp_path: Path) -> None:
    assert "legalserver-cases" in run_import(tmp_path, "--presets").stdout
