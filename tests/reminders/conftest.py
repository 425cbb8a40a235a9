"""What several tests of reminders stand on: a moved clock, an office, and servers that keep what they took."""

import datetime as dt
import logging
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from caseapp.accounts.keys.staff import Staff
from caseapp.config import env
from tests.helpers import cast
from tests.helpers.smtp import Box, post_office
from tests.reminders.cast import Move, stop_clock
from tests.reminders.certificates import self_signed
from tests.reminders.gateway import Gateway, gateway
from tests.reminders.mailbox import Returned, returned_mail


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Move:
    """Move the clock to an hour and minute of a day, UTC; it stands at 10:00 on Tuesday 1 December before."""
    moving = stop_clock(monkeypatch, dt.datetime(2026, 12, 1, 10, tzinfo=dt.UTC))

    def move(day: dt.date, hour: int, minute: int = 0) -> None:
        moving.moment = dt.datetime.combine(day, dt.time(hour, minute), dt.UTC)

    return move


@pytest.fixture
def attorney() -> Staff:
    return cast.found(zone="UTC")


@pytest.fixture
def box(settings: Settings) -> Generator[Box]:
    """A mail server that says yes to everything."""
    with post_office() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        yield running


@pytest.fixture
def back(settings: Settings) -> Generator[Returned]:
    """The mailbox to which mail comes back."""
    with returned_mail() as running:
        settings.BOUNCES = env.mailbox_settings(running.url)
        yield running


@pytest.fixture
def phone() -> Generator[Gateway]:
    """A gateway with telephones behind it."""
    with gateway() as running:
        yield running


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A key and a certificate for localhost that no authority signed."""
    return self_signed(tmp_path)


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Generator[Callable[[], str]]:
    """Everything that was written to any log but those of the tests' own mail servers."""
    caplog.set_level(logging.DEBUG)
    ours = logging.getLogger("caseapp")
    ours.addHandler(caplog.handler)  # it hands nothing on to the root
    servers = ("pymap", "mail.", "asyncio")
    yield lambda: "\n".join(caplog.handler.format(one) for one in caplog.records if not one.name.startswith(servers))
    ours.removeHandler(caplog.handler)
