"""What a mail server took and sent back later nobody has read: the person hears by another way, or others do.

Against a real IMAP server, with notices in the shapes that mail servers give them.
"""

import datetime as dt
import logging
import threading
from collections.abc import Callable, Generator
from uuid import UUID

import pytest
from django.db import DatabaseError, connection
from msgspec.structs import replace
from pytest_django.fixtures import Settings

from caseapp.cli.testing import acting_as
from caseapp.config import env
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.reminders import (
    bounces,
    channels,
    choices,
    choosing,
    claims,
    delivery,
    handing_over,
    heartbeat,
    mailbox,
    outbox,
    plan,
    sent,
    watchdog,
)
from caseapp.reminders.channels import Away, Reached, Way, Ways
from caseapp.reminders.models import Delivery, Fire
from caseapp.reminders.plan import Series
from caseapp.vault.core import primitives
from caseapp.vault.tenancy import office
from tests.post import Box, post_office
from tests.reminders import notices as written
from tests.reminders.gateway import Gateway, gateway
from tests.reminders.mailbox import Returned, returned_mail

pytestmark = pytest.mark.django_db(transaction=True)
ORG, ANA, BEN, EVA = UUID(int=0x41), UUID(int=0x42), UUID(int=0x43), UUID(int=0x44)
MONDAY = dt.date(2026, 12, 7)
DAY = dt.timedelta(days=1)
OTHERS = b"From: a@b.test\nSubject: Lunch on Friday\nContent-Type: text/plain\n\nAre you coming?\n"
ID = f"<{'0a' * 20}@list.invalid>"
Move = Callable[..., None]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Move:
    """Move the clock to an hour and minute of a day, UTC."""

    def move(day: dt.date, hour: int, minute: int = 0) -> None:
        moment = dt.datetime.combine(day, dt.time(hour, minute), dt.UTC)
        monkeypatch.setattr(clock, "now", lambda: moment)

    move(dt.date(2026, 12, 1), 10)
    monkeypatch.setattr(watchdog, "_started", dt.datetime(2026, 12, 1, tzinfo=dt.UTC))
    return move


@pytest.fixture
def box(settings: Settings, at: Move, monkeypatch: pytest.MonkeyPatch) -> Generator[Box]:
    """A relay that says yes to everything."""
    monkeypatch.setattr(choices, "OTHER_DAYS", 0)
    with post_office() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        yield running


@pytest.fixture
def back(settings: Settings) -> Generator[Returned]:
    with returned_mail() as running:
        settings.BOUNCES = env.mailbox(running.url)
        yield running


@pytest.fixture
def phone() -> Generator[Gateway]:
    with gateway() as running:
        yield running


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Generator[Callable[[], str]]:
    """Everything that was written to any log but those of the tests' own mail servers."""
    caplog.set_level(logging.DEBUG)
    ours = logging.getLogger("caseapp")
    ours.addHandler(caplog.handler)  # it hands nothing on to the root
    servers = ("pymap", "mail.", "asyncio")
    yield lambda: "\n".join(caplog.handler.format(one) for one in caplog.records if not one.name.startswith(servers))
    ours.removeHandler(caplog.handler)


def _mail(member: UUID) -> str:
    return f"m{member.int}@office.test"


def _member(member: UUID = ANA, *, admin: bool = False, supervisor: bool = False, **more: object) -> None:
    with office(ORG):
        channels.set_address(
            ORG, member, address=_mail(member), language="en", zone="UTC", admin=admin, supervisor=supervisor
        )
        channels.change(ORG, member, lambda ways: replace(ways, **more))


def _phone(running: Gateway) -> tuple[Way, ...]:
    return (Way(kind="text", address=running.address(), shown="json"),)


def _planned(member: UUID, *days: dt.date, urgent: bool = False) -> None:
    series = Series(primitives.new_key()[:16], member, days, frozenset(days if urgent else ()))
    with office(ORG):
        plan.write(ORG, [series], [])
    with acting_as("clock"):
        outbox.merge()


def _send() -> int:
    with acting_as("clock"):
        return delivery.send_due()


def _read() -> int:
    with acting_as("clock"):
        return bounces.read()


def _ways(member: UUID) -> Ways:
    with office(ORG):
        reached = channels.get(ORG, member)
    assert reached is not None
    return reached.ways


