"""Several channels in turn, quiet hours, digest, absence, removal: everybody is told once, and somebody always is."""

import logging
import smtplib
import ssl
from collections.abc import Generator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from django.db import transaction
from pytest_django.fixtures import Settings

from caseapp.cli.embedded import free_port
from caseapp.cli.testing import acting_as
from caseapp.lib.errors import Refused
from caseapp.reminders import carriers, channels, choosing, gateways, heartbeat, outbox, plan, sent
from caseapp.reminders.channels import Away, Reached, Way, Ways
from caseapp.reminders.models import Channel, Delivery
from caseapp.reminders.post import Post
from caseapp.vault import server_keys
from caseapp.vault.core import operational
from caseapp.vault.tenancy import office
from tests.post import Box
from tests.reminders.cast import (
    ANA,
    BEN,
    DAY,
    EVA,
    MONDAY,
    ORG,
    Move,
    addressees,
    admit,
    by_text,
    holds,
    mail_of,
    plan_days,
    send_due,
    ways_of,
)
from tests.reminders.gateway import Gateway

pytestmark = pytest.mark.django_db(transaction=True)


class Refusing(Box):
    """A mail server that knows some mailboxes no more."""

    def __init__(self) -> None:
        super().__init__()
        self.unknown: set[str] = set()
        self.busy: set[str] = set()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.unknown:
            return "550 no such mailbox"
        if address in self.busy:
            return "451 try again later"
        envelope.rcpt_tos.append(address)
        return "250 ok"


@pytest.fixture
def box(settings: Settings, at: Move) -> Generator[Refusing]:
    running = Refusing()
    running.port = free_port()
    controller = Controller(running, hostname="127.0.0.1", port=running.port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
    yield running
    controller.stop()


def test_a_mailbox_that_is_no_more_is_marked_and_the_next_channel_takes_it_at_once(
    box: Refusing, phone: Gateway, at: Move
) -> None:
    admit(others=by_text(phone))
    plan_days(ANA, MONDAY)
    box.unknown.add(mail_of(ANA))
    at(MONDAY, 8)
    assert [send_due(), send_due()] == [1, 0]
    assert phone.texts() == ["Please check your list today."]
    assert ways_of(ANA).state == "refused"
    with office(ORG):
        assert [(line.by, line.state) for line in Delivery.objects.all()] == [("text", "sent")]


def test_a_mail_server_that_is_away_has_the_next_channel_tried_after_ten_minutes(
    box: Refusing, phone: Gateway, at: Move
) -> None:
    admit(others=by_text(phone))
    plan_days(ANA, MONDAY)
    box.refuse = True
    tries = 0
    for minute in (0, 5, 9, 15):
        at(MONDAY, 8, minute)
        tries += 1
        if send_due():
            break
    assert tries == 4
    assert phone.texts() == ["Please check your list today."]
    assert ways_of(ANA).state == "new", "the mailbox is not to blame"


def test_while_the_mail_server_stays_away_everybody_with_another_address_is_told_by_it(
    box: Refusing, phone: Gateway, at: Move
) -> None:
    people = [UUID(int=0x500 + number) for number in range(12)]
    for number, member in enumerate(people):
        admit(member, others=(Way(kind="text", address=phone.address(str(number)), shown="json"),))
    for member in (ANA, BEN, EVA):
        admit(member)
    for member in (*people, ANA, BEN, EVA):
        plan_days(member, MONDAY)
    box.refuse = True
    at(MONDAY, 8)
    send_due()
    assert phone.taken == [], "it may be back in a moment: three of fifteen were tried"
    at(MONDAY, 8, 11)
    send_due()
    send_due()
    assert len({path for path, _, _ in phone.taken}) >= 9, "all but those who rest after a failure of their own"
    at(MONDAY, 9, 30)
    send_due()
    assert len({path for path, _, _ in phone.taken}) == len(phone.taken) == 12
    box.refuse = False
    at(MONDAY, 11)
    assert send_due() == 3
    assert len(box.letters) == 3


def test_a_mailbox_that_is_busy_for_a_moment_keeps_nobody_else_waiting(box: Refusing, at: Move) -> None:
    for member in (ANA, BEN):
        admit(member)
        plan_days(member, MONDAY)
    box.busy.add(mail_of(ANA))
    at(MONDAY, 8)
    assert send_due() == 1
    assert addressees(box) == [mail_of(BEN)]
    assert ways_of(ANA).state == "new"
    box.busy.clear()
    at(MONDAY, 9)
    assert send_due() == 1


def test_whom_no_channel_reaches_a_supervisor_is_told_of_once_a_day_and_it_stands_as_stuck(
    box: Refusing, at: Move
) -> None:
    admit(ANA)
    admit(BEN, supervisor=True)
    admit(EVA, admin=True)
    plan_days(ANA, MONDAY)
    box.unknown.add(mail_of(ANA))
    for hour in (8, 10, 12):
        at(MONDAY, hour)
        assert send_due() == 0
    assert addressees(box) == [mail_of(BEN)]
    assert box.subjects() == ["A message did not arrive"]
    with office(ORG):
        assert [(line.member_id, line.state) for line in sent.log_of(ORG, state="stuck")] == [(ANA, "stuck")]
    assert "unreached" in heartbeat.seen()
    box.unknown.clear()
    at(MONDAY, 14)
    assert send_due() == 1
    with office(ORG):
        assert sent.log_of(ORG, state="stuck") == []
    assert ways_of(ANA).state == "works"


def test_without_a_supervisor_the_admins_are_told(box: Refusing, at: Move) -> None:
    admit(ANA)
    admit(EVA, admin=True)
    plan_days(ANA, MONDAY)
    box.unknown.add(mail_of(ANA))
    at(MONDAY, 8)
    send_due()
    assert addressees(box) == [mail_of(EVA)]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Please check your list today."),
        ("es", "Revise su lista hoy."),
        ("fr", "Consultez votre liste aujourd'hui."),
    ],
)
def test_a_gateway_gets_the_constant_text_and_nothing_else(
    box: Refusing, phone: Gateway, at: Move, language: str, text: str
) -> None:
    admit(others=by_text(phone), address="", language=language)
    plan_days(ANA, MONDAY, urgent=True)
    at(MONDAY, 8)
    assert send_due() == 1
    ((path, headers, body),) = phone.taken
    assert path == "/to/5550122"
    assert phone.texts() == [text]
    everything = f"{headers} {body}".casefold()
    for needle in ("caseapp", "apprise", "urgent", "hearing", "deadline", "case", "http", mail_of(ANA)):
        assert needle not in everything


