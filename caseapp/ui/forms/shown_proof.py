"""Proof that a typed text was shown before, without storing the text.

An HMAC travels with the form, the text does not.
"""

import hmac

from django.core.signing import BadSignature, Signer, TimestampSigner

HOUR = 3600  # seconds in which a shown passphrase or code can be typed back


def proof_of(shown: str, *, purpose: str) -> str:
    """Return a token that matches only `shown`, for an hour. It does not reveal what was shown."""
    return TimestampSigner(salt=purpose).sign(_proof_mac(shown, purpose))


def matches_proof(typed: str, proof: str, *, purpose: str) -> bool:
    """Return True if `typed` is the text shown with this proof, at most an hour ago."""
    try:
        mac = TimestampSigner(salt=purpose).unsign(proof, max_age=HOUR)
    except BadSignature:
        return False
    return hmac.compare_digest(mac, _proof_mac(typed, purpose))


def _proof_mac(text: str, purpose: str) -> str:
    # A signature never contains the signer's separator, so the two parts of the token stay distinct.
    return Signer(salt=f"{purpose}/mac").signature(text)
