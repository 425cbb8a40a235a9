"""Sessions: how long they last, how the cookie is renewed, which devices there are."""

import datetime as dt
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from caseapp.accounts.errors import SessionGone, SessionLocked
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.models import OfficeState, Session
from caseapp.accounts.signin import active_sessions, sessions, sign_in
from caseapp.lib import clock
from caseapp.vault.core.session import session_row_key
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast

pytestmark = pytest.mark.django_db
EMAIL, COLLEAGUE = "ana@office.test", "ben@office.test"
NOW = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)
FIREFOX = "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0"


class Clock:
    """A clock that tests move."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = NOW
        monkeypatch.setattr(clock, "now", lambda: self.now)

    def go(self, **by: int) -> None:
        self.now += dt.timedelta(**by)


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def attorney(hands: Clock) -> Staff:
    staff = cast.found(email=EMAIL)
    active_sessions.end_all(staff.keys)
    return staff


def signed_in(email: str = EMAIL, agent: str = "") -> tuple[str, Staff]:
    found = sign_in.sign_in(email, cast.WORDS, agent=agent)
    return found.token, found.staff


def keep_busy(token: str, hands: Clock, hours: int) -> None:
    """Use the session every ten minutes."""
    for _ in range(hours * 6):
        hands.go(minutes=10)
        sessions.open(token)


def test_an_admins_session_ends_after_8_hours_and_another_members_after_12(attorney: Staff, hands: Clock) -> None:
    cast.colleague_of(attorney, email=COLLEAGUE)
    admins, members = signed_in()[0], signed_in(COLLEAGUE)[0]
    for _ in range(8 * 6 - 1):
        hands.go(minutes=10)
        sessions.open(admins)
        sessions.open(members)
    hands.go(minutes=10)
    with pytest.raises(SessionGone):
        sessions.open(admins)
    sessions.open(members)
    keep_busy(members, hands, 3)
    hands.go(minutes=59)
    with pytest.raises((SessionGone, SessionLocked)):
        sessions.open(members)
    hands.go(minutes=1)
    with pytest.raises(SessionGone):
        sessions.open(members)


def test_the_cookie_is_renewed_after_an_hour_and_the_old_one_serves_a_minute_more(
    attorney: Staff, hands: Clock
) -> None:
    token, staff = signed_in()
    assert sessions.renew_cookie(token, staff) is None
    keep_busy(token, hands, 1)
    staff = sessions.open(token)
    fresh = sessions.renew_cookie(token, staff)
    assert fresh is not None
    assert fresh != token
    assert sessions.renew_cookie(token, staff) is None, "a request at the same time gets no second one"
    assert sessions.renew_cookie(token, sessions.open(token)) is None
    hands.go(seconds=59)
    sessions.open(token)
    hands.go(seconds=1)
    with pytest.raises(SessionGone):
        sessions.open(token)
    assert sessions.open(fresh).member_id == attorney.member_id


def test_renewing_does_not_lengthen_a_session(attorney: Staff, hands: Clock) -> None:
    token, _ = signed_in()
    for _ in range(8 * 6 - 1):
        hands.go(minutes=10)
        token = sessions.renew_cookie(token, sessions.open(token)) or token
    hands.go(minutes=10)
    with pytest.raises(SessionGone):
        sessions.open(token)


@pytest.mark.parametrize("which", ["old", "fresh"])
def test_signing_out_or_locking_ends_the_old_cookie_and_the_fresh_one(
    attorney: Staff, hands: Clock, which: str
) -> None:
    for end, gone in ((sessions.lock, SessionLocked), (sessions.end, SessionGone)):
        old, _ = signed_in()
        keep_busy(old, hands, 1)
        fresh = sessions.renew_cookie(old, sessions.open(old))
        assert fresh is not None
        end(old if which == "old" else fresh)
        for token in (old, fresh):
            with pytest.raises(gone):
                sessions.open(token)


def test_the_list_shows_devices_by_what_the_browser_is(attorney: Staff, hands: Clock) -> None:
    signed_in(agent=FIREFOX)
    hands.go(minutes=7)
    _, staff = signed_in()
    here, there = active_sessions.list_devices(staff)
    assert (here.is_this, here.name) == (True, "")
    assert (there.is_this, there.name, there.since) == (False, "Firefox · Windows", NOW)
    assert FIREFOX.encode() not in b"".join(bytes(row.about) for row in Session.objects.all())


def test_a_renewed_cookie_is_still_one_device(attorney: Staff, hands: Clock) -> None:
    token, _ = signed_in()
    keep_busy(token, hands, 1)
    fresh = sessions.renew_cookie(token, sessions.open(token))
    assert fresh is not None
    [only] = active_sessions.list_devices(sessions.open(fresh))
    assert only.is_this
    assert only.since == NOW


def test_a_device_is_ended_from_another_one_and_only_by_its_owner(attorney: Staff, hands: Clock) -> None:
    cast.colleague_of(attorney, email=COLLEAGUE)
    lost, _ = signed_in(agent=FIREFOX)
    _, staff = signed_in()
    _, colleague = signed_in(COLLEAGUE)
    there = next(device for device in active_sessions.list_devices(staff) if not device.is_this)
    assert not active_sessions.end_device(colleague, there.id)
    sessions.open(lost)
    assert active_sessions.end_device(staff, there.id)
    with pytest.raises(SessionGone):
        sessions.open(lost)
    assert not active_sessions.end_device(staff, there.id)


def test_the_office_ends_all_its_sessions_at_once_and_no_other_offices(attorney: Staff, hands: Clock) -> None:
    token, _ = signed_in()
    outsider = cast.found(email="lena@elsewhere.test")
    theirs, _ = signed_in("lena@elsewhere.test")
    with office_transaction(attorney.org_id):
        OfficeState.objects.update_or_create(org_id=attorney.org_id, defaults={"session_epoch": 1})
    with pytest.raises(SessionGone):
        sessions.open(token)
    assert sessions.open(theirs).member_id == outsider.member_id
    assert sessions.open(signed_in()[0]).member_id == attorney.member_id


def test_after_a_restore_the_raised_number_ends_every_session(
    attorney: Staff, settings: Settings, tmp_path: Path
) -> None:
    token, _ = signed_in()
    before = sessions.read_restore_epoch()
    settings.SESSION_EPOCH_FILE = tmp_path / "session.epoch"
    settings.SESSION_EPOCH_FILE.write_text(str(before + 1))
    with pytest.raises(SessionGone):
        sessions.open(token)


def test_what_another_session_says_of_itself_opens_nothing(attorney: Staff, hands: Clock) -> None:
    token, _ = signed_in()
    hands.go(minutes=5)
    other = Session.objects.get(key=session_row_key(signed_in()[0]))
    row = Session.objects.filter(key=session_row_key(token))
    for column in ("whose", "sealed", "about"):
        before = row.values(column).get()
        row.update(**{column: getattr(other, column)})
        with pytest.raises(SessionGone):
            sessions.open(token)
        row.update(**before)
    assert sessions.open(token).member_id == attorney.member_id


def test_a_row_of_a_session_names_nobody_and_no_time_of_sign_in(attorney: Staff, hands: Clock) -> None:
    token, staff = signed_in()
    row = Session.objects.values().get(key=session_row_key(token))
    assert staff.member_id not in row.values()
    assert all(staff.member_id.bytes not in bytes(value) for value in row.values() if isinstance(value, bytes))
    assert row["seen_at"] == NOW, "in steps of a minute, and only the last time"
    assert row["gone_on"] == NOW.date() + dt.timedelta(days=1)
    assert [kind for kind, value in row.items() if isinstance(value, dt.datetime)] == ["seen_at"]


def test_ending_sessions_without_the_members_keys_ends_whole_half_and_locked_ones(
    attorney: Staff, hands: Clock
) -> None:
    cast.colleague_of(attorney, email=COLLEAGUE)
    whole, locked, colleagues = signed_in()[0], signed_in()[0], signed_in(COLLEAGUE)[0]
    sessions.lock(locked)
    keys = attorney.keys
    half = sessions.begin_half(keys.org_id, keys.member_id, keys.bundle_key, needs=("factor",), via="passphrase")
    active_sessions.end_without_keys(attorney.org_id, attorney.member_id)
    with pytest.raises(SessionGone):
        sessions.open(whole)
    assert not Session.objects.filter(key=session_row_key(whole)).exists(), "its row went at the first use"
    with pytest.raises(SessionGone):
        sessions.open_half(half)
    with pytest.raises(SessionGone):
        sign_in.unlock(locked, cast.WORDS)
    sessions.open(colleagues)
    [only] = active_sessions.list_devices(signed_in()[1])
    assert only.is_this, "those that were ended are on no list, although their rows are still there"


def test_an_admin_without_a_factor_is_due_a_day_after_the_office_was_founded(
    attorney: Staff, hands: Clock, settings: Settings
) -> None:
    settings.ADMINS_NEED_FACTOR = True
    cast.colleague_of(attorney, email=COLLEAGUE)
    assert not signed_in()[1].factor_due
    hands.go(days=1)
    assert signed_in()[1].factor_due
    assert not signed_in(COLLEAGUE)[1].factor_due
