"""Make the fixture of this commit: `.venv/bin/python -m tests.upgrade.make_fixture`, from the repository's root.

Run it on the commit whose stored formats are to be kept, with nothing changed in `caseapp/`. It starts the real
program, makes a small office through its pages (nothing is written to the database by other means), packs what is
stored, and then lets this same commit send the reminders of the next two weeks from a restored copy, to write down
which Message-IDs a later program has to send. The result is the folder `tests/upgrade/<commit>/`.

The people are fictional. Passphrases, codes and keys protect nothing but this office.
"""

import http.client
import json
import re
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from html import unescape
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from tests.upgrade.old_office import (
    FIXTURES,
    OldOffice,
    Visitor,
    code_of_app,
    data_folder,
    later,
    pack,
    restored,
    running,
    wait_for,
)

ZONE = ZoneInfo("America/New_York")
START = datetime(2026, 11, 30, 9, 0, tzinfo=ZONE)  # a Monday
ANA, BEN = "ana@office.test", "ben@office.test"
PHONE, STOPPED_PHONE = "(212) 555-0143", "(212) 555-0178"
WORDS = re.compile(r'<ol class="words".*?</ol>', re.DOTALL)
# Half an hour after the morning's messages go out, and after the end of Ben's quiet hours.
TIMES = (time(7, 30), time(9, 30))
DAYS = tuple(date(2026, 12, day) for day in (1, 2, 3, 5, 6, 7, 8, 9, 11, 13, 14))
EARLY, LATE = TIMES
# Worked out by hand from docs/rules.md: reminders of a fatal deadline go out 14, 7, 3, 1 and 0 days before it, of a
# serious one 14, 7, 3 and 1, of a routine one 14 and 3, of a hearing 14, 7, 3 and 1. The lead is reminded 3 days
# before, admins on the day and on the working days after it. What is not urgent waits for the end of quiet hours.
PLANNED = (
    (ANA, date(2026, 12, 1), EARLY, "7 days before Farah Noori's fatal deadline of December 8"),
    (ANA, date(2026, 12, 2), EARLY, "7 days before Mateo Ixchel Tum's hearing of December 9"),
    (BEN, date(2026, 12, 2), LATE, "7 days before the hearing and the serious deadline of December 9"),
    (BEN, date(2026, 12, 3), LATE, "14 days before the routine deadline of December 17"),
    (ANA, date(2026, 12, 5), EARLY, "3 days before Farah Noori's fatal deadline"),
    (ANA, date(2026, 12, 6), EARLY, "3 days before the hearing of December 9"),
    (BEN, date(2026, 12, 6), EARLY, "3 days before the serious deadline of December 9: the lead's reminder is urgent"),
    (ANA, date(2026, 12, 7), EARLY, "7 days before Amina Warsame's fatal deadline of December 14"),
    (ANA, date(2026, 12, 8), EARLY, "the day of Farah Noori's fatal deadline"),
    (BEN, date(2026, 12, 8), EARLY, "1 day before the hearing and the serious deadline of December 9"),
    (ANA, date(2026, 12, 9), EARLY, "admin: the day of the serious deadline"),
    (ANA, date(2026, 12, 11), EARLY, "3 days before Amina Warsame's fatal deadline"),
    (ANA, date(2026, 12, 13), EARLY, "1 day before Amina Warsame's fatal deadline"),
    (ANA, date(2026, 12, 14), EARLY, "the day of Amina Warsame's fatal deadline"),
    (BEN, date(2026, 12, 14), LATE, "3 days before the routine deadline of December 17"),
)  # fmt: skip


@dataclass
class Entered:
    """The cases that were entered, for office.json."""

    cases: list[dict[str, Any]] = field(default_factory=list)

    def case(self, visitor: Visitor, name: str, a_number: str, **more: str) -> dict[str, Any]:
        """Open a case through the page and return its entry."""
        path = visitor.new_case(name, a_number=a_number, **more)
        entry: dict[str, Any] = {
            "path": path, "name": name, "a_number": a_number, "hearings": [], "deadlines": [], "texts": [],
            "documents": [], "opens_for": [ANA, BEN],
        }  # fmt: skip
        self.cases.append(entry)
        return entry


