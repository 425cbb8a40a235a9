"""The likeness of two people: a score from 0 to 1, and each reason for and against as a code with its values.

Reasons for are combined as independent chances (0.6 and 0.5 give 0.8), reasons against multiply what is left. A birth
date or a country supports a name or a number; without one of them it is no reason.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from typing import Final

from rapidfuzz.distance import OSA

from caseapp.index.likeness.identity import Identity
from caseapp.index.likeness.names import compare_names
from caseapp.lib.partial_dates import PartialDate
from caseapp.lib.text.phones import is_same_number

ASK_FROM: Final = 0.5  # score from which a member is asked
SAME_A_NUMBER: Final = 0.97
SAME_NUMBER: Final = 0.90
SAME_PHONE: Final = 0.60
CLOSE_A_NUMBER: Final = 0.30
SAME_BIRTH_DATE: Final = 0.60
ASSIGNED_BIRTH_DATE: Final = 0.35
SWAPPED_BIRTH: Final = 0.45
SAME_BIRTH_MONTH: Final = 0.35
SAME_DAY_AND_MONTH: Final = 0.25
SAME_BIRTH_YEAR: Final = 0.20
SAME_COUNTRY: Final = 0.05
# What is left of a score after a reason against.
OTHER_A_NUMBER: Final = 0.65
OTHER_NAME: Final = 0.90
OTHER_COUNTRY: Final = 0.85
OTHER_BIRTH_DATE: Final = 0.90
NEAR_BIRTH_YEAR: Final = 0.80
OTHER_BIRTH_YEAR: Final = 0.55


@dataclass(frozen=True)
class Reason:
    """A reason for or against, with the value of each person. Countries are alpha-2 codes, dates "1987-05-09"."""

    code: str
    mine: str = ""
    theirs: str = ""


@dataclass(frozen=True)
class Likeness:
    """The result of a comparison. `score` is 0 to 1."""

    score: float
    reasons_for: tuple[Reason, ...] = ()
    reasons_against: tuple[Reason, ...] = ()

    @property
    def is_close(self) -> bool:
        """Return True where a member is to be asked."""
        return self.score >= ASK_FROM

    @property
    def degree(self) -> str:
        """Return very_likely, likely, possible, or unlikely."""
        steps = ((0.85, "very_likely"), (0.65, "likely"), (ASK_FROM, "possible"))
        return next((word for least, word in steps if self.score >= least), "unlikely")


@dataclass(frozen=True)
class _Weighed:
    """A reason with its weight: of one for, the chance; of one against, what is left."""

    weight: float
    reason: Reason


def compare(mine: Identity, theirs: Identity, *, share_phone: bool = True) -> Likeness:
    """Return how alike two people are.

    share_phone  False for people of one case, who often share a telephone: it is no reason then
    """
    primary = [*_same_numbers(mine, theirs), *(_same_phones(mine, theirs) if share_phone else ())]
    name = compare_names(mine.prepared_names, theirs.prepared_names)
    if name is not None:
        primary.append(_Weighed(name.weight, Reason(name.code, name.mine, name.theirs)))
    if not primary:
        return Likeness(0.0)
    births = _birth_reasons(mine.birth, theirs.birth)
    countries = _country_reasons(mine.countries, theirs.countries)
    supports = [each for each in (births[0], countries[0]) if each]
    against = [each for each in (_other_a_number(mine, theirs), births[1], countries[1]) if each]
    if name is None and mine.prepared_names and theirs.prepared_names:
        reason = Reason("other_name", mine.prepared_names[0].written, theirs.prepared_names[0].written)
        against.append(_Weighed(OTHER_NAME, reason))
    reasons_for = sorted((*primary, *supports), key=lambda each: -each.weight)
    reasons_against = sorted(against, key=lambda each: each.weight)
    return Likeness(
        _score(reasons_for, reasons_against),
        tuple(each.reason for each in reasons_for),
        tuple(each.reason for each in reasons_against),
    )


def _score(reasons_for: Iterable[_Weighed], reasons_against: Iterable[_Weighed]) -> float:
    """Return the score; the same A-Number, number or telephone is always a reason to ask, whatever is against it."""
    codes = {each.reason.code for each in reasons_for}
    chance = 1 - prod(1 - each.weight for each in reasons_for)
    left = prod(each.weight for each in reasons_against)
    least = 0.9 if "same_a_number" in codes else ASK_FROM if codes & {"same_number", "same_phone"} else 0.0
    return round(max(least, chance * left), 4)


def _same_numbers(mine: Identity, theirs: Identity) -> Iterable[_Weighed]:
    # A person can have two A-Numbers; the older one is often among the other numbers.
    shared = _a_numbers_of(mine) & _a_numbers_of(theirs)
    if (mine.a_number in shared or theirs.a_number in shared) and shared:
        number = min(shared)
        yield _Weighed(SAME_A_NUMBER, Reason("same_a_number", number, number))
        return
    if _is_one_error_away(mine.a_number, theirs.a_number):
        yield _Weighed(CLOSE_A_NUMBER, Reason("close_a_number", mine.a_number, theirs.a_number))
    for number in sorted(mine.number_keys & theirs.number_keys)[:1]:
        yield _Weighed(SAME_NUMBER, Reason("same_number", number, number))


def _a_numbers_of(person: Identity) -> frozenset[str]:
    nine = {number for number in person.number_keys if len(number) == 9 and number.isdigit()}
    return frozenset({person.a_number, *nine} - {""})


def _is_one_error_away(first: str, second: str) -> bool:
    """Return True for two A-Numbers that differ in one digit, or in two neighbours that changed places."""
    return bool(first and second) and OSA.distance(first, second, score_cutoff=1) == 1


def _other_a_number(mine: Identity, theirs: Identity) -> _Weighed | None:
    first, second = mine.a_number, theirs.a_number
    if first in theirs.number_keys or second in mine.number_keys:
        return None
    if not first or not second or first == second or _is_one_error_away(first, second):
        return None
    return _Weighed(OTHER_A_NUMBER, Reason("other_a_number", first, second))


def _same_phones(mine: Identity, theirs: Identity) -> Iterable[_Weighed]:
    pairs = ((a, b) for a in sorted(mine.phone_keys) for b in sorted(theirs.phone_keys) if is_same_number(a, b))
    for first, second in list(pairs)[:1]:
        yield _Weighed(SAME_PHONE, Reason("same_phone", first, second))


def _country_reasons(mine: Iterable[str], theirs: Iterable[str]) -> tuple[_Weighed | None, _Weighed | None]:
    first, second = set(mine), set(theirs)
    if shared := " ".join(sorted(first & second)):
        return _Weighed(SAME_COUNTRY, Reason("same_country", shared, shared)), None
    if first and second:
        return None, _Weighed(OTHER_COUNTRY, Reason("other_country", " ".join(sorted(first)), " ".join(sorted(second))))
    return None, None


def _birth_reasons(mine: PartialDate | None, theirs: PartialDate | None) -> tuple[_Weighed | None, _Weighed | None]:
    """Return what the births say for and against."""
    if mine is None or theirs is None:
        return None, None
    if mine.year == theirs.year:
        return _births_in_one_year(mine, theirs)

    def weigh(weight: float, code: str) -> _Weighed:
        return _Weighed(weight, Reason(code, str(mine), str(theirs)))

    against = weigh(NEAR_BIRTH_YEAR if abs(mine.year - theirs.year) == 1 else OTHER_BIRTH_YEAR, "other_birth_year")
    is_same_day = bool(mine.day) and (mine.month, mine.day) == (theirs.month, theirs.day) and not _is_assigned(mine)
    return (weigh(SAME_DAY_AND_MONTH, "same_birth_day_and_month") if is_same_day else None), against


def _births_in_one_year(mine: PartialDate, theirs: PartialDate) -> tuple[_Weighed | None, _Weighed | None]:
    def weigh(weight: float, code: str) -> _Weighed:
        return _Weighed(weight, Reason(code, str(mine), str(theirs)))

    if mine == theirs and mine.day:
        return weigh(ASSIGNED_BIRTH_DATE if _is_assigned(mine) else SAME_BIRTH_DATE, "same_birth_date"), None
    if mine.day and theirs.day:
        if (mine.month, mine.day) == (theirs.day, theirs.month):
            return weigh(SWAPPED_BIRTH, "birth_day_and_month_swapped"), None
        if _is_assigned(mine) or _is_assigned(theirs):
            return weigh(SAME_BIRTH_YEAR, "same_birth_year"), None
        return weigh(SAME_BIRTH_YEAR, "same_birth_year"), weigh(OTHER_BIRTH_DATE, "other_birth_date")
    if mine.month and mine.month == theirs.month:
        return weigh(SAME_BIRTH_MONTH, "same_birth_month"), None
    return weigh(SAME_BIRTH_YEAR, "same_birth_year"), None


def _is_assigned(birth: PartialDate) -> bool:
    """Return True for the first of January, which authorities write where the day is not known."""
    return (birth.month, birth.day) == (1, 1)
