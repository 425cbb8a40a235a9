"""What an authenticator app shows (RFC 6238), computed without the product's own code."""

import hashlib
import hmac


def code_at(secret: bytes, seconds: int) -> str:
    """Return the six digits that the app shows at this time, in seconds since 1970."""
    tag = hmac.digest(secret, (seconds // 30).to_bytes(8, "big"), hashlib.sha1)
    start = tag[-1] & 0x0F
    number = int.from_bytes(tag[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"
