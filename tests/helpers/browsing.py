"""A real Chromium for one test: nothing of it outlives the test, since its event loop and Django's ORM do not mix."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from caseapp.tools.pytest_plugin import find_chromium

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HEIGHTS = {320: 568, 360: 640, 1366: 768}


@contextmanager
def browser() -> Generator[Browser]:
    """Chromium without its background traffic."""
    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        try:
            yield running
        finally:
            running.close()


@contextmanager
def page(
    running: Browser, *, width: int = 1366, scripts: bool = True, language: str = "en", scheme: str = "light"
) -> Generator[Page]:
    """A page in a context of its own; complains of whatever the browser complains of."""
    context = running.new_context(
        viewport={"width": width, "height": HEIGHTS[width]},
        java_script_enabled=scripts,
        locale=language,
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    complaints: list[str] = []
    shown = context.new_page()
    shown.on("pageerror", lambda error: complaints.append(str(error)))
    shown.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    try:
        yield shown
        assert complaints == []
    finally:
        context.close()


def press(target: Locator) -> None:
    """Click what leaves the page where it is."""
    target.click()


def follow(target: Locator) -> None:
    """Click what leads to a page, also to the same one again, and wait for it.

    Chromium tells of a submitted form a moment after it has taken the click: whoever reads at once may read the page
    that is about to go.
    """
    with target.page.expect_navigation():
        target.click()


def look_at(shown: Page, name: str = "") -> None:
    """No fault that axe knows, no sideways scroll; a picture when CASEAPP_SHOTS names a folder."""
    shown.wait_for_load_state()
    if name and (folder := os.environ.get("CASEAPP_SHOTS")):
        shown.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)
    assert shown.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, name
    found = Axe().run(shown)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"
