"""A session that nobody uses locks after 15 minutes, at most one minute later."""

import datetime as dt

import pytest
from django.conf import settings

from caseapp.accounts.models import Session
from caseapp.accounts.signin import activity_stamp
from caseapp.lib import clock
from tests.helpers.two_offices import NOW, Worker

pytestmark = pytest.mark.usefixtures("frozen")


def use_at(monkeypatch: pytest.MonkeyPatch, worker: Worker, **after: int) -> str:
    """Open a page so long after NOW; return the address that it leads to, empty for the page itself."""
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(**after))
    return str(worker.client.get("/account/").headers.get("Location", "")).partition("?")[0]


@pytest.mark.parametrize("used", [{"minutes": 1}, {"minutes": 3, "seconds": 59}, {"minutes": 4, "seconds": 30}])
@pytest.mark.parametrize(("idle", "follows"), [(15 * 60, ""), (16 * 60 + 1, "/unlock/")])
def test_it_locks_between_15_and_16_minutes_after_the_last_page(
    attorney: Worker, monkeypatch: pytest.MonkeyPatch, used: dict[str, int], idle: int, follows: str
) -> None:
    assert use_at(monkeypatch, attorney, minutes=0) == ""
    seen = Session.objects.get().seen_at
    assert use_at(monkeypatch, attorney, **used) == ""
    assert Session.objects.get().seen_at == seen, "the row is touched every five minutes only"
    last = dt.timedelta(**used).total_seconds()
    assert use_at(monkeypatch, attorney, seconds=int(last) + idle) == follows


def test_a_stamp_of_another_session_or_a_later_minute_puts_nothing_off(
    attorney: Worker, outsider: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert use_at(monkeypatch, attorney, minutes=0) == ""
    token = attorney.client.cookies[settings.SESSION_COOKIE].value
    other = activity_stamp.make_stamp("another session", NOW + dt.timedelta(minutes=20))
    real = activity_stamp.make_stamp(token, NOW)
    later = f"{int(real.partition('.')[0]) + 20}.{real.partition('.')[2]}"
    for stamp in ("", "x", ".", "9" * 5000, "²." + "A" * 43, other, later):
        assert activity_stamp.read_stamp(token, stamp) is None, stamp
        attorney.client.cookies[settings.ACTIVITY_COOKIE] = stamp
    assert use_at(monkeypatch, attorney, minutes=20, seconds=1) == "/unlock/"


def test_signing_out_takes_the_stamp_away(attorney: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    use_at(monkeypatch, attorney, minutes=2)
    assert attorney.client.cookies[settings.ACTIVITY_COOKIE].value
    attorney.client.post("/sign-out/")
    assert not attorney.client.cookies[settings.ACTIVITY_COOKIE].value
