"""A client who answers a text with anything but STOP is to be called: that they replied is kept, and not what."""

import base64
import datetime as dt
import json
import re
from collections.abc import Mapping
from html import unescape
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from caseapp.accounts.directory import opt_out_inbox
from caseapp.accounts.directory.opt_out_inbox import ReceivedOptOut
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.models import Stop
from caseapp.accounts.signin import sign_in, throttle
from caseapp.casefile import sharing, undo
from caseapp.casefile.upkeep import background
from caseapp.cases.services import cases, closing
from caseapp.clients.services import contact, replies
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.records.case import Case
from caseapp.records.contact_attempt import REPLIED, ContactAttempt
from caseapp.records.party import Contact
from caseapp.reminders.sending.client_messages import reminder_text
from caseapp.today import services
from caseapp.today.pages import TodayPage
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault import server_keys
from caseapp.vault.tenancy import office_transaction
from tests.clients import client_world
from tests.clients.client_world import NAME, agreed, client_of, hearing_of, opened
from tests.helpers.attacker import Sealed, keys_from
from tests.helpers.attacker import opened as opened_by_attacker
from tests.helpers.cast import WORDS
from tests.helpers.two_offices import NOW, Worker, boxes
from tests.reminders.cast import Clock
from tests.team.test_members import member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
PAGE = "/reminders/clients/"
WROTE = "My niece Ozoda waits at the ferry"
REPLY = {"From": "+12125550122", "To": "+12125550100", "Body": WROTE}
LINE = "replied to a text on Tue, Nov 24: call them."


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    moving = Clock(NOW)
    monkeypatch.setattr(clock, "now", moving.now)
    return moving


@pytest.fixture
def case_id(attorney: Worker, time: Clock) -> UUID:
    """Farid, who agreed to texts some minutes ago."""
    made = client_world.a_case(attorney.staff)
    agreed(attorney.staff, made)
    time.pass_by(minutes=4)
    return made


@pytest.fixture
def address(attorney: Worker) -> str:
    html = attorney.client.post(PAGE, {"act": "make"}).content.decode()
    found = re.search(r"(/in/[\w-]{43}/)", html)
    assert found is not None
    return found.group(1)


def _send(address: str, document: Any = None, *, kind: str = "form") -> int:
    content = document if document is not None else REPLY
    if kind == "json":
        return Client().post(address, json.dumps(content), content_type="application/json").status_code
    body = urlencode(content)
    return Client().post(address, body, content_type="application/x-www-form-urlencoded").status_code


def _today(worker: Worker) -> str:
    """The text of Today. A session that locked meanwhile is unlocked, one that ended is begun anew."""
    answer = worker.client.get("/")
    if answer.status_code != 200:
        email = "lena@elsewhere.test" if worker.staff.name.startswith("Lena") else "ana@office.test"
        worker.client.cookies[settings.SESSION_COOKIE] = sign_in.sign_in(email, WORDS).token
        answer = worker.client.get("/")
    return re.sub(r"\s+", " ", unescape(answer.content.decode()))


def _replies(staff: Staff, case_id: UUID) -> list[ContactAttempt]:
    return [attempt for attempt in client_world.attempts(staff, case_id) if attempt.result == REPLIED]


def _numbers(staff: Staff) -> list[str]:
    with office_transaction(staff.org_id):
        return [reply.number for reply in opt_out_inbox.read_messages(staff.keys).replies]