def _log() -> list[tuple[str, str, str]]:
    """(what, by, state) of each line, oldest first."""
    with office(ORG):
        return [(line.what, line.by, line.state) for line in reversed(sent.log_of(ORG))]


def _told(box: Box) -> list[str]:
    return [str(letter["To"]) for letter in box.letters]


def _back(box: Box, number: int = -1, *, shape: str = "Postfix", **says: str) -> bytes:
    """The notice about one of the letters that went out."""
    letter = box.letters[number]
    return written.SHAPES[shape](str(letter["Message-ID"]), str(letter["To"]), **says)


@pytest.mark.parametrize("shape", sorted(written.SHAPES))
def test_what_came_back_is_told_by_the_next_address_the_same_morning_and_once(
    box: Box, back: Returned, phone: Gateway, at: Move, shape: str
) -> None:
    _member(others=_phone(phone))
    _planned(ANA, MONDAY)
    at(MONDAY, 8)
    assert _send() == 1
    assert _ways(ANA).state == "new"
    back.put(_back(box, shape=shape))
    at(MONDAY, 8, 5)
    assert _read() == 1
    assert (_ways(ANA).state, _ways(ANA).state_on) == ("refused", MONDAY)
    assert back.flags() == [], "it is done with and gone"
    at(MONDAY, 8, 6)
    assert [_send(), _send()] == [1, 0]
    assert phone.texts() == ["Please check your list today."]
    assert _log() == [("reminder", "email", "bounced"), ("reminder", "text", "sent")]
    at(MONDAY + DAY, 8)
    assert [_read(), _send()] == [0, 0]
    assert len(box.letters) == 1


def test_a_server_that_gave_up_after_days_of_trying_came_back_too(
    box: Box, back: Returned, phone: Gateway, at: Move
) -> None:
    _member(others=_phone(phone))
    _planned(ANA, MONDAY)
    at(MONDAY, 8)
    _send()
    back.put(_back(box, status="4.4.1"))
    assert _read() == 1
    assert _send() == 1
    assert phone.texts() == ["Please check your list today."]


@pytest.mark.parametrize(
    ("shape", "action", "status"),
    [
        *((shape, "delayed", "4.4.7") for shape in sorted(written.SHAPES)),
        ("Postfix", "delayed", "5.1.1"), ("Postfix", "relayed", "2.1.9"),
        ("Gmail", "failed", "5"), ("Exchange", "failed", "50.1.1"),
    ],
)  # fmt: skip
def test_a_notice_of_a_delay_changes_nothing(
    box: Box, back: Returned, phone: Gateway, at: Move, shape: str, action: str, status: str
) -> None:
    _member(others=_phone(phone))
    _planned(ANA, MONDAY)
    at(MONDAY, 8)
    _send()
    back.put(_back(box, shape=shape, action=action, status=status))
    assert _read() == 0
    assert _ways(ANA).state == "new"
    assert _log() == [("reminder", "email", "sent")]
    assert _send() == 0


def test_a_forged_notice_about_a_message_nobody_sent_changes_nothing(box: Box, back: Returned, at: Move) -> None:
    _member()
    _planned(ANA, MONDAY)
    at(MONDAY, 8)
    _send()
    back.put(written.postfix(ID, _mail(ANA)), written.gmail("<1@list.invalid>", _mail(ANA)))
    assert _read() == 0
    assert (_ways(ANA).state, _log()) == ("new", [("reminder", "email", "sent")])
    assert back.flags() == ["", ""], "and it stays where it is"


def test_whom_nothing_else_reaches_supervisors_hear_of_once_a_day_and_the_dead_mailbox_gets_no_more(
    box: Box, back: Returned, at: Move
) -> None:
    _member(ANA)
    _member(BEN, supervisor=True)
    _member(EVA, admin=True)
    _planned(ANA, MONDAY)
    at(MONDAY, 8)
    assert _send() == 1
    back.put(_back(box))
    at(MONDAY, 8, 5)
    assert _read() == 1
    for hour in (8, 9, 12, 18):
        at(MONDAY, hour, 6)
        assert [_read(), _send()] == [0, 0]
    assert _told(box) == [_mail(ANA), _mail(BEN)]
    assert box.subjects()[1] == "A message did not arrive"
    with office(ORG):
        assert [line.member_id for line in sent.log_of(ORG, state="stuck")] == [ANA]
    assert "unreached" in heartbeat.seen()
    for number in range(1, 8):
        for hour in (7, 8, 9, 15):
            at(MONDAY + number * DAY, hour)
            assert [_read(), _send()] == [0, 0]
    assert _told(box) == [_mail(ANA), *[_mail(BEN)] * 8], "as long as her day waits, once each day"
    assert _ways(ANA).state == "refused"


