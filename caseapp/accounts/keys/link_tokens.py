"""Tokens of mailed links: the office and a secret. A row is found by a tag of the secret, which is stored nowhere."""

from dataclasses import dataclass, field
from uuid import UUID

from caseapp.lib import base64url
from caseapp.lib.errors import NotFound
from caseapp.vault import server_keys
from caseapp.vault.core import primitives

_ORG_LENGTH, _SECRET_LENGTH = 16, 32


@dataclass(frozen=True)
class LinkToken:
    """Token of a link. `text` is the part of the link that carries it."""

    org_id: UUID
    secret: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """Return the token in the form that the link contains."""
        return base64url.encode(self.org_id.bytes + self.secret)

    def tag(self, label: bytes) -> bytes:
        """Return the tag under which the link's row is stored; each kind of link has its own label."""
        return primitives.mac(server_keys.operational_key(), label, self.secret)

    def derive_key(self, label: bytes) -> bytes:
        """Return a key that only a holder of the link can derive."""
        return primitives.expand(self.secret, label)


def new_token(org_id: UUID) -> LinkToken:
    """Return a new token for a link of this office."""
    return LinkToken(org_id, primitives.random_bytes(_SECRET_LENGTH))


def parse_token(text: str) -> LinkToken:
    """Return the token in a link. Raises NotFound if it is none of ours."""
    try:
        raw = base64url.decode(text)
    except ValueError as exc:
        raise NotFound("not a link of ours") from exc
    if len(raw) != _ORG_LENGTH + _SECRET_LENGTH:
        raise NotFound("not a link of ours")
    return LinkToken(UUID(bytes=raw[:_ORG_LENGTH]), raw[_ORG_LENGTH:])
