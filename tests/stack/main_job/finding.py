"""Search, palette and saved views in the main job."""

from playwright.sync_api import Page, expect

from tests.helpers.browsing import follow, press
from tests.stack.main_job.needles import NAME, NEEDLES
from tests.stack.main_job.walking import axe


def search(page: Page) -> None:
    page.goto(page.url.split("/cases/")[0] + "/search/")
    page.locator("main input[type=search], main input[name=text], main input[name=q]").first.fill("qaderzoy")
    follow(page.locator("main form button").first)
    expect(page.locator("main")).to_contain_text(NAME)
    assert "qaderzoy" not in page.url.lower()
    axe(page)


def save_a_view(page: Page) -> None:
    """A view of the case list under a name that says something."""
    page.goto(page.url.split("/cases/")[0].split("/search/")[0] + "/cases/?show=team")
    press(page.locator("summary").filter(has_text="Saved views"))
    page.fill("[name=name]", NEEDLES["view"])
    follow(page.get_by_role("button", name="Save these filters as a view"))
    expect(page.locator("main")).to_contain_text("View saved. Only you see it.")


def ask_the_palette(page: Page) -> None:
    """Type what is not here; the palette asks the server at each pause."""
    page.keyboard.press("Control+K")
    with page.expect_response("**/search/") as answered:
        page.fill("[data-palette] [name=text]", NEEDLES["palette"])
    assert answered.value.status == 200
    page.keyboard.press("Escape")