def test_another_address_gets_what_was_owed(box: Box, back: Returned, at: Move) -> None:
    _member(ANA)
    _planned(ANA, MONDAY)
    at(MONDAY, 8)
    _send()
    back.put(_back(box))
    _read()
    _send()
    with office(ORG):
        choosing.set_mail(ORG, ANA, email="ana@elsewhere.test")
    assert (_ways(ANA).state, _ways(ANA).came_back) == ("new", False)
    at(MONDAY, 10)
    assert [_send(), _send()] == [1, 0]
    assert _told(box) == [_mail(ANA), "ana@elsewhere.test"]


def test_what_comes_back_to_the_former_address_leaves_the_new_one_alone(box: Box, back: Returned, at: Move) -> None:
    _member(ANA)
    _planned(ANA, MONDAY)
    at(MONDAY, 8)
    _send()
    at(MONDAY, 9)
    with office(ORG):
        choosing.set_mail(ORG, ANA, email="ana@elsewhere.test")
    back.put(_back(box))
    at(MONDAY, 9, 5)
    assert _read() == 1
    assert _ways(ANA).state == "new"
    assert [_send(), _send()] == [1, 0]
    assert _told(box) == [_mail(ANA), "ana@elsewhere.test"]


def test_try_again_tries_once_and_what_comes_back_again_ends_it(box: Box, back: Returned, at: Move) -> None:
    _member(ANA)
    _planned(ANA, MONDAY)
    at(MONDAY, 8)
    for minute in (0, 10):
        at(MONDAY, 8, minute)
        assert _send() == 1
        back.put(_back(box) + f"{minute}\n".encode())
        assert _read() == 1
        assert _send() == 0
        with acting_as("web"), office(ORG):
            sent.try_again(ORG, ANA)
    at(MONDAY, 8, 20)
    assert _send() == 1
    assert _ways(ANA).state == "works", "until it comes back"
    assert _told(box) == [_mail(ANA)] * 3


def test_a_test_that_arrives_makes_the_address_one_that_works(box: Box, back: Returned, at: Move) -> None:
    _member(ANA)
    at(MONDAY, 8)
    with office(ORG):
        choosing.test(ORG, ANA, number=0)
    back.put(_back(box))
    assert _read() == 1
    assert (_ways(ANA).state, _ways(ANA).came_back) == ("refused", True)
    at(MONDAY, 9)
    with office(ORG):
        choosing.test(ORG, ANA, number=0)
    assert (_ways(ANA).state, _ways(ANA).came_back) == ("works", False)


def test_a_notice_days_later_still_wakes_the_day_it_was_about(
    box: Box, back: Returned, phone: Gateway, at: Move
) -> None:
    _member(others=_phone(phone))
    _planned(ANA, MONDAY)
    at(MONDAY, 8)
    _send()
    for number in range(1, 6):
        at(MONDAY + number * DAY, 8)
        assert _send() == 0
    back.put(_back(box))
    assert _read() == 1
    assert [_send(), _send()] == [1, 0]
    assert len(phone.texts()) == 1


def test_a_notice_about_a_day_that_was_caught_up_long_after_still_wakes_it(
    box: Box, back: Returned, phone: Gateway, at: Move
) -> None:
    _member(others=_phone(phone))
    _planned(ANA, MONDAY)
    at(MONDAY - DAY, 8)
    assert _send() == 0
    for number in range(12, 18):
        at(MONDAY + number * DAY, 8)
        assert _send() == (number == 12)
    back.put(_back(box))
    assert _read() == 1
    assert [_send(), _send()] == [1, 0]


