"""What an older commit wrote opens, signs in and sends its reminders on the program that is checked out.

Each folder next to this file is an office as one commit stored it (README.md). The test depends on commands, pages,
tables and task names, which are kept, and not on modules, which move.
"""

import re
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from tests.upgrade.old_office import (
    FIXTURES,
    TASKS,
    OldOffice,
    Visitor,
    code_of_app,
    fixtures,
    later,
    read,
    restored,
    shows_date,
    wait_for,
)

pytestmark = pytest.mark.stack
LINKED = re.compile(r'href="(/(?:hearings|deadlines)/[0-9a-f-]{36}/)"')
DOCUMENT = re.compile(r'href="(/documents/[0-9a-f-]{36}/)"')
UNDO = re.compile(r'name="record" value="([0-9a-f-]{36})"[^>]*>\s*<input[^>]*name="version" value="(\d+)"')
# What a log says of a sealed value that does not open, or of a task whose name the worker does not know (a KeyError).
FAILURES = re.compile(r"\bERROR\b|an exception|OpenFailed|NoKey|Traceback")


@pytest.mark.parametrize("name", fixtures())
def test_an_office_that_an_older_commit_wrote_opens_and_sends_its_reminders(name: str) -> None:
    known = read(name)
    moments = sorted({datetime.fromisoformat(reminder["at"]) for reminder in known["reminders"]})
    with restored(FIXTURES / name / "office.tar.gz", later(known["written_at"], minutes=1)) as office:
        arrived = _send(office, moments[:1])  # from the rows as they were written, before any member signs in
        _has_merged_every_plan(office)
        _is_healthy(office)
        ana, ben = _sign_in(office, known["people"]["ana"]), _sign_in(office, known["people"]["ben"])
        _opens_every_list(known, known["people"]["ana"]["email"], ana)
        _opens_every_list(known, known["people"]["ben"]["email"], ben)
        _opens_the_audit_trail(known, ana)
        for case in known["cases"]:
            _opens_case(case, known["people"]["ana"]["email"], ana)
            _opens_case(case, known["people"]["ben"]["email"], ben)
        _shows_today(known, ana)
        _opens_what_waited(office, known, ana, ben)
        _takes_back_a_change(known, ana)
        _recovery_sheets_open_every_key(known, ana)
        arrived += _send(office, moments[1:])
        _every_planned_reminder_arrived_once(known, arrived)
        _runs_every_task(office)
        _sign_in(office, known["people"]["ana"])
        _is_healthy(office)
        assert [line for line in office.log_lines() if FAILURES.search(line)] == []


def _send(office: OldOffice, moments: list[datetime]) -> list[tuple[str, str, datetime]]:
    """Send what is due at these moments; return (recipient, Message-ID, moment) of every letter that arrived."""
    return [(to, message_id, moment) for moment in moments for to, message_id in office.rounds(moment)]


def _has_merged_every_plan(office: OldOffice) -> None:
    """Check that the plan which was still waiting opened. A plan that does not open is counted as unread."""
    waiting = "SELECT (SELECT count(*) FROM reminders_plan_a) + (SELECT count(*) FROM reminders_plan_b)"
    assert office.ask(waiting) == [(0,)]
    assert office.ask("SELECT unread FROM reminders_outbox_state") == [(0,)]


def _every_planned_reminder_arrived_once(known: dict[str, Any], arrived: list[tuple[str, str, datetime]]) -> None:
    """Compare with what the older commit sent itself. Further messages (self-tests, other days) are allowed."""
    missing = [
        reminder
        for reminder in known["reminders"]
        if (reminder["to"], reminder["message_id"], datetime.fromisoformat(reminder["at"])) not in arrived
    ]
    assert missing == [], arrived
    twice = [message_id for message_id, count in Counter(mid for _, mid, _ in arrived).items() if count > 1]
    assert not twice, (twice, arrived)


def _sign_in(office: OldOffice, person: dict[str, str]) -> Visitor:
    """Sign in through the pages, with the second factor where there is one, and open Today."""
    visitor = office.visitor()
    visitor.get("/sign-in/")
    answer = visitor.post("/sign-in/", {"email": person["email"], "passphrase": person["passphrase"]})
    assert answer.status == 303, answer.text
    if "app_secret" in person:
        assert answer.location.startswith("/sign-in/factor/"), answer.location
        code = code_of_app(person["app_secret"], office.seconds())
        answer = visitor.post(answer.location, {"code": code})
        assert answer.status == 303, answer.text
    assert visitor.get("/").status == 200
    return visitor


def _opens_every_list(known: dict[str, Any], email: str, visitor: Visitor) -> None:
    """Find every client of this member's cases in the case list and by search, and no client of a restricted case."""
    mine = {case["name"] for case in known["cases"] if email in case["opens_for"]}
    pages = visitor.get("/cases/").text + visitor.get("/cases/?show=team").text
    assert {case["name"] for case in known["cases"] if case["name"] in pages} == mine
    for case in known["cases"]:
        answer = visitor.post("/search/", {"text": case["name"].split()[0].lower()})
        assert answer.status in {200, 303}  # a single hit opens at once
        assert (case["path"] in answer.text + answer.location) == (case["name"] in mine), case["name"]


