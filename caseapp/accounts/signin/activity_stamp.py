"""The minute of a session's last activity, signed, in a cookie of its own.

The session's row is touched every five minutes at most, because a thief sees when rows are written (L6). With the row
alone an idle session would lock up to five minutes late; the stamp, which the browser keeps, is renewed each minute.
"""

from datetime import UTC, datetime, timedelta

from caseapp.lib import base64url
from caseapp.vault import server_keys
from caseapp.vault.core import primitives
from caseapp.vault.core.labels import LABELS

EVERY = timedelta(minutes=1)


def make_stamp(token: str, now: datetime) -> str:
    """Return the stamp of this minute for the session of a cookie."""
    minute = str(int(now.timestamp()) // 60)
    return f"{minute}.{base64url.encode(_sign(token, minute))}"


def read_stamp(token: str, text: str) -> datetime | None:
    """Return the minute of the last activity, or None for a missing, altered or another session's stamp."""
    minute, _, proof = text[:100].partition(".")
    try:
        is_right = primitives.is_equal(base64url.decode(proof), _sign(token, minute))
    except ValueError:
        return None
    return datetime.fromtimestamp(int(minute) * 60, UTC) if is_right else None


def _sign(token: str, minute: str) -> bytes:
    return primitives.mac(server_keys.operational_key(), LABELS["activity stamp"], token.encode(), minute.encode())
