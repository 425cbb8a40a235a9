"""Intakes and a conflict check in the main job."""

import re

from playwright.sync_api import Page, expect

from tests.helpers.browsing import follow
from tests.stack.main_job.needles import INTAKE, NEEDLES
from tests.stack.main_job.walking import axe, fill_needles


def check_for_conflicts(page: Page) -> None:
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
    axe(page)


def take_people_in(page: Page) -> None:
    """A call to the hotline, and an intake with a text in each field of each step, declined with its letter."""
    origin = re.match(r"https?://[^/]+", page.url)
    assert origin is not None
    filled = _take_a_call(page, origin[0]) | _take_a_person_in(page, origin[0])
    assert filled == set(INTAKE), "each field of the forms was on a page, and was filled in"


def _take_a_call(page: Page, origin: str) -> set[str]:
    page.goto(f"{origin}/intake/hotline/")
    filled = fill_needles(page, INTAKE)
    page.check("[name=urgent][value=yes]")
    _choose_day(page, "call_back_on")
    follow(page.locator("main form button.primary").first)
    expect(page.locator("main")).to_contain_text(INTAKE["about"])
    return filled


def _take_a_person_in(page: Page, origin: str) -> set[str]:
    page.goto(f"{origin}/intake/new/")
    page.check("[name=can_talk][value=yes]")
    page.check("[name=detained][value=no]")
    filled = fill_needles(page, INTAKE)
    follow(page.get_by_role("button", name="Save and check conflicts"))
    intake = page.url.removesuffix("conflict/")
    for step in ("who", "situation"):
        page.goto(f"{intake}{step}/")
        filled |= fill_needles(page, INTAKE)
        follow(page.get_by_role("button", name="Save and continue"))
    filled |= fill_needles(page, INTAKE)  # of an earlier order
    page.fill("[name=ordered_on_year]", "2014")
    follow(page.get_by_role("button", name="Save the order"))
    page.goto(f"{intake}waiting/")
    filled |= fill_needles(page, INTAKE)
    _choose_day(page, "next_contact_on")
    follow(page.locator("main form button.primary").first)
    page.goto(f"{intake}decision/")
    page.check("[name=what][value=decline]")
    filled |= fill_needles(page, INTAKE)
    follow(page.get_by_role("button", name="Save decision"))
    page.goto(f"{intake}letter/?language=es")
    expect(page.locator("main")).to_contain_text(INTAKE["name"])
    page.check("[name=how][value=by_hand]")
    filled |= fill_needles(page, INTAKE)
    follow(page.get_by_role("button", name="Keep it as sent today"))
    return filled


def leave_an_intake_half_filled(page: Page) -> None:
    """Type a name on the first page and leave it: what was typed is kept as a draft."""
    page.goto(page.url.split("/cases/")[0].split("/intake/")[0] + "/intake/new/")
    with page.expect_response("**/account/drafts/save/") as kept:
        page.fill("main [name=name]", NEEDLES["intake-left"])
    assert kept.value.status == 200


def _choose_day(page: Page, name: str) -> None:
    """April 6, 2027: a Tuesday after what the job's clock says."""
    page.select_option(f"[name={name}_month]", "4")
    page.fill(f"[name={name}_day]", "6")
    page.fill(f"[name={name}_year]", "2027")
