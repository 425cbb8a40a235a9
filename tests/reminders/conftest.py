"""What several tests of reminders stand on: an office, and a mail server that keeps what it took."""

from collections.abc import Generator

import pytest
from pytest_django.fixtures import Settings

from caseapp.accounts.keys import Staff
from tests import cast
from tests.post import Box, post_office


@pytest.fixture
def attorney() -> Staff:
    return cast.found(zone="UTC")


@pytest.fixture
def box(settings: Settings) -> Generator[Box]:
    with post_office() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        yield running