def test_no_gateway_writes_its_secret_to_a_log(phone: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    phone.status = 500
    with pytest.raises(gateways.GatewayRefused) as refused:
        gateways.hand_over(phone.address(), "x")
    with pytest.raises(gateways.GatewayRefused):
        gateways.hand_over(f"json://user:5ecret@127.0.0.1:{free_port()}/to/1", "x")
    assert "5ecret" not in caplog.text
    assert "5ecret" not in f"{refused.value!r} {Way(kind='text', address=phone.address())!r}"


def test_every_members_row_has_the_same_size_whatever_it_holds(phone: Gateway) -> None:
    many = tuple(Way(kind="text", address=phone.address(str(n)), shown="json") for n in range(3))
    plain, full = Ways(address="a@b.test"), Ways(address="a" * 60 + "@b.test", others=many, digest=2, zone="Asia/Tokyo",
                                                 away=Away(first=MONDAY, last=MONDAY, stand_in=BEN))  # fmt: skip
    assert len(channels.sealed(ORG, ANA, plain)) == len(channels.sealed(ORG, ANA, full))
    with pytest.raises(Refused):
        channels.sealed(ORG, ANA, Ways(address="a@b.test", others=(Way(kind="text", address="x" * 2100),)))


def test_a_row_from_before_still_opens(at: Move) -> None:
    before = {"address": "a@b.test", "language": "fr", "zone": "UTC", "admin": True, "level": "constant"}
    import msgspec

    sealed = operational.seal_setting(server_keys.operational_key(), ORG, ANA, msgspec.msgpack.encode(before))
    ways = channels.open_ways(ORG, ANA, sealed)
    assert (ways.address, ways.language, ways.admin, ways.level) == ("a@b.test", "fr", True, "constant")


def test_what_is_not_urgent_waits_for_the_end_of_the_quiet_hours(box: Refusing, at: Move) -> None:
    admit(quiet=(17 * 60, 9 * 60 + 30))
    plan_days(ANA, MONDAY)
    at(MONDAY, 9, 29)
    assert send_due() == 0
    at(MONDAY, 9, 30)
    assert send_due() == 1
    at(MONDAY + DAY, 18)
    plan_days(ANA, MONDAY + DAY)
    assert send_due() == 0
    at(MONDAY + 2 * DAY, 10)
    assert send_due() == 1


def test_what_is_urgent_comes_in_quiet_hours_too_but_never_before_seven(box: Refusing, at: Move) -> None:
    admit(quiet=(17 * 60, 9 * 60 + 30))
    plan_days(ANA, MONDAY, urgent=True)
    at(MONDAY, 6, 59)
    assert send_due() == 0
    at(MONDAY, 7)
    assert send_due() == 1


def test_a_digest_gathers_what_is_not_urgent_for_two_days_at_most(box: Refusing, at: Move) -> None:
    wednesday = MONDAY + 2 * DAY
    admit(digest=wednesday.weekday())
    sent = []
    plan_days(ANA, MONDAY + DAY, MONDAY + 5 * DAY, MONDAY + 6 * DAY)
    for number in range(14):
        at(MONDAY + number * DAY, 8)
        sent += [MONDAY + number * DAY] * send_due()
    # Tuesday's waits for Wednesday; Saturday's and Sunday's for Monday (two days); the next Wednesday always comes.
    assert sent == [wednesday, MONDAY + 7 * DAY, wednesday + 7 * DAY]
    plan_days(ANA, MONDAY + 14 * DAY, urgent=True)
    at(MONDAY + 14 * DAY, 8)
    assert send_due() == 1, "urgent does not wait"


def test_while_somebody_is_away_the_stand_in_hears_once_for_both(box: Refusing, at: Move) -> None:
    admit(ANA, away=Away(first=MONDAY, last=MONDAY + DAY, stand_in=BEN))
    admit(BEN)
    plan_days(ANA, MONDAY, MONDAY + 2 * DAY)
    plan_days(BEN, MONDAY)
    at(MONDAY, 8)
    assert [send_due(), send_due()] == [1, 0]
    assert addressees(box) == [mail_of(BEN)]
    at(MONDAY + 2 * DAY, 8)
    assert [send_due(), send_due()] == [1, 0]
    assert addressees(box) == [mail_of(BEN), mail_of(ANA)]


def test_a_stand_in_who_is_away_too_passes_it_on_and_a_ring_ends_with_an_admin(box: Refusing, at: Move) -> None:
    admit(ANA, away=Away(first=MONDAY, last=MONDAY, stand_in=BEN))
    admit(BEN, away=Away(first=MONDAY, last=MONDAY, stand_in=ANA))
    admit(EVA, admin=True)
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    assert send_due() == 1
    assert addressees(box) == [mail_of(EVA)]


def test_an_office_whose_only_member_is_away_with_nobody_there_is_told_all_the_same(box: Refusing, at: Move) -> None:
    admit(ANA, away=Away(first=MONDAY, last=MONDAY, stand_in=BEN))
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    assert send_due() == 1
    assert addressees(box) == [mail_of(ANA)]


def _redirect(member: UUID, to: UUID | None = None) -> int:
    with acting_as("web"), office(ORG):
        return carriers.redirect(ORG, member, to)


def test_removal_moves_every_coming_day_to_the_colleague_and_forgets_the_address(box: Refusing, at: Move) -> None:
    for member in (ANA, BEN):
        admit(member)
    both = plan_days(ANA, MONDAY, MONDAY + 400 * DAY)
    bens = plan_days(BEN, MONDAY)
    assert _redirect(ANA, BEN) == 2
    assert holds(both, MONDAY, member=BEN)
    assert holds(bens, MONDAY, member=BEN)
    assert holds(both, MONDAY + 400 * DAY, member=BEN)
    assert not holds(both, MONDAY, member=ANA)
    assert ways_of(ANA).all == ()
    at(MONDAY, 8)
    assert [send_due(), send_due()] == [1, 0]
    assert addressees(box) == [mail_of(BEN)]


def test_removal_without_a_successor_tells_every_admin(box: Refusing, at: Move) -> None:
    admit(ANA)
    for member in (BEN, EVA):
        admit(member, admin=True)
    plan_days(ANA, MONDAY)
    assert _redirect(ANA) == 1
    at(MONDAY, 8)
    assert send_due() == 2
    assert sorted(addressees(box)) == [mail_of(BEN), mail_of(EVA)]


def test_what_is_planned_or_withdrawn_for_a_removed_member_later_follows(box: Refusing, at: Move) -> None:
    for member in (ANA, BEN):
        admit(member)
    before = plan_days(ANA, MONDAY)
    _redirect(ANA, BEN)
    later = plan_days(ANA, MONDAY + DAY)
    assert holds(later, MONDAY + DAY, member=BEN)
    with office(ORG):
        plan.write(ORG, [], [before])
    with acting_as("clock"):
        outbox.merge()
    assert not holds(before, MONDAY, member=BEN)


def test_a_removal_that_is_undone_moves_nothing(box: Refusing, at: Move) -> None:
    for member in (ANA, BEN):
        admit(member)
    series = plan_days(ANA, MONDAY)
    with office(ORG):
        assert carriers.redirect(ORG, ANA, BEN) == 1
        transaction.set_rollback(True)
    assert holds(series, MONDAY, member=ANA)
    assert ways_of(ANA).address == mail_of(ANA)


def test_nobody_is_removed_while_nobody_takes_over(at: Move) -> None:
    admit(ANA)
    for to in (None, BEN, ANA):
        with pytest.raises(Refused), office(ORG):
            carriers.redirect(ORG, ANA, to)


def test_days_already_told_move_nowhere_and_today_is_told_again_to_who_takes_over(box: Refusing, at: Move) -> None:
    for member in (ANA, BEN):
        admit(member)
    plan_days(ANA, MONDAY, MONDAY + DAY)
    plan_days(BEN, MONDAY + DAY)
    at(MONDAY, 8)
    assert send_due() == 1
    assert _redirect(ANA, BEN) == 1
    at(MONDAY + DAY, 8)
    assert send_due() == 1
    assert addressees(box) == [mail_of(ANA), mail_of(BEN)]


def test_one_way_in_two_offices_is_two_peoples(at: Move) -> None:
    admit(ANA)
    other = UUID(int=0x99)
    with office(other):
        channels.set_address(other, ANA, address="x@y.test", language="en", zone="UTC", admin=True)
    with acting_as("web"), office(other):
        assert [row.org_id for row in Channel.objects.all()] == [other]
    with pytest.raises(Refused), office(other):
        choosing.go_away(other, ANA, first=MONDAY, last=MONDAY, stand_in=BEN)


def _tls_server(box: Box, key: Path, certificate: Path) -> Controller:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    box.port = free_port()
    return Controller(box, hostname="127.0.0.1", port=box.port, tls_context=context, require_starttls=True)


def test_a_mail_server_whose_certificate_nobody_vouches_for_gets_no_letter(
    certificate: tuple[Path, Path], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Box()
    server = _tls_server(box, *certificate)
    server.start()
    try:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "localhost", box.port, True
        letter = {"to": "a@b.test", "subject": "s", "body": "b", "message_id": "<1@list.invalid>"}
        with Post() as post, pytest.raises(ssl.SSLCertVerificationError):
            post.send(**letter)
        assert box.letters == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[1]))
        with Post() as post:
            post.send(**letter)
        assert len(box.letters) == 1
        settings.EMAIL_HOST = "127.0.0.1"  # the right certificate, another name
        with Post() as post, pytest.raises(ssl.SSLCertVerificationError):
            post.send(**letter)
    finally:
        server.stop()


