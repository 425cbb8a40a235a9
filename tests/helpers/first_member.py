"""A founded office and a client that is signed in to it."""

from dataclasses import dataclass

from django.conf import settings
from django.test import Client

from caseapp.accounts.members import new_office
from caseapp.accounts.signin.sign_in import SignedIn
from tests.helpers.cast import WORDS

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
    return new_office.create_office(
        office_name="Harbor Legal Aid",
        zone="America/New_York",
        language=language,
        member_name="Ana Ruiz",
        email=EMAIL,
        passphrase=WORDS,
    )
