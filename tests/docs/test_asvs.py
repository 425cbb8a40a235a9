"""`docs/asvs.md` names tests that exist, leaves no requirement out, and calls nothing met that no test shows.

That each named test passed is compared at the end of a whole run (`tests/helpers/asvs_outcomes.py`).
"""

import re
from pathlib import Path

from tests.helpers.asvs_outcomes import NAMED, read_rows

ROOT = Path(__file__).parents[2]
TABLE = (ROOT / "docs" / "asvs.md").read_text()
# The requirements that the project set out to meet, by number. A star (level 3) stands in the table only.
WANTED = """
    6.1.1 6.3.1 6.2.1 6.2.4 6.2.9 6.2.11 6.2.12 6.2.3 7.5.1 6.2.8 6.3.2 6.3.3 6.3.4 6.4.3 6.4.6 6.3.8 6.5.1 6.5.2 6.5.4
    6.5.6 6.8.4 7.1.1 7.3.1 7.3.2 7.2.3 7.2.4 7.4.1 7.4.2 7.4.3 7.4.5 7.5.3 8.1.1 8.1.2 8.2.1 8.2.2 8.2.3 8.3.1 8.3.2
    8.3.3 8.4.1 11.1.1 11.1.2 11.1.4 11.2.1 11.2.2 11.2.5 11.3.2 11.3.3 11.3.4 11.4.2 11.4.4 11.5.1 11.7.1 11.7.2 14.1.1
    14.1.2 14.2.4 14.2.1 14.2.2 14.2.3 14.2.6 14.2.7 14.2.8 14.3.1 14.3.2 14.3.3 16.1.1 16.2.3 16.2.5 16.3.1 16.3.2
    16.4.1 16.4.2 16.4.3 16.5.1 16.5.3 16.5.4 3.3.1 3.3.2 3.3.3 3.3.4 3.4.1 3.4.2 3.4.3 5.2.1 5.2.2 5.3.2 5.4.1 5.4.2
    13.3.1 13.3.2 13.3.3 13.3.4
"""


def test_every_test_that_the_table_names_exists() -> None:
    named = NAMED.findall(TABLE)
    missing = [
        f"{path}::{name}"
        for path, name in named
        if not (ROOT / "tests" / path).is_file()
        or not re.search(rf"^(async )?def {name}\(", (ROOT / "tests" / path).read_text(), re.MULTILINE)
    ]
    assert missing == []
    assert len(named) > 70


def test_every_requirement_has_one_row() -> None:
    found = [number.strip().rstrip("*") for row in read_rows(TABLE) for number in row[0].split(",")]
    assert sorted(found) == sorted(WANTED.split())


def test_what_is_called_met_is_shown_and_what_is_not_says_why() -> None:
    for requirement, _, state, shown in read_rows(TABLE):
        word, _, why = state.partition(":")
        assert word in {"met", "partly", "not met", "not met on purpose"}, requirement
        assert NAMED.search(shown) or word.startswith("not met"), requirement
        assert bool(why.strip()) == (word != "met"), requirement
