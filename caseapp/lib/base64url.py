"""Base64url without padding: bytes as text in links and cookies."""

import base64
import binascii


def encode(raw: bytes) -> str:
    """Return the text of these bytes."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Return the bytes of a text; characters that do not belong in it are skipped. Raises ValueError."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as exc:
        raise ValueError("not base64url") from exc
