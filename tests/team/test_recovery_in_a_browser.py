"""In Chromium: an admin makes and tests a set, loses everything, and returns with two of three sheets of paper."""

import datetime as dt
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from caseapp.cases.services import cases
from tests.cli.test_recover_command import recover
from tests.helpers.browsing import browser, follow, look_at, page, press
from tests.helpers.two_offices import NAME, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("frozen")]


def _words(shown: Page) -> str:
    return " ".join(shown.locator("ol.words li").all_inner_texts())


def _downloaded(shown: Page, what: str, role: str, folder: Path) -> Path:
    with shown.expect_download() as waiting:
        if role == "link":
            press(shown.get_by_role("link", name=what))
        else:
            press(shown.get_by_role("button", name=what))
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def _collected(shown: Page, url: str, number: int) -> str:
    """Show one sheet, print it, and type its words back; answers the words."""
    shown.goto(f"{url}/recovery/sheet/")
    follow(shown.get_by_role("button", name="Show this sheet").first)
    look_at(shown, f"recovery-words-{number}-1366")
    assert shown.locator("ol.share").count() == 1, "one sheet a page"
    words = _words(shown)
    assert shown.pdf().count(b"/Type /Page\n") == 1, "one sheet of paper"
    follow(shown.get_by_role("link", name="It is on paper: type the words back"))
    assert words not in shown.content()
    shown.get_by_label("Type the 33 words of the printed sheet").last.fill(words)
    look_at(shown, f"recovery-check-{number}-1366")
    follow(shown.get_by_role("button", name="Check my sheet").last)
    expect(shown.locator("main")).to_contain_text("These are the right words.")
    return words


def _made_and_tested(shown: Page, url: str, folder: Path) -> list[str]:
    """The words of each sheet."""
    shown.goto(f"{url}/recovery/")
    look_at(shown, "recovery-empty-1366")
    shown.get_by_label("3 holders, any 2 open it").check()
    shown.get_by_label("Names for the envelopes").fill("Rosa Lindqvist\nJoseph Etienne\nThida Win")
    follow(shown.get_by_role("button", name="Create the sheets"))
    look_at(shown, "recovery-own-sheets-1366")
    sheets = [_collected(shown, url, number) for number in (1, 2, 3)]
    shown.goto(f"{url}/recovery/")
    look_at(shown, "recovery-checked-1366")
    expect(shown.locator("main")).to_contain_text("3 of 3 holders have checked their sheet.")
    file = _downloaded(shown, "Test file", "link", folder)
    printed = recover("test", str(file), typed=f"{sheets[2]}\n{sheets[0]}\n")
    assert printed.returncode == 0, printed.stderr
    shown.get_by_label("Code of the test").fill(printed.stdout.strip().rpartition(": ")[2])
    follow(shown.get_by_role("button", name="Confirm the test"))
    expect(shown.locator("main")).to_contain_text("The test succeeded.")
    look_at(shown, "recovery-tested-1366")
    return sheets


def _link(shown: Page, url: str) -> str:
    before = len(mail.outbox)
    shown.goto(f"{url}/sign-in/")
    follow(shown.get_by_role("link", name="Lost both passphrase and recovery code?"))
    look_at(shown, "lost-360")
    shown.get_by_label("E-mail").fill("ana@office.test")
    follow(shown.get_by_role("button", name="Send the link"))
    expect(shown.get_by_role("status")).to_contain_text("a link was sent to it")
    for _ in range(100):
        if len(mail.outbox) > before:
            break
        shown.wait_for_timeout(50)
    found = re.search(r"/sign-in/return/#[\w-]+", str(mail.outbox[-1].body))
    assert found
    return found.group()


def test_an_admin_loses_everything_and_returns_with_two_sheets(
    transactional_db: None, live_server: LiveServer, tmp_path: Path
) -> None:
    worker, url = signed_in("Ana Ruiz", "ana@office.test"), live_server.url
    case_id = cases.open_case(worker.staff, cases.NewCase(name=NAME, last_arrival_on=dt.date(2026, 4, 9)))
    with browser() as running:
        with page(running) as office:
            token = worker.client.cookies[settings.SESSION_COOKIE].value
            office.context.add_cookies([{"name": settings.SESSION_COOKIE, "value": token, "url": url}])
            sheets = _made_and_tested(office, url, tmp_path)
        with page(running, width=360, scheme="dark") as lost:
            link = _link(lost, url)
            lost.goto(url + link)
            expect(lost.get_by_role("button", name="Create my six words")).to_be_visible()
            look_at(lost, "back-begin-360")
            follow(lost.get_by_role("button", name="Create my six words"))
            words = _words(lost)
            lost.get_by_label("Type the six words").fill(words)
            follow(lost.get_by_role("button", name="Keep these words"))
            lost.get_by_label("Your six new words").fill(words)
            look_at(lost, "back-waiting-360")
            follow(lost.get_by_role("button", name="Continue"))
            look_at(lost, "back-call-360")
            compared, code = _words(lost), lost.locator("p.code").inner_text()
            request, answer = _downloaded(lost, "Download the request", "button", tmp_path), tmp_path / "answer.json"
            typed = "\n".join([sheets[1], sheets[0], "yes", ""])
            done = recover("grant", "--request", str(request), "--out", str(answer), typed=typed)
            assert done.returncode == 0, done.stderr
            assert f"Words of the request: {compared}" in done.stdout
            office_words = done.stdout.partition("Words of the office: ")[2].partition("\n")[0]
            lost.get_by_label("The answer file").fill(answer.read_text())
            lost.get_by_label("The six words of the office").fill(office_words)
            lost.get_by_label("Your six new words, once more").fill(words)
            lost.get_by_label("Type the new recovery code from your sheet").fill(code)
            follow(lost.get_by_role("button", name="Sign in again"))
            expect(lost.locator("main")).to_contain_text("Your access is restored.")
            lost.goto(url + reverse("cases:case", args=[case_id]))
            expect(lost.locator("main")).to_contain_text(NAME)
            lost.goto(f"{url}/recovery/")
            expect(lost.locator("main")).to_contain_text("Last drill")
            look_at(lost, "recovery-360")
