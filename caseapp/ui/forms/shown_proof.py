"""Binding what was shown to what is typed back, without keeping it: an HMAC travels with the form, the words do not."""

import hmac

from django.core.signing import BadSignature, Signer, TimestampSigner

HOUR = 3600  # seconds a shown passphrase or code can be typed back


def proof_of(shown: str, *, purpose: str) -> str:
    """A token that matches `shown` only, for an hour. From it nobody learns what was shown."""
    return TimestampSigner(salt=purpose).sign(_mac(shown, purpose))


def is_shown(typed: str, proof: str, *, purpose: str) -> bool:
    """Whether `typed` is what was shown with this proof, at most an hour ago."""
    try:
        mac = TimestampSigner(salt=purpose).unsign(proof, max_age=HOUR)
    except BadSignature:
        return False
    return hmac.compare_digest(mac, _mac(typed, purpose))


def _mac(text: str, purpose: str) -> str:
    # The signer's own separator cannot stand in its output, so the two parts of the token stay apart.
    return Signer(salt=f"{purpose}/mac").signature(text)
