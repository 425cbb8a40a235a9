"""A fictional list of cases as a CSV file with the columns of a preset, some rows of it broken in each of five ways."""

import csv
import datetime as dt
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass

from caseapp.lib import clock
from caseapp.tools.bench.fictional_cases import GIVEN_NAMES, SYLLABLES

HEADINGS = (
    "Unique ID",
    "client_first_name",
    "client_last_name",
    "A-Number",
    "Date of Birth",
    "Country of Birth",
    "Languages",
    "Description",
    "Status",
    "Practice Area",
    "Responsible Attorney",
    "Open Date",
    "Hearing Date",
    "Hearing Time",
    "Hearing Type",
    "Court",
    "Statute of Limitations Date",
    "Receipt Number",
    "note",
)
COUNTRIES = ("Guatemala", "Guinea", "Ukraine", "Afghanistan", "Ethiopia", "Vietnam", "Honduras", "Haiti", "Iran")
AREAS = ("Asylum", "U visa", "SIJ", "TPS", "Family petition", "Cancellation of removal")
FAR = 120  # days from now on in which dates are


@dataclass(frozen=True)
class ListedRows:
    """A file, and the rows of it that are broken, by their number in the file, with the code of the reason."""

    content: bytes
    rows: int
    broken: dict[int, str]


def make_case_list(rows: int, *, first: int = 0, alike: Sequence[int] = ()) -> ListedRows:
    """Return a list of cases, the same in every run but for its dates, which are around the present day.

    first  number of the first case; its ids and A-Numbers follow from it
    alike  numbers of people of an earlier list, who are in this one too, misspelt and under another id
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    broken: dict[int, str] = {}
    again = iter(alike)
    for position in range(rows):
        cells = _cells(first + position)
        if position % 100 in {7, 37, 67}:
            reason = tuple(_BREAKS)[(position // 30) % len(_BREAKS)]
            _BREAKS[reason](cells)
            broken[position + 2] = reason
        elif position % 10 == 9 and (known := next(again, None)) is not None:
            _use_person(cells, known)
        writer.writerow(cells.values())
    return ListedRows(text.getvalue().encode(), rows, broken)


def _cells(number: int) -> dict[str, str]:
    draw = random.Random(number)  # noqa: S311  # fictional cases, no key
    today = clock.now().date()
    cells = dict.fromkeys(HEADINGS, "")
    cells |= {"Unique ID": f"M-{number:07d}", "Description": f"Matter {number}", "Status": "Open"}
    _name_person(cells, number, draw)
    cells["Practice Area"] = draw.choice(AREAS)
    cells["Responsible Attorney"] = draw.choice(("Ana Ruiz", "Ruiz, Ana", "Kim Park"))
    cells["Open Date"] = _day(today - dt.timedelta(days=draw.randint(30, 900)))
    if number % 2 == 0:
        on = _workday(today + dt.timedelta(days=draw.randint(20, FAR)))
        cells |= {"Hearing Date": _day(on), "Hearing Time": "1:30 PM", "Hearing Type": "Master", "Court": "New York"}
    if number % 3 == 0:
        cells["Statute of Limitations Date"] = _day(today + dt.timedelta(days=draw.randint(20, FAR)))
    if number % 4 == 0:
        cells["Receipt Number"] = f"EAC{number:010d}"
    if number % 2:
        cells["note"] = f"Told at the first meeting, number {number}: " + "what was said. " * draw.randint(1, 12)
    return cells


def _name_person(cells: dict[str, str], number: int, draw: random.Random) -> None:
    family = "".join(draw.choices(SYLLABLES, k=draw.randint(2, 4))).capitalize()
    cells["client_first_name"] = draw.choice(GIVEN_NAMES)
    cells["client_last_name"] = f"{family} {''.join(draw.choices(SYLLABLES, k=3)).capitalize()}"
    cells["A-Number"] = f"{number % 1_000_000:09d}"
    cells["Date of Birth"] = _day(dt.date(1950, 1, 1) + dt.timedelta(days=draw.randint(0, 20_000)))
    cells["Country of Birth"] = draw.choice(COUNTRIES)
    cells["Languages"] = draw.choice(("Spanish", "Mam", "Dari", "Amharic", "Ukrainian"))


def _use_person(cells: dict[str, str], number: int) -> None:
    """Make a row about the person of an earlier list, without the A-Number and with another spelling."""
    earlier = dict.fromkeys(HEADINGS, "")
    _name_person(earlier, number, random.Random(number))  # noqa: S311  # as above
    cells |= {name: earlier[name] for name in ("client_first_name", "Date of Birth", "Country of Birth")}
    cells |= {"client_last_name": earlier["client_last_name"].replace("n", "nn"), "A-Number": ""}


def _workday(day: dt.date) -> dt.date:
    return day + dt.timedelta(days=max(0, 7 - day.isoweekday()) if day.isoweekday() > 5 else 0)


def _day(day: dt.date) -> str:
    return f"{day:%m/%d/%Y}"


def _break_birth(cells: dict[str, str]) -> None:
    cells["Date of Birth"] = "02/30/1990"


def _break_order(cells: dict[str, str]) -> None:
    cells["Open Date"] = "25/06/2024"


def _break_year(cells: dict[str, str]) -> None:
    cells["Date of Birth"] = "05/05/19"


def _break_name(cells: dict[str, str]) -> None:
    cells["client_first_name"] = cells["client_last_name"] = ""


def _break_time(cells: dict[str, str]) -> None:
    cells |= {"Hearing Date": "02/01/2027", "Hearing Time": "29:75"}


_BREAKS = {
    "no_day": _break_birth,
    "date_other_order": _break_order,
    "short_year": _break_year,
    "name_missing": _break_name,
    "time_unknown": _break_time,
}
