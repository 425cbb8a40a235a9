"""Telephone numbers as a gateway dials them. If the country is unclear the user is asked; it is never guessed.

A gateway can read ten digits as a number in Brazil or Turkey, and a stranger would then get the message.
"""

import re

from caseapp.lib.errors import Refused
from caseapp.lib.text.digits import has_only_plain_digits, normalise_digits

MIN_DIGITS, MAX_DIGITS = 7, 15  # digits, limits of the international numbering plan
_SEPARATORS = re.compile(r"[ ()./-]+")
_TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")  # "+33 (0)6 12": the zero is dialled only inside the country
# Zones in which ten digits can only be a number of the North American Numbering Plan.
_UNITED_STATES = {
    "America/New_York", "America/Detroit", "America/Chicago", "America/Menominee", "America/Denver", "America/Boise",
    "America/Phoenix", "America/Los_Angeles", "America/Anchorage", "America/Juneau", "America/Sitka",
    "America/Metlakatla", "America/Yakutat", "America/Nome", "America/Adak", "America/Puerto_Rico", "Pacific/Honolulu",
}  # fmt: skip
_UNITED_STATES_PREFIXES = ("America/Indiana/", "America/Kentucky/", "America/North_Dakota/", "US/")
_NORTH_AMERICAN_NUMBER = re.compile(r"1?([2-9][0-9]{2}[2-9][0-9]{6})")


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


def add_country_code(text: str, *, zone: str) -> str:
    """Return the number with its country code. In a United States zone ten digits are enough.

    zone    the office's IANA zone
    Raises  Refused(code="number") if the country is unclear
    """
    number = normalise_number(text)
    if number.startswith("+"):
        return number
    american = _NORTH_AMERICAN_NUMBER.fullmatch(number)
    if american and (zone in _UNITED_STATES or zone.startswith(_UNITED_STATES_PREFIXES)):
        return f"+1{american.group(1)}"
    raise Refused("number", "Write this number with a plus and its country first, for example +1 212 555 0100.")


def is_same_number(first: str, second: str) -> bool:
    """Return whether two numbers, as `normalise_number` returns them, are the same; one may lack the country code."""
    a, b = (number.lstrip("+").lstrip("0") for number in (first, second))
    if first.startswith("+") and second.startswith("+"):
        return a == b
    short, long = sorted((a, b), key=len)
    return len(short) >= MIN_DIGITS and long.endswith(short)
