"""An invitation that the mail server puts off is mailed again without a member, against a real SMTP server."""

import datetime as dt
import re
from collections.abc import Generator
from email.message import EmailMessage

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from caseapp.accounts.members import invitations
from caseapp.lib import clock
from caseapp.reminders.models import WaitingMail
from caseapp.reminders.sending import rounds
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault.tenancy import office_transaction
from tests.helpers.flash import redirect_of
from tests.helpers.smtp import Box, post_office
from tests.helpers.two_offices import Worker
from tests.reminders.cast import Clock, stop_clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
ASKED = {"email": "vera@harbor.test", "name": "Vera Lind", "role": "volunteer", "language": "en"}
WAITS = "The mail server asked to wait"


@pytest.fixture
def box(settings: Settings) -> Generator[Box]:
    with post_office() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        yield running


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return stop_clock(monkeypatch, clock.now())


def _invite(attorney: Worker) -> str:
    return redirect_of(attorney.client.post("/team/invite/", ASKED))[2]


def _round() -> None:
    with acting_as("clock"):
        rounds.send_due()


def _to_vera(box: Box) -> list[EmailMessage]:
    return [letter for letter in box.letters if letter["To"] == ASKED["email"]]


def _people(attorney: Worker) -> str:
    return attorney.client.get("/team/").content.decode()


@pytest.mark.parametrize(
    ("answer", "after_content"),
    [("450 4.2.0 Greylisted, see postgrey", False), ("451 4.7.1 Greylisting in action", False),
     ("421 4.7.0 Try again later, closing", False), ("451 4.7.1 Try again later", True)],
)  # fmt: skip
def test_a_greylisted_invitation_is_mailed_again_until_the_server_accepts_it(
    attorney: Worker, box: Box, time: Clock, answer: str, after_content: bool
) -> None:
    box.answers, box.answer_to_content = ({}, answer) if after_content else ({ASKED["email"]: answer}, "")
    assert _invite(attorney) == "invitation-waits"
    assert WAITS in _people(attorney)
    time.pass_by(minutes=4)
    _round()
    assert WaitingMail.objects.get().tries == 1, "not before five minutes: servers that greylist would start anew"
    time.pass_by(minutes=2)
    _round()
    assert WaitingMail.objects.get().tries == 2
    assert WAITS in _people(attorney)
    box.answers, box.answer_to_content = {}, ""
    time.pass_by(minutes=11)
    _round()
    _round()
    (letter,) = _to_vera(box)
    assert WaitingMail.objects.count() == 0
    assert "Waiting for them to use the link" in _people(attorney)
    code = re.search(r"/join/#([\w-]+)", letter.get_content())
    assert code
    assert invitations.read_offer(code.group(1)).email == ASKED["email"]
    opened = Client().post("/join/", {"code": code.group(1)}).content.decode()
    assert "You are invited to join" in opened


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("550 5.1.1 User unknown", "does not know this address"),
        ("552 5.2.2 Quota exceeded", "is full"),
        ("550 5.7.1 Relaying denied", "took no message"),
        ("550 5.1.8 Sender refused", "took no message"),
    ],
)
def test_an_invitation_that_is_refused_for_good_is_not_stored_and_says_why(
    attorney: Worker, box: Box, answer: str, sentence: str
) -> None:
    box.answers = {"*": answer}
    response = attorney.client.post("/team/invite/", ASKED)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    with office_transaction(attorney.staff.org_id):
        assert invitations.list_open_invitations(attorney.staff) == ()
    assert WaitingMail.objects.count() == 0


def test_one_that_is_refused_after_the_wait_says_so_and_its_link_is_kept_no_longer(
    attorney: Worker, box: Box, time: Clock
) -> None:
    box.answers = {"*": "450 4.2.0 Greylisted"}
    _invite(attorney)
    box.answers = {"*": "550 5.1.1 User unknown"}
    time.pass_by(minutes=6)
    _round()
    assert "The mail server refused it" in _people(attorney)
    assert bytes(WaitingMail.objects.get().sealed) == b""
    box.answers = {}
    time.pass_by(hours=2)
    _round()
    assert _to_vera(box) == []


@pytest.mark.parametrize("ends", ["revoked", "expired"])
def test_what_ended_is_not_mailed(attorney: Worker, box: Box, time: Clock, ends: str) -> None:
    box.answers = {"*": "450 4.2.0 Greylisted"}
    _invite(attorney)
    box.answers = {}
    if ends == "revoked":
        page = reverse("team:invitation", args=[WaitingMail.objects.get().id])
        assert WAITS in attorney.client.get(page).content.decode()
        assert attorney.client.post(page, {"act": "revoke"}).status_code == 303
    else:
        time.pass_by(days=3, minutes=1)
    time.pass_by(minutes=6)
    _round()
    assert _to_vera(box) == []
    assert WaitingMail.objects.count() == 0


def test_each_try_has_the_same_message_id_that_names_nothing(attorney: Worker, box: Box, time: Clock) -> None:
    box.answer_to_content = "451 4.7.1 later"
    _invite(attorney)
    box.answer_to_content = ""
    time.pass_by(minutes=6)
    _round()
    (letter,) = _to_vera(box)
    assert re.fullmatch(r"<[0-9a-f]{40}@list\.invalid>", letter["Message-ID"])
    invitation = WaitingMail(org_id=attorney.staff.org_id).org_id.hex
    assert invitation not in letter.as_string()


def test_the_row_shows_neither_address_nor_name_nor_link(attorney: Worker, box: Box, time: Clock) -> None:
    box.answers = {"*": "450 4.2.0 Greylisted"}
    _invite(attorney)
    with connection.cursor() as cursor:
        cursor.execute("SELECT w::text FROM reminders_waiting_mail w")
        ((row,),) = cursor.fetchall()
    for needle in (ASKED["email"], "Vera", "/join/", "harbor"):
        assert needle not in row
        assert needle.encode().hex() not in row


def test_another_office_sees_nothing_of_it(attorney: Worker, outsider: Worker, box: Box, time: Clock) -> None:
    box.answers = {"*": "450 4.2.0 Greylisted"}
    _invite(attorney)
    assert WAITS not in _people(outsider)
    with acting_as("web"), office_transaction(outsider.staff.org_id):
        assert WaitingMail.objects.count() == 0


def test_a_server_that_does_not_answer_invites_nobody(attorney: Worker, box: Box, settings: Settings) -> None:
    settings.EMAIL_PORT = 1
    response = attorney.client.post("/team/invite/", ASKED)
    assert "took no message" in response.content.decode()
    assert WaitingMail.objects.count() == 0


def test_the_mail_waits_no_longer_than_an_hour_between_tries(attorney: Worker, box: Box, time: Clock) -> None:
    box.answers = {"*": "450 4.2.0 Greylisted"}
    _invite(attorney)
    for _ in range(8):
        time.pass_by(minutes=61)
        _round()
    row = WaitingMail.objects.get()
    assert row.tries == 9
    assert row.try_after - clock.now() == dt.timedelta(hours=1)
