"""Addresses of the pages of intake, conflicts, import and export, for `tests.helpers.pictures`."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.helpers.browsing import follow, press

Step = Callable[[Page], object]


def _open(shown: Page) -> None:
    """The page as it opens."""


def _send_empty(shown: Page) -> None:
    """The first form of the page with nothing filled in: its errors."""
    follow(shown.locator("main form .primary").first)


def _unfold(shown: Page) -> None:
    """Every fold of the page, open."""
    for fold in shown.locator("main details:not([open]) > summary:visible").all():
        press(fold)


def pages_of_moving(case: str) -> list[tuple[str, str, Step]]:
    """Name, address and what is done there before the picture."""
    return [
        ("intake", "/intake/", _open),
        ("intake-new", "/intake/new/", _unfold),
        ("intake-new-problem", "/intake/new/", _send_empty),
        ("intake-hotline", "/intake/hotline/", _open),
        ("intake-hotline-problem", "/intake/hotline/", _send_empty),
        ("intake-questions", "/intake/questions/", _open),
        ("conflicts", "/conflicts/", _open),
        ("conflicts-new", "/conflicts/new/", _unfold),
        ("conflicts-case", f"{case}conflict/", _open),
        ("moving-import", "/moving/import/", _open),
        ("moving-export", "/moving/export/", _open),
        ("moving-export-case", f"{case}export/", _open),
    ]
