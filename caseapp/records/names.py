"""Names and A-Numbers of people: parsing for storage, formatting for display."""

import re

from caseapp.lib.errors import Refused
from caseapp.lib.text.digits import normalise_digits
from caseapp.records.party import Party

NAME_LIMIT = 200  # characters
# Points and commas only between groups of three: a spreadsheet's 12345678.0 is not the number 123456780. The second
# letter is the Cyrillic one.
_A_NUMBER = re.compile(
    r"(?:[a\u0430](?:lien)?[ -]*(?:number|no|nr)?)?[ .:#-]*"
    r"(?P<digits>[0-9](?:[ -]*[0-9]){6,8}|[0-9]{1,3}(?P<point>[.,])[0-9]{3}(?P=point)[0-9]{3})[ .,;-]*",
    re.IGNORECASE,
)


def parse_a_number(text: str) -> str:
    """Return the nine digits of an A-Number as people write it (`A 012-345-678`; shorter ones get leading zeros).

    Empty stays empty. Raises Refused(code="a_number") unless it has 7 to 9 digits.
    """
    plain = normalise_digits(text)
    if not plain:
        return ""
    match = _A_NUMBER.fullmatch(plain)
    if match is None:
        raise Refused("a_number", "An A-Number has 7 to 9 digits, for example A012-345-678.")
    return re.sub("[^0-9]", "", match["digits"]).zfill(9)


def clean_full_name(text: str) -> str:
    """Return a name without surplus space. Raises Refused(code="name") when it is empty or over 200 characters."""
    name = " ".join(text.split())
    if not name:
        raise Refused("name", "Enter a name. If it is not known yet, write what the person is called.")
    if len(name) > NAME_LIMIT:
        raise Refused(
            "name",
            "This name has %(length)d characters. The limit is %(limit)d.",
            {"length": len(name), "limit": NAME_LIMIT},
        )
    return name


def format_a_number(number: str) -> str:
    """Return an A-Number formatted for display, for example 012-345-678."""
    return "-".join((number[:3], number[3:6], number[6:])) if number else ""


def short_name(party: Party) -> str:
    """Return `Family, G.` where both parts are known, else the name as written."""
    name = party.name
    if name.family and name.given:
        return f"{name.family}, {name.given[0]}."
    return name.full