def _shows_today(known: dict[str, Any], ana: Visitor) -> None:
    today = ana.get("/").text
    assert [name for name in known["today"]["names"] if name not in today] == []
    assert [text for text in known["today"]["dates"] if not shows_date(today, text)] == []


def _opens_case(case: dict[str, Any], email: str, visitor: Visitor) -> None:
    """Compare the case page and the pages it links to with what was entered."""
    page = visitor.get(case["path"])
    if email not in case["opens_for"]:
        assert page.status == 404
        return
    assert page.status == 200
    linked = [visitor.get(path) for path in sorted({*LINKED.findall(page.text)})]
    assert {answer.status for answer in linked} <= {200}
    everything = unescape("\n".join(answer.text for answer in (page, *linked)))
    wanted = [case["name"], case["a_number"], *case["texts"]]
    wanted += [hearing["court"] for hearing in case["hearings"]]
    wanted += [deadline["what"] for deadline in case["deadlines"] if "what" in deadline]
    assert [text for text in wanted if text not in everything] == []
    dates = [hearing["at"] for hearing in case["hearings"]] + [deadline["date"] for deadline in case["deadlines"]]
    assert [text for text in dates if not shows_date(everything, text)] == []
    documents = sorted({*DOCUMENT.findall(visitor.get(f"{case['path']}documents/").text)})
    contents = [visitor.get(f"{path}download/").text for path in documents]
    assert sorted(contents) == sorted(document["content"] for document in case["documents"])


def _opens_the_audit_trail(known: dict[str, Any], ana: Visitor) -> None:
    """Read the entries of the day on which the office was written: of each case, and of the whole office."""
    day = known["written_at"][:10]
    for case in known["cases"]:
        assert shows_date(ana.get(f"{case['path']}trail/").text, day), case["name"]
    earlier = re.search(rf'href="([^"]*{day}[^"]*)"', ana.get("/trail/").text)
    assert earlier
    entries = ana.get(f"/trail/{earlier.group(1).removeprefix('/trail/')}").text
    assert [person["name"] for person in known["people"].values() if person["name"] not in entries] == []


def _opens_what_waited(office: OldOffice, known: dict[str, Any], ana: Visitor, ben: Visitor) -> None:
    """Look at what was stored for another member: a grant, an invitation, a client's STOP."""
    assert office.ask("SELECT count(*) FROM accounts_grant") == [(0,)]
    assert known["team"] in ben.get("/team/").text
    assert known["invited"] in ana.get("/team/").text
    assert f"{known['agreed']}withdraw/" in ana.get(known["agreed"]).text
    wait_for(lambda: _has_stopped(known, ana), "upkeep to open the client's STOP")


def _has_stopped(known: dict[str, Any], ana: Visitor) -> bool:
    """Open Today, which begins upkeep, and look whether the client's agreement can still be withdrawn."""
    ana.get("/")
    return f"{known['stopped']}withdraw/" not in ana.get(known["stopped"]).text


def _takes_back_a_change(known: dict[str, Any], ana: Visitor) -> None:
    """Undo the older program's last change of a note: its past version opens. Then write a note of our own."""
    case = next(case for case in known["cases"] if "undo" in case)
    before, now = case["undo"]["before"], case["undo"]["now"]
    page = ana.get(case["path"]).text
    assert now in page
    assert before not in page
    (record,) = {record for record, version in UNDO.findall(page) if version == "2"}
    answer = ana.post("/undo/", {"case": case["path"].split("/")[2], "record": record, "version": "2"})
    assert answer.status == 303, answer.text
    assert ana.post(f"{case['path']}notes/new/", {"text": "Written after the upgrade."}).status == 303
    page = ana.get(case["path"]).text
    assert before in page
    assert now not in page
    assert "Written after the upgrade." in page


def _recovery_sheets_open_every_key(known: dict[str, Any], ana: Visitor) -> None:
    """Test-open the office's recovery with two of its three printed sheets, by the command, as their holders do."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(ana.get("/recovery/test/").text)
        file.flush()
        typed = "\n".join([*known["recovery_sheets"][1:], ""])
        command = [str(Path(sys.executable).with_name("caseapp")), "recover", "test", file.name]
        ended = subprocess.run(command, input=typed, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 0, ended.stderr
    code = ended.stdout.strip().rpartition(": ")[2]
    assert ana.post("/recovery/", {"act": "test", "code": code}).status == 303


def _runs_every_task(office: OldOffice) -> None:
    """Ring every task by its name of that time, and wait for the nightly count, which the last but one makes."""
    office.ring(*TASKS)
    counted = "SELECT count(*) FROM reminders_census WHERE counted_at >= "
    wait_for(lambda: office.ask(f"{counted} '{office.now.isoformat()}'") == [(1,)], "reminders.housekeeping")


def _is_healthy(office: OldOffice) -> None:
    for command in (("doctor",), ("audit", "verify")):
        ended = office.command(*command)
        assert ended.returncode == 0, (ended.stdout, ended.stderr)
