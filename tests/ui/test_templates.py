"""Templates are laid out so that a change shows as a few lines: short lines, one block on each."""

import re
from pathlib import Path

import caseapp

PACKAGE = Path(caseapp.__file__).parent
TWIN = PACKAGE / "tools/bench/plain_twin"  # what our pages are compared with: none of ours
TEMPLATES = sorted(file for file in PACKAGE.rglob("templates/**/*.html") if TWIN not in file.parents)
LONGEST = 120
OPENING = re.compile(r"{%-? (?:if|for|with|block|blocktranslate|privately|partialdef)\b")


def lines() -> list[tuple[str, str]]:
    return [
        (f"{file.relative_to(PACKAGE)}:{number}", line)
        for file in TEMPLATES
        for number, line in enumerate(file.read_text().splitlines(), 1)
    ]


def test_no_template_line_is_longer_than_120_characters() -> None:
    assert len(TEMPLATES) > 100
    assert [place for place, line in lines() if len(line) > LONGEST] == []


def test_a_template_line_opens_one_block_inside_a_named_block_at_most() -> None:
    crowded = []
    for place, line in lines():
        names = [tag.split()[1] for tag in OPENING.findall(line)]
        if len(names) - names.count("block") > 1:
            crowded.append(place)
    assert crowded == []


def test_no_template_has_a_tab_or_a_space_at_the_end_of_a_line() -> None:
    assert [place for place, line in lines() if line != line.rstrip() or "\t" in line] == []
