"""The main job as a caseworker does it, in a real browser over a whole running Caseapp; then what a thief finds."""

import hashlib
import json
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FilePayload, Page, expect, sync_playwright

from caseapp.tools.pytest_plugin import CASEAPP, bare_environment, find_chromium
from caseapp.vault.core import onetime, primitives
from caseapp.vault.core.envelope import CaseCipher
from tests.helpers import authenticator_app
from tests.helpers.attacker import Sealed
from tests.helpers.browsing import follow, press
from tests.stack import papers, thief
from tests.stack.conftest import Office

pytestmark = [pytest.mark.stack, pytest.mark.browser]
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-component-update",
    "--disable-background-networking", "--disable-sync",
]  # fmt: skip
EMAIL = "ana.ruiz@harbor-office.test"
NAME, OTHER_NAME, A_NUMBER = "Zarmineh Qaderzoy", "Zarmeeneh Quaderzoy", "000-583-917"
STORY = "Her uncle Bashirzamin hid the twelve letters below the well"
NOTE = "Telephoned; the landlord Mr Oyelowokan knows nothing"
PAPER, PAPER_WORDS = "tazkira-qaderzoy.pdf", "Sworn statement of the bookseller Wadsworth"
PHONE, DIALLED, SISTER = "(212) 555-0186", "+12125550186", "Nilufarin Esmati"
INVITED, INVITED_NAME = "solveig.brandvik@posthuset.test", "Solveig Brandvik"
UNSAVED = "Her cousin Farahnaz works at the tannery"
CALL = "Her sister answers in Pashto after four"
PHOTO, PHOTO_WORDS = "courtyard-kandibagh.png", "Photographed by Esfandyari behind the mosque"
NEEDLES = {
    "name": NAME, "name-other": OTHER_NAME, "a-number": A_NUMBER, "story": STORY, "note": NOTE, "file-name": PAPER,
    "file-body": PAPER_WORDS, "photo-name": PHOTO, "photo-comment": PHOTO_WORDS, "uncle": "Bashirzamin",
    "landlord": "Oyelowokan", "phone": PHONE, "phone-dialled": DIALLED, "told-by": SISTER, "call": CALL,
    "confirmation": "QZL-88241-7730",
    "invited": INVITED, "invited-name": INVITED_NAME,
    "unsaved": UNSAVED, "cousin": "Farahnaz", "facility": "Quarvane Skellholm",
    "reason-of-a-reading": "Vashtimore v. Quellindale", "court-of-paper": "Zephyrine Quay",
    "note-of-a-key-date": "Card kept by Gulnoza Rahmatullah",
    "view": "Asked for by Perpetua Oduyale", "asker": "Perpetua Oduyale",
    "video-link": "https://court-video.test/Quenby-4417", "to-bring": "The letter of grandmother Parwaneshah",
    "intake-name": "Dashzevegiin Oyuntungalag", "intake-relative": "Bayarmagnai Chuluunkhuu",
    "intake-about": "Evicted by the harbourmaster Strandquist",
    "intake-safety": "Only through the laundry on Pelleter Row",
    "intake-reason": "Our Tigrinya speaker Weldegebriel has room", "intake-authority": "Tribunal of Vorskla Ferry",
    "intake-sender": "Sister Philomena of the soup kitchen", "intake-place": "Crossed at Quemado del Norte",
    "reply": "My niece Ozodamoh waits at the ferry", "niece": "Ozodamoh",
    "checked-name": "Thandolwethu Vashkornby", "checked-other": "Vashkornbee", "checked-number": "ZQ-7741-90018",
    "check-note": "Her cousin Ysoldebrand rang", "check-cousin": "Ysoldebrand",
    "check-sentence": "Please ring Quorissa before the intake", "check-ring": "Quorissa",
    "entry-place": "Crossing near Ojindarra", "gender": "tumtunirra", "referred-by": "Shelter of Amberlynne Quash",
    "earlier-order": "Removed from Brackendune in absentia", "docket": "QXV-5518-2071",
    "export-reason": "We move to the server of Ondrejkova",
    "check-reason": "Adverse party of Wrenfeather in 2019", "check-party": "Wrenfeather",
}  # fmt: skip


