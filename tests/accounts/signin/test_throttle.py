"""Guesses are slowed down; the person guessed at is not."""

import datetime as dt
import threading
from uuid import UUID, uuid4

import pytest

from caseapp.accounts.errors import TooManyTries
from caseapp.accounts.keys import derivation
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.models import Throttle
from caseapp.accounts.signin import known_browsers, sign_in, throttle
from caseapp.casefile.upkeep import housekeeping
from caseapp.lib import clock
from caseapp.lib.errors import Refused, TooMany
from caseapp.tools.pytest_plugin import acting_as
from tests.helpers import cast

pytestmark = pytest.mark.django_db
EMAIL = "ana@office.test"
NOW = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)
HERE, ELSEWHERE = "203.0.113.7", "198.51.100.9"


@pytest.fixture(autouse=True)
def _frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def attorney() -> Staff:
    return cast.found(email=EMAIL)


def guess(times: int, *, email: str = EMAIL, address: str = ELSEWHERE, device: str = "") -> int:
    """Wrong sign-ins; answers how many were refused without looking."""
    slow = 0
    for number in range(times):
        try:
            sign_in.sign_in(email, f"wrong {number}", address=address, device=device)
        except TooManyTries:
            slow += 1
        except Refused:
            continue
    return slow


def test_the_eleventh_guess_at_one_account_from_one_address_waits(attorney: Staff) -> None:
    assert guess(10) == 0
    with pytest.raises(TooManyTries) as slow:
        sign_in.sign_in(EMAIL, cast.WORDS, address=ELSEWHERE)
    assert slow.value.seconds == 901
    assert sign_in.sign_in(EMAIL, cast.WORDS, address=HERE).staff.name == attorney.name


def test_an_address_nobody_has_is_slowed_down_the_same(attorney: Staff) -> None:
    assert guess(12, email="nobody@office.test") == 2
    assert guess(12, address=HERE) == 2


def test_one_address_may_not_try_its_way_through_the_accounts(attorney: Staff) -> None:
    assert sum(guess(1, email=f"member{number}@office.test") for number in range(60)) == 10


def test_guesses_from_everywhere_at_one_account_are_slowed_down_but_never_its_known_browser(attorney: Staff) -> None:
    device = known_browsers.remember_member(attorney.member_id, "")
    slow = sum(guess(1, address=f"10.0.{number // 256}.{number % 256}") for number in range(1000))
    assert slow == 900
    with pytest.raises(TooManyTries):
        sign_in.sign_in(EMAIL, cast.WORDS, address=HERE)
    assert sign_in.sign_in(EMAIL, cast.WORDS, address=HERE, device=device).staff.member_id == attorney.member_id


def test_a_known_browser_may_not_guess_for_ever_either(attorney: Staff) -> None:
    device = known_browsers.remember_member(attorney.member_id, "")
    assert guess(12, device=device) == 2


def test_a_browser_known_to_one_member_is_a_strangers_for_another(attorney: Staff) -> None:
    device = known_browsers.remember_member(uuid4(), "")
    guess(10)
    with pytest.raises(TooManyTries):
        sign_in.sign_in(EMAIL, cast.WORDS, address=ELSEWHERE, device=device)


def test_after_the_window_it_begins_anew_and_a_right_sign_in_forgives(
    attorney: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    guess(9)
    sign_in.sign_in(EMAIL, cast.WORDS, address=ELSEWHERE)
    assert guess(11) == 1
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(minutes=15))
    sign_in.sign_in(EMAIL, cast.WORDS, address=ELSEWHERE)