def main() -> int:
    """Make the folder of the commit that is checked out."""
    commit = _git("rev-parse", "--short=7", "HEAD")
    if _git("status", "--porcelain", "--", "caseapp"):
        print("caseapp/ differs from its commit: a fixture is what a commit writes.", file=sys.stderr)
        return 1
    folder = FIXTURES / commit
    folder.mkdir(exist_ok=True)
    archive = folder / "office.tar.gz"
    with data_folder() as root, running(root, START) as office:
        known = _fill(office)
        pack(office, archive)
        known["written_at"] = datetime.fromtimestamp(office.seconds(), UTC).isoformat()
    known = {"commit": _git("rev-parse", "HEAD"), **known}
    with restored(archive, later(known["written_at"], minutes=1)) as office:
        known["reminders"] = _send_two_weeks(office)
    text = json.dumps(known, indent=1, ensure_ascii=False)
    (folder / "office.json").write_text(f"{text}\n", encoding="utf-8")
    folder.chmod(0o755)
    for path in folder.iterdir():
        path.chmod(0o644)
        print(f"{path.relative_to(FIXTURES)}  {path.stat().st_size} bytes")
    return 0


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=FIXTURES, capture_output=True, text=True, check=True).stdout.strip()


def _fill(office: OldOffice) -> dict[str, Any]:
    """Make the office through pages; return what is known of it."""
    ana, ben = office.visitor(), office.visitor()
    ana.setup_code = office.stack.setup_code
    people = {"ana": {"email": ANA, "name": "Ana Ruiz"}, "ben": {"email": BEN, "name": "Ben Okafor"}}
    people["ana"]["passphrase"] = ana.found_office(email=ANA)
    sheets = ana.set_up_recovery()
    people["ana"]["app_secret"] = _set_up_app(office, ana)
    people["ben"]["passphrase"] = _join(office, ana, ben)
    hours = {"language": "en", "zone": ZONE.key, "is_quiet": "on", "quiet_from": "1200", "quiet_to": "540"}
    _post(ben, "/reminders/", {"act": "hours", **{f"hours-{name}": value for name, value in hours.items()}})
    entered = Entered()
    _amina(entered, ana)
    _mateo(entered, ana)
    _thida(entered, ana)
    _farah(entered, ana)
    _oksana(entered, ana, ben)
    _joseph(entered, ben)
    assert ana.get("/").status == 200  # Today: covers Ben's keys, merges what waits
    _stop_texts(office, ana)
    # A grant that Ben has not read yet, and an invitation that is not answered yet.
    _post(ana, "/staff/teams/new/", {"name": "Detained unit", "members": _member(ana, "Ben Okafor")})
    vera = {"email": "vera@office.test", "name": "Vera Lind", "role": "volunteer", "language": "en"}
    _post(ana, "/staff/invite/", vera)
    # Merged and tested by mail, so that the copy is an office at work; then one more save, whose plan still waits.
    office.rounds(later(START.isoformat(), minutes=8))
    office.ring("audit.checkpoint", "reminders.housekeeping")
    wait_for(lambda: office.ask("SELECT count(*) FROM audit_checkpoint") != [(0,)], "a checkpoint")
    wait_for(lambda: office.ask("SELECT count(*) FROM reminders_census") != [(0,)], "the census")
    _deadline(entered.cases[0], ana, "Supplement to the declaration", date(2026, 12, 22), "routine")
    assert office.ask("SELECT (SELECT count(*) FROM reminders_plan_a) + (SELECT count(*) FROM reminders_plan_b)") != [
        (0,)
    ], "the last plan was merged in the same second: make the fixture again"
    amina, mateo, _, farah, *_ = entered.cases
    return {
        "office": "Harbor Legal Aid",
        "people": people,
        "recovery_sheets": sheets,
        "team": "Detained unit",
        "invited": vera["name"],
        "today": {
            "names": [case["name"] for case in (amina, mateo, farah)],
            "dates": [amina["deadlines"][-2]["date"], farah["deadlines"][0]["date"]],
        },
        "agreed": amina["person"],
        "stopped": mateo["person"],
        "cases": entered.cases,
    }