def test_the_day_is_the_members_own_where_it_is_another_than_the_logs(
    box: Box, back: Returned, phone: Gateway, at: Move
) -> None:
    _member(zone="Asia/Tokyo", others=_phone(phone))
    _planned(ANA, MONDAY)
    at(MONDAY - DAY, 23)
    assert _send() == 1
    back.put(_back(box))
    assert _read() == 1
    assert [_send(), _send()] == [1, 0]


def test_many_dead_mailboxes_keep_nobody_else_from_being_reminded(box: Box, back: Returned, at: Move) -> None:
    people = [UUID(int=0x100 + number) for number in range(6)]
    for member in people:
        _member(member)
        _planned(member, MONDAY, MONDAY + DAY)
    at(MONDAY, 8)
    assert _send() == 6
    dead = {str(letter["To"]) for letter in box.letters[:5]}
    back.put(*(_back(box, number) for number in range(5)))
    assert _read() == 5
    at(MONDAY + DAY, 8)
    assert _send() == 1
    assert {_mail(member) for member in people} - dead == {_told(box)[-1]}


def test_the_days_of_whom_somebody_stood_in_for_are_owed_again_too(
    box: Box, back: Returned, phone: Gateway, at: Move
) -> None:
    _member(ANA, away=Away(first=MONDAY, last=MONDAY, stand_in=BEN))
    _member(BEN, others=_phone(phone))
    _planned(ANA, MONDAY)
    at(MONDAY, 8)
    assert _send() == 1
    back.put(_back(box))
    assert _read() == 1
    assert [_send(), _send()] == [1, 0]
    assert phone.texts() == ["Please check your list today."]


def test_days_that_another_message_settled_stay_settled(box: Box, back: Returned, phone: Gateway, at: Move) -> None:
    _member(ANA, others=_phone(phone))
    _member(BEN)
    for member in (ANA, BEN):
        _planned(member, MONDAY, MONDAY + DAY)
    for number in range(2):
        at(MONDAY + number * DAY, 8)
        assert _send() == 2
    lost = next(n for n, letter in enumerate(box.letters) if n > 1 and letter["To"] == _mail(ANA))
    back.put(_back(box, lost))
    _read()
    with office(ORG):
        assert Fire.objects.filter(sent_on=None).count() == 1
    assert [_send(), _send()] == [1, 0]
    assert phone.texts() == ["Please check your list today."]


def test_the_urgent_message_of_a_day_that_came_back_is_said_again(
    box: Box, back: Returned, phone: Gateway, at: Move
) -> None:
    _member(others=_phone(phone))
    _planned(ANA, MONDAY)
    at(MONDAY, 8)
    _send()
    _planned(ANA, MONDAY, urgent=True)
    at(MONDAY, 9)
    assert _send() == 1
    back.put(_back(box))
    assert _read() == 1
    assert [_send(), _send()] == [1, 0]
    assert len(phone.texts()) == 1


def test_a_message_of_a_day_without_items_comes_again_by_the_next_address(
    box: Box, back: Returned, phone: Gateway, at: Move
) -> None:
    _member(others=_phone(phone), level="constant")
    at(MONDAY, 8)
    assert _send() == 1
    back.put(_back(box))
    assert _read() == 1
    assert [_send(), _send()] == [1, 0]
    assert len(phone.texts()) == 1


def test_the_same_notice_twice_changes_nothing_the_second_time(box: Box, back: Returned, at: Move) -> None:
    _member(ANA)
    _planned(ANA, MONDAY)
    at(MONDAY, 8)
    _send()
    notice = _back(box)
    back.put(notice, notice)
    assert _read() == 1
    at(MONDAY, 9)
    with office(ORG):
        choosing.set_mail(ORG, ANA, email="ana@elsewhere.test")
    assert _send() == 1
    before = _log()
    back.put(notice)
    assert _read() == 0
    assert (_ways(ANA).state, _log()) == ("new", before)
    assert _send() == 0
    assert back.flags() == []


