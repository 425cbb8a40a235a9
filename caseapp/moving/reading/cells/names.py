"""Names of people in cells: separate columns first, a comma next, never a guess."""

import re
from typing import NamedTuple

from caseapp.records.party import Name

_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv)\.?", re.IGNORECASE)
_SEVERAL = re.compile(r"[/;&\n]| (?:and|y|et) ", re.IGNORECASE)
_COMPANY = re.compile(
    r"\b(?:inc|llc|l\.l\.c|ltd|corp|corporation|company|foundation|association|university|hospital"
    r"|services|clinic|department|s\.?a\.?r\.?l|fundaci[oó]n|iglesia|asociaci[oó]n|escuela)\b\.?",
    re.IGNORECASE,
)


class ReadName(NamedTuple):
    """A name, with what a person should look at: name_unsplit, several_people, company."""

    name: Name
    remark: str = ""


def join_name(given: str, middle: str, family: str, suffix: str = "") -> Name:
    """Return the name of separate columns."""
    parts = [given, middle, family, suffix]
    full = " ".join(" ".join(part.split()) for part in parts if part)
    return Name(full=full, given=" ".join(f"{given} {middle}".split()), family=" ".join(family.split()))


def split_name(text: str, *, family_first: bool) -> ReadName:
    """Return the name of one cell: "Family, Given" by its comma, "Family Given" only if the heading says so.

    Anything else stays whole, as the display name.
    """
    whole = " ".join(text.split())
    if _COMPANY.search(whole):
        return ReadName(Name(full=whole), "company")
    if _SEVERAL.search(text.strip()):
        return ReadName(Name(full=whole), "several_people")
    pieces = [piece.strip() for piece in whole.split(",")]
    if len(pieces) == 3 and _SUFFIX.fullmatch(pieces[1]):
        pieces = [pieces[0], f"{pieces[2]}", pieces[1]]
    elif len(pieces) == 3 and not _SUFFIX.fullmatch(pieces[2]):
        return ReadName(Name(full=whole), "name_unsplit")
    if len(pieces) in {2, 3} and all(pieces):
        if _SUFFIX.fullmatch(pieces[1]):
            return ReadName(Name(full=whole), "name_unsplit")
        suffix = pieces[2] if len(pieces) == 3 else ""
        return ReadName(join_name(pieces[1], "", pieces[0], suffix))
    words = whole.split()
    if family_first and len(words) == 2 and "," not in whole:
        return ReadName(join_name(words[1], "", words[0]))
    return ReadName(Name(full=whole), "name_unsplit" if len(words) > 1 else "")


def is_company(text: str) -> bool:
    """Return whether a name is one of an organisation."""
    return bool(_COMPANY.search(text))


def split_list(text: str) -> tuple[str, ...]:
    """Return the parts of a cell with several values, separated by semicolons or line breaks."""
    return tuple(part for piece in re.split(r"[;\n]", text) if (part := " ".join(piece.split())))