def _amina(entered: Entered, ana: Visitor) -> None:
    """Open a case with everything: deadlines by rule and by hand, a document, a note with a past version, a contact."""
    case = entered.case(
        ana, "Amina Warsame", "000-104-220", other_names="أمينة ورسمه", languages="Somali, English",
        careful="Call after 5 PM. Do not leave voicemail.", phone=PHONE, phone_safe="yes",
        story="She kept the letters of her brother.", relief="asylum", **_boxes("last_arrival_on", date(2026, 4, 9)),
    )  # fmt: skip
    _hearing(case, ana, "individual", date(2027, 2, 17), time(8, 30), "Court North")
    # Worked out in tests/rules/vectors (v107): 30 days before Feb 17 is a holiday; Jan 19 by the rule, Jan 15 for us.
    case["deadlines"] += [{"date": "2027-01-15"}, {"date": "2027-01-19"}]
    # One year after Thu Apr 9, 2026 is Fri Apr 9, 2027; the safe day is the open day before.
    case["deadlines"] += [{"date": "2027-04-08"}, {"date": "2027-04-09"}]
    _deadline(case, ana, "Brief on the particular social group", date(2026, 12, 14), "fatal")
    _document(case, ana, "declaration.pdf", "Fictional declaration of Amina Warsame")
    first, second = "Called: the clinic sends its letter.", "Called: the clinic sent its letter."
    _post(ana, f"{case['path']}notes/new/", {"text": first, "told_by": "Amina"})
    note = _link(ana, case["path"], rf"{case['path']}notes/[0-9a-f-]{{36}}/")
    _post(ana, note, {"text": second, "version": ana.get(note).hidden()["version"]})
    case["texts"] += [second, "أمينة ورسمه", "Call after 5 PM"]
    case["undo"] = {"now": second, "before": first}
    _consent(case, ana, PHONE)
    _post(ana, f"{case['path']}tasks/new/", {"text": "Ask for the birth record", "owner": _member(ana, "Ana Ruiz")})
    case["texts"].append("Ask for the birth record")


def _mateo(entered: Entered, ana: Visitor) -> None:
    """Open a case with Ben appearing, and a client who answers STOP just before the copy is taken."""
    case = entered.case(
        ana, "Mateo Ixchel Tum", "000-338-017", languages="Mam", phone=STOPPED_PHONE, phone_safe="yes",
    )  # fmt: skip
    _hearing(case, ana, "master", date(2026, 12, 9), time(13, 30), "Court South", goes=_member(ana, "Ben Okafor"))
    _consent(case, ana, STOPPED_PHONE)
    case["texts"].append("Ben Okafor")


def _thida(entered: Entered, ana: Visitor) -> None:
    """Open a case whose deadline is done, with a past version of itself."""
    case = entered.case(ana, "Thida Win", "000-551-902", languages="Burmese")
    _deadline(case, ana, "Fee receipt", date(2026, 12, 10), "serious")
    path = _link(ana, case["path"], r"/deadlines/[0-9a-f-]{36}/")
    _post(ana, path, {"act": "done", "version": ana.get(path).hidden()["version"], "note": "Filed at the window."})


def _farah(entered: Entered, ana: Visitor) -> None:
    """Open a case that is restricted to Ana."""
    case = entered.case(ana, "Farah Noori", "000-760-415", languages="Dari", careful="Her employer must not know.")
    _deadline(case, ana, "Motion to reopen", date(2026, 12, 8), "fatal")
    _post(ana, f"{case['path']}access/", {"act": "wall"})
    case["opens_for"] = [ANA]


def _oksana(entered: Entered, ana: Visitor, ben: Visitor) -> None:
    """Open a case that is restricted, and share it with Ben."""
    case = entered.case(ana, "Oksana Kovalenko", "000-892-366", languages="Ukrainian", story="Оксана Коваленко")
    _post(ana, f"{case['path']}access/", {"act": "wall"})
    share = {"act": "share", "member": _member(ana, "Ben Okafor"), **_boxes("until", date(2027, 6, 30))}
    _post(ana, f"{case['path']}access/", share)
    assert ben.get(case["path"]).status == 200


