"""What is measured: eight pages or acts, each with the check that it did what it is measured for.

Every check knows the content from the plaintext copy of the cases: a redirect, an empty list or a save that saved
nothing raises WrongAnswer and ends the bench.
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from caseapp.tools.bench.large_office.content import ZONE, open_day
from caseapp.tools.bench.pages.browser import Browser, PageAnswer, WrongAnswer

CASE_LINK = re.compile(r'href="/cases/([0-9a-f-]{36})/"')
DATE_LINK = re.compile(r'href="/(?:deadlines|hearings)/[0-9a-f-]{36}/"')
_numbers = count(1)


@dataclass(frozen=True)
class KnownOffice:
    """What the bench knows of the office: its members, and its cases in plaintext."""

    members: tuple[dict[str, str], ...]
    cases: tuple[dict[str, Any], ...]
    total: int


@dataclass
class Visitor:
    """One client: its browser, the office, and the number of its next visit, by which it chooses a case of its own.

    stride  how many clients there are: as far is it from a client's case to its next one
    """

    browser: Browser
    office: KnownOffice
    number: int
    stride: int = 8

    def next_case(self) -> dict[str, Any]:
        """Return a case that no other client of this bench takes now."""
        self.number += self.stride
        return self.office.cases[self.number % len(self.office.cases)]


def visit_today(visitor: Visitor) -> PageAnswer:
    """Open Today, which has rows of cases."""
    answer = visitor.browser.get("/").require("Today", status=200, contains="</html>")
    return _require_links("Today", answer, CASE_LINK, 1)


def visit_list(visitor: Visitor) -> PageAnswer:
    """Open the list of cases, which has a page of them."""
    answer = visitor.browser.get("/cases/?show=team").require("list", status=200, contains="</html>")
    return _require_links("list", answer, CASE_LINK, min(visitor.office.total, 25))


def visit_agenda(visitor: Visitor) -> PageAnswer:
    """Open the agenda of four weeks, which has dates."""
    path = f"/calendar/agenda/{_today().isoformat()}/"
    answer = visitor.browser.get(path).require("agenda", status=200, contains="</html>")
    return _require_links("agenda", answer, DATE_LINK, 1)


def visit_case(visitor: Visitor) -> PageAnswer:
    """Open a case, which names its client."""
    known = visitor.next_case()
    return visitor.browser.get(_path_of(known)).require("case", status=200, contains=known["case"]["name"])


def search(visitor: Visitor) -> PageAnswer:
    """Search the client of a case by two words of the name, and find the case."""
    known = visitor.next_case()
    fields = visitor.browser.read_form("/search/", "text") | {"text": " ".join(known["case"]["name"].split()[:2])}
    answer = visitor.browser.post("/search/", fields)
    if answer.location == _path_of(known):  # the only match opens at once
        return answer.require("search", status=303)
    return answer.require("search", status=200, contains=known["case"]["id"])


def save_note(visitor: Visitor) -> PageAnswer:
    """Save a note, which is on the case afterwards."""
    known, mark = visitor.next_case(), f"Bench note {next(_numbers)} of {visitor.number}."
    path = _path_of(known)
    fields = visitor.browser.read_form(f"{path}notes/new/", "text") | {"text": mark}
    return _require_saved("save", visitor, path, visitor.browser.post(f"{path}notes/new/", fields), mark)


def book_hearing(visitor: Visitor) -> PageAnswer:
    """Book a hearing with its filing deadlines; its room is on the case afterwards."""
    known, mark = visitor.next_case(), f"B{next(_numbers)}-{visitor.number}"
    path = f"{_path_of(known)}hearings/new/"
    day = open_day(_today() + dt.timedelta(days=200 + visitor.number % 200))
    fields = visitor.browser.read_form(path, "court")
    product = {"on_month": str(day.month), "on_day": str(day.day), "on_year": str(day.year), "at": "9:30", "half": "am"}
    twin = {"on": day.isoformat(), "at": "09:30", "format": "in_person"}
    fields |= product if "on_month" in fields else twin
    fields |= {"kind": "master", "way": "in_person", "court": "Harborview Immigration Court", "room": mark}
    return _require_saved("book", visitor, _path_of(known), visitor.browser.post(path, fields), mark)


def sign_in(visitor: Visitor) -> PageAnswer:
    """Sign in; Today opens afterwards."""
    member = visitor.office.members[visitor.number % len(visitor.office.members)]
    answer = visitor.browser.sign_in(member["email"], member["passphrase"])
    visit_today(visitor)
    return answer


Visit = Callable[[Visitor], PageAnswer]
VISITS: dict[str, Visit] = {
    "Today": visit_today,
    "list": visit_list,
    "agenda": visit_agenda,
    "case": visit_case,
    "search": search,
    "save": save_note,
    "book": book_hearing,
    "sign-in": sign_in,
}


def _require_links(page: str, answer: PageAnswer, link: "re.Pattern[str]", least: int) -> PageAnswer:
    rows = len(set(link.findall(answer.text)))
    if rows < least:
        raise WrongAnswer(f"{page}: {rows} rows, expected at least {least}")
    return answer


def _require_saved(page: str, visitor: Visitor, path: str, answer: PageAnswer, mark: str) -> PageAnswer:
    answer.require(page, status=303)
    visitor.browser.get(path).require(f"{page}, the case afterwards", status=200, contains=mark)
    return answer


def _path_of(known: dict[str, Any]) -> str:
    return f"/cases/{known['case']['id']}/"


def _today() -> dt.date:
    return dt.datetime.now(ZoneInfo(ZONE)).date()