@pytest.fixture
def page(office: Office, tmp_path: Path) -> Generator[Page]:
    profile = tmp_path / "profile"
    with sync_playwright() as driver:
        browser = driver.chromium.launch_persistent_context(
            str(profile),
            executable_path=find_chromium(),
            args=ARGUMENTS,
            viewport={"width": 1366, "height": 900},
            timezone_id="America/New_York",
        )
        browser.set_default_timeout(20_000)
        yield browser.pages[0]
        browser.close()


def test_the_main_job(office: Office, page: Page, tmp_path: Path) -> None:
    began = time.time()
    words, code = _set_up(office, page)
    sheet = _collect_a_recovery_sheet(page)
    case = _open_a_case(page)
    _book_the_hearing(page, case)
    _see_the_working(page, case)
    pdf, photo = papers.twenty_pages(PAPER_WORDS), papers.photo(PHOTO_WORDS)
    _upload(page, case, pdf, photo)
    _write_a_note(page, case)
    _ask_whether_texts_are_wanted(page, case)
    _receive_a_reply(page)
    _search(page)
    _save_a_view(page)
    _check_for_conflicts(page)
    _export(page, case, words, least=len(pdf) + len(photo))
    _lock(page)
    _reminder_arrives(office)
    office.set_clock(datetime(2027, 2, 17, 20, 0, tzinfo=UTC))
    _sign_in(office, page, words)
    _invite_by_a_mail_that_waits(office, page)
    _open_the_paper(page, case, pdf)
    _record_the_outcome(page, case)
    _record_the_filing(page)
    _enter_a_facility(page, case)
    _enter_a_key_date(page, case)
    _enter_an_earlier_order_and_a_docket(page, case)
    _set_the_offices_law(page)
    _take_a_person_in(page)
    _type_without_saving(page, case)
    _lock(page)
    _nothing_readable_is_left(office, tmp_path, began, {"setup-code": code, **sheet})
    _server_secrets_open_reminders_only(office)


