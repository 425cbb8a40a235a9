"""Pictures of every page, from a fictional office on its own stack: `python -m tests.helpers.pictures FOLDER`.

A tool run by hand, to look at what was made; docs/screens.md says what was seen. File names are
`<page>-<width>-<language>-<scheme>.png`. `--only case` takes the pages whose names begin so; `--docs` also puts the
pictures that docs/screens.md shows into docs/pictures/, made small. Each page is looked at by axe, too: its faults are
listed at the end, and then the exit code is 1.
"""

import argparse
import re
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from caseapp.lib.setup_code import setup_link
from caseapp.tools.pytest_plugin import RunningStack, data_folder, running_stack
from tests.helpers import kept_pictures, moved_clock
from tests.helpers.browsing import browser, follow, page, press
from tests.helpers.more_pictures import pages_of_moving

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)  # Tuesday, 10:00 in New York: pictures taken later show the same day
PASSPHRASE = re.compile(r"as (\S+) with:  (.+)$", re.MULTILINE)
PERSON = "Aminata Diallo"
LOOKS = [(360, "en", "light"), (1366, "en", "light"), (360, "es", "dark"), (1366, "es", "dark")]

FAULTS: list[str] = []  # of the pages so far: name, rule, what is wrong

Step = Callable[[Page], object]


def nothing(shown: Page) -> None:
    """The page as it opens."""


def send(shown: Page) -> None:
    """The first form of the page, sent as it stands: with nothing filled in, its errors."""
    follow(shown.locator("main form .primary").first)


def preview(shown: Page) -> None:
    """A main hearing in February, and what it would add."""
    shown.check("[name=kind][value=individual]")
    for box, typed in (("day", "17"), ("year", "2027")):
        shown.fill(f"[name=on_{box}]", typed)
    shown.select_option("[name=on_month]", "2")
    shown.fill("[name=at]", "8:30")
    shown.select_option("[name=half]", "am")
    shown.fill("[name=court]", "Court North")
    follow(shown.locator("[name=preview]"))


def find(shown: Page) -> None:
    """A search by a part of a name, misspelt."""
    shown.fill("main input[type=search]", "aminnata dialo")
    follow(shown.locator("main form button").first)


def palette(shown: Page) -> None:
    """The palette, with the beginning of a name."""
    shown.keyboard.press("Control+k")
    shown.locator("[data-palette] input[role=combobox]").fill("dial")
    shown.wait_for_timeout(1500)  # it waits for a pause in typing before it asks


def hand_over(shown: Page) -> None:
    """An invitation without mail: its link and QR code."""
    shown.fill("[name=email]", "vera@office.test")
    shown.fill("[name=name]", "Vera Lind")
    shown.check("[name=delivery][value=hand]")
    send(shown)


def unfold(shown: Page) -> None:
    """Everything on the page that opens."""
    for fold in shown.locator("main details:not([open]):not(.page-menu) > summary").all():
        if fold.is_visible():
            press(fold)


def menu(shown: Page) -> None:
    """The Add menu, open."""
    press(shown.locator("header details.menu > summary").first)


def what_if(shown: Page) -> None:
    """What follows from a date: the first rule of the list, asked as far as its boxes."""
    shown.select_option("main [name=what]", index=1)
    send(shown)
    for box, typed in (("day", "16"), ("year", "2026")):
        for field in shown.locator(f"main form input[name$=_{box}]:visible").all()[:1]:
            field.fill(typed)
    for months in shown.locator("main form select[name$=_month]:visible").all()[:1]:
        months.select_option("11")
    send(shown)


def menu_office(shown: Page) -> None:
    """The menu of the office, open; a phone has one menu for all."""
    press(shown.locator("header details.menu > summary:visible").last)


