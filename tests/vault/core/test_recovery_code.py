"""The recovery code survives handwriting; a slip is noticed before anything is tried."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseapp.vault.core.recovery import BadCode, code_bytes, new_recovery_code, normalise_code

from .scenes import CODE

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
places = st.sampled_from([place for place, letter in enumerate(CODE) if letter != "-"])


def test_a_new_code_is_nine_groups_of_four_and_160_bits() -> None:
    code = new_recovery_code()
    assert [len(group) for group in code.split("-")] == [4] * 9
    assert len(code_bytes(code)) == 20
    assert normalise_code(code) == code


def test_no_two_codes_are_alike() -> None:
    assert len({new_recovery_code() for _ in range(50)}) == 50


@pytest.mark.parametrize(
    "typed",
    [
        CODE.lower(),
        CODE.replace("-", ""),
        CODE.replace("-", " "),
        CODE.replace("-", "–"),
        f"  {CODE}\n",
        CODE.replace("0", "O"),
        CODE.replace("1", "I"),
        CODE.replace("1", "l"),
        "".join(chr(ord(letter) + 0xFEE0) if letter != "-" else letter for letter in CODE),  # full-width digits
    ],
)
def test_a_code_is_read_however_it_was_typed(typed: str) -> None:
    assert normalise_code(typed) == CODE


@given(places, st.sampled_from(LETTERS))
def test_every_wrong_character_is_noticed(place: int, letter: str) -> None:
    if CODE[place] != letter:
        with pytest.raises(BadCode):
            normalise_code(CODE[:place] + letter + CODE[place + 1 :])


@given(places, places)
def test_two_characters_swapped_are_noticed(a: int, b: int) -> None:
    swapped = list(CODE)
    swapped[a], swapped[b] = swapped[b], swapped[a]
    if "".join(swapped) != CODE:
        with pytest.raises(BadCode):
            normalise_code("".join(swapped))


@pytest.mark.parametrize("typed", ["", CODE[:-1], CODE + "0", CODE[:-1] + "U", CODE[:-1] + "*", "é" * 36, "0" * 10**5])
def test_what_is_no_code_is_refused(typed: str) -> None:
    with pytest.raises(BadCode):
        normalise_code(typed)


@given(st.text(max_size=60))
def test_any_text_reads_or_raises_bad_code(typed: str) -> None:
    with pytest.raises(BadCode):
        normalise_code(typed)


def test_the_message_of_a_bad_code_does_not_repeat_it() -> None:
    with pytest.raises(BadCode) as caught:
        normalise_code(CODE[:-1] + "*")
    assert "0410" not in str(caught.value)
