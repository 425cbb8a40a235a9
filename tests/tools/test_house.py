"""The measure of the house: each figure notices what it is there for."""

from pathlib import Path

from caseapp.tools import house

CLEAN = '"""Book hearings."""\n\n\ndef book_hearing() -> None:\n    """Book a hearing."""\n'


def figures(package: Path) -> dict[str, house.Figure]:
    return {figure.name: figure for figure in house.measure(package)}


def write(package: Path, name: str, text: str) -> None:
    (package / name).parent.mkdir(parents=True, exist_ok=True)
    (package / name).write_text(text)


def test_a_tidy_package_is_within_every_limit(tmp_path: Path) -> None:
    write(tmp_path, "hearings/services.py", CLEAN)
    write(tmp_path, "hearings/templates/hearings/book.html", "<p>\n  Book\n</p>\n")
    assert [figure.name for figure in house.measure(tmp_path) if not figure.is_met] == []


def test_each_fault_exceeds_its_figure(tmp_path: Path) -> None:
    write(tmp_path, "hearings/services.py", "from caseapp.cases import services\n\n\ndef told() -> None: ...\n")
    write(tmp_path, "cases/services.py", "from caseapp import hearings\n" + "x = 1\n" * 400)
    write(tmp_path, "cases/long.py", "def open_case() -> None:\n" + "    print()\n" * 60)
    for number in range(17):
        write(tmp_path, f"clients/module_{number}.py", '"""Who may see whom."""\n' + f'x = {number}\n"""text"""\n')
    for number in range(20):
        write(tmp_path, f"records/module_{number}.py", '"""Whether it is due."""\n')
    write(tmp_path, "cases/templates/cases/page.html", "<p>" + "x" * 120 + "</p>\n")
    write(tmp_path, "tools/bench.py", "def run() -> None: ...\n" * 500 + "x = {}  # fmt: skip\n" * 15)
    exceeded = {figure.name: figure.measured for figure in house.measure(tmp_path) if not figure.is_met}
    assert exceeded == {
        "mutual imports between rooms": 1,
        "function lines, 90th percentile": 61,
        "functions over 60 lines": 1,
        "functions and methods named by one word, %": 50.0,
        "docstrings that open with who, what, whether ...": 37,
        "template line length, 90th percentile": 127,
        "folders with more than 16 modules": 1,
        "files over 400 lines": 1,
        "fmt: skip comments": 15,
    }


def test_the_product_itself_has_few_unformatted_statements() -> None:
    figure = next(figure for figure in house.measure() if figure.name == "fmt: skip comments")
    assert figure.is_met, figure.examples
