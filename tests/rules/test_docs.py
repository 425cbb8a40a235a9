"""docs/rules.md is what the program says."""

from pathlib import Path

from caseapp.rules.explain import table
from tests.rules.asking import run

DOCS = Path(__file__).parents[2] / "docs" / "rules.md"


def test_the_table_of_the_docs_is_the_one_the_command_prints() -> None:
    _, printed, _ = run("rules", "--markdown")
    text = DOCS.read_text(encoding="utf-8")
    assert text[text.index(table.BEGIN) + len(table.BEGIN) : text.index(table.END)] == printed, (
        "write it again with: caseapp deadlines rules --markdown --into docs/rules.md"
    )


def test_the_command_renews_the_table_and_leaves_the_rest(tmp_path: Path) -> None:
    file = tmp_path / "rules.md"
    file.write_text(f"before\n{table.BEGIN}old\n{table.END}\nafter\n")
    code, _, _ = run("rules", "--markdown", "--into", str(file))
    assert code == 0
    assert file.read_text() == f"before\n{table.BEGIN}{table.rules_as_markdown()}{table.END}\nafter\n"
