"""Telephone numbers as they are dialled. A number that could mean another country's is asked about, never guessed:
a gateway takes ten digits for a number of Brazil or Turkey, and a stranger would get the message.
"""

import re
import unicodedata

from caseapp.lib.errors import Refused

LEAST, MOST = 7, 15  # digits, as the numbering plan of the world has it
_BETWEEN = re.compile(r"[\s().·/\-‐-―]+")
_TRUNK = re.compile(r"\(\s*0\s*\)")  # "+33 (0)6 12": the zero is for calls from inside
_HIDDEN = dict.fromkeys(map(ord, "\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069\ufeff"))  # marks of direction
# Zones in which ten digits mean a number of the North American plan, and nothing else.
_UNITED_STATES = {
    "America/New_York", "America/Detroit", "America/Chicago", "America/Menominee", "America/Denver", "America/Boise",
    "America/Phoenix", "America/Los_Angeles", "America/Anchorage", "America/Juneau", "America/Sitka",
    "America/Metlakatla", "America/Yakutat", "America/Nome", "America/Adak", "America/Puerto_Rico", "Pacific/Honolulu",
}  # fmt: skip
_PARTS = ("America/Indiana/", "America/Kentucky/", "America/North_Dakota/", "US/")
_AMERICAN = re.compile(r"1?([2-9]\d{2}[2-9]\d{6})")


def digits(text: str) -> str:
    """The number in a contact: digits, with a leading plus where one was given (or 00, which means the same).

    Raises Refused(code="number") for what has not 7 to 15 digits or holds anything else.
    """
    plain = unicodedata.normalize("NFKC", text.translate(_HIDDEN)).strip()
    has_plus = plain.startswith("+")
    if has_plus:
        plain = _TRUNK.sub("", plain[1:])
    found = _BETWEEN.sub("", plain)
    if not all(char.isdecimal() for char in found):
        raise Refused("number", "A telephone number has digits only, for example +1 212 555 0100.")
    found = "".join(str(unicodedata.decimal(char)) for char in found)
    if not has_plus and found.startswith("00"):
        has_plus, found = True, found[2:]
    if not LEAST <= len(found) <= MOST:
        raise Refused("number", "A telephone number has 7 to 15 digits, for example +1 212 555 0100.")
    return f"+{found}" if has_plus else found


def dialled(text: str, *, zone: str) -> str:
    """The number with its country. `zone` (IANA) is the office's: in the United States ten digits are enough.

    Raises Refused(code="number").
    """
    found = digits(text)
    if found.startswith("+"):
        return found
    american = _AMERICAN.fullmatch(found)
    if american and (zone in _UNITED_STATES or zone.startswith(_PARTS)):
        return f"+1{american.group(1)}"
    raise Refused("number", "Write this number with a plus and its country first, for example +1 212 555 0100.")


def is_same(one: str, other: str) -> bool:
    """Whether two numbers (as `digits` gives them) are one telephone, whichever of them lacks its country."""
    a, b = (number.lstrip("+").lstrip("0") for number in (one, other))
    if one.startswith("+") and other.startswith("+"):
        return a == b
    short, long = sorted((a, b), key=len)
    return len(short) >= LEAST and long.endswith(short)