class Office:
    """Signed-in pages of the fictional office: `addresses` by name, found by following links as a person would."""

    def __init__(self, stack: RunningStack, email: str, words: str) -> None:
        self.url = stack.url
        self.email, self.words = email, words

    def sign_in(self, shown: Page, language: str) -> None:
        """Come in, and have the pages in `language`."""
        shown.goto(f"{self.url}/sign-in/")
        shown.fill("[name=email]", self.email)
        shown.fill("[name=passphrase]", self.words)
        send(shown)
        shown.goto(f"{self.url}/account/")
        shown.select_option("main [name=language]", language)
        send(shown)

    def open(self, shown: Page, address: str) -> None:
        """Go there; a page that fails is no picture worth keeping."""
        answer = shown.goto(self.url + address)
        assert answer is None or answer.status < 500, (address, answer.status)

    def pages(self, shown: Page) -> list[tuple[str, str, Step]]:
        """Name, address and what is done there before the picture."""
        case = self._first_case(shown)
        shown.goto(self.url + case)
        hearing = self._link(shown, r"^/hearings/[^/]+/$")
        deadline = self._link(shown, r"^/deadlines/[^/]+/$")
        person = self._link(shown, r"^/cases/[^/]+/people/[0-9a-f-]{36}/$")
        shown.goto(self.url + person)
        slip = self._link(shown, r"^/cases/.+/reminder-sheet/[^/]+/$")
        shown.goto(f"{self.url}{case}documents/")
        paper = self._link(shown, r"^/documents/[^/]+/$")
        return [
            *self.office_pages(shown, case),
            *pages_of_moving(case),
            ("today", "/", nothing),
            ("menu", "/", menu),
            ("menu-office", "/", menu_office),
            ("cases", "/cases/", nothing),
            ("case", case, nothing),
            ("case-unfolded", case, unfold),
            ("case-change", f"{case}change/", unfold),
            ("case-note", f"{case}notes/new/", nothing),
            ("case-task", f"{case}tasks/new/", nothing),
            ("case-person", f"{case}people/new/", nothing),
            ("case-client", person, unfold),
            ("client-consent", f"{person}consent/", nothing),
            ("client-consent-problem", f"{person}consent/", send),
            ("client-call", f"{person}call/", nothing),
            ("client-call-problem", f"{person}call/", send),
            ("client-slip", slip, nothing),
            ("case-notice", f"{case}notices/new/", nothing),
            ("case-new", "/cases/new/", unfold),
            ("case-new-problem", "/cases/new/", send),
            ("hearing-book", f"{case}hearings/new/", nothing),
            ("hearing-preview", f"{case}hearings/new/", preview),
            ("hearing-problem", f"{case}hearings/new/", send),
            ("hearing", hearing, nothing),
            ("hearing-edit", f"{hearing}edit/", nothing),
            ("case-changes", f"{case}changes/", nothing),
            ("palette", "/", palette),
            ("day-sheet", "/?sheet=day", nothing),
            ("help", "/help/", nothing),
            ("help-topic", "/help/hearing/", nothing),
            ("hearing-outcome", f"{hearing}outcome/", nothing),
            ("hearing-outcome-problem", f"{hearing}outcome/", send),
            ("deadline", deadline, nothing),
            ("deadline-unfolded", deadline, unfold),
            ("deadline-filing", f"{deadline}filing/", nothing),
            ("deadline-filing-problem", f"{deadline}filing/", send),
            ("deadline-new", f"{case}deadlines/new/", nothing),
            ("documents", "/documents/", nothing),
            ("papers", f"{case}documents/", nothing),
            ("paper", paper, nothing),
            ("search", "/search/", nothing),
            ("search-found", "/search/", find),
            ("agenda", "/calendar/agenda/2026-11-24/", nothing),
            ("me", "/account/", nothing),
            ("not-found", "/cases/00000000-0000-4000-8000-000000000000/", nothing),
        ]

    def office_pages(self, shown: Page, case: str) -> list[tuple[str, str, Step]]:
        """The pages about the office itself, its people and rules, and what is done with a case as a whole."""
        shown.goto(f"{self.url}/team/")
        member = self._link(shown, r"^/team/[0-9a-f]{8}-[^/]+/$", at=1)  # a colleague: the first is oneself
        team = self._link(shown, r"^/team/teams/[0-9a-f]{8}-[^/]+/$")
        shown.goto(f"{self.url}/law/")
        rule = self._link(shown, r"^/law/rules/[^/]+/$")
        return [
            ("security", "/account/security/", nothing),
            ("security-app", "/account/security/app/", nothing),
            ("security-passkey", "/account/security/passkey/", nothing),
            ("security-passphrase", "/account/security/passphrase/", nothing),
            ("staff", "/team/", nothing),
            ("staff-invite", "/team/invite/", unfold),
            ("staff-invite-problem", "/team/invite/", send),
            ("staff-hand-over", "/team/invite/", hand_over),
            ("staff-member", member, unfold),
            ("staff-remove", f"{member}remove/", nothing),
            ("staff-team", team, unfold),
            ("staff-team-new", "/team/teams/new/", nothing),
            ("staff-lockdown", "/team/lockdown/", nothing),
            ("case-access", f"{case}access/", nothing),
            ("case-audit", f"{case}trail/", nothing),
            ("case-close", f"{case}close/", nothing),
            ("case-destroy", f"{case}destroy/", nothing),
            ("case-clock", f"{case}asylum-clock/", nothing),
            ("certificates", "/cases/certificates/", nothing),
            ("audit", "/trail/", nothing),
            ("reminders", "/reminders/", nothing),
            ("reminders-log", "/reminders/log/", nothing),
            ("reminders-clients", "/reminders/clients/", nothing),
            ("rules", "/law/", nothing),
            ("rules-one", rule, unfold),
            ("rules-new", "/law/office/new/", nothing),
            ("rules-order", "/law/office/new/order/", nothing),
            ("rules-rule", "/law/office/new/rule/", nothing),
            ("rules-file", "/law/office/new/file/", nothing),
            ("rules-changes", "/law/changes/", nothing),
            ("rules-check", "/law/check/", nothing),
            ("what-if", "/deadlines/what-if/", nothing),
            ("what-if-answer", "/deadlines/what-if/", what_if),
            ("keys-recovery", "/recovery/", nothing),
        ]

    def _first_case(self, shown: Page) -> str:
        """Somebody of the demo with a hearing, an open date, a task, a paper and a careful word."""
        shown.goto(f"{self.url}/search/")
        shown.fill("main input[type=search]", PERSON)
        follow(shown.locator("main form button").first)
        return urlsplit(shown.url).path  # a single hit opens

    def _link(self, shown: Page, pattern: str, *, at: int = 0) -> str:
        found = [link.get_attribute("href") or "" for link in shown.locator("main a").all()]
        return [href for href in found if re.match(pattern, href)][at]


