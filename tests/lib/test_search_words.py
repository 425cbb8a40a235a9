"""Searching short lists: form numbers with and without dashes, words with and without accents."""

import pytest

from caseapp.lib.text.search_words import has_all_words


@pytest.mark.parametrize(
    ("text", "search", "has_all"),
    [
        ("Appeal or motion, I-290B", "i290b", True),
        ("Appeal or motion, I-290B", "I-290b motion", True),
        ("Appeal or motion, I\u2013290B", "I-290B", True),
        ("FR préfecture", "prefecture", True),
        ("FR prefecture", "préfecture", True),
        ("Appeal or motion", "appeal notice", False),
        ("Anything", "  ", True),
    ],
)
def test_a_text_has_every_word_of_a_search(text: str, search: str, has_all: bool) -> None:
    assert has_all_words(text, search) is has_all
