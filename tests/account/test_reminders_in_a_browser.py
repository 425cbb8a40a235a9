"""The pages of reminders in Chromium: nothing that axe faults, no sideways scroll, in the dark, in three languages."""

import datetime as dt

import pytest
from django.conf import settings
from msgspec.structs import replace
from pytest_django.live_server_helper import LiveServer

from caseapp.reminders import queries, recipients
from caseapp.reminders.recipients import ReminderAddress
from caseapp.reminders.sending import dispatch
from caseapp.vault.tenancy import office_transaction
from tests.helpers.browsing import browser, look_at, page, press
from tests.helpers.two_offices import Worker, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("frozen")]
TODAY = dt.date(2026, 11, 24)


def _busy(language: str) -> Worker:
    """Somebody with two addresses, a message that went out and one that did not."""
    worker = signed_in("Ana Ruiz", "ana.with.a.rather.long.address@office-of-the-harbor.test", language=language)
    org, member = worker.staff.org_id, worker.staff.member_id
    with office_transaction(org):
        phone = ReminderAddress(kind="text", address="twilio://x", shown="twilio ··22", state="refused", state_on=TODAY)
        recipients.change_settings(
            org, member, lambda ways: replace(ways, others=(phone,), state="works", state_on=TODAY)
        )
        reached = recipients.get(org, member)
        assert reached is not None
        for what, state in (("reminder", "sent"), ("self-test", "sent"), ("urgent", "stuck")):
            mid = queries.message_id(reached, TODAY, what)
            queries.write_line(dispatch.log_line(reached, what, mid, "email", state=state))
    return worker


@pytest.mark.parametrize(
    ("width", "language", "scheme"), [(360, "en", "light"), (320, "fr", "dark"), (1366, "es", "dark")]
)
def test_the_pages_of_reminders_are_fit_for_everybody(
    transactional_db: None, live_server: LiveServer, width: int, language: str, scheme: str
) -> None:
    worker = _busy(language)
    with browser() as running, page(running, width=width, language=language, scheme=scheme) as shown:
        token = worker.client.cookies[settings.SESSION_COOKIE].value
        shown.context.add_cookies(
            [{"name": settings.SESSION_COOKIE, "value": token, "url": live_server.url, "httpOnly": True}]
        )
        shown.goto(f"{live_server.url}/reminders/")
        for closed in shown.locator("main details").all():
            press(closed.locator("summary"))
        look_at(shown, f"reminders-{width}-{language}-{scheme}")
        shown.goto(f"{live_server.url}/reminders/log/")
        look_at(shown, f"reminders-log-{width}-{language}-{scheme}")
