"""What people paste around digits, and the digits of other scripts, become what the readers of numbers know."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseapp.lib.text.digits import has_only_plain_digits, normalise_digits

SCRIPTS = [chr(code) for code in range(0x110000) if unicodedata.decimal(chr(code), None) == 0]
INVISIBLE = st.sampled_from(
    "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u2060\u2066\u2067\u2068\u2069\ufeff\ufe0f"
)
DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
SPACES = " \u00a0\u2002\u2007\u2009\u200a\u202f\u3000\t"


@pytest.mark.parametrize(
    ("pasted", "read"),
    [
        # Each as it was pasted once, with three neighbours of its kind.
        ("012\u2011345\u2011678", "012-345-678"),  # the non-breaking hyphen of Word
        ("012\u2013345\u2013678", "012-345-678"),  # the dash of a PDF
        ("012\u2212345\u2212678", "012-345-678"),  # the minus of a calculation
        ("012\ufe63345\uff0d678", "012-345-678"),  # small and wide ones
        ("012\u00a0345\u00a0678", "012 345 678"),  # spaces of Word, of French pages, of tables, of Chinese text
        ("012\u202f345\u202f678", "012 345 678"),
        ("012\u2007345\u2007678", "012 345 678"),
        ("012\u3000345\t678", "012 345 678"),
        ("\u200e012345678\u200f", "012345678"),  # marks of a page in Arabic or Hebrew
        ("\u202a012345678\u202c", "012345678"),
        ("\u2066012345678\u2069", "012345678"),
        ("012\u200b345\u2060678\ufeff", "012345678"),
        ("٠١٢٣٤٥٦٧٨", "012345678"),  # keyboards: Arabic, Persian, Hindi, Bengali
        ("۰۱۲۳۴۵۶۷۸", "012345678"),
        ("०१२३४५६७८", "012345678"),
        ("০১২৩৪৫৬৭৮", "012345678"),
        ("０１２３４５６７８", "012345678"),  # and wide digits with wide signs
        ("１１／５／２０２６", "11/5/2026"),
        ("８：３０", "8:30"),
        ("＋１（２１２）", "+1(212)"),
        ("11\u20445\u20442026", "11/5/2026"),  # slashes, colons and points of typography
        ("8\u223630", "8:30"),
        ("012\u00b7345\u2024678", "012.345.678"),
        ("1\ufe0f\u20e32\ufe0f\u20e3", "12"),  # the framed digits of a telephone's keyboard
    ],
)
def test_a_pasted_text_is_read(pasted: str, read: str) -> None:
    assert normalise_digits(pasted) == read


@pytest.mark.parametrize("sign", "²³⁰₂½Ⅳ①㊿四፩")
def test_a_raised_framed_or_written_number_stays_and_is_no_plain_digit(sign: str) -> None:
    assert normalise_digits(f"1{sign}2") == f"1{sign}2"
    assert not has_only_plain_digits(normalise_digits(f"1{sign}2"))


@given(st.lists(st.tuples(st.sampled_from(SCRIPTS), st.integers(0, 9)), min_size=1, max_size=20))
def test_the_digits_of_every_script_are_read(drawn: list[tuple[str, int]]) -> None:
    pasted = "".join(chr(ord(zero) + value) for zero, value in drawn)
    assert normalise_digits(pasted) == "".join(str(value) for _, value in drawn)


@given(st.from_regex(r"[0-9]{1,12}", fullmatch=True), st.lists(INVISIBLE, max_size=6), st.data())
def test_no_invisible_mark_changes_a_number(number: str, marks: list[str], data: st.DataObject) -> None:
    pasted = number
    for mark in marks:
        at = data.draw(st.integers(0, len(pasted)))
        pasted = pasted[:at] + mark + pasted[at:]
    assert normalise_digits(pasted) == number


@given(st.lists(st.from_regex(r"[0-9]{1,4}", fullmatch=True), min_size=1, max_size=5), st.data())
def test_every_dash_and_every_space_is_a_plain_one(groups: list[str], data: st.DataObject) -> None:
    for signs, plain in ((DASHES, "-"), (SPACES, " ")):
        between = data.draw(st.sampled_from(signs))
        assert normalise_digits(between.join(groups)) == plain.join(groups)


@given(st.text(max_size=60))
def test_any_text_is_read_and_what_is_read_reads_the_same(text: str) -> None:
    read = normalise_digits(text)
    assert normalise_digits(read) == read
    if has_only_plain_digits(read):
        assert int(read) >= 0
