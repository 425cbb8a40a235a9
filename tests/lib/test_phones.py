"""Numbers as people write them, and what is dialled: never another country's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseapp.lib.countries import dialling_country_of_zone
from caseapp.lib.errors import Refused
from caseapp.lib.text import phones

OFFICE = "America/New_York"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("(212) 555-0100", "2125550100"),
        ("+1 212.555.0100", "+12125550100"),
        (" 212 555 0100 ", "2125550100"),
        ("+33 (0)6 12 34 56 78", "+33612345678"),
        ("0033 6 12 34 56 78", "+33612345678"),
        ("06 12 34 56 78", "0612345678"),
        ("+٥٢ ٥٥ ١٢٣٤ ٥٦٧٨", "+525512345678"),
        ("\u202a+1 212 555 0100\u202c", "+12125550100"),
        ("＋1 (212) 555–0100", "+12125550100"),
    ],
)
def test_a_number_is_read_as_people_write_it(text: str, found: str) -> None:
    assert phones.normalise_number(text) == found


@pytest.mark.parametrize(
    "text", ["", "   ", "call Rosa", "555-0101 ext 5", "12-34", "+", "1" * 16, "212 555 0100;", "++1"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="number"):
        phones.normalise_number(text)


@pytest.mark.parametrize(
    ("text", "zone", "found"),
    [
        ("212 555 0100", OFFICE, "+12125550100"),
        ("1 212 555 0100", "America/Indiana/Knox", "+12125550100"),
        ("+52 55 1234 5678", OFFICE, "+525512345678"),
    ],
)
def test_ten_digits_are_american_in_the_united_states(text: str, zone: str, found: str) -> None:
    assert phones.add_country_code(text, country=dialling_country_of_zone(zone)) == found


@pytest.mark.parametrize(
    ("text", "country", "found"),
    [
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("06.12.34.56.78", "FR", "+33612345678"),
        ("01 42 68 53 00", "FR", "+33142685300"),
        ("+33 (0)6 12 34 56 78", "US", "+33612345678"),
        ("011 33 6 12 34 56 78", "US", "+33612345678"),
        ("00 1 212 555 0100", "FR", "+12125550100"),
        ("787-555-0100", "US", "+17875550100"),
        ("(212) 555‑0100", "US", "+12125550100"),
        ("+502 5123 4567", "FR", "+50251234567"),
        ("+593 99 123 4567", "US", "+593991234567"),
        ("+1 555 010 0123", "US", "+15550100123"),
    ],
)
def test_a_number_is_read_in_the_offices_country_or_in_the_one_it_names(text: str, country: str, found: str) -> None:
    assert phones.add_country_code(text, country=country) == found


@pytest.mark.parametrize(
    ("text", "country", "sentence"),
    [
        ("+999 1234 5678", "US", "No country has the code"),
        ("+0 212 555 0100", "US", "No country has the code"),
        ("+1 555 0100", "US", "too few digits"),
        ("+33 6 12 34 56", "FR", "few digits"),
        ("+33 6 12 34 56 78 90", "FR", "too many"),
        ("+1 212 555 01000", "US", "too many"),
        ("55 1234 5678", "FR", "with a plus and its country first"),
        ("212 555 0100", "FR", "with a plus and its country first"),
        ("212 555 0100", "", "with a plus and its country first"),
        ("555 0100", "US", "with its area code"),
        ("12-34", "US", "7 to 15 digits"),
        ("call Rosa", "US", "digits only"),
        ("+1 212 555 0100 ext 5", "US", "digits only"),
    ],
)
def test_a_number_that_cannot_be_dialled_says_what_is_wrong(text: str, country: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        phones.add_country_code(text, country=country)
    assert sentence in refused.value.template


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("212 555 0100", "Europe/Paris"),
        ("55 1234 5678", "America/Mexico_City"),
        ("06 12 34 56 78", "America/Toronto"),
        ("555 0100", OFFICE),
        ("112 555 0100", OFFICE),
    ],
)
def test_a_number_that_could_be_another_countrys_is_asked_about(text: str, zone: str) -> None:
    with pytest.raises(Refused, match="number"):
        phones.add_country_code(text, country=dialling_country_of_zone(zone))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("+12125550100", "2125550100", True),
        ("+12125550100", "12125550100", True),
        ("+33612345678", "0612345678", True),
        ("+12125550100", "+12125550101", False),
        ("+12125550100", "+442125550100", False),
        ("2125550100", "3125550100", False),
    ],
)
def test_two_ways_to_write_one_telephone(one: str, other: str, same: bool) -> None:
    assert phones.is_same_number(one, other) is same
    assert phones.is_same_number(other, one) is same


@given(st.text(max_size=40))
def test_anything_is_a_number_or_refused(text: str) -> None:
    try:
        found = phones.normalise_number(text)
    except Refused:
        return
    assert found.lstrip("+").isascii()
    assert found.lstrip("+").isdigit()
    assert found.count("+") <= 1
    assert phones.MIN_DIGITS <= len(found.lstrip("+")) <= phones.MAX_DIGITS
    assert phones.normalise_number(found) == found or found.startswith("00")
    assert phones.is_same_number(found, found)


@given(st.from_regex(r"[1-9][0-9]{6,14}", fullmatch=True), st.sampled_from([" ", "-", ".", "", " - "]))
def test_what_stands_between_the_digits_changes_nothing(number: str, between: str) -> None:
    assert phones.normalise_number(between.join(number)) == number
    assert phones.normalise_number("+" + between.join(number)) == f"+{number}"