def take(shown: Page, folder: Path, name: str) -> None:
    """The whole page in a window as long as it, so that the bar at a phone's bottom edge lies at the end."""
    size = shown.viewport_size
    assert size
    shown.wait_for_function("document.readyState === 'complete'")
    length = int(shown.evaluate("document.documentElement.scrollHeight"))
    shown.set_viewport_size({"width": size["width"], "height": max(size["height"], length)})
    shown.screenshot(path=str(folder / f"{name}.png"), full_page=True, animations="disabled")
    shown.set_viewport_size(size)
    if shown.url.startswith("http") and not name.endswith("-print"):
        found = Axe().run(shown)
        FAULTS.extend(f"{name}: {fault['id']}: {fault['help']}" for fault in found.response["violations"])


def doors(running: Browser, url: str, link: str, folder: Path) -> None:
    """First run, step by step, of an office that does not exist yet."""
    with page(running, width=360) as shown:
        shown.goto(url)
        take(shown, folder, "setup-not-yet-360-en-light")
        shown.goto(link)
        for name, fields, choices in (
            ("setup-code", {}, ()),
            ("setup", {}, ()),
            ("setup-problem", {}, ()),
            ("setup-you", {"office_name": "Harbor Legal Aid"}, ("[name=country][value=US]",)),
            ("setup-words", FOUNDER, ("[name=role][value=attorney]", "[name=is_supervising][value=yes]")),
        ):
            for field, typed in fields.items():
                shown.fill(f"[name={field}]", typed)
            for choice in choices:
                shown.check(choice)
            if name != "setup-code":
                send(shown)
            take(shown, folder, f"{name}-360-en-light")
        shown.set_viewport_size({"width": 1366, "height": 768})
        take(shown, folder, "setup-words-1366-en-light")
        shown.fill("[name=words]", " ".join(shown.locator("ol.words li").all_inner_texts()))
        send(shown)
        take(shown, folder, "setup-factor-1366-en-light")
        follow(shown.get_by_role("button", name="Later today"))
        for width in (1366, 360):
            shown.set_viewport_size({"width": width, "height": 768})
            take(shown, folder, f"setup-recovery-{width}-en-light")
        shown.emulate_media(media="print")
        take(shown, folder, "setup-recovery-print")
        shown.emulate_media(media="screen")
        shown.fill("[name=typed]", shown.locator(".code").inner_text())
        send(shown)
        take(shown, folder, "setup-mail-360-en-light")
        follow(shown.get_by_role("link", name="Continue"))
        take(shown, folder, "setup-colleague-360-en-light")
        follow(shown.get_by_role("link", name="Later: go to Today"))
        take(shown, folder, "today-empty-360-en-light")
        for room in ("cases", "documents", "search", "calendar"):
            shown.goto(f"{url}/{room}/")
            take(shown, folder, f"{room}-empty-360-en-light")


