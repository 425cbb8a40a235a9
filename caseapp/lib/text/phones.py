"""Telephone numbers as a gateway dials them. If the country is unclear the user is asked; it is never guessed.

A gateway can read ten digits as a number in Brazil or Turkey, and a stranger would then get the message. What a person
types is read by the library `phonenumbers` with the numbering plan of the office's country; it is imported here alone.
"""

import re
from typing import NoReturn

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from caseapp.lib.errors import Refused
from caseapp.lib.text.digits import has_only_plain_digits, normalise_digits

MIN_DIGITS, MAX_DIGITS = 7, 15  # digits, limits of the international numbering plan
_SEPARATORS = re.compile(r"[ ()./-]+")
_TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")  # "+33 (0)6 12": the zero is dialled only inside the country


def normalise_number(text: str) -> str:
    """Return the digits of a typed number, with a leading plus if one was given (or 00, which means the same).

    Raises Refused(code="number") unless there are 7 to 15 digits and no other characters.
    """
    plain = normalise_digits(text)
    has_plus = plain.startswith("+")
    if has_plus:
        plain = _TRUNK_ZERO.sub("", plain[1:])
    number = _SEPARATORS.sub("", plain)
    if number and not has_only_plain_digits(number):
        raise Refused("number", "A telephone number has digits only, for example +1 212 555 0100.")
    if not has_plus and number.startswith("00"):
        has_plus, number = True, number[2:]
    if not MIN_DIGITS <= len(number) <= MAX_DIGITS:
        raise Refused("number", "A telephone number has 7 to 15 digits, for example +1 212 555 0100.")
    return f"+{number}" if has_plus else number


def add_country_code(text: str, *, country: str) -> str:
    """Return the number with its country code, as it is dialled from everywhere.

    country  the office's, in which a number without a plus is read; empty if it is not known: then a plus is needed
    Raises   Refused(code="number") that says what is wrong, also if the country is unclear
    """
    number = normalise_number(text)
    has_plus = number.startswith("+")
    if not has_plus and not country:
        _refuse_unclear()
    try:
        parsed = phonenumbers.parse(number, None if has_plus else country)
    except NumberParseException:
        if has_plus:
            raise Refused(
                "number", "No country has the code at the beginning of this number. Check the digits after the plus."
            ) from None
        _refuse_unclear()
    result = phonenumbers.is_possible_number_with_reason(parsed)
    if has_plus and result in (ValidationResult.TOO_SHORT, ValidationResult.IS_POSSIBLE_LOCAL_ONLY):
        raise Refused("number", "This number has too few digits for its country. Its area code may be missing.")
    if has_plus and result != ValidationResult.IS_POSSIBLE:
        raise Refused("number", "This number has too many or too few digits for its country. Check it.")
    # Without a plus, only a number that exists in the country's plan is clear; with one, new ranges are accepted, too.
    if not has_plus and not phonenumbers.is_valid_number(parsed):
        _refuse_unclear()
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164)


def _refuse_unclear() -> NoReturn:
    raise Refused(
        "number",
        "Write this number with its area code, or with a plus and its country first, for example +1 212 555 0100.",
    )


def is_same_number(first: str, second: str) -> bool:
    """Return whether two numbers, as `normalise_number` returns them, are the same; one may lack the country code."""
    a, b = (number.lstrip("+").lstrip("0") for number in (first, second))
    if first.startswith("+") and second.startswith("+"):
        return a == b
    short, long = sorted((a, b), key=len)
    return len(short) >= MIN_DIGITS and long.endswith(short)
