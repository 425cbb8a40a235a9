"""One answer whether a member can be reached: the list for admins, their own page and Today say the same."""

import datetime as dt
from html import unescape

import pytest
from msgspec.structs import replace

from caseapp.account.pages.reminders import REACH_WORDS
from caseapp.reminders import recipients
from caseapp.vault.tenancy import office_transaction
from tests.helpers.two_offices import Worker

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
ON = dt.date(2026, 11, 23)
UNREACHABLE = "No address of yours works: no reminder reaches you."


@pytest.mark.parametrize(
    ("state", "word", "is_told"),
    [
        ("new", "not tested: send a test", False),
        ("works", "can be reached", False),
        ("refused", "no address works", True),
        ("full", "the mailbox is full", False),
    ],
)
def test_the_admins_list_the_own_page_and_today_agree(
    attorney: Worker, state: str, word: str, *, is_told: bool
) -> None:
    staff = attorney.staff
    with office_transaction(staff.org_id):
        recipients.change_settings(
            staff.org_id, staff.member_id, lambda settings: replace(settings, state=state, state_on=ON)
        )
    page = unescape(attorney.client.get("/reminders/").content.decode())
    assert word in page
    others = {str(text) for _, text in REACH_WORDS.values()} - {word, "no address"}
    assert [text for text in others if text in page] == []
    assert (UNREACHABLE in unescape(attorney.client.get("/").content.decode())) is is_told
