"""Several channels in turn, quiet hours, digest, absence, removal: everybody is told once, and somebody always is."""

import datetime as dt
import logging
import smtplib
import ssl
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.db import connection, transaction
from msgspec.structs import replace
from pytest_django.fixtures import Settings

from caseapp.cli.embedded import free_port
from caseapp.cli.testing import acting_as
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.reminders import carriers, channels, choices, choosing, delivery, gateways, heartbeat, outbox, plan, sent
from caseapp.reminders.channels import Away, Reached, Way, Ways
from caseapp.reminders.models import Channel, Delivery
from caseapp.reminders.plan import Series
from caseapp.reminders.post import Post
from caseapp.vault import server_keys
from caseapp.vault.core import operational, primitives
from caseapp.vault.tenancy import office
from tests.post import Box
from tests.reminders.gateway import Gateway, gateway

pytestmark = pytest.mark.django_db(transaction=True)
ORG, ANA, BEN, EVA = UUID(int=0x31), UUID(int=0x32), UUID(int=0x33), UUID(int=0x34)
MONDAY = dt.date(2026, 12, 7)
DAY = dt.timedelta(days=1)
Move = Callable[..., None]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Move:
    """Move the clock to an hour and minute of a day, UTC."""

    def move(day: dt.date, hour: int, minute: int = 0) -> None:
        moment = dt.datetime.combine(day, dt.time(hour, minute), dt.UTC)
        monkeypatch.setattr(clock, "now", lambda: moment)

    move(dt.date(2026, 12, 1), 10)
    return move


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
def box(settings: Settings, at: Move, monkeypatch: pytest.MonkeyPatch) -> Generator[Refusing]:
    monkeypatch.setattr(choices, "OTHER_DAYS", 0)
    running = Refusing()
    running.port = free_port()
    controller = Controller(running, hostname="127.0.0.1", port=running.port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
    yield running
    controller.stop()


@pytest.fixture
def phone() -> Generator[Gateway]:
    with gateway() as running:
        yield running


def _mail(member: UUID) -> str:
    return f"m{member.int}@office.test"


def _member(member: UUID = ANA, *, admin: bool = False, supervisor: bool = False, **more: object) -> None:
    with office(ORG):
        channels.set_address(
            ORG, member, address=_mail(member), language="en", zone="UTC", admin=admin, supervisor=supervisor
        )
        channels.change(ORG, member, lambda ways: replace(ways, **more))


def _phone(running: Gateway, to: str = "5550122") -> tuple[Way, ...]:
    return (Way(kind="text", address=running.address(to), shown="json"),)


def _planned(member: UUID, *days: dt.date, urgent: bool = False) -> Series:
    series = Series(primitives.new_key()[:16], member, days, frozenset(days if urgent else ()))
    with office(ORG):
        plan.write(ORG, [series], [])
    with acting_as("clock"):
        outbox.merge()
    return series


def _send() -> int:
    with acting_as("clock"):
        return delivery.send_due()


def _ways(member: UUID) -> Ways:
    with office(ORG):
        reached = channels.get(ORG, member)
    assert reached is not None
    return reached.ways


def _told(box: Box) -> list[str]:
    return [str(letter["To"]) for letter in box.letters]


def test_a_mailbox_that_is_no_more_is_marked_and_the_next_channel_takes_it_at_once(
    box: Refusing, phone: Gateway, at: Move
) -> None:
    _member(others=_phone(phone))
    _planned(ANA, MONDAY)
    box.unknown.add(_mail(ANA))
    at(MONDAY, 8)
    assert [_send(), _send()] == [1, 0]
    assert phone.texts() == ["Please check your list today."]
    assert _ways(ANA).state == "refused"
    with office(ORG):
        assert [(line.by, line.state) for line in Delivery.objects.all()] == [("text", "sent")]


def test_a_mail_server_that_is_away_has_the_next_channel_tried_after_ten_minutes(
    box: Refusing, phone: Gateway, at: Move
) -> None:
    _member(others=_phone(phone))
    _planned(ANA, MONDAY)
    box.refuse = True
    tries = 0
    for minute in (0, 5, 9, 15):
        at(MONDAY, 8, minute)
        tries += 1
        if _send():
            break
    assert tries == 4
    assert phone.texts() == ["Please check your list today."]
    assert _ways(ANA).state == "new", "the mailbox is not to blame"


def test_while_the_mail_server_stays_away_everybody_with_another_address_is_told_by_it(
    box: Refusing, phone: Gateway, at: Move
) -> None:
    people = [UUID(int=0x500 + number) for number in range(12)]
    for number, member in enumerate(people):
        _member(member, others=(Way(kind="text", address=phone.address(str(number)), shown="json"),))
    for member in (ANA, BEN, EVA):
        _member(member)
    for member in (*people, ANA, BEN, EVA):
        _planned(member, MONDAY)
    box.refuse = True
    at(MONDAY, 8)
    _send()
    assert phone.taken == [], "it may be back in a moment: three of fifteen were tried"
    at(MONDAY, 8, 11)
    _send()
    _send()
    assert len({path for path, _, _ in phone.taken}) >= 9, "all but those who rest after a failure of their own"
    at(MONDAY, 9, 30)
    _send()
    assert len({path for path, _, _ in phone.taken}) == len(phone.taken) == 12
    box.refuse = False
    at(MONDAY, 11)
    assert _send() == 3
    assert len(box.letters) == 3


def test_a_mailbox_that_is_busy_for_a_moment_keeps_nobody_else_waiting(box: Refusing, at: Move) -> None:
    for member in (ANA, BEN):
        _member(member)
        _planned(member, MONDAY)
    box.busy.add(_mail(ANA))
    at(MONDAY, 8)
    assert _send() == 1
    assert _told(box) == [_mail(BEN)]
    assert _ways(ANA).state == "new"
    box.busy.clear()
    at(MONDAY, 9)
    assert _send() == 1


def test_whom_no_channel_reaches_a_supervisor_is_told_of_once_a_day_and_it_stands_as_stuck(
    box: Refusing, at: Move
) -> None:
    _member(ANA)
    _member(BEN, supervisor=True)
    _member(EVA, admin=True)
    _planned(ANA, MONDAY)
    box.unknown.add(_mail(ANA))
    for hour in (8, 10, 12):
        at(MONDAY, hour)
        assert _send() == 0
    assert _told(box) == [_mail(BEN)]
    assert box.subjects() == ["A message did not arrive"]
    with office(ORG):
        assert [(line.member_id, line.state) for line in sent.log_of(ORG, state="stuck")] == [(ANA, "stuck")]
    assert "unreached" in heartbeat.seen()
    box.unknown.clear()
    at(MONDAY, 14)
    assert _send() == 1
    with office(ORG):
        assert sent.log_of(ORG, state="stuck") == []
    assert _ways(ANA).state == "works"


def test_without_a_supervisor_the_admins_are_told(box: Refusing, at: Move) -> None:
    _member(ANA)
    _member(EVA, admin=True)
    _planned(ANA, MONDAY)
    box.unknown.add(_mail(ANA))
    at(MONDAY, 8)
    _send()
    assert _told(box) == [_mail(EVA)]


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
    _member(others=_phone(phone), address="", language=language)
    _planned(ANA, MONDAY, urgent=True)
    at(MONDAY, 8)
    assert _send() == 1
    ((path, headers, body),) = phone.taken
    assert path == "/to/5550122"
    assert phone.texts() == [text]
    everything = f"{headers} {body}".casefold()
    for needle in ("caseapp", "apprise", "urgent", "hearing", "deadline", "case", "http", _mail(ANA)):
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
    _member(quiet=(17 * 60, 9 * 60 + 30))
    _planned(ANA, MONDAY)
    at(MONDAY, 9, 29)
    assert _send() == 0
    at(MONDAY, 9, 30)
    assert _send() == 1
    at(MONDAY + DAY, 18)
    _planned(ANA, MONDAY + DAY)
    assert _send() == 0
    at(MONDAY + 2 * DAY, 10)
    assert _send() == 1


def test_what_is_urgent_comes_in_quiet_hours_too_but_never_before_seven(box: Refusing, at: Move) -> None:
    _member(quiet=(17 * 60, 9 * 60 + 30))
    _planned(ANA, MONDAY, urgent=True)
    at(MONDAY, 6, 59)
    assert _send() == 0
    at(MONDAY, 7)
    assert _send() == 1


def test_a_digest_gathers_what_is_not_urgent_for_two_days_at_most(box: Refusing, at: Move) -> None:
    wednesday = MONDAY + 2 * DAY
    _member(digest=wednesday.weekday())
    sent = []
    _planned(ANA, MONDAY + DAY, MONDAY + 5 * DAY, MONDAY + 6 * DAY)
    for number in range(14):
        at(MONDAY + number * DAY, 8)
        sent += [MONDAY + number * DAY] * _send()
    # Tuesday's waits for Wednesday; Saturday's and Sunday's for Monday (two days); the next Wednesday always comes.
    assert sent == [wednesday, MONDAY + 7 * DAY, wednesday + 7 * DAY]
    _planned(ANA, MONDAY + 14 * DAY, urgent=True)
    at(MONDAY + 14 * DAY, 8)
    assert _send() == 1, "urgent does not wait"


def test_while_somebody_is_away_the_stand_in_hears_once_for_both(box: Refusing, at: Move) -> None:
    _member(ANA, away=Away(first=MONDAY, last=MONDAY + DAY, stand_in=BEN))
    _member(BEN)
    _planned(ANA, MONDAY, MONDAY + 2 * DAY)
    _planned(BEN, MONDAY)
    at(MONDAY, 8)
    assert [_send(), _send()] == [1, 0]
    assert _told(box) == [_mail(BEN)]
    at(MONDAY + 2 * DAY, 8)
    assert [_send(), _send()] == [1, 0]
    assert _told(box) == [_mail(BEN), _mail(ANA)]


def test_a_stand_in_who_is_away_too_passes_it_on_and_a_ring_ends_with_an_admin(box: Refusing, at: Move) -> None:
    _member(ANA, away=Away(first=MONDAY, last=MONDAY, stand_in=BEN))
    _member(BEN, away=Away(first=MONDAY, last=MONDAY, stand_in=ANA))
    _member(EVA, admin=True)
    _planned(ANA, MONDAY)
    at(MONDAY, 8)
    assert _send() == 1
    assert _told(box) == [_mail(EVA)]


def test_an_office_whose_only_member_is_away_with_nobody_there_is_told_all_the_same(box: Refusing, at: Move) -> None:
    _member(ANA, away=Away(first=MONDAY, last=MONDAY, stand_in=BEN))
    _planned(ANA, MONDAY)
    at(MONDAY, 8)
    assert _send() == 1
    assert _told(box) == [_mail(ANA)]


def _redirect(member: UUID, to: UUID | None = None) -> int:
    with acting_as("web"), office(ORG):
        return carriers.redirect(ORG, member, to)


def _holds(series: Series, member: UUID, day: dt.date) -> bool:
    with office(ORG), connection.cursor() as cursor:
        cursor.execute("SELECT id, sealed FROM reminders_fire WHERE lookup = %s", [outbox.lookup(ORG, member, day)])
        row = cursor.fetchone()
    if row is None:
        return False
    fire = operational.open_fire(server_keys.operational_key(), ORG, row[0], bytes(row[1]))
    return fire.holds(series.token(day)) and fire.member == member


def test_removal_moves_every_coming_day_to_the_colleague_and_forgets_the_address(box: Refusing, at: Move) -> None:
    for member in (ANA, BEN):
        _member(member)
    both = _planned(ANA, MONDAY, MONDAY + 400 * DAY)
    bens = _planned(BEN, MONDAY)
    assert _redirect(ANA, BEN) == 2
    assert _holds(both, BEN, MONDAY)
    assert _holds(bens, BEN, MONDAY)
    assert _holds(both, BEN, MONDAY + 400 * DAY)
    assert not _holds(both, ANA, MONDAY)
    assert _ways(ANA).all == ()
    at(MONDAY, 8)
    assert [_send(), _send()] == [1, 0]
    assert _told(box) == [_mail(BEN)]


def test_removal_without_a_successor_tells_every_admin(box: Refusing, at: Move) -> None:
    _member(ANA)
    for member in (BEN, EVA):
        _member(member, admin=True)
    _planned(ANA, MONDAY)
    assert _redirect(ANA) == 1
    at(MONDAY, 8)
    assert _send() == 2
    assert sorted(_told(box)) == [_mail(BEN), _mail(EVA)]


def test_what_is_planned_or_withdrawn_for_a_removed_member_later_follows(box: Refusing, at: Move) -> None:
    for member in (ANA, BEN):
        _member(member)
    before = _planned(ANA, MONDAY)
    _redirect(ANA, BEN)
    later = _planned(ANA, MONDAY + DAY)
    assert _holds(later, BEN, MONDAY + DAY)
    with office(ORG):
        plan.write(ORG, [], [before])
    with acting_as("clock"):
        outbox.merge()
    assert not _holds(before, BEN, MONDAY)


def test_a_removal_that_is_undone_moves_nothing(box: Refusing, at: Move) -> None:
    for member in (ANA, BEN):
        _member(member)
    series = _planned(ANA, MONDAY)
    with office(ORG):
        assert carriers.redirect(ORG, ANA, BEN) == 1
        transaction.set_rollback(True)
    assert _holds(series, ANA, MONDAY)
    assert _ways(ANA).address == _mail(ANA)


def test_nobody_is_removed_while_nobody_takes_over(at: Move) -> None:
    _member(ANA)
    for to in (None, BEN, ANA):
        with pytest.raises(Refused), office(ORG):
            carriers.redirect(ORG, ANA, to)


def test_days_already_told_move_nowhere_and_today_is_told_again_to_who_takes_over(box: Refusing, at: Move) -> None:
    for member in (ANA, BEN):
        _member(member)
    _planned(ANA, MONDAY, MONDAY + DAY)
    _planned(BEN, MONDAY + DAY)
    at(MONDAY, 8)
    assert _send() == 1
    assert _redirect(ANA, BEN) == 1
    at(MONDAY + DAY, 8)
    assert _send() == 1
    assert _told(box) == [_mail(ANA), _mail(BEN)]


def test_one_way_in_two_offices_is_two_peoples(at: Move) -> None:
    _member(ANA)
    other = UUID(int=0x99)
    with office(other):
        channels.set_address(other, ANA, address="x@y.test", language="en", zone="UTC", admin=True)
    with acting_as("web"), office(other):
        assert [row.org_id for row in Channel.objects.all()] == [other]
    with pytest.raises(Refused), office(other):
        choosing.go_away(other, ANA, first=MONDAY, last=MONDAY, stand_in=BEN)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A key and a certificate for localhost that no authority signed."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    key.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    certificate.write_bytes(made.public_bytes(Encoding.PEM))
    return key, certificate


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
