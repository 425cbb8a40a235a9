"""What several tests of reminders stand on: a clock they move, and a mail server that keeps what it took."""

import datetime as dt
from collections.abc import Generator

import pytest
from pytest_django.fixtures import Settings

from tests.post import Box, post_office


class Clock:
    """Stands at a moment until it is moved."""

    def __init__(self, moment: dt.datetime) -> None:
        self.moment = moment

    def now(self) -> dt.datetime:
        return self.moment


@pytest.fixture
def box(settings: Settings) -> Generator[Box]:
    with post_office() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        yield running
