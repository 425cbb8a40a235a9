"""Countries are recognised by their names in our languages, and never guessed."""

import pytest

from caseapp.lib.country_names import country_choices, country_name, find_country


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Guatemala", "GT"),
        (" EL  SALVADOR ", "SV"),
        ("Salvadoreña", "SV"),
        ("Haití", "HT"),
        ("Côte d’Ivoire", "CI"),
        ("Ivory Coast", "CI"),
        ("Burma", "MM"),
        ("The Gambia", "GM"),
        ("er", "ER"),
        ("LA", "LA"),
    ],
)
def test_a_country_is_found_by_the_names_that_files_have(text: str, code: str) -> None:
    assert find_country(text) == code


@pytest.mark.parametrize("text", ["", "Congo", "Dominican", "Korea", "Other", "Chiapas"])
def test_a_text_that_names_no_country_or_two_is_none(text: str) -> None:
    assert find_country(text) == ""


def test_a_name_is_shown_in_the_language_of_the_page() -> None:
    assert [country_name("CI", language) for language in ("en", "es", "fr")] == [
        "Côte d’Ivoire",
        "Côte d’Ivoire",
        "Côte d’Ivoire",
    ]
    assert country_name("GT", "xx") == "Guatemala"
    assert country_name("ZZ", "en") == "ZZ"


def test_choices_are_in_the_order_of_the_language() -> None:
    french = [name for _code, name in country_choices("fr")]
    assert french[:2] == ["Afghanistan", "Afrique du Sud"]
    assert french.index("Éthiopie") < french.index("Fidji")