def test_a_crash_before_the_mail_is_removed_changes_nothing_more(
    box: Box, back: Returned, phone: Gateway, at: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    _member(others=_phone(phone))
    _planned(ANA, MONDAY)
    at(MONDAY, 8)
    _send()
    back.put(_back(box))
    with monkeypatch.context() as patched:
        patched.setattr(mailbox.Mailbox, "delete", lambda self, number: (_ for _ in ()).throw(ConnectionResetError()))
        assert _read() == 0
    assert _ways(ANA).state == "refused"
    assert back.flags() == [""]
    assert _send() == 1
    assert _read() == 0
    assert back.flags() == []
    assert [_send(), len(phone.texts())] == [0, 1]


def test_a_crash_in_the_middle_of_the_transaction_changes_nothing_at_all(
    box: Box, back: Returned, at: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    _member(ANA)
    _planned(ANA, MONDAY)
    at(MONDAY, 8)
    _send()
    back.put(_back(box))

    def dies(*_: object) -> None:
        raise DatabaseError

    with monkeypatch.context() as patched:
        patched.setattr(bounces, "_unsend", dies)
        with pytest.raises(DatabaseError):
            _read()
    assert (_ways(ANA).state, _log()) == ("new", [("reminder", "email", "sent")])
    assert _read() == 1
    assert _ways(ANA).state == "refused"


def test_a_notice_faster_than_our_own_mark_is_looked_at_again(box: Box, back: Returned, at: Move) -> None:
    _member(ANA)
    at(MONDAY, 8)
    reached = Reached(ORG, ANA, _ways(ANA))
    mid = claims.message_id(reached, MONDAY, "reminder")
    back.put(written.postfix(mid, _mail(ANA)))
    assert _read() == 0
    with office(ORG):
        claims.write_line(handing_over.line(reached, "reminder", mid, "email"))
    assert _read() == 1


def test_more_mail_than_one_run_looks_at_is_seen_to_in_the_next(
    box: Box, back: Returned, at: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounces, "AT_ONCE", 2)
    _member(ANA)
    _planned(ANA, MONDAY)
    at(MONDAY, 8)
    _send()
    back.put(*[written.postfix(ID, _mail(ANA))] * 5, _back(box))
    assert [_read(), _read(), _read(), _read()] == [0, 0, 1, 0]
    assert back.flags() == [""] * 5


def test_other_peoples_mail_stays_where_it_is_and_unread(box: Box, back: Returned, at: Move) -> None:
    _member(ANA)
    _planned(ANA, MONDAY)
    at(MONDAY, 8)
    _send()
    back.put(OTHERS, written.exchange("<77@elsewhere.test>", "x@y.test"))
    back.put(OTHERS, flags=r"(\Deleted)")
    back.put(_back(box), OTHERS)
    assert _read() == 1
    assert _read() == 0
    assert back.flags() == ["", "", r"\Deleted", ""], "ours alone is gone, nothing else is read or removed"


def test_a_notice_somebody_has_already_opened_counts_all_the_same(box: Box, back: Returned, at: Move) -> None:
    _member(ANA)
    _planned(ANA, MONDAY)
    at(MONDAY, 8)
    _send()
    back.put(_back(box), flags=r"(\Seen)")
    assert _read() == 1


def test_a_mail_too_large_for_a_notice_is_left_alone(box: Box, back: Returned, at: Move) -> None:
    _member(ANA)
    _planned(ANA, MONDAY)
    at(MONDAY, 8)
    _send()
    back.put(_back(box) + b"x" * mailbox.LARGEST)
    assert _read() == 0
    assert (_ways(ANA).state, back.flags()) == ("new", [""])


def test_a_self_test_that_came_back_is_no_sign_that_mail_works(box: Box, back: Returned, at: Move) -> None:
    _member(EVA, admin=True)
    _member(BEN, supervisor=True)
    at(MONDAY, 8)
    with acting_as("clock"):
        assert watchdog.self_test() == 1
    assert "self-test" not in watchdog.status().late
    back.put(_back(box))
    at(MONDAY, 8, 5)
    assert _read() == 1
    assert "self-test" in watchdog.status().late
    assert _log() == [("self-test", "email", "bounced")]
    with acting_as("clock"):
        assert [watchdog.self_test(), watchdog.self_test()] == [0, 0], "no loop"
    with office(ORG):
        assert watchdog.is_silent(ORG), "Today says so"
        choosing.set_mail(ORG, EVA, email="eva@elsewhere.test")
    with acting_as("clock"):
        assert watchdog.self_test() == 1
    assert "self-test" not in watchdog.status().late


def test_one_admin_whose_self_test_came_back_is_told_of_to_the_others(box: Box, back: Returned, at: Move) -> None:
    for member in (BEN, EVA):
        _member(member, admin=True)
    at(MONDAY, 8)
    with acting_as("clock"):
        assert watchdog.self_test() == 2
        watchdog.tell_missing()
    number = _told(box).index(_mail(EVA))
    back.put(_back(box, number))
    assert _read() == 1
    assert "self-test" not in watchdog.status().late, "the way itself works"
    with acting_as("clock"):
        watchdog.tell_missing()
        watchdog.tell_missing()
    assert _told(box)[2:] == [_mail(BEN)]
    assert box.subjects()[2] == "Reminders may not be going out"


def test_a_supervisor_who_cannot_be_told_leaves_it_to_the_admins(box: Box, back: Returned, at: Move) -> None:
    _member(ANA)
    _member(BEN, supervisor=True)
    _member(EVA, admin=True)
    _planned(ANA, MONDAY)
    at(MONDAY, 8)
    _send()
    back.put(_back(box))
    _read()
    _send()
    assert _told(box) == [_mail(ANA), _mail(BEN)]
    back.put(_back(box))
    assert _read() == 1
    assert _ways(BEN).state == "refused"
    at(MONDAY, 10)
    _send()
    assert _told(box) == [_mail(ANA), _mail(BEN), _mail(EVA)]


def test_whoever_was_removed_meanwhile_is_left_alone(box: Box, back: Returned, at: Move) -> None:
    from caseapp.reminders import carriers

    for member in (ANA, BEN):
        _member(member)
    _planned(ANA, MONDAY)
    at(MONDAY, 8)
    _send()
    with office(ORG):
        carriers.redirect(ORG, ANA, BEN)
    back.put(_back(box))
    assert _read() == 1
    assert _ways(ANA).all == ()
    assert _ways(BEN).state == "new"


def test_nothing_of_a_mail_reaches_a_log(box: Box, back: Returned, at: Move, said: Callable[[], str]) -> None:
    _member(ANA)
    _planned(ANA, MONDAY)
    at(MONDAY, 8)
    _send()
    mid = str(box.letters[0]["Message-ID"])
    back.put(_back(box), OTHERS, _back(box).replace(b"Action:", b"Acti\xff\xfe\x00on:"), written.gmail(ID, "x@y.test"))
    assert _read() == 1
    _send()
    assert f"a message to member {ANA} came back" in said()
    for needle in (_mail(ANA), "office.test", mid, mid[1:20], "Lunch", "Check your list", "elsewhere", "user unknown"):
        assert needle not in said()


def test_the_members_row_still_has_one_size_and_an_address_with_text_is_still_refused(at: Move) -> None:
    plain = Ways(address="a@b.test")
    full = replace(plain, came_back=True, since=clock.now(), state="refused", state_on=MONDAY)
    assert len(channels.sealed(ORG, ANA, plain)) == len(channels.sealed(ORG, ANA, full))
    with pytest.raises(Refused):
        channels.sealed(ORG, ANA, replace(plain, others=(Way(kind="text", address="x" * 2100),)))


def test_the_log_keeps_that_it_came_back_and_names_nobody_in_clear(box: Box, back: Returned, at: Move) -> None:
    _member(ANA)
    _planned(ANA, MONDAY)
    at(MONDAY, 8)
    _send()
    mid = str(box.letters[0]["Message-ID"])
    back.put(_back(box))
    _read()
    with office(ORG):
        line = Delivery.objects.get(state="bounced")
        assert line.message_id != mid
        assert [one.member_id for one in sent.log_of(ORG, state="bounced")] == [ANA]
    assert ANA.bytes not in bytes(line.sealed)


def test_two_who_read_the_same_notice_at_once_are_as_one(box: Box, back: Returned, phone: Gateway, at: Move) -> None:
    _member(others=_phone(phone))
    _planned(ANA, MONDAY)
    at(MONDAY, 8)
    _send()
    back.put(_back(box))
    start, found = threading.Barrier(2), list[int]()

    def look() -> None:
        start.wait()
        found.append(_read())
        connection.close()

    readers = [threading.Thread(target=look) for _ in range(2)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert sum(found) == 1
    assert [_send(), _send()] == [1, 0]
    assert sorted(_log()) == [("reminder", "email", "bounced"), ("reminder", "text", "sent")]
