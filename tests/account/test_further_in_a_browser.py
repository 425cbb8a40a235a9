"""A further office as its first admin meets it, in Chromium: from the operator's link to the next sign-in."""

from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from caseapp.accounts.signin import office_codes
from caseapp.lib import setup_code
from tests.helpers.browsing import browser, follow, look_at, page, press
from tests.helpers.first_member import EMAIL, found

pytestmark = pytest.mark.browser


def _send(shown: Page) -> None:
    follow(shown.locator("main form .primary").first)


@pytest.mark.parametrize(("width", "language", "scheme"), [(360, "es", "dark"), (1366, "en", "light")])
def test_a_further_office_is_set_up_and_signed_in_to_with_its_code(
    transactional_db: None, live_server: LiveServer, width: int, language: str, scheme: str
) -> None:
    found()  # the first office, whose admin has the same address
    org_id, named = UUID(int=width), f"further-{width}-{language}-{scheme}"
    code = setup_code.create_office_code(Path(settings.SECRETS), org_id)
    with browser() as running, page(running, width=width, language=language, scheme=scheme) as shown:
        shown.goto(setup_code.setup_link(live_server.url, code, further=True))
        expect(shown).to_have_url(f"{live_server.url}/setup/office/")
        expect(shown.locator("#id_code")).to_have_value(code)
        look_at(shown, f"{named}-link")
        _send(shown)
        shown.get_by_role("textbox").first.fill("Ridge Law Clinic")
        shown.locator("[name=country]").first.check()
        _send(shown)
        for number, text in enumerate(("Olena Kovalenko", EMAIL)):
            shown.get_by_role("textbox").nth(number).fill(text)
        shown.locator("[name=role]").first.check()
        shown.locator("[name=is_supervising]").first.check()
        _send(shown)
        words = " ".join(shown.locator(".words li").all_inner_texts())
        shown.locator("#id_words").fill(words)
        _send(shown)
        follow(shown.locator("main form").last.locator("button"))
        office_code = office_codes.compute_code(org_id)
        expect(shown.locator("main")).to_contain_text(office_code)
        look_at(shown, f"{named}-sheet")
        shown.locator("#id_typed").fill(shown.locator(".code").inner_text())
        _send(shown)
        shown.goto(f"{live_server.url}/account/")
        expect(shown.locator("main")).to_contain_text(office_code)
        look_at(shown, f"{named}-me")
        follow(shown.locator('main form[action="/sign-out/"] button'))

        expect(shown.locator("#id_office_code")).to_have_value(office_code)
        shown.context.clear_cookies()  # another device
        shown.goto(f"{live_server.url}/sign-in/")
        expect(shown.locator("#id_office_code")).to_be_hidden()
        look_at(shown, f"{named}-login")
        shown.locator("#id_email").fill(EMAIL)
        shown.locator("#id_passphrase").fill(words)
        press(shown.locator("main details summary"))
        shown.locator("#id_office_code").fill(office_code)
        look_at(shown, f"{named}-login-open")
        _send(shown)
        expect(shown.locator("header.top")).to_be_visible()
        shown.goto(f"{live_server.url}/account/")
        follow(shown.locator('main form[action="/sign-out/"] button'))
        expect(shown.locator("#id_office_code")).to_have_value(office_code)
        shown.goto(f"{live_server.url}/sign-in/lost/")
        expect(shown.locator("#id_office_code")).to_have_value(office_code)
        look_at(shown, f"{named}-lost")