def test_many_letters_go_over_one_connection_and_a_cut_one_is_opened_again(box: Refusing) -> None:
    with Post() as post:
        for number in range(3):
            post.send(to="a@b.test", subject="s", body="b", message_id=f"<{number}@list.invalid>")
        inner = post._connection
        assert inner is not None
        inner.connection.sock.close()  # type: ignore[attr-defined]  # Django's SMTP backend
        inner.connection.sock = None  # type: ignore[attr-defined]  # as smtplib leaves it when the server hung up
        post.send(to="a@b.test", subject="s", body="b", message_id="<4@list.invalid>")
        assert post._connection is not inner
    assert len(box.letters) == 4


def test_a_refused_sender_is_the_servers_matter_and_not_the_mailboxs() -> None:
    from caseapp.reminders import post

    assert post.is_away(smtplib.SMTPSenderRefused(550, b"no", "a@b.test"))
    assert not post.is_for_good(smtplib.SMTPSenderRefused(550, b"no", "a@b.test"))
    assert not post.is_for_good(smtplib.SMTPRecipientsRefused({"a@b.test": (451, b"later")}))


def test_the_heir_of_somebody_present_is_they_themselves() -> None:
    people = {ANA: Reached(ORG, ANA, Ways(address="a@b.test"))}
    assert channels.heir(people, ANA, MONDAY) == ANA
