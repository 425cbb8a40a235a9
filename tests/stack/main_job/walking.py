"""What every part of the main job does with a page."""

from collections.abc import Mapping

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.helpers.browsing import follow, press


def axe(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, (page.url, found.generate_report())


def open_folds(page: Page) -> None:
    closed = page.locator("main form details:not([open]) > summary")
    while closed.count():
        press(closed.first)


def submit(page: Page) -> None:
    follow(page.locator("main form button.primary").first)


def fill_needles(page: Page, texts: Mapping[str, str]) -> set[str]:
    """Fill in each text field of the page's forms that has a needle. Answers their names."""
    open_folds(page)
    boxes = page.locator("main form input:not([type=hidden], [type=radio], [type=checkbox]), main form textarea")
    names = {box.get_attribute("name") or "" for box in boxes.all()} & set(texts)
    for name in names:
        page.locator(f"main form [name={name}]").first.fill(texts[name])
    return names
