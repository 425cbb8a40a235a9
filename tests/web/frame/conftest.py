"""A founded office and a client that is signed in to it."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.conf import settings
from django.test import Client

from caseapp.accounts import doors
from caseapp.accounts.doors import SignedIn
from tests.cast import WORDS

EMAIL = "ana@office.test"


@dataclass(frozen=True)
class Door:
    """Where somebody stands: the client, who it is, and how they got in."""

    client: Client
    signed_in: SignedIn

    @property
    def token(self) -> str:
        return self.client.cookies[settings.SESSION_COOKIE].value


def found(language: str = "en") -> SignedIn:
    """An office whose only member is Ana."""
    return doors.found_office(
        office_name="Harbor Legal Aid",
        zone="America/New_York",
        language=language,
        member_name="Ana Ruiz",
        email=EMAIL,
        passphrase=WORDS,
    )


@pytest.fixture
def newcomer(db: None) -> Door:
    """Ana right after the six words: the recovery code is not typed back yet."""
    client = Client(raise_request_exception=False)
    signed_in = found()
    client.cookies[settings.SESSION_COOKIE] = signed_in.token
    return Door(client, signed_in)


@pytest.fixture
def ana(newcomer: Door) -> Door:
    """Ana at work."""
    staff = newcomer.signed_in.staff
    code = doors.propose_recovery_code(staff)
    doors.confirm_recovery_code(staff, code, code)
    return newcomer


@pytest.fixture
def stranger() -> Client:
    """A browser that nobody signed in with."""
    return Client(raise_request_exception=False)


@pytest.fixture
def raises(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """Let saving one's preferences raise: a write whose page is ours."""

    def let(exc: Exception) -> None:
        def save(*_: object, **__: object) -> None:
            raise exc

        monkeypatch.setattr("caseapp.accounts.preferences.save", save)

    return let
