"""The minute of a session's last activity, signed, in a cookie of its own.

The session's row is touched every five minutes at most, because a thief sees when rows are written (L6). With the row
alone an idle session would lock up to five minutes late; the stamp, which the browser keeps, is renewed each minute.

After its end the stamp proves that a session was in use lately, though its row is gone: the front then lets the long
text through that a page of that session still sends. A sign-out leaves the day of it, signed, for the other tabs.
"""

from datetime import UTC, datetime, timedelta

from caseapp.lib import base64url
from caseapp.vault import server_keys
from caseapp.vault.core import primitives
from caseapp.vault.core.labels import LABELS

EVERY = timedelta(minutes=1)
KEPT_AFTER_END = timedelta(days=7)  # a page may stay open over a weekend; drafts are kept as long


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


def make_end_mark(now: datetime) -> str:
    """Return the mark that a browser keeps of the day on which it signed out: the same for all of that day."""
    return make_stamp("", now.astimezone(UTC).replace(hour=0, minute=0))


def had_session_lately(token: str, stamp: str, end_mark: str, now: datetime) -> bool:
    """Return whether a browser with these cookies had a session within the last days, though it has none now."""
    moments = (read_stamp(token, stamp) if token else None, read_stamp("", end_mark))
    return any(moment is not None and now - moment <= KEPT_AFTER_END for moment in moments)


def _sign(token: str, minute: str) -> bytes:
    return primitives.mac(server_keys.operational_key(), LABELS["activity stamp"], token.encode(), minute.encode())
