"""The mail with a recovery link goes out once its mail server takes it, against a real SMTP server."""

import re
import threading
from collections.abc import Generator
from uuid import uuid4

import msgspec
import pytest
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings

from caseapp.account.services import lost_access
from caseapp.accounts.recovery import member as returning
from caseapp.lib import clock
from caseapp.reminders.models import WaitingMail
from caseapp.reminders.sending import rounds
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault import server_keys
from caseapp.vault.core import operational
from caseapp.vault.tenancy import office_transaction
from tests.helpers.smtp import Box, post_office
from tests.helpers.two_offices import Worker
from tests.reminders.cast import Clock, stop_clock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("frozen")]
EMAIL = "ana@office.test"
GREYLISTED = "450 4.2.0 Greylisted"


@pytest.fixture
def box(settings: Settings) -> Generator[Box]:
    with post_office() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        yield running


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return stop_clock(monkeypatch, clock.now())


def _ask(email: str = EMAIL) -> str:
    """Ask for a link, and wait for the thread that mails it. Return the page."""
    page = Client().post("/sign-in/lost/", {"email": email})
    for thread in threading.enumerate():
        if thread.name == lost_access.THREAD_NAME:
            thread.join(10)
    return re.sub(r"csrfmiddlewaretoken.*?>", "", page.content.decode()).replace(email, "")


def _waiting(attorney: Worker) -> list[WaitingMail]:
    with office_transaction(attorney.staff.org_id):
        return list(WaitingMail.objects.all())


def _round() -> None:
    with acting_as("clock"):
        rounds.send_due()


def _links(box: Box) -> list[str]:
    return [code for raw in box.letters for code in re.findall(r"/sign-in/return/#([\w-]+)", str(raw.get_content()))]


def test_a_recovery_link_that_was_put_off_is_mailed_when_the_server_takes_it_and_once(
    attorney: Worker, box: Box, time: Clock
) -> None:
    box.answers = {"*": GREYLISTED}
    known = _ask()
    assert known == _ask("nobody@office.test"), "the page does not say that an account has the address"
    with office_transaction(attorney.staff.org_id), connection.cursor() as cursor:
        cursor.execute("SELECT w::text FROM reminders_waiting_mail w")
        ((stored,),) = cursor.fetchall()
    for needle in (EMAIL, "/sign-in/return/", "office.test"):
        assert needle not in stored
        assert needle.encode().hex() not in stored
    time.pass_by(minutes=4)
    _round()
    assert [row.tries for row in _waiting(attorney)] == [1], (
        "not before five minutes: servers that greylist would start anew"
    )
    time.pass_by(minutes=2)
    _round()
    box.answers = {}
    time.pass_by(minutes=11)
    _round()
    _round()
    (code,) = _links(box)
    assert returning.find_link(code).member_id == attorney.staff.member_id
    assert re.fullmatch(r"<[0-9a-f]{40}@list\.invalid>", box.ids()[0])
    assert _waiting(attorney) == []


def test_the_message_id_is_the_same_on_each_try_and_after_an_answer_that_was_lost(
    attorney: Worker, box: Box, time: Clock, settings: Settings
) -> None:
    """The first try meets no server; then the program dies between the server's 250 and forgetting the mail."""
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    _ask()
    settings.EMAIL_PORT = port
    (row,) = _waiting(attorney)
    time.pass_by(minutes=6)
    _round()
    with office_transaction(row.org_id):
        WaitingMail.objects.create(org_id=row.org_id, id=row.id, sealed=row.sealed, try_after=row.try_after)
    _round()
    assert len(box.ids()) == 2
    assert len(set(box.ids())) == 1


@pytest.mark.parametrize("ends", ["expired", "refused"])
def test_the_mail_of_a_link_ends_with_it_or_when_the_server_refuses_it_for_good(
    attorney: Worker, box: Box, time: Clock, ends: str
) -> None:
    box.answers = {"*": GREYLISTED}
    _ask()
    box.answers = {"*": "550 5.1.1 User unknown"} if ends == "refused" else {}
    time.pass_by(**({"days": 3} if ends == "expired" else {"minutes": 6}))
    _round()
    assert _links(box) == []
    assert _waiting(attorney) == [], "no row and no link is kept"


def test_a_link_refused_at_once_is_not_kept(attorney: Worker, box: Box) -> None:
    box.answers = {"*": "550 5.1.1 User unknown"}
    _ask()
    assert _waiting(attorney) == []


def test_a_mailbox_is_sent_no_more_links_than_are_valid(attorney: Worker, box: Box, time: Clock) -> None:
    box.answers = {"*": GREYLISTED}
    for _ in range(returning.MAX_LINKS + 2):
        _ask()
    assert len(_waiting(attorney)) == returning.MAX_LINKS


def test_a_row_of_the_program_before_is_still_an_invitation(attorney: Worker, box: Box, time: Clock) -> None:
    """Such a row does not say what its link is for."""
    org, row = attorney.staff.org_id, uuid4()
    until = time.moment.replace(year=2027)
    old = {"address": EMAIL, "language": "en", "link": "https://caseapp.test/join/#a", "until": until}
    sealed = operational.seal_setting(server_keys.operational_key(), org, row, msgspec.msgpack.encode(old))
    with office_transaction(org):
        WaitingMail.objects.create(org_id=org, id=row, sealed=sealed, try_after=time.moment)
    _round()
    assert box.subjects() == ["Invitation"]
