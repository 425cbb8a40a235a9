"""The holders of recovery sheets: an admin, Ben, Vera, and Amara where a fourth is needed."""

import datetime as dt
from collections.abc import Callable

import pytest

from caseapp.accounts.keys.staff import Staff
from caseapp.lib import clock
from tests.helpers import cast


@pytest.fixture
def admin() -> Staff:
    return cast.found()


@pytest.fixture
def ben(admin: Staff) -> Staff:
    cast.colleague_of(admin)
    return cast.signed_in("ben@office.test")


@pytest.fixture
def vera(admin: Staff) -> Staff:
    cast.volunteer_of(admin)
    return cast.signed_in("vera@office.test")


@pytest.fixture
def amara(admin: Staff) -> Staff:
    cast.colleague_of(admin, name="Amara Nwosu", email="amara@office.test")
    return cast.signed_in("amara@office.test")


@pytest.fixture
def move(monkeypatch: pytest.MonkeyPatch) -> Callable[[dt.timedelta], None]:
    """Set the clock to so long after now."""
    now = clock.now()

    def to(distance: dt.timedelta) -> None:
        monkeypatch.setattr(clock, "now", lambda: now + distance)

    to(dt.timedelta())
    return to