def _axe(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, (page.url, found.generate_report())


def _open_folds(page: Page) -> None:
    closed = page.locator("main form details:not([open]) > summary")
    while closed.count():
        press(closed.first)


def _submit(page: Page) -> None:
    follow(page.locator("main form button.primary").first)


def _set_up(office: Office, page: Page) -> tuple[str, str]:
    """First run by the printed link; answers the six words and the set-up code."""
    page.goto(office.stack.url)
    expect(page.locator("main")).to_contain_text("caseapp setup-link")
    printed = re.search(r"http://\S+/setup/#(\S+)", office.stack.terminal_output.read_text())
    assert printed is not None
    page.goto(printed[0])
    expect(page.locator("[name=code]")).to_have_value(printed[1])
    expect(page).to_have_url(re.compile("/setup/$"))
    _axe(page)
    _submit(page)
    page.fill("[name=office_name]", "Harbor Legal Aid")
    page.check("[name=country][value=US]")
    page.select_option("[name=zone]", "America/New_York")
    _submit(page)
    page.fill("[name=member_name]", "Ana Ruiz")
    page.fill("[name=email]", EMAIL)
    page.check("[name=role][value=attorney]")
    page.check("[name=is_supervising][value=yes]")
    _submit(page)
    words = " ".join(page.locator("ol.words li").all_inner_texts())
    assert len(words.split()) == 6
    page.fill("[name=words]", "these are not the shown words")
    _submit(page)
    expect(page.locator("main")).to_contain_text("not the six words")
    page.fill("[name=words]", words)
    _submit(page)
    expect(page).to_have_url(re.compile("/setup/factor/$"))
    follow(page.get_by_role("button", name="Later today"))
    expect(page).to_have_url(re.compile("/setup/recovery/$"))
    code = page.locator(".code").inner_text()
    page.fill("[name=typed]", code.lower().replace("-", " "))
    _submit(page)
    expect(page).to_have_url(re.compile("/setup/mail/$"))
    _axe(page)
    follow(page.get_by_role("link", name="Continue"))
    follow(page.get_by_role("link", name="Later: go to Today"))
    expect(page.locator("h1")).to_be_visible()
    _axe(page)
    assert office.stack.setup_code == "", "the code is destroyed with the first office"
    return words, printed[1]


def _collect_a_recovery_sheet(page: Page) -> dict[str, str]:
    """Make a set of an office of one and check its first sheet; answers its words as needles, whole and in part."""
    page.goto(page.url.split("?")[0] + "recovery/")
    page.fill("[name=names]", "Thandeka Molefe\nBjartmar Ravnskilde\nIolana Kealoha")
    follow(page.get_by_role("button", name="Create the sheets"))
    follow(page.get_by_role("button", name="Show this sheet").first)
    _axe(page)
    words = page.locator("ol.share li").all_inner_texts()
    assert len(words) == 33
    follow(page.get_by_role("link", name="It is on paper: type the words back"))
    page.locator("textarea[name=words]").first.fill(" ".join(words))
    follow(page.get_by_role("button", name="Check my sheet").first)
    expect(page.locator("main")).to_contain_text("The sheet is checked.")
    page.goto(page.url.split("/recovery/")[0] + "/")
    return {
        "sheet": " ".join(words),
        "sheet-part": " ".join(words[4:8]),
        "sheet-end": " ".join(words[-4:]),
        "envelope": "Bjartmar Ravnskilde",
    }


def _open_a_case(page: Page) -> str:
    page.goto(page.url.split("?")[0] + "cases/new/")
    _axe(page)
    _open_folds(page)
    page.fill("[name=name]", NAME)
    page.fill("[name=other_names]", OTHER_NAME)
    page.fill("[name=a_number]", A_NUMBER)
    page.fill("[name=phone]", PHONE)
    page.select_option("[name=phone_safe]", "yes")
    page.fill("[name=last_arrival_on_day]", "31")
    page.select_option("[name=last_arrival_on_month]", "2")
    page.fill("[name=last_arrival_on_year]", "2026")
    page.fill("[name=story]", STORY)
    for field in ("entry-place", "gender", "referred-by"):
        page.fill(f"[name={field.replace('-', '_')}]", NEEDLES[field])
    page.fill("[name=born_in]", "Afghanistan")
    _submit(page)
    # A date that does not exist: a sentence, and everything typed is still there.
    expect(page.locator("main")).to_contain_text("There is a problem")
    expect(page.locator("[name=name]")).to_have_value(NAME)
    expect(page.locator("[name=story]")).to_have_value(STORY)
    _axe(page)
    page.fill("[name=last_arrival_on_day]", "9")
    page.select_option("[name=last_arrival_on_month]", "4")
    _submit(page)
    expect(page).to_have_url(re.compile(r"/cases/[0-9a-f-]{36}/"))
    assert NAME.split()[0] not in page.title()
    # One year after Thu 9 Apr 2026 is Fri 9 Apr 2027; the safe day is the open day before.
    expect(page.locator("main")).to_contain_text("Apr 8, 2027")
    _axe(page)
    return page.url.split("?")[0]


def _book_the_hearing(page: Page, case: str) -> None:
    page.goto(f"{case}hearings/new/")
    page.check("[name=kind][value=individual]")
    page.fill("[name=on_day]", "17")
    page.select_option("[name=on_month]", "2")
    page.fill("[name=on_year]", "2027")
    page.fill("[name=at]", "8:30")
    page.select_option("[name=half]", "am")
    page.fill("[name=court]", "Court North")
    page.select_option("[name=zone]", "America/New_York")
    page.check("[name=way][value=in_person]")
    page.fill("[name=link]", NEEDLES["video-link"])
    page.fill("[name=bring]", NEEDLES["to-bring"])
    follow(page.locator("[name=preview]"))
    expect(page.locator("main")).to_contain_text("Jan 15, 2027")
    _axe(page)
    _submit(page)
    expect(page).to_have_url(re.compile(re.escape(case)))
    # 30 days before Wed 17 Feb 2027 is Mon 18 Jan, a holiday: 19 Jan by the manual, act by Fri 15 Jan (vector v107).
    expect(page.locator("main")).to_contain_text("Jan 15, 2027")


def _see_the_working(page: Page, case: str) -> None:
    follow(page.locator("main a", has_text=re.compile("individual", re.I)).first)
    if "/deadlines/" not in page.url:
        page.goto(case)
        follow(page.locator("main a[href^='/deadlines/']").first)
    told = page.locator("main").inner_text()
    assert "2027" in told
    assert "Feb 17, 2027" in told or "Apr 9, 2026" in told
    assert page.locator("main ol li").count() >= 3
    _axe(page)


def _upload(page: Page, case: str, pdf: bytes, photo: bytes) -> None:
    page.goto(f"{case}documents/")
    files: list[FilePayload] = [
        {"name": PAPER, "mimeType": "application/pdf", "buffer": pdf},
        {"name": PHOTO, "mimeType": "image/png", "buffer": photo},
    ]
    page.locator("main input[type=file]").set_input_files(files)
    _submit(page)
    expect(page.locator("main a[href^='/documents/']").nth(1)).to_be_visible()
    _axe(page)


def _write_a_note(page: Page, case: str) -> None:
    page.goto(f"{case}notes/new/")
    page.fill("[name=text]", NOTE)
    _submit(page)
    expect(page.locator("main")).to_contain_text(NOTE)


def _ask_whether_texts_are_wanted(page: Page, case: str) -> None:
    """And write down a call to the same number."""
    page.goto(case)
    found = re.search(r"people/[0-9a-f-]{36}/", page.content())
    assert found
    person = case + found[0]
    page.goto(f"{person}consent/")
    expect(page.locator("main")).to_contain_text(DIALLED)
    page.fill("[name=told_by]", SISTER)
    _submit(page)
    expect(page.locator(".result")).to_have_text("Saved. They can take it back at any time.")
    expect(page.locator("main")).to_contain_text(SISTER)
    _axe(page)
    page.goto(f"{person}call/")
    page.check("[name=result][value=no_answer]")
    page.fill("[name=note]", CALL)
    _axe(page)
    _submit(page)
    page.goto(person)
    press(page.locator("main details > summary", has_text="call or message so far"))
    expect(page.locator("main")).to_contain_text(CALL)


def _receive_a_reply(page: Page) -> None:
    """The client answers a text; the text company passes it on to the address that the page shows once."""
    origin = page.url.split("/cases/")[0]
    page.goto(f"{origin}/reminders/clients/")
    follow(page.locator("button", has_text=re.compile("address", re.IGNORECASE)).last)
    shown = re.search(r"/in/[\w-]{43}/", page.content())
    assert shown
    document: dict[str, str | float | bool] = {"From": DIALLED, "To": "+12125550100", "Body": NEEDLES["reply"]}
    assert page.request.post(f"{origin}{shown[0]}", form=document).status == 204
    page.goto(origin)
    expect(page.locator("main")).to_contain_text("replied to a text on")
    page.goto(f"{origin}/cases/")


def _set_the_offices_law(page: Page) -> None:
    """The reading of a disputed rule, and a court that takes paper."""
    origin = page.url.split("/cases/")[0].split("/deadlines/")[0]
    page.goto(f"{origin}/law/settings/reading/us.bia.appeal/")
    page.check("[name=position][value='30']")
    page.fill("[name=reason]", NEEDLES["reason-of-a-reading"])
    _submit(page)
    expect(page.locator("h1")).to_have_text("Dates a new law would change")
    page.goto(f"{origin}/law/settings/court/")
    page.fill("[name=court]", NEEDLES["court-of-paper"])
    page.check("[name=method][value=paper]")
    _submit(page)
    page.goto(f"{origin}/law/settings/")
    expect(page.locator("main")).to_contain_text(NEEDLES["reason-of-a-reading"])
    expect(page.locator("main")).to_contain_text(NEEDLES["court-of-paper"])
    _axe(page)


def _search(page: Page) -> None:
    page.goto(page.url.split("/cases/")[0] + "/search/")
    page.locator("main input[type=search], main input[name=text], main input[name=q]").first.fill("qaderzoy")
    follow(page.locator("main form button").first)
    expect(page.locator("main")).to_contain_text(NAME)
    assert "qaderzoy" not in page.url.lower()
    _axe(page)


def _save_a_view(page: Page) -> None:
    """A view of the case list under a name that says something."""
    page.goto(page.url.split("/cases/")[0].split("/search/")[0] + "/cases/?show=team")
    press(page.locator("summary").filter(has_text="Saved views"))
    page.fill("[name=name]", NEEDLES["view"])
    follow(page.get_by_role("button", name="Save these filters as a view"))
    expect(page.locator("main")).to_contain_text("View saved. Only you see it.")


def _check_for_conflicts(page: Page) -> None:
    """Ask about a person outside of a case, and answer as the conflict officer."""
    page.goto(page.url.split("/cases/")[0] + "/conflicts/new/")
    page.fill("[name=names]", f"{NEEDLES['checked-name']}\n{NEEDLES['checked-other']}")
    page.select_option("[name=relation]", "adverse")
    page.fill("[name=number]", NEEDLES["checked-number"])
    page.fill("[name=note]", NEEDLES["check-note"])
    follow(page.get_by_role("button", name="Send to the conflict officer"))
    expect(page.locator("main")).to_contain_text(NEEDLES["check-note"])
    page.check("[name=decision][value=waivable]")
    page.fill("[name=sentence]", NEEDLES["check-sentence"])
    page.fill("[name=reason]", NEEDLES["check-reason"])
    follow(page.get_by_role("button", name="Send the answer"))
    expect(page.locator("main")).to_contain_text(NEEDLES["check-reason"])
    _axe(page)


# Sends the form of the page and reads the answer: all of it, or one piece and then no more. Answers the bytes read.
DOWNLOAD = """async (breaksOff) => {
  const body = new FormData(document.querySelector("main form"));
  body.set("closed_with", "plain");
  const answer = await fetch(location.href, {method: "POST", body});
  const reader = answer.body.getReader();
  let size = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.length;
    if (breaksOff) { await reader.cancel(); break; }
  }
  return [answer.status, answer.headers.get("content-type"), size];
}"""


def _export(page: Page, case: str, words: str, *, least: int) -> None:
    """Download the client's whole file, once to its end and once broken off, and ask for the office's export."""
    page.goto(f"{case}export/")
    if "/check/" in page.url:
        page.fill("[name=passphrase]", words)
        _submit(page)
    _axe(page)
    for breaks_off in (True, False):
        status, media_type, size = page.evaluate(DOWNLOAD, breaks_off)
        assert (status, media_type) == (200, "application/zip")
    assert size > least, "the whole archive, with its documents"
    page.goto(page.url.split("/cases/")[0] + "/moving/export/")
    page.fill("[name=reason]", NEEDLES["export-reason"])
    _submit(page)
    expect(page.locator("main")).to_contain_text(NEEDLES["export-reason"])
    _axe(page)


def _lock(page: Page) -> None:
    follow(page.locator("form[action='/lock/'] button:visible").first)
    expect(page).to_have_url(re.compile("/lock/"))
    assert NAME not in page.content()
    _axe(page)


def _reminder_arrives(office: Office) -> None:
    """With nobody signed in: 14 days before the safe day of the filing."""
    _until(lambda: _merged(office))
    office.box.letters.clear()
    office.set_clock(datetime(2027, 1, 4, 12, 30, tzinfo=UTC))
    _until(lambda: "Check your list" in office.box.subjects())
    letter = next(x for x in office.box.letters if x["Subject"] == "Check your list")
    assert letter["To"] == EMAIL
    everything = b"".join(office.box.raw).decode("utf-8", "replace").casefold()
    for needle in NEEDLES.values():
        assert needle.casefold() not in everything


def _merged(office: Office) -> bool:
    import psycopg

    with psycopg.connect(office.everything) as connection:
        row = connection.execute("SELECT count(*) FROM reminders_fire").fetchone()
    return bool(row and row[0])


def _sign_in(office: Office, page: Page, words: str) -> None:
    page.goto(f"{office.stack.url}/sign-in/")
    page.fill("[name=email]", EMAIL)
    page.fill("[name=passphrase]", "wrong words entirely")
    _submit(page)
    expect(page.locator("main")).to_contain_text("That did not match. Nothing is locked yet.")
    page.fill("[name=email]", EMAIL)
    page.fill("[name=passphrase]", words)
    _submit(page)
    # The office is older than a day by now: its admin sets up a second factor before anything else.
    expect(page).to_have_url(re.compile("/account/security/$"))
    _axe(page)
    page.goto(f"{office.stack.url}/account/security/app/")
    secret = onetime.parse_secret(page.locator(".code").inner_text())
    page.fill("[name=code]", authenticator_app.code_at(secret, office.seconds()))
    _submit(page)
    expect(page.locator(".result")).to_have_text("Added. From now on it is asked for when you sign in.")
    _axe(page)


def _invite_by_a_mail_that_waits(office: Office, page: Page) -> None:
    office.box.answers[INVITED] = "450 4.2.0 greylisted"
    page.goto(f"{office.stack.url}/team/invite/")
    page.fill("[name=email]", INVITED)
    page.fill("[name=name]", INVITED_NAME)
    page.check("[name=delivery][value=mail]")
    _submit(page)
    expect(page.locator("main")).to_contain_text("The mail server asked to wait.")


def _open_the_paper(page: Page, case: str, pdf: bytes) -> None:
    page.goto(f"{case}documents/")
    follow(page.locator("main a[href^='/documents/']").first)
    bodies = []
    page.goto(f"{case}documents/")
    for link in [a.get_attribute("href") for a in page.locator("main .lines a[href^='/documents/']").all()]:
        answer = page.request.get(f"{page.url.split('/cases/')[0]}{link}download/")
        assert answer.status == 200
        bodies.append(hashlib.sha256(answer.body()).digest())
        part = page.request.get(f"{page.url.split('/cases/')[0]}{link}file/", headers={"Range": "bytes=5-14"})
        assert part.status == 206
        assert part.body() == answer.body()[5:15]
    assert hashlib.sha256(pdf).digest() in bodies


def _record_the_outcome(page: Page, case: str) -> None:
    page.goto(case)
    follow(page.locator("main a[href$='/outcome/']").first)
    _axe(page)
    page.check("[name=what][value=decided]")
    page.select_option("[name=decision]", "denied")
    _submit(page)
    page.goto(case)
    # Denied on Wed 17 Feb 2027: ten days is Sat 27 Feb, so Mon 1 Mar; the other reading, 30 days, is Fri 19 Mar.
    expect(page.locator("main")).to_contain_text("Mar 1, 2027")
    follow(page.locator("main a[href^='/deadlines/']", has_text=re.compile("appeal", re.I)).first)
    told = page.locator("main").inner_text()
    assert "Mar 19, 2027" in told
    _axe(page)


def _record_the_filing(page: Page) -> None:
    follow(page.locator("main a[href$='/filing/']").first)
    _axe(page)
    page.check("[name=status][value=sent]")
    page.fill("[name=confirmation]", NEEDLES["confirmation"])
    _submit(page)
    expect(page.locator("main")).to_contain_text(NEEDLES["confirmation"])
    _axe(page)


def _enter_a_facility(page: Page, case: str) -> None:
    """Mark the client as detained, and say where: the day is February 17, 2027."""
    page.goto(case)
    found = re.search(r"people/[0-9a-f-]{36}/", page.content())
    assert found
    page.goto(case + found[0])
    for part, value in (("month", "2"), ("day", "16"), ("year", "2027")):
        page.locator(f"main [name=detained_since_{part}]").evaluate("(box, value) => { box.value = value }", value)
    _submit(page)
    page.goto(f"{case}custody/")
    page.fill("[name=facility]", NEEDLES["facility"])
    _axe(page)
    follow(page.locator("main form:has([name=facility]) button[type=submit]"))
    expect(page.locator("main")).to_contain_text(NEEDLES["facility"])


def _enter_a_key_date(page: Page, case: str) -> None:
    """The end of the client's work permit, with a note."""
    page.goto(case)
    found = re.search(r"people/[0-9a-f-]{36}/", page.content())
    assert found
    page.goto(f"{case}{found[0]}dates/")
    page.select_option("main [name=what]", "ead_expiry")
    _submit(page)
    page.select_option("main [name=dated_on_month]", "9")
    page.fill("main [name=dated_on_day]", "30")
    page.fill("main [name=dated_on_year]", "2027")
    page.fill("main [name=text]", NEEDLES["note-of-a-key-date"])
    _submit(page)
    expect(page.locator("main")).to_contain_text("EAD")


def _enter_an_earlier_order_and_a_docket(page: Page, case: str) -> None:
    page.goto(case)
    found = re.search(r"people/[0-9a-f-]{36}/", page.content())
    assert found
    page.goto(f"{case}{found[0]}orders/new/")
    page.fill("main [name=result]", NEEDLES["earlier-order"])
    _axe(page)
    _submit(page)
    page.goto(f"{case}proceedings/new/")
    page.fill("main [name=docket]", NEEDLES["docket"])
    _axe(page)
    _submit(page)
    for name in ("earlier-order", "docket", "entry-place", "referred-by"):
        expect(page.locator("main")).to_contain_text(NEEDLES[name])


def _take_a_person_in(page: Page) -> None:
    """An intake with something readable in each step, declined with its letter."""
    origin = re.match(r"https?://[^/]+", page.url)
    assert origin is not None
    page.goto(f"{origin[0]}/intake/new/")
    page.check("[name=can_talk][value=yes]")
    page.check("[name=detained][value=no]")
    page.fill("[name=name]", NEEDLES["intake-name"])
    page.fill("[name=careful]", NEEDLES["intake-safety"])
    follow(page.get_by_role("button", name="Save and check conflicts"))
    intake = page.url.removesuffix("conflict/")
    page.goto(f"{intake}who/")
    page.fill("[name=entry_place]", NEEDLES["intake-place"])
    page.fill("[name=relative_name]", NEEDLES["intake-relative"])
    page.fill("[name=referred_by]", NEEDLES["intake-sender"])
    follow(page.get_by_role("button", name="Save and continue"))
    page.goto(f"{intake}situation/")
    page.fill("[name=about]", NEEDLES["intake-about"])
    follow(page.get_by_role("button", name="Save and continue"))
    page.fill("[name=ordered_on_year]", "2014")
    page.fill("[name=authority]", NEEDLES["intake-authority"])
    follow(page.get_by_role("button", name="Save the order"))
    page.goto(f"{intake}decision/")
    page.check("[name=what][value=decline]")
    page.fill("[name=reason]", NEEDLES["intake-reason"])
    follow(page.get_by_role("button", name="Save decision"))
    page.goto(f"{intake}letter/?language=es")
    expect(page.locator("main")).to_contain_text(NEEDLES["intake-name"])
    page.check("[name=how][value=by_hand]")
    follow(page.get_by_role("button", name="Keep it as sent today"))


def _type_without_saving(page: Page, case: str) -> None:
    page.goto(case)
    with page.expect_response("**/account/drafts/save/") as kept:
        page.locator("main form [name=text]").first.fill(UNSAVED)
    assert kept.value.status == 200


def _nothing_readable_is_left(office: Office, tmp_path: Path, began: float, more: dict[str, str]) -> None:
    needles = tmp_path / "needles.txt"
    needles.write_text("".join(f"{label}: {text}\n" for label, text in {**NEEDLES, **more}.items()))
    # The letters are looked through outside the folder that is left out: it holds the needles themselves.
    with tempfile.TemporaryDirectory(prefix="caseapp-mail-") as folder:
        (Path(folder) / "all.eml").write_bytes(b"\n".join(office.box.raw))
        scanned = subprocess.run(
            [
                CASEAPP, "seal-scan", "--needles", str(needles), "--extra", folder, "--exclude", str(tmp_path),
                "--exclude", str(office.stack.terminal_output),  # a person's screen, where the link is printed
                "--since", str(began), "--json",
            ],
            env=bare_environment(office.stack.root), capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip
    assert scanned.returncode == 0, (scanned.stdout[-6000:], scanned.stderr[-2000:])
    assert json.loads(scanned.stdout)


def _server_secrets_open_reminders_only(office: Office) -> None:
    things, secrets = thief.loot(office.stack.root, office.everything)
    assert len(things) > 20
    assert {"accounts_draft.sealed", "accounts_form.sealed"} <= {thing.where for thing in things}
    opened = thief.what_opens(things, secrets)
    assert opened <= thief.OPERATIONAL
    assert {"reminders_channel", "reminders_waiting_mail"} <= opened, "the attempt itself works"
    for name, secret in secrets.items():
        if len(secret) == primitives.KEY_LENGTH:
            control = _control(secret, things[0])
            assert thief.what_opens([control], {name: secret}), f"a record sealed under {name} was missed"


def _control(secret: bytes, like: Sealed) -> Sealed:
    """A record deliberately sealed under a server key."""
    org = record = case = like.id("org_id")
    sealed = CaseCipher(secret, org, case).seal(record=record, version=1, kver=1, kind=1, schema=1, body=b"x")
    return Sealed("control.sealed", {"org_id": org, "id": record, "case_id": case, "version": 1}, sealed)


def _until(done: Callable[[], bool], seconds: float = 300) -> None:
    give_up = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < give_up, "it did not come about in time"
        time.sleep(0.5)