def _joseph(entered: Entered, ben: Visitor) -> None:
    """Open a case of which Ben is the lead."""
    case = entered.case(ben, "Joseph Etienne", "000-217-644", languages="Haitian Creole")
    _deadline(case, ben, "Response to the request for evidence", date(2026, 12, 9), "serious")
    _deadline(case, ben, "Copies of the passport", date(2026, 12, 17), "routine")
    _document(case, ben, "notice.pdf", "Fictional notice for Joseph Etienne")


def _post(visitor: Visitor, path: str, fields: dict[str, str]) -> None:
    answer = visitor.post(path, fields)
    assert answer.status == 303, (path, answer.status, re.sub(r"<[^>]*>\s*", " ", answer.text))


def _link(visitor: Visitor, page: str, pattern: str) -> str:
    """Return the one address on a page that looks like `pattern`."""
    links = set(re.findall(pattern, visitor.get(page).text))
    assert len(links) == 1, (page, links)
    return str(links.pop())


def _boxes(name: str, on: date) -> dict[str, str]:
    return {f"{name}_day": str(on.day), f"{name}_month": str(on.month), f"{name}_year": str(on.year)}


def _member(visitor: Visitor, name: str) -> str:
    """Return a member's id from the page of people."""
    member = re.search(rf'href="/staff/([0-9a-f-]{{36}})/"[^>]*>(?:\s|<[^>]*>)*{name}', visitor.get("/staff/").text)
    assert member, visitor.get("/staff/").text
    return member.group(1)


def _hearing(case: dict[str, Any], visitor: Visitor, kind: str, on: date, at: time, court: str, goes: str = "") -> None:
    fields = {
        "kind": kind, "at": f"{at.hour % 12 or 12}:{at.minute:02d}", "half": "am" if at.hour < 12 else "pm",
        "court": court, "zone": ZONE.key, "way": "in_person", "goes": goes, **_boxes("on", on),
    }  # fmt: skip
    _post(visitor, f"{case['path']}hearings/new/", fields)
    moment = datetime.combine(on, at, ZONE).astimezone(UTC)
    case["hearings"].append({"court": court, "at": f"{moment:%Y-%m-%dT%H:%MZ}"})


def _deadline(case: dict[str, Any], visitor: Visitor, what: str, on: date, severity: str) -> None:
    fields = {"what": what, "severity": severity, "reason": "Order of the judge, page 2", **_boxes("due_on", on)}
    _post(visitor, f"{case['path']}deadlines/new/", fields)
    case["deadlines"].append({"what": what, "date": on.isoformat()})


def _document(case: dict[str, Any], visitor: Visitor, name: str, words: str) -> None:
    """Upload a small text that looks like a PDF, as a browser sends a file."""
    content = f"%PDF-1.4\n% {words}\n%%EOF\n"
    boundary, path = uuid4().hex, f"{case['path']}documents/"
    part = f'--{boundary}\r\nContent-Disposition: form-data; name="%s"'
    body = f"{part % 'csrfmiddlewaretoken'}\r\n\r\n{visitor.cookies['csrf_token']}\r\n"
    body += f'{part % "papers"}; filename="{name}"\r\nContent-Type: application/pdf\r\n\r\n{content}\r\n'
    headers = {
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Cookie": "; ".join(f"{key}={value}" for key, value in visitor.cookies.items()),
    }
    server = http.client.HTTPConnection("127.0.0.1", visitor.port, timeout=30)
    try:
        server.request("POST", path, f"{body}--{boundary}--\r\n".encode(), headers)
        answer = server.getresponse()
        assert answer.status == 303, answer.read().decode()
    finally:
        server.close()
    case["documents"].append({"name": name, "content": content})


def _consent(case: dict[str, Any], visitor: Visitor, phone: str) -> None:
    """Record that the client agreed to texts."""
    case["person"] = _link(visitor, case["path"], rf"{case['path']}people/[0-9a-f-]{{36}}/")
    fields = {"contact": phone, "detail": "plain", "language": "en", "asked_how": "phone", "told_by": ""}
    _post(visitor, f"{case['person']}consent/", {**fields, **_boxes("asked_on", START.date())})


