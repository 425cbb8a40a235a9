"""What the cases of a large fictional office contain: people of many countries, dates, work and notes.

Each case depends on its number alone, so that every process and every run makes the same ones around the present day.
"""

import datetime as dt
import random
from dataclasses import dataclass
from functools import cache

from caseapp import rules
from caseapp.tools.bench.fictional_cases import GIVEN_NAMES, SYLLABLES

ZONE = "America/New_York"
FAMILY_NAMES = 6_000
COUNTRIES = (
    ("GT", "Mam"),
    ("HN", "Spanish"),
    ("VE", "Spanish"),
    ("HT", "Haitian Creole"),
    ("AF", "Dari"),
    ("UA", "Ukrainian"),
    ("ET", "Amharic"),
    ("CM", "French"),
    ("CN", "Mandarin"),
    ("IN", "Punjabi"),
    ("TR", "Turkish"),
    ("VN", "Vietnamese"),
)
COURTS = ("Harborview Immigration Court", "Millbrook Immigration Court", "Lakeshore Immigration Court")
JUDGES = ("Elena Marchetti", "Thomas Whitfield", "Priscilla Okonjo", "Ruth Lindqvist")
TASKS = (
    "Ask for the birth record",
    "Order a certified translation of the police report",
    "Call the interpreter agency",
    "Write to the expert witness",
    "Check the EAD receipt number",
    "Prepare the exhibit list",
)
SENTENCES = (
    "Met at the office for an hour with the interpreter.",
    "Brought the letters of two neighbours and the birth records of the children.",
    "Asked about the work permit; explained that the clock is running.",
    "The declaration is read back and two dates are corrected.",
    "Moves next month; the change of address is to be filed with the court.",
    "The clinic will send its report within three weeks.",
)
NOTICES = ("rfe", "address_change", "opponent_filing")


@dataclass(frozen=True)
class FictionalHearing:
    """A hearing on a day on which courts are open; one of an earlier day was continued."""

    kind: str
    day: dt.date
    hour: int
    court: str
    judge: str


@dataclass(frozen=True)
class FictionalCase:
    """The facts of one case. Members are numbers, counted around by who seals it."""

    number: int
    name: str
    other_name: str
    country: str
    language: str
    born_on: dt.date
    arrived_on: dt.date | None
    relief: str
    lead: int
    careful: str
    family: tuple[tuple[str, str, int], ...]  # name, role, year of birth
    hearings: tuple[FictionalHearing, ...]
    notice: str
    tasks: tuple[tuple[str, int | None, int], ...]  # text, days until it is due, member
    notes: tuple[str, ...]
    is_detained: bool
    has_document: bool


@cache
def family_names() -> tuple[str, ...]:
    """Return the family names that the cases share."""
    draw = random.Random(20261208)  # noqa: S311  # fictional names, no key
    return tuple("".join(draw.choices(SYLLABLES, k=draw.randint(2, 4))).capitalize() for _ in range(FAMILY_NAMES))


@cache
def open_day(day: dt.date, step: int = 1) -> dt.date:
    """Return the first day from `day` on, in steps of one day, on which a court is open."""
    while day.weekday() >= 5 or rules.public_holiday("US", day):
        day += dt.timedelta(days=step)
    return day


def fictional_case(number: int, today: dt.date) -> FictionalCase:
    """Return the case of a number, with its dates around `today`."""
    draw = random.Random(20261130 + number)  # noqa: S311  # a fictional case, no key
    families = family_names()
    home, (country, language) = draw.choice(families), draw.choice(COUNTRIES)
    name = f"{draw.choice(GIVEN_NAMES)} {home} {draw.choice(families)}"
    return FictionalCase(
        number=number,
        name=name,
        other_name=f"{name.split()[0]} {draw.choice(families)}" if draw.random() < 0.2 else "",
        country=country,
        language=language,
        born_on=dt.date(draw.randrange(1950, 2008), draw.randrange(1, 13), draw.randrange(1, 29)),
        arrived_on=today - dt.timedelta(days=draw.randrange(30, 1500)) if draw.random() < 0.8 else None,
        relief=draw.choice(("asylum", "asylum", "cancellation", "sij", "withholding")),
        lead=draw.randrange(1_000),
        careful="Call after 5 PM. Do not leave voicemail." if draw.random() < 0.1 else "",
        family=_family(draw, home),
        hearings=_hearings(draw, today),
        notice=draw.choice(NOTICES) if draw.random() < 0.12 else "",
        tasks=_tasks(draw),
        notes=tuple(" ".join(draw.choices(SENTENCES, k=draw.randint(1, 5))) for _ in range(draw.randint(1, 4))),
        is_detained=draw.random() < 0.02,
        has_document=draw.random() < 0.05,
    )


def _family(draw: random.Random, home: str) -> tuple[tuple[str, str, int], ...]:
    roles = draw.choice(((), (), ("spouse",), ("rider",), ("rider", "rider"), ("spouse", "child")))
    return tuple((f"{draw.choice(GIVEN_NAMES)} {home}", role, draw.randrange(1960, 2022)) for role in roles)


def _hearings(draw: random.Random, today: dt.date) -> tuple[FictionalHearing, ...]:
    days = []
    if draw.random() < 0.3:
        days.append(open_day(today - dt.timedelta(days=draw.randrange(20, 300)), -1))
    if draw.random() < 0.7:
        days.append(open_day(today + dt.timedelta(days=draw.randrange(0, 700))))
    return tuple(
        FictionalHearing(
            kind=draw.choice(("master", "master", "individual")),
            day=day,
            hour=draw.choice((8, 9, 13)),
            court=draw.choice(COURTS),
            judge=draw.choice(JUDGES),
        )
        for day in days
    )


def _tasks(draw: random.Random) -> tuple[tuple[str, int | None, int], ...]:
    return tuple(
        (draw.choice(TASKS), draw.choice((None, draw.randrange(-5, 60))), draw.randrange(1_000))
        for _ in range(draw.choice((0, 1, 1, 2)))
    )
