"""Fictional people and conflict checks for the bench: names of many countries, families, and how they are misspelt."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from caseapp.conflicts.services.content import AskedPerson
from caseapp.index.conflicts.rows import ConflictPerson
from caseapp.tools.bench.fictional_cases import GIVEN_NAMES

# Syllables of family names: many different ones, as in the names of many countries together.
_ONSETS: Final = [
    "b",
    "c",
    "ch",
    "d",
    "dr",
    "f",
    "g",
    "gr",
    "h",
    "j",
    "k",
    "kh",
    "l",
    "m",
    "n",
    "ng",
    "p",
    "ph",
    "qu",
    "r",
    "s",
    "sh",
    "st",
    "t",
    "tr",
    "v",
    "w",
    "x",
    "y",
    "z",
    "zh",
]
_VOWELS: Final = ["a", "e", "i", "o", "u", "ai", "ou", "é", "ia"]
_CODAS: Final = ("", "", "", "n", "r", "s", "l", "m", "ng", "z", "k")
FAMILIES: Final = 30_000  # different family names, drawn with the frequency of real ones: few common, many rare
RELATED: Final = 3  # people of a case besides the client
CHECKS: Final = 20
FIRST_OTHER_LETTER: Final = "\u0370"  # Latin letters are before Greek and all other scripts
CaseOfPeople = tuple[bytes, tuple[ConflictPerson, ...]]
# Names that the checks write in another script; the office has them in Latin letters.
OTHER_SCRIPT: Final = (
    ("Mohammed Karimi", "محمد كريمي"),
    ("Olena Kovalenko", "Олена Коваленко"),
    ("Yusuf Rahmani", "يوسف رحماني"),
    ("Daryna Shevchuk", "Дарина Шевчук"),
)
# Other ways to write the same sounds, as offices and authorities do.
_SOUNDS: Final = (
    ("ph", "f"),
    ("sh", "ch"),
    ("ou", "u"),
    ("kh", "h"),
    ("ko", "co"),
    ("zh", "j"),
    ("qui", "ki"),
    ("y", "i"),
)


@dataclass(frozen=True)
class Check:
    """One check: what is asked, the case that it should find, and whether a birth year or a number is given."""

    asked: AskedPerson
    case_id: bytes
    has_fact: bool

    @property
    def is_latin(self) -> bool:
        """Return True for a name in Latin letters, with or without accents."""
        return max(self.asked.names[0]) < FIRST_OTHER_LETTER


def fictional_people(cases: int) -> list[CaseOfPeople]:
    """Return fictional cases with a client and three related people each, the same in every run."""
    draw = random.Random(20261130)  # noqa: S311  # fictional people, no key
    families = [_family_name(draw) for _ in range(FAMILIES)]
    weights = [1 / (rank + 20) for rank in range(FAMILIES)]
    drawn = iter(draw.choices(families, weights, k=cases * (RELATED + 1) * 2))
    people: list[CaseOfPeople] = []
    for number in range(cases):
        home = next(drawn)
        listed = []
        for at in range(RELATED + 1):
            name = f"{draw.choice(GIVEN_NAMES)} {home if draw.random() < 0.6 else next(drawn)} {next(drawn)}"
            if at == 0 and number < len(OTHER_SCRIPT):
                name = OTHER_SCRIPT[number][0]
            a_number = f"{number:09}" if at == 0 else ""
            phone = f"1999{number:07}" if at < 2 else ""
            listed.append(ConflictPerson((name,), a_number, (), (phone,) if phone else (), draw.randint(1940, 2024)))
        people.append((number.to_bytes(16, "big"), tuple(listed)))
    return people


def _family_name(draw: random.Random) -> str:
    parts = (draw.choice(_ONSETS) + draw.choice(_VOWELS) + draw.choice(_CODAS) for _ in range(draw.choice((2, 2, 3))))
    return "".join(parts).capitalize()


def fictional_checks(people: Sequence[CaseOfPeople]) -> list[Check]:
    """Return the checks, the same in every run: half with a birth year or a number, half by name alone."""
    draw = random.Random(20261201)  # noqa: S311  # fictional people, no key
    checks = []
    for number in range(CHECKS):
        has_fact = number % 2 == 0
        kind = number // 2 % 3
        if kind == 1 and number // 6 < len(OTHER_SCRIPT):
            case_id, listed = people[number // 6]
            person, name = listed[0], OTHER_SCRIPT[number // 6][1]
        else:
            case_id, listed = people[draw.randrange(len(OTHER_SCRIPT), len(people))]
            person = draw.choice(listed)
            name = _misspell(person.names[0], draw) if kind == 0 else _reorder(person.names[0])
        a_number = person.a_number if has_fact and kind == 2 else ""
        born = str(person.year) if has_fact and not a_number else ""
        checks.append(Check(AskedPerson(names=(name,), a_number=a_number, born=born), case_id, has_fact))
    return checks


def _misspell(name: str, draw: random.Random) -> str:
    """Return a name with one sound written otherwise, or two letters that changed places, in each longer word."""
    words = []
    for word in name.split():
        other = next((word.replace(old, new) for old, new in _SOUNDS if old in word), word)
        if other == word and len(word) > 3:
            at = draw.randrange(1, len(word) - 2)
            other = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        words.append(other)
    return " ".join(words)


def _reorder(name: str) -> str:
    """Return a name with the family names first."""
    given, *families = name.split()
    return " ".join((*families, given))