def _stop_texts(office: OldOffice, ana: Visitor) -> None:
    """Make the address for STOP and let one client's number answer to it."""
    page = ana.post("/reminders/clients/", {"act": "make"})
    address = re.search(r"/in/[\w-]+/", page.text)
    assert address, page.text
    # After the consent by more than a minute, as a person would answer.
    office.set_clock(later(START.isoformat(), minutes=4))
    assert office.visitor().post(address.group(), {"From": "+12125550178", "Body": "STOP"}).status == 204
    assert office.ask("SELECT count(*) FROM accounts_stop") == [(1,)]


def _set_up_app(office: OldOffice, visitor: Visitor) -> str:
    """Add an authenticator app; return its secret."""
    page = visitor.get("/me/security/app/")
    secret = page.hidden()["proof"]
    shown = re.search(r'class="[^"]*\bcode\b[^"]*"[^>]*>([^<]+)<', page.text)
    assert shown, page.text
    plain = unescape(shown.group(1)).strip()
    code = code_of_app(plain, office.seconds())
    _post(visitor, "/me/security/app/", {"proof": secret, "code": code, "name": "Authenticator app"})
    return plain


def _join(office: OldOffice, ana: Visitor, ben: Visitor) -> str:
    """Invite Ben, follow the link of his mail, compare six words, approve; return his passphrase."""
    teams = dict.fromkeys(re.findall(r'name="teams" value="([0-9a-f-]{36})"', ana.get("/staff/invite/").text))
    asked = {"email": BEN, "name": "Ben Okafor", "role": "caseworker", "language": "en", "teams": next(iter(teams))}
    _post(ana, "/staff/invite/", asked)
    bodies = [str(letter.get_content()) for letter in office.box.letters if letter["To"] == BEN]
    (link,) = re.findall(r"/join/[\w-]+/", bodies[-1])
    ben.get(link)
    page = ben.post(link, {})
    words = " ".join(_six_words(page.text))
    _post(ben, link, {"step": "words", "proof": page.hidden()["proof"], "words": words})
    sheet = ben.get("/setup/recovery/")
    code = re.search(r'class="[^"]*\bcode\b[^"]*"[^>]*>([^<]+)<', sheet.text)
    assert code
    typed = {"proof": sheet.hidden()["proof"], "typed": unescape(code.group(1)).strip()}
    _post(ben, "/setup/recovery/", typed)
    invitation = _link(ana, "/staff/", r"/staff/invitations/[0-9a-f-]{36}/")
    assert _six_words(ana.get(invitation).text) == _six_words(ben.get("/waiting/").text)
    _post(ana, invitation, {"act": "let_in"})
    assert ben.get("/").status == 200
    return words


def _six_words(page: str) -> list[str]:
    words = WORDS.search(page)
    assert words, page
    return re.findall(r"<li>([a-z-]+)</li>", words.group())


def _send_two_weeks(office: OldOffice) -> list[dict[str, str]]:
    """Send on every morning of DAYS; return when each planned reminder came and under which Message-ID."""
    arrived: dict[tuple[str, str], str] = {}
    for day in DAYS:
        for at in TIMES:
            moment = datetime.combine(day, at, ZONE).astimezone(UTC)
            for to, mid in office.rounds(moment):
                assert (to, mid) not in arrived, (to, mid)
                arrived[to, mid] = moment.isoformat()
    logged: dict[str, str] = dict(office.ask("SELECT message_id, what FROM reminders_delivery"))
    reminders = []
    for to, day, at, why in PLANNED:
        planned = datetime.combine(day, at, ZONE).astimezone(UTC).isoformat()
        ids = [mid for (who, mid), when in arrived.items() if (who, when, logged[mid]) == (to, planned, "reminder")]
        assert len(ids) == 1, (to, day, at, why, ids, sorted((when, *key) for key, when in arrived.items()))
        reminders.append({"to": to, "at": planned, "message_id": ids[0], "why": why})
    return reminders


if __name__ == "__main__":
    raise SystemExit(main())
