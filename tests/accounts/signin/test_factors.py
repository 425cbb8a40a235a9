"""The second factor: a code counts once, and without it the passphrase alone opens no page."""

import datetime as dt
import threading

import pytest
from django.db import connection

from caseapp.accounts.errors import FactorNeeded, SessionGone, StepUpNeeded, TooManyTries
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.models import Factor, Session
from caseapp.accounts.signin import factors, reauthentication, sessions, sign_in, totp
from caseapp.accounts.signin.passkeys import Site
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault.core import onetime
from caseapp.vault.core.session import session_row_key
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction
from tests.helpers import authenticator_app, cast

EMAIL = "ana@office.test"
NOW = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)
SITE = Site("localhost", "http://localhost", "")


class Clock:
    """A clock that tests move."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = NOW
        monkeypatch.setattr(clock, "now", lambda: self.now)

    def go(self, **by: int) -> int:
        self.now += dt.timedelta(**by)
        return int(self.now.timestamp())


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def attorney(db: None, hands: Clock) -> Staff:
    return cast.found(email=EMAIL)


def with_app(staff: Staff, hands: Clock) -> bytes:
    """Give the member an authenticator app; answers its secret. The code of this moment is spent."""
    text = totp.propose_secret()
    secret = onetime.parse_secret(text)
    totp.confirm_secret(staff.keys, text, authenticator_app.code_at(secret, hands.go()), name="Phone")
    return secret


def half_in() -> str:
    with pytest.raises(FactorNeeded) as more:
        sign_in.sign_in(EMAIL, cast.WORDS)
    return more.value.token


def test_rfc_6238s_own_vector_gives_its_code() -> None:
    # Appendix B, SHA-1, at 59 s: 94287082; apps show its last six digits.
    assert onetime.find_time_step(b"12345678901234567890", "287082", 59, after=-1) == 1
    assert authenticator_app.code_at(b"12345678901234567890", 59) == "287082"


def test_the_secret_reads_back_however_it_was_typed() -> None:
    secret = onetime.new_secret()
    text = onetime.format_secret(secret)
    assert len(text.split()) == 8
    assert onetime.parse_secret(text.lower().replace(" ", "  ")) == secret
    for wrong in ("", "AAAA", text + "A", "1" * 32, "é" * 32):
        with pytest.raises(OpenFailed):
            onetime.parse_secret(wrong)


@pytest.mark.parametrize("typed", ["", "28708", "2870822", "28708x", "²87082", "-87082", "287083"])
def test_what_is_no_code_of_now_is_none(typed: str) -> None:
    assert onetime.find_time_step(b"12345678901234567890", typed, 59, after=-1) is None


def test_a_code_of_the_step_before_or_after_is_taken_and_of_two_steps_before_not() -> None:
    secret = b"12345678901234567890"
    code = authenticator_app.code_at(secret, 59)  # step 1
    assert [onetime.find_time_step(secret, code, at, after=-1) for at in (29, 59, 89, 90, 0)] == [1, 1, 1, None, 1]


def test_the_passphrase_alone_opens_no_page_once_there_is_a_factor(attorney: Staff, hands: Clock) -> None:
    secret = with_app(attorney, hands)
    token = half_in()
    for opener in (sessions.open, lambda t: sign_in.unlock(t, cast.WORDS)):
        with pytest.raises(SessionGone):
            opener(token)
    signed_in = sign_in.submit_code(token, authenticator_app.code_at(secret, hands.go(seconds=30)))
    assert signed_in.staff.member_id == attorney.member_id
    assert signed_in.staff.presence is not None
    assert signed_in.staff.presence.has_factor
    with pytest.raises(SessionGone):
        sessions.open_half(token)


def test_locking_and_unlocking_a_half_session_leads_nowhere(attorney: Staff, hands: Clock) -> None:
    with_app(attorney, hands)
    token = half_in()
    sessions.lock(token)
    with pytest.raises(SessionGone):
        sign_in.unlock(token, cast.WORDS)


def test_a_code_counts_once_and_the_one_of_set_up_is_spent(attorney: Staff, hands: Clock) -> None:
    secret = with_app(attorney, hands)
    with pytest.raises(Refused) as spent:
        sign_in.submit_code(half_in(), authenticator_app.code_at(secret, hands.go()))
    assert spent.value.code == "no_match"
    code = authenticator_app.code_at(secret, hands.go(seconds=30))
    sign_in.submit_code(half_in(), code)
    with pytest.raises(Refused):
        sign_in.submit_code(half_in(), code)


@pytest.mark.django_db(transaction=True)
def test_of_eight_equal_codes_at_the_same_moment_one_is_right(hands: Clock) -> None:
    attorney = cast.found(email=EMAIL)
    secret = with_app(attorney, hands)
    code = authenticator_app.code_at(secret, hands.go(seconds=30))
    start, right, wrong = threading.Barrier(8), [], []

    def show() -> None:
        start.wait()
        try:
            totp.verify_code(attorney.keys, code)
            right.append(1)
        except Refused:
            wrong.append(1)
        finally:
            connection.close()

    threads = [threading.Thread(target=show) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(right), len(wrong)) == (1, 7)


def test_ten_wrong_codes_end_the_half_session_and_slow_down_the_next(attorney: Staff, hands: Clock) -> None:
    with_app(attorney, hands)
    token = half_in()
    for _ in range(10):
        with pytest.raises(Refused):
            sign_in.submit_code(token, "000000")
    with pytest.raises(TooManyTries) as slow:
        sign_in.submit_code(token, "000000")
    assert slow.value.seconds == 3601
    with pytest.raises(SessionGone):
        sessions.open_half(token)


def test_a_half_session_ends_after_ten_minutes(attorney: Staff, hands: Clock) -> None:
    with_app(attorney, hands)
    token = half_in()
    hands.go(minutes=10)
    with pytest.raises(SessionGone):
        sessions.open_half(token)


def test_what_a_half_session_lacks_cannot_be_had_from_another_row(attorney: Staff, hands: Clock) -> None:
    whole = sign_in.sign_in(EMAIL, cast.WORDS).token
    with_app(attorney, hands)
    token = half_in()
    rows = {name: Session.objects.get(key=session_row_key(t)) for name, t in (("half", token), ("whole", whole))}
    assert attorney.keys.bundle_key not in bytes(rows["half"].sealed) + bytes(rows["half"].about)
    Session.objects.filter(key=rows["half"].key).update(about=bytes(rows["whole"].about))
    for opener in (sessions.open, sessions.open_half):
        with pytest.raises(SessionGone):
            opener(token)


def test_an_altered_factor_opens_nothing(attorney: Staff, hands: Clock) -> None:
    with_app(attorney, hands)
    with office_transaction(attorney.org_id):
        row = Factor.objects.get()
        Factor.objects.filter(org_id=row.org_id, id=row.id).update(sealed=bytes(row.sealed)[:-1] + b"x")
    with pytest.raises(OpenFailed):
        sign_in.sign_in(EMAIL, cast.WORDS)


def test_the_factors_secret_is_not_in_its_row(attorney: Staff, hands: Clock) -> None:
    secret = with_app(attorney, hands)
    with office_transaction(attorney.org_id):
        sealed = bytes(Factor.objects.get().sealed)
    assert secret not in sealed
    assert onetime.format_secret(secret).replace(" ", "").encode() not in sealed


def test_unlocking_needs_the_passphrase_only_when_the_factor_was_shown_before(attorney: Staff, hands: Clock) -> None:
    before = sign_in.sign_in(EMAIL, cast.WORDS).token
    secret = with_app(attorney, hands)
    sessions.lock(before)
    with pytest.raises(FactorNeeded):
        sign_in.unlock(before, cast.WORDS)
    token = sign_in.submit_code(half_in(), authenticator_app.code_at(secret, hands.go(seconds=30))).token
    sessions.lock(token)
    again = sign_in.unlock(token, cast.WORDS).staff
    assert again.presence is not None
    assert again.presence.has_factor


def test_an_admin_keeps_the_last_factor_and_a_stranger_finds_none(attorney: Staff, hands: Clock) -> None:
    with_app(attorney, hands)
    [held] = factors.list_factors(attorney.keys)
    with pytest.raises(Refused) as last:
        factors.remove(attorney, held.id)
    assert last.value.code == "last"
    outsider = cast.found(email="lena@elsewhere.test")
    with pytest.raises(NotFound):
        factors.remove(outsider, held.id)
    hands.go(minutes=1)
    with_app(attorney, hands)
    factors.remove(attorney, held.id)
    assert [one.id for one in factors.list_factors(attorney.keys)] != [held.id]


def test_whoever_looks_after_the_server_takes_away_lost_factors(attorney: Staff, hands: Clock) -> None:
    with_app(attorney, hands)
    assert factors.delete_all(attorney.org_id, attorney.member_id) == 1
    assert sign_in.sign_in(EMAIL, cast.WORDS).staff.member_id == attorney.member_id


def test_a_fresh_look_lasts_ten_minutes(attorney: Staff, hands: Clock) -> None:
    signed_in = sign_in.sign_in(EMAIL, cast.WORDS)
    hands.go(minutes=10)
    reauthentication.require(sessions.open(signed_in.token))
    hands.go(seconds=1)
    with pytest.raises(StepUpNeeded):
        reauthentication.require(sessions.open(signed_in.token))
    fresh = reauthentication.check_credentials(
        sessions.open(signed_in.token), signed_in.token, passphrase=cast.WORDS, site=SITE
    )
    reauthentication.require(sessions.open(fresh))


def test_asking_again_wants_the_factor_too(attorney: Staff, hands: Clock) -> None:
    secret = with_app(attorney, hands)
    token = sign_in.submit_code(half_in(), authenticator_app.code_at(secret, hands.go(seconds=30))).token
    hands.go(minutes=11)
    staff = sessions.open(token)
    for wrong in ({"passphrase": "not the words at all"}, {"passphrase": cast.WORDS}):
        with pytest.raises(Refused):
            reauthentication.check_credentials(staff, token, site=SITE, **wrong)
    with pytest.raises(Refused):
        reauthentication.check_credentials(staff, token, passphrase=cast.WORDS, code="000000", site=SITE)
    fresh = reauthentication.check_credentials(
        staff, token, passphrase=cast.WORDS, code=authenticator_app.code_at(secret, hands.go()), site=SITE
    )
    reauthentication.require(sessions.open(fresh))


def test_a_factor_added_elsewhere_makes_this_sessions_look_stale(attorney: Staff, hands: Clock) -> None:
    token = sign_in.sign_in(EMAIL, cast.WORDS).token
    with_app(attorney, hands)
    with pytest.raises(StepUpNeeded):
        reauthentication.require(sessions.open(token))


def test_all_of_it_needs_no_more_than_the_rights_of_the_web(attorney: Staff, hands: Clock) -> None:
    with acting_as("web"):
        secret = with_app(attorney, hands)
        token = sign_in.submit_code(half_in(), authenticator_app.code_at(secret, hands.go(seconds=30))).token
        assert sessions.open(token).member_id == attorney.member_id
