"""The main job as a caseworker does it, in a real browser over a whole running Caseapp; then what a thief finds.

Each part of the job is a module of `main_job`.
"""

import time
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from caseapp.tools.pytest_plugin import find_chromium
from tests.stack import papers
from tests.stack.conftest import Office
from tests.stack.main_job import case, finding, intake, moving, theft
from tests.stack.main_job import office as office_parts
from tests.stack.main_job.needles import PAPER_WORDS, PHOTO_WORDS

pytestmark = [pytest.mark.stack, pytest.mark.browser]
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-component-update",
    "--disable-background-networking", "--disable-sync",
]  # fmt: skip


@pytest.fixture
def page(office: Office, tmp_path: Path) -> Generator[Page]:
    profile = tmp_path / "profile"
    with sync_playwright() as driver:
        browser = driver.chromium.launch_persistent_context(
            str(profile),
            executable_path=find_chromium(),
            args=ARGUMENTS,
            viewport={"width": 1366, "height": 900},
            timezone_id="America/New_York",
        )
        browser.set_default_timeout(20_000)
        yield browser.pages[0]
        browser.close()


def test_the_main_job(office: Office, page: Page, tmp_path: Path) -> None:
    began = time.time()
    words, code = office_parts.set_up(office, page)
    sheets = office_parts.collect_recovery_sheets(page)
    case_url = case.open_a_case(page)
    case.book_the_hearing(page, case_url)
    case.see_the_working(page, case_url)
    pdf, photo = papers.twenty_pages(PAPER_WORDS), papers.photo(PHOTO_WORDS)
    case.upload(page, case_url, pdf, photo)
    case.write_a_note(page, case_url)
    case.ask_whether_texts_are_wanted(page, case_url)
    case.receive_a_reply(page)
    finding.search(page)
    finding.ask_the_palette(page)
    finding.save_a_view(page)
    intake.check_for_conflicts(page)
    moving.export(page, case_url, words, least=len(pdf) + len(photo))
    moving.move_in(page)
    office_parts.lock(page)
    office_parts.reminder_arrives(office)
    office.set_clock(datetime(2027, 2, 17, 20, 0, tzinfo=UTC))
    office_parts.sign_in(office, page, words)
    office_parts.invite_by_a_mail_that_waits(office, page)
    case.open_the_paper(page, case_url, pdf)
    case.record_the_outcome(page, case_url)
    case.record_the_filing(page)
    case.enter_a_facility(page, case_url)
    case.enter_a_key_date(page, case_url)
    case.enter_an_earlier_order_and_a_docket(page, case_url)
    office_parts.set_the_offices_law(page)
    intake.take_people_in(page)
    intake.leave_an_intake_half_filled(page)
    case.type_without_saving(page, case_url)
    office_parts.lock(page)
    theft.nothing_readable_is_left(office, tmp_path, began, {"setup-code": code, **sheets})
    theft.server_secrets_open_reminders_only(office)