def test_a_client_who_replied_is_to_be_called_and_the_call_clears_it(
    attorney: Worker, case_id: UUID, address: str, time: Clock
) -> None:
    assert LINE not in _today(attorney)
    assert _send(address) == 204
    page = _today(attorney)
    assert f"{client_world.NAME}" in page
    assert LINE in page
    assert client_world.CAREFUL in page
    (reply,) = _replies(attorney.staff, case_id)
    assert (reply.at, reply.party, reply.contact) == (
        time.moment,
        client_of(attorney.staff, case_id),
        client_world.NUMBER,
    )
    found = re.search(r'href="(/cases/[^"]+/call/)\?next=/"', page)
    assert found is not None
    assert LINE in _today(attorney), "also the next time"
    time.pass_by(minutes=2)
    sent = {"result": "reached", "contact": client_world.NUMBER, "next": "/", **boxes("next_try_on", None)}
    assert attorney.client.post(found.group(1), sent).status_code == 303
    assert "replied to a text" not in _today(attorney)
    time.pass_by(days=1)
    _send(address, {**REPLY, "Body": "One more thing"})
    assert "replied to a text on Wed, Nov 25" in _today(attorney)


@pytest.mark.parametrize(
    ("result", "is_cleared"),
    [("reached", True), ("wrong_number", True), ("no_answer", False), ("voicemail_not_left", False)],
)
def test_a_call_that_reached_no_one_leaves_it_until_the_day_of_the_next_try(
    attorney: Worker, case_id: UUID, address: str, time: Clock, result: str, is_cleared: bool
) -> None:
    _send(address)
    assert replies.apply(attorney.staff) == 1
    time.pass_by(minutes=5)
    party = client_of(attorney.staff, case_id)
    again = None if is_cleared else dt.date(2026, 11, 26)
    call = contact.CallResult(result=result, next_try_on=again)
    contact.record_call(attorney.staff, case_id, party, call, hearing_id=None)
    assert LINE not in _today(attorney)
    time.pass_by(days=2)
    assert (LINE not in _today(attorney)) == is_cleared


def test_a_call_before_the_reply_does_not_answer_it(attorney: Worker, case_id: UUID, address: str, time: Clock) -> None:
    call = contact.CallResult(result="reached")
    party, hearing = client_of(attorney.staff, case_id), hearing_of(attorney.staff, case_id)
    contact.record_call(attorney.staff, case_id, party, call, hearing_id=hearing)
    time.pass_by(minutes=1)
    _send(address)
    assert LINE in _today(attorney)


