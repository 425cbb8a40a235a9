"""The immigration courts of the United States by name, city or code, with their addresses.

`courts.csv` was compiled on November 29, 2026 from public copies that its rows name; the address printed on the notice
of hearing counts. A court is found only by what names it and no other: a wrong address is worse than none.
"""

import csv
import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DIRECTORY = Path(__file__).with_name("courts.csv")
NOT_A_LETTER = re.compile(r"[^\w]+")
IN_EVERY_NAME = re.compile(r"\b(?:immigration|eoir|court)\b")


@dataclass(frozen=True)
class ListedCourt:
    """An open court of the directory. `zone` is an IANA time zone; `read_on` is the day of the source."""

    code: str
    name: str
    address: str
    zone: str
    source: str
    read_on: dt.date


def find_court(name: str) -> ListedCourt | None:
    """Return the court that a member named; None where the directory has none of that name, or several."""
    courts = _courts_by_key()
    return courts.get(_words_of(name)) or courts.get(_key_of(name))


def list_courts() -> tuple[ListedCourt, ...]:
    """Return every open court of the directory, by name."""
    return tuple(sorted(_open_courts(), key=lambda court: court.name))


def _words_of(name: str) -> str:
    return " ".join(NOT_A_LETTER.sub(" ", name.casefold()).split())


def _key_of(name: str) -> str:
    return " ".join(IN_EVERY_NAME.sub(" ", _words_of(name)).split())


@cache
def _rows() -> tuple[Mapping[str, str], ...]:
    with DIRECTORY.open(encoding="utf-8", newline="") as rows:
        return tuple(row for row in csv.DictReader(rows) if row["status"] == "open" and row["street_address"])


def _open_courts() -> Iterator[ListedCourt]:
    return map(_read_court, _rows())


def _read_court(row: Mapping[str, str]) -> ListedCourt:
    return ListedCourt(
        code=row["code"],
        name=row["name"],
        address=f"{row['street_address']}, {row['city']}, {row['state']} {row['postal_code']}",
        zone=row["time_zone"],
        source=row["source"],
        read_on=dt.date.fromisoformat(row["source_date"]),
    )


@cache
def _courts_by_key() -> Mapping[str, ListedCourt]:
    """Return the courts by each key that only one of them has."""
    by_key: dict[str, set[str]] = {}
    courts = {court.code: court for court in _open_courts()}
    for row in _rows():
        city = _key_of(row["city"])
        names = (row["code"], row["name"])
        for key in {*map(_words_of, names), *map(_key_of, names), city, f"{city} {row['state'].casefold()}"}:
            by_key.setdefault(key, set()).add(row["code"])
    return {key: courts[next(iter(codes))] for key, codes in by_key.items() if len(codes) == 1}
