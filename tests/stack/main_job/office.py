"""The office in the main job: set-up, recovery sheets, sign-in, mail, law."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime

import psycopg
from playwright.sync_api import Page, expect

from caseapp.vault.core import onetime
from tests.helpers import authenticator_app
from tests.helpers.browsing import follow
from tests.stack.conftest import Office
from tests.stack.main_job.needles import EMAIL, INVITED, INVITED_NAME, NAME, NEEDLES
from tests.stack.main_job.walking import axe, submit


def set_up(office: Office, page: Page) -> tuple[str, str]:
    """First run by the printed link; answers the six words and the set-up code."""
    page.goto(office.stack.url)
    expect(page.locator("main")).to_contain_text("caseapp setup-link")
    printed = re.search(r"http://\S+/setup/#(\S+)", office.stack.terminal_output.read_text())
    assert printed is not None
    page.goto(printed[0])
    expect(page.locator("[name=code]")).to_have_value(printed[1])
    expect(page).to_have_url(re.compile("/setup/$"))
    axe(page)
    submit(page)
    page.fill("[name=office_name]", "Harbor Legal Aid")
    page.check("[name=country][value=US]")
    page.select_option("[name=zone]", "America/New_York")
    submit(page)
    page.fill("[name=member_name]", "Ana Ruiz")
    page.fill("[name=email]", EMAIL)
    page.check("[name=role][value=attorney]")
    page.check("[name=is_supervising][value=yes]")
    submit(page)
    words = " ".join(page.locator("ol.words li").all_inner_texts())
    assert len(words.split()) == 6
    page.fill("[name=words]", "these are not the shown words")
    submit(page)
    expect(page.locator("main")).to_contain_text("not the six words")
    page.fill("[name=words]", words)
    submit(page)
    expect(page).to_have_url(re.compile("/setup/factor/$"))
    follow(page.get_by_role("button", name="Later today"))
    expect(page).to_have_url(re.compile("/setup/recovery/$"))
    code = page.locator(".code").inner_text()
    page.fill("[name=typed]", code.lower().replace("-", " "))
    submit(page)
    expect(page).to_have_url(re.compile("/setup/mail/$"))
    axe(page)
    follow(page.get_by_role("link", name="Continue"))
    follow(page.get_by_role("link", name="Later: go to Today"))
    expect(page.locator("h1")).to_be_visible()
    axe(page)
    assert office.stack.setup_code == "", "the code is destroyed with the first office"
    return words, printed[1]


def collect_recovery_sheets(page: Page) -> dict[str, str]:
    """Make a set of an office of one and check as many sheets as open it; answers their words, whole and in part."""
    page.goto(page.url.split("?")[0] + "recovery/")
    page.fill("[name=names]", "Thandeka Molefe\nBjartmar Ravnskilde\nIolana Kealoha")
    follow(page.get_by_role("button", name="Create the sheets"))
    needles = {"envelope": "Bjartmar Ravnskilde"}
    for sheet in ("sheet", "sheet-2"):
        follow(page.get_by_role("button", name="Show this sheet").first)
        heading = re.match(r"Sheet \d of 3", page.locator("h2#sheet").inner_text())
        words = page.locator("ol.share li").all_inner_texts()
        assert heading is not None
        assert len(words) == 33
        needles |= {sheet: " ".join(words), f"{sheet}-part": " ".join(words[4:8]), f"{sheet}-end": " ".join(words[-4:])}
        follow(page.get_by_role("link", name="It is on paper: type the words back"))
        shown = page.locator("section").filter(has=page.locator("h2", has_text=heading[0]))
        shown.locator("textarea[name=words]").fill(" ".join(words))
        follow(shown.get_by_role("button", name="Check my sheet"))
        expect(page.locator("main")).to_contain_text("The sheet is checked.")
    axe(page)
    page.goto(page.url.split("/recovery/")[0] + "/")
    return needles


def lock(page: Page) -> None:
    follow(page.locator("form[action='/lock/'] button:visible").first)
    expect(page).to_have_url(re.compile("/lock/"))
    assert NAME not in page.content()
    axe(page)


def sign_in(office: Office, page: Page, words: str) -> None:
    page.goto(f"{office.stack.url}/sign-in/")
    page.fill("[name=email]", EMAIL)
    page.fill("[name=passphrase]", "wrong words entirely")
    submit(page)
    expect(page.locator("main")).to_contain_text("That did not match. Nothing is locked yet.")
    page.fill("[name=email]", EMAIL)
    page.fill("[name=passphrase]", words)
    submit(page)
    # The office is older than a day by now: its admin sets up a second factor before anything else.
    expect(page).to_have_url(re.compile("/account/security/$"))
    axe(page)
    page.goto(f"{office.stack.url}/account/security/app/")
    secret = onetime.parse_secret(page.locator(".code").inner_text())
    page.fill("[name=code]", authenticator_app.code_at(secret, office.seconds()))
    submit(page)
    expect(page.locator(".result")).to_have_text("Added. From now on it is asked for when you sign in.")
    axe(page)


def invite_by_a_mail_that_waits(office: Office, page: Page) -> None:
    office.box.answers[INVITED] = "450 4.2.0 greylisted"
    page.goto(f"{office.stack.url}/team/invite/")
    page.fill("[name=email]", INVITED)
    page.fill("[name=name]", INVITED_NAME)
    page.check("[name=delivery][value=mail]")
    submit(page)
    expect(page.locator("main")).to_contain_text("The mail server asked to wait.")


def set_the_offices_law(page: Page) -> None:
    """The reading of a disputed rule, and a court that takes paper."""
    origin = page.url.split("/cases/")[0].split("/deadlines/")[0]
    page.goto(f"{origin}/law/settings/reading/us.bia.appeal/")
    page.check("[name=position][value='30']")
    page.fill("[name=reason]", NEEDLES["reason-of-a-reading"])
    submit(page)
    expect(page.locator("h1")).to_have_text("Dates a new law would change")
    page.goto(f"{origin}/law/settings/court/")
    page.fill("[name=court]", NEEDLES["court-of-paper"])
    page.check("[name=method][value=paper]")
    submit(page)
    page.goto(f"{origin}/law/settings/")
    expect(page.locator("main")).to_contain_text(NEEDLES["reason-of-a-reading"])
    expect(page.locator("main")).to_contain_text(NEEDLES["court-of-paper"])
    axe(page)


def reminder_arrives(office: Office) -> None:
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
    with psycopg.connect(office.everything) as connection:
        row = connection.execute("SELECT count(*) FROM reminders_fire").fetchone()
    return bool(row and row[0])


def _until(done: Callable[[], bool], seconds: float = 300) -> None:
    give_up = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < give_up, "it did not come about in time"
        time.sleep(0.5)