def test_what_they_wrote_and_their_number_are_nowhere_readable(
    attorney: Worker, case_id: UUID, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        _send(address, {**REPLY, "MessageSid": "SM1"})
        Client().post(address, f'{{"From": "+12125550122", "Body": "{WROTE}"'.encode(), content_type="application/json")
    (row,) = Stop.objects.all()
    sealed = Sealed("stop", {"org_id": row.org_id, "id": row.id}, bytes(row.sealed))
    keys = keys_from([server_keys.operational_key(), address.encode()])
    assert list(opened_by_attacker([sealed], keys)) == []
    assert LINE in _today(attorney)
    needles = ("2125550122", "212) 555-0122", "Ozoda", "ferry", "Karimi", address.split("/")[2])
    said = "\n".join(record.getMessage() for record in caplog.records)
    assert not [needle for needle in needles if needle in said]
    case_page = attorney.client.get(reverse("cases:case", args=[case_id])).content.decode()
    assert "they replied" in case_page
    assert "Ozoda" not in case_page
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            for (stored,) in cursor.fetchall():
                for needle in needles:
                    assert needle not in stored, table
                    assert needle.encode().hex() not in stored, table


def test_a_reply_and_a_stop_look_alike_in_the_database(attorney: Worker, case_id: UUID, address: str) -> None:
    _send(address)
    _send(address, {**REPLY, "Body": "STOP"})
    rows = list(Stop.objects.all())
    assert len(rows) == 2
    assert len({(len(bytes(row.sealed)), row.received_on) for row in rows}) == 1


def test_an_older_program_does_not_take_a_reply_for_a_stop() -> None:
    reply = msgspec.msgpack.encode(opt_out_inbox.ReceivedReply(replied="+12125550122", at=NOW))
    with pytest.raises(msgspec.ValidationError):
        msgspec.msgpack.decode(reply, type=ReceivedOptOut)


@pytest.mark.parametrize("text", ["STOP", "no me escriban", "arrêtez svp"])
def test_a_stop_stays_a_stop_and_no_reply(attorney: Worker, case_id: UUID, address: str, text: str) -> None:
    _send(address, {**REPLY, "Body": text})
    page = _today(attorney)
    assert "answered STOP on Tue, Nov 24" in page
    assert "replied to a text" not in page
    assert _replies(attorney.staff, case_id) == []


@pytest.mark.parametrize("path", ["/in/" + "A" * 43 + "/", "/in/x/", "basic"])
def test_a_forged_address_keeps_nothing(attorney: Worker, case_id: UUID, address: str, path: str) -> None:
    if path == "basic":
        wrong = base64.b64encode(b"caseapp:" + b"A" * 43).decode()
        answer = Client().post("/in/", REPLY, headers={"Authorization": f"Basic {wrong}"})
        assert answer.status_code == 204
    else:
        assert _send(path) == 204
    assert not Stop.objects.exists()
    assert "replied to a text" not in _today(attorney)


NUMBERED: dict[str, Mapping[str, str]] = {
    "a number": {**REPLY, "MessageSid": "SM99"},
    "a time": {**REPLY, "receivedAt": "2026-11-24T16:00:00Z"},
}


@pytest.mark.parametrize("shape", NUMBERED)
def test_a_message_that_is_passed_on_again_does_nothing_after_the_call(
    attorney: Worker, case_id: UUID, address: str, time: Clock, shape: str
) -> None:
    _send(address, NUMBERED[shape])
    _today(attorney)
    time.pass_by(minutes=5)
    called = contact.CallResult(result="reached")
    contact.record_call(attorney.staff, case_id, client_of(attorney.staff, case_id), called, hearing_id=None)
    time.pass_by(days=3)
    for _ in range(3):
        assert _send(address, NUMBERED[shape]) == 204
    assert Stop.objects.count() == 1
    assert "replied to a text" not in _today(attorney)


def test_a_message_without_number_and_time_counts_once_a_day(
    attorney: Worker, case_id: UUID, address: str, time: Clock
) -> None:
    for _ in range(3):
        _send(address)
    assert Stop.objects.count() == 1
    time.pass_by(days=1)
    _send(address)
    assert Stop.objects.count() == 2, "'yes' on another day is another reply"


def test_a_second_stop_counts_although_it_is_the_same_message(
    attorney: Worker, case_id: UUID, address: str, time: Clock
) -> None:
    stop = {**REPLY, "Body": "STOP"}
    _send(address, stop)
    _today(attorney)
    time.pass_by(minutes=10)
    agreed(attorney.staff, case_id)
    time.pass_by(minutes=10)
    _send(address, stop)
    _today(attorney)
    assert all(consent.is_withdrawn for consent in client_world.consents(attorney.staff, case_id))


def test_several_replies_of_a_day_make_one_entry(attorney: Worker, case_id: UUID, address: str, time: Clock) -> None:
    for hour in range(4):
        _send(address, {**REPLY, "Body": f"Hello {hour}"})
        _today(attorney)
        time.pass_by(hours=1)
    assert [reply.at for reply in _replies(attorney.staff, case_id)] == [NOW + dt.timedelta(hours=3, minutes=4)]
    version = opened(attorney.staff, case_id).head_version
    _today(attorney)
    assert opened(attorney.staff, case_id).head_version == version, "what is recorded is not recorded again"


REPORTS: dict[str, Any] = {
    "what we sent, and to whom": {"type": "message.phone.sent", "data": {"contact": "+12125550122", "content": "Hi"}},
    "a delivery receipt": {"msisdn": "12125550122", "to": "12125550100", "status": "delivered", "text": ""},
    "an event with a colon": {"event": "sms:sent", "payload": {"phoneNumber": "+12125550122", "message": "Hi"}},
    "an echo of our text": {"number": "+12125550122", "text": reminder_text("plain", "es", NOW)},
    "an echo with a time": {"number": "+12125550122", "text": reminder_text("date_time", "fr", NOW)},
    "no text": {"from": "+12125550122"},
    "no number": {"from": "Harbor", "text": "Hi"},
}
INBOUND: dict[str, Any] = {
    "telnyx": {"data": {"event_type": "message.received", "payload": {
        "direction": "inbound", "from": {"phone_number": "+12125550122"}, "text": WROTE,
        "to": [{"phone_number": "+12125550100", "status": "webhook_delivered"}]}}},
    "httpsms": {"type": "message.phone.received", "data": {"contact": "+12125550122", "content": WROTE}},
    "bandwidth": [{"type": "message-received", "message": {
        "from": "+12125550122", "text": WROTE, "direction": "in", "to": ["+12125550100"]}}],
    "a telephone": {"event": "sms:received", "payload": {"phoneNumber": "+12125550122", "message": WROTE}},
    "twilio": {"SmsStatus": "received", "From": "+12125550122", "Body": "", "NumMedia": "1"},
    "a reaction to our text": {"from": "+12125550122", "text": f"Liked “{reminder_text('plain', 'en', NOW)}”"},
}  # fmt: skip


@pytest.mark.parametrize("what", REPORTS)
def test_a_report_on_our_own_text_is_no_reply(attorney: Worker, address: str, what: str) -> None:
    assert _send(address, REPORTS[what], kind="json") == 204
    assert _numbers(attorney.staff) == []


@pytest.mark.parametrize("shape", INBOUND)
def test_a_reply_is_read_in_the_shapes_of_gateways(attorney: Worker, address: str, shape: str) -> None:
    assert _send(address, INBOUND[shape], kind="json") == 204
    assert _numbers(attorney.staff) == ["+12125550122"]


def test_a_number_that_no_case_knows_shows_nothing(attorney: Worker, case_id: UUID, address: str) -> None:
    _send(address, {**REPLY, "From": "+12125550199"})
    assert replies.apply(attorney.staff) == 0
    assert "replied to a text" not in _today(attorney)


def test_a_client_who_ended_the_texts_and_writes_again_is_to_be_called(
    attorney: Worker, case_id: UUID, address: str, time: Clock
) -> None:
    _send(address, {**REPLY, "Body": "STOP"})
    _today(attorney)
    time.pass_by(minutes=3)
    _send(address, {**REPLY, "Body": "Sorry, please call me"})
    assert LINE in _today(attorney)


def test_a_reply_from_before_the_consent_is_of_another_person(attorney: Worker, address: str, time: Clock) -> None:
    _send(address)
    time.pass_by(hours=2)
    made = client_world.a_case(attorney.staff)
    agreed(attorney.staff, made)
    assert replies.apply(attorney.staff) == 0
    assert _replies(attorney.staff, made) == []


def test_a_closed_case_asks_for_no_call(attorney: Worker, address: str, time: Clock) -> None:
    contacts = (Contact(way="phone", text=client_world.NUMBER, safe="yes"),)
    made = cases.open_case(attorney.staff, cases.NewCase(name=NAME, contacts=contacts))
    agreed(attorney.staff, made)
    time.pass_by(minutes=3)
    _send(address)
    assert LINE in _today(attorney)
    version = opened(attorney.staff, made).entries_of(Case)[0].version
    kept_until = dt.date(2033, 11, 24)
    closing.close_case(attorney.staff, made, code="granted", retain_until=kept_until, version=version)
    assert "replied to a text" not in _today(attorney)
    time.pass_by(hours=1)
    _send(address, {**REPLY, "Body": "And another thing"})
    assert replies.apply(attorney.staff) == 0


def test_it_waits_for_a_member_who_can_open_the_case(attorney: Worker, case_id: UUID, address: str) -> None:
    ben = member(attorney.staff, "caseworker")
    sharing.restrict_to_members(attorney.staff, case_id, [attorney.staff.member_id])
    _send(address)
    assert "replied to a text" not in _today(ben)
    assert LINE in _today(attorney)


def test_another_office_and_a_covered_page_show_no_name(
    attorney: Worker, outsider: Worker, case_id: UUID, address: str
) -> None:
    _send(address)
    assert "replied to a text" not in _today(outsider)
    attorney.client.post(reverse("account:cover"), {"covered": "yes", "next": "/"})
    page = _today(attorney)
    assert "replied to a text" in page
    assert NAME not in page


def test_a_reply_cannot_be_undone(attorney: Worker, case_id: UUID, address: str) -> None:
    _send(address)
    replies.apply(attorney.staff)
    file = opened(attorney.staff, case_id)
    entry = next(e for e in file.entries_of(ContactAttempt) if e.record.result == REPLIED)
    with pytest.raises(Refused, match="undo"):
        undo.undo_change(attorney.staff, case_id, entry.id, entry.version)


def test_replies_without_end_are_bounded_and_stop_still_counts(
    attorney: Worker, case_id: UUID, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opt_out_inbox, "REPLIES_LIMIT", 3)
    for number in range(6):
        assert _send(address, {**REPLY, "Body": f"Hello {number}"}) == 204
    assert Stop.objects.count() == 3
    _send(address, {**REPLY, "Body": "STOP"})
    assert Stop.objects.count() == 4
    assert "answered STOP" in _today(attorney)
    monkeypatch.setattr(throttle, "HOOK", 7)
    assert _send(address, {**REPLY, "Body": "Hello 8"}) == 429
    assert _send(address, {**REPLY, "Body": "x" * 20_000}) == 429


def test_the_webs_role_stores_a_reply_and_passes_one_on_again_over(attorney: Worker, address: str) -> None:
    with acting_as("web"):
        assert [_send(address), _send(address)] == [204, 204]
    assert Stop.objects.count() == 1


def test_the_trail_says_that_the_program_recorded_it(attorney: Worker, case_id: UUID, address: str) -> None:
    _send(address)
    _today(attorney)
    page = attorney.client.get(f"{reverse('trail:of_case', args=[case_id])}?system=1").content.decode()
    assert "A client replied to a text" in page


def test_a_message_that_waits_for_upkeep_is_counted_until_upkeep_looked_at_it(
    attorney: Worker, case_id: UUID, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits, wait = "message from a client is not matched", "messages from clients are not matched"
    assert waits not in _today(attorney)
    monkeypatch.setattr(background, "begin_visit", lambda *_: None)  # upkeep has its turn later
    _send(address)
    page = _today(attorney)
    assert f"1 {waits}" in page
    assert LINE not in page
    assert "The reminder was a routine message" not in page
    _send(address, {**REPLY, "From": "+12125550999"})  # a number of nobody
    assert f"2 {wait}" in _today(attorney)
    replies.apply(attorney.staff)
    page = _today(attorney)
    assert waits not in page
    assert wait not in page
    assert LINE in page


def test_a_process_that_compared_no_message_yet_does_not_call_old_ones_new(
    attorney: Worker, case_id: UUID, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking = "Caseapp is still looking for new messages from clients"
    _send(address)
    assert LINE in _today(attorney)
    monkeypatch.setattr(replies, "_compared", {})  # the server was restarted
    with monkeypatch.context() as later:
        later.setattr(background, "begin_visit", lambda *_: None)  # upkeep has its turn later
        page = _today(attorney)
    assert looking in page
    assert "not matched" not in page
    assert LINE in page
    assert looking not in _today(attorney)


def test_a_message_that_waits_is_not_called_a_routine_reminder(
    attorney: Worker, case_id: UUID, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "mark_reminders_seen", lambda _: True)
    monkeypatch.setattr(TodayPage, "is_empty", True)
    assert "The reminder was a routine message" in _today(attorney)
    monkeypatch.setattr(background, "begin_visit", lambda *_: None)
    _send(address)
    assert "The reminder was a routine message" not in _today(attorney)