FOUNDER = {"member_name": "Ana Ruiz", "email": "ana@office.test"}


def rooms(running: Browser, office: Office, folder: Path, wanted: tuple[str, ...]) -> None:
    """Every signed-in page in every look; then print, covered, and the doors."""
    for width, language, scheme in LOOKS:
        look = f"{width}-{language}-{scheme}"
        with page(running, width=width, language=language, scheme=scheme) as shown:
            shown.goto(f"{office.url}/sign-in/")
            take(shown, folder, f"login-{look}")
            shown.goto(f"{office.url}/sign-in/lost/")
            take(shown, folder, f"login-lost-{look}")
            office.sign_in(shown, language)
            for name, address, step in office.pages(shown):
                if name.startswith(wanted):
                    office.open(shown, address)
                    step(shown)
                    take(shown, folder, f"{name}-{look}")
            if "lock".startswith(wanted):
                follow(shown.locator("form[action='/lock/'] button:visible").first)
                shown.wait_for_url("**/lock/**")
                take(shown, folder, f"lock-{look}")
                shown.goto(f"{office.url}/unlock/")
                take(shown, folder, f"unlock-{look}")
    with page(running) as shown:
        office.sign_in(shown, "en")
        printed(shown, office, folder, wanted)
        covered(shown, office, folder, wanted)
        shown.goto(f"{office.url}/styleguide/?dir=rtl")
        for width in (1366, 360):
            shown.set_viewport_size({"width": width, "height": 768})
            take(shown, folder, f"styleguide-{width}-rtl")


PRINTED = {"today", "case", "deadline", "hearing", "agenda", "client-slip", "day-sheet"}


def printed(shown: Page, office: Office, folder: Path, wanted: tuple[str, ...]) -> None:
    """As on paper: Letter is 816 px wide at 96 dpi."""
    addresses = office.pages(shown)
    shown.set_viewport_size({"width": 816, "height": 1056})
    shown.emulate_media(media="print")
    for name, address, step in addresses:
        if name in PRINTED and name.startswith(wanted):
            office.open(shown, address)
            step(shown)
            take(shown, folder, f"{name}-print")
    shown.emulate_media(media="screen")


def covered(shown: Page, office: Office, folder: Path, wanted: tuple[str, ...]) -> None:
    """With names covered."""
    addresses = office.pages(shown)
    shown.set_viewport_size({"width": 1366, "height": 768})
    press(shown.locator("form[action='/account/cover/'] button:visible").first)
    shown.wait_for_function("document.documentElement.hasAttribute('data-covered')")
    for width in (1366, 360):
        shown.set_viewport_size({"width": width, "height": 768})
        for name, address, step in addresses:
            if name in {"today", "case", "cases", "paper"} and name.startswith(wanted):
                office.open(shown, address)
                step(shown)
                take(shown, folder, f"{name}-{width}-covered")


@contextmanager
def a_stack(*arguments: str) -> Generator[RunningStack]:
    """A stack of its own whose clock begins at NOW."""
    with data_folder() as root:
        clock_file = root.with_name("clock")
        moved_clock.set_offset(clock_file, NOW - datetime.now(UTC))
        with running_stack(root, *arguments, CASEAPP_CLOCK_FILE=str(clock_file)) as stack:
            yield stack


def main() -> None:
    """Take them all. Exit with 1 if axe found a fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="pages whose names begin so: staff,rules")
    parser.add_argument("--docs", action="store_true", help="renew docs/pictures/")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    if not asked.only:
        with a_stack() as stack, browser() as running:
            doors(running, stack.url, setup_link(stack.url, stack.setup_code), asked.folder)
    with a_stack("--demo") as stack, browser() as running:
        found = PASSPHRASE.search(stack.terminal_output.read_text())
        assert found, stack.terminal_output.read_text()
        rooms(running, Office(stack, found[1], found[2].strip()), asked.folder, tuple(asked.only.split(",")))
    if asked.docs:
        kept_pictures.keep(asked.folder)
    print(f"{len(list(asked.folder.glob('*.png')))} pictures in {asked.folder}", *FAULTS, sep="\n")
    raise SystemExit(bool(FAULTS))


if __name__ == "__main__":
    main()
