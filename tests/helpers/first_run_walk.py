"""People in a first run who know only what is on their pages. Each click, field and address they open is counted."""

import re
from dataclasses import dataclass, field

from playwright.sync_api import Browser, Locator, Page, expect

from caseapp.vault.core import onetime
from tests.helpers import authenticator_app
from tests.helpers.browsing import follow


@dataclass
class Walker:
    """A person at a browser. `acts`: what they did so far, each with the words they read on the page."""

    page: Page
    acts: list[str] = field(default_factory=list)

    def open_address(self, address: str) -> None:
        self.acts.append("open an address")
        self.page.goto(address)

    def press(self, name: str) -> None:
        """Press a button or follow a link by its words."""
        target = self.page.get_by_role("button", name=name).or_(self.page.get_by_role("link", name=name))
        self.acts.append(f"press {name}")
        follow(self._only_visible(target, name))

    def press_in_row(self, text: str) -> None:
        """Follow the link of a table's row."""
        self.acts.append(f"press the link of {text}")
        follow(self._only_visible(self.page.get_by_role("row").filter(has_text=text).get_by_role("link"), text))

    def fill(self, label: str, text: str) -> None:
        """Fill the field whose label begins so."""
        self.acts.append(f"fill {label}")
        self._only_visible(self.page.get_by_label(re.compile(rf"^\s*{label}")), label).fill(text)

    def choose(self, label: str) -> None:
        self.acts.append(f"choose {label}")
        self._only_visible(self.page.get_by_label(label, exact=True), label).check()

    def reads(self, text: str) -> None:
        expect(self.page.locator("main")).to_contain_text(text)

    def words(self) -> list[str]:
        return self.page.locator("ol.words li").all_inner_texts()

    @property
    def code(self) -> str:
        return self.page.locator(".code").inner_text()

    def _only_visible(self, target: Locator, name: str) -> Locator:
        shown = [found for found in target.all() if found.is_visible()]
        ways = {found.get_attribute("href") or str(number) for number, found in enumerate(shown)}
        assert len(ways) == 1, f"{name}: {len(ways)} of them on {self.page.url}: {self.acts}"
        return shown[0]


def walk_in(running: Browser, zone: str = "America/Chicago") -> Walker:
    """A person whose browser is in this time zone."""
    context = running.new_context(viewport={"width": 1366, "height": 768}, locale="en", timezone_id=zone)
    return Walker(context.new_page())


def found_office(founder: Walker, link: str, seconds: int) -> str:
    """Walk the six steps from the printed link; return the link for the colleague, as the last page shows it.

    seconds  since 1970, for the authenticator app
    """
    founder.open_address(link)
    founder.press("Continue")
    founder.reads("Step 1 of 6")
    zone = founder.page.get_by_label("Office time zone")
    expect(zone.locator("option:checked")).to_have_text("Central")
    expect(founder.page.get_by_label("United States")).to_be_checked()
    founder.fill("Name of your office", "Harbor Legal Aid")
    founder.press("Continue")
    founder.reads("Step 2 of 6")
    founder.fill("Your name", "Marisol Quispe")
    founder.fill("Your work e-mail", "marisol@office.test")
    founder.choose("Attorney")
    founder.choose("It is me")
    founder.press("Create my passphrase")
    founder.fill("Type the six words", " ".join(founder.words()))
    founder.press("Set up the office")
    founder.reads("Step 3 of 6")
    secret = onetime.parse_secret(founder.code)
    founder.fill("Code from your app", authenticator_app.code_at(secret, seconds))
    founder.press("Add this app")
    founder.reads("Step 4 of 6")
    founder.fill("Type the code from the sheet", founder.code)
    founder.press("Confirm the code")
    founder.reads("Step 5 of 6")
    founder.reads("No mail server is set up yet: reminders are not going out.")
    founder.press("Continue")
    founder.reads("Step 6 of 6")
    founder.fill("Their work e-mail", "bjarne@office.test")
    founder.fill("Their name", "Bjarne Ravnsborg")
    founder.press("Invite")
    given = founder.page.locator("#invitation-link").inner_text()
    founder.press("Done: go to Today")
    return given


def open_case(founder: Walker, name: str) -> None:
    founder.press("New case")
    founder.reads("Recovery sheets are due")
    founder.fill("Name as on", name)
    founder.press("Open case")
    founder.reads(name)


def join_office(colleague: Walker, link: str) -> list[str]:
    """Walk from the link that was handed over to the six words to compare; return them."""
    colleague.open_address(link)
    colleague.press("Create my six words")
    colleague.fill("Type the six words", " ".join(colleague.words()))
    colleague.press("Create my account")
    colleague.fill("Type the code from the sheet", colleague.code)
    colleague.press("Confirm the code")
    colleague.reads("One call is left")
    return colleague.words()


def approve(founder: Walker, name: str, words: list[str]) -> None:
    """Compare the words that the colleague reads out, and approve them."""
    founder.press("Today")
    founder.reads(f"{name} accepted your office's invitation and waits.")
    founder.press("Compare six words and approve")
    assert founder.words() == words
    founder.press("The words are the same: approve")


def see_case(colleague: Walker, name: str) -> None:
    colleague.press("Check again")
    colleague.press("Cases")
    colleague.press("Show the whole team's cases")
    colleague.press_in_row(name)
    colleague.reads(name)