def test_no_work_is_done_for_a_try_that_is_over_the_limit(attorney: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    guess(10)

    def work(*_: object) -> bytes:
        raise AssertionError("derived a key")

    monkeypatch.setattr("caseapp.accounts.signin.unlock_bundle.by_passphrase", work)
    with pytest.raises(TooMany):
        sign_in.sign_in(EMAIL, cast.WORDS, address=ELSEWHERE)


def test_the_table_names_neither_account_nor_address(attorney: Staff) -> None:
    guess(3)
    stored = b"".join(bytes(row.bucket) for row in Throttle.objects.all())
    assert len(stored) == 4 * 32  # three that slow down, one that counts what is told to the office
    assert not [word for word in (b"ana", b"198.51", attorney.member_id.bytes) if word in stored]


def test_counts_go_after_a_day_and_those_for_the_audit_trail_after_thirty(attorney: Staff) -> None:
    guess(1)
    guess(1, email="nobody@office.test")
    members, day = [attorney.member_id], dt.timedelta(days=1)
    with acting_as("clock"):
        throttle.delete_old_counts(NOW + day, members)
    assert Throttle.objects.count() == 7, "two accounts, each from one network, and what failed at each"
    with acting_as("clock"):
        throttle.delete_old_counts(NOW + day + dt.timedelta(seconds=1), members)
    (waiting,) = Throttle.objects.all()
    assert throttle.take_failure_count(attorney.member_id.bytes) == waiting.tries == 1
    guess(1)
    with acting_as("clock"):
        throttle.delete_old_counts(NOW + dt.timedelta(days=30, seconds=1), members)
    assert not Throttle.objects.exists()


def test_the_hourly_clean_up_deletes_old_counts(attorney: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    guess(1)
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(days=2))
    (step,) = [step for step in housekeeping.STEPS if step.name == "tries"]
    with acting_as("clock"):
        step.run(clock.now())
    assert throttle.take_failure_count(attorney.member_id.bytes) == 1
    assert not Throttle.objects.exists()


def test_a_right_sign_in_leaves_no_row_from_which_its_network_could_be_found(attorney: Staff) -> None:
    sign_in.sign_in(EMAIL, cast.WORDS, address=HERE)
    assert not Throttle.objects.exists()
    guess(1, address=HERE)
    sign_in.sign_in(EMAIL, cast.WORDS, address=HERE)
    (wrong_one,) = Throttle.objects.all()
    assert wrong_one.tries == 1, "the wrong try of this network still counts"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("", "not an address", True),
    ],
)
def test_a_network_is_what_one_customer_has(one: str, other: str, same: bool) -> None:
    assert (throttle.network_of(one) == throttle.network_of(other)) is same


def test_the_cookie_of_a_known_browser_cannot_be_made_up() -> None:
    member = UUID("6d2f6f0e-43f3-4f0c-9f0f-57a7ad0c8f11")
    cookie = known_browsers.remember_member(member, "")
    assert known_browsers.find_mark(member, cookie)
    altered = cookie[:20] + ("A" if cookie[20] != "A" else "B") + cookie[21:]
    for wrong in ("", "x", altered, "A" * 38, "." * 50, "é" * 38):
        assert known_browsers.find_mark(member, wrong) == b""


def test_a_shared_browser_keeps_the_newest_four_members() -> None:
    members, cookie = [uuid4() for _ in range(5)], ""
    for member in members:
        cookie = known_browsers.remember_member(member, cookie)
    assert [bool(known_browsers.find_mark(member, cookie)) for member in members] == [False, True, True, True, True]
    assert len(known_browsers.remember_member(members[2], cookie).split(".")) == 4


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari · iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/143.0 Safari/537.36 Edg/143.0", "Edge · Linux"),
        ("curl/8", ""),
        ("<script>", ""),
    ],
)
def test_a_device_has_a_short_name_and_nothing_else_of_what_the_browser_says(agent: str, name: str) -> None:
    assert known_browsers.device_name(agent) == name


def test_the_webs_rights_are_enough(attorney: Staff) -> None:
    with acting_as("web"):
        assert guess(11) == 1
        sign_in.sign_in(EMAIL, cast.WORDS, address=HERE)


def test_a_try_that_was_not_looked_at_does_not_count(attorney: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty people at nine o'clock: whoever hears that it is busy has not used up a try."""

    def busy(*_: object) -> bytes:
        raise derivation.too_busy_error()

    with monkeypatch.context() as morning:
        morning.setattr("caseapp.accounts.signin.unlock_bundle.by_passphrase", busy)
        for _ in range(20):
            with pytest.raises(TooMany) as told:
                sign_in.sign_in(EMAIL, cast.WORDS, address=HERE)
            assert told.value.code == "busy"
    assert sign_in.sign_in(EMAIL, cast.WORDS, address=HERE).staff.name == attorney.name


def test_beyond_the_few_places_the_next_one_hears_at_once_that_it_is_busy() -> None:
    taken = [derivation.derivation_slot() for _ in range(derivation.MAX_RUNNING)]
    for place in taken:
        place.__enter__()
    waiting = [threading.Thread(target=_derive) for _ in range(derivation.MAX_WAITING)]
    try:
        for thread in waiting:
            thread.start()
        while derivation._waiting_slots.acquire(blocking=False):  # until all of them stand in line
            derivation._waiting_slots.release()
        with pytest.raises(TooMany), derivation.derivation_slot():
            pass
    finally:
        for place in taken:
            place.__exit__(None, None, None)
    for thread in waiting:
        thread.join()
    with derivation.derivation_slot():
        pass


def _derive() -> None:
    with derivation.derivation_slot():
        pass
