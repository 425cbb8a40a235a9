"""A-Numbers as people write, copy and paste them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseapp.lib.errors import Refused
from caseapp.records.names import format_a_number, parse_a_number

NUMBER = "000345678"


@pytest.mark.parametrize(
    "pasted",
    [
        "A000\u2011345\u2011678",  # the four that were refused, each with three neighbours
        "A000\u2010345\u2010678",
        "A000\u2212345\u2212678",
        "A000\ufe63345\ufe63678",
        "A000\u2013345\u2013678",
        "A000\u2014345\u2014678",
        "A000\u2012345\u2012678",
        "A 000 \u2013 345 \u2013 678",
        "A000.345.678",
        "000.345.678",
        "A 000,345,678",
        "A000\u00b7345\u00b7678",
        "\u200eA000345678",
        "\u202bA000-345-678\u202c",
        "\u2066A000345678\u2069",
        "A\u200b000\u2060345\ufeff678",
        "A٠٠٠٣٤٥٦٧٨",  # was stored as it was typed
        "A۰۰۰-۳۴۵-۶۷۸",
        "A०००३४५६७८",
        "Ａ０００３４５６７８",
        "A# 000 345 678",  # and as letters of the agency and keyboards of other scripts write the mark
        "A-Number: 000-345-678",
        "Alien No. 000345678",
        "\u0410000345678",
        "0345678",
        "0.345.678",
        "000345678.",
        "000-345-678,",
    ],
)
def test_a_pasted_a_number_is_read(pasted: str) -> None:
    assert parse_a_number(pasted) == NUMBER


@pytest.mark.parametrize(
    "text",
    [
        "123456",
        "A0003456789",
        "00345678.0",
        "000.34.5678",
        "0,003,45678",
        "A00034567²",
        "A000345678 and A000345679",
        "A",
        "12½45678",
    ],
)
def test_what_is_not_one_number_of_seven_to_nine_digits_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="a_number"):
        parse_a_number(text)


@given(st.text(max_size=40))
def test_any_text_gives_nine_plain_digits_or_is_refused(text: str) -> None:
    try:
        number = parse_a_number(text)
    except Refused:
        return
    assert number == "" or (len(number) == 9 and number.isascii() and number.isdecimal())
    assert parse_a_number(format_a_number(number)) == number
