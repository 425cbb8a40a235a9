"""Browsers an account signed in with before, so that a stranger's guesses never slow down the person themselves.

The cookie is random bytes and an HMAC of the member and them under the operational key; nothing is stored here. It
opens nothing: it only has its own bucket of tries. A browser keeps the newest few, for people who share one.
"""

import base64
import re
from uuid import UUID

from caseapp.vault import server_keys
from caseapp.vault.core import primitives

KEPT = 4  # members a browser
_RANDOM, _MAC = 12, 16  # bytes
_MARK = re.compile(r"[A-Za-z0-9_-]{38}")

BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "Mac"),
    ("CrOS", "Chromebook"), ("Linux", "Linux"),
)  # fmt: skip


def mark_for(member_id: UUID, cookie: str) -> bytes:
    """The mark of this member in the browser's cookie, or nothing when it is not known here."""
    for mark in _marks(cookie):
        raw = base64.urlsafe_b64decode(mark + "==")
        if primitives.same(raw[_RANDOM:], _mac(member_id, raw[:_RANDOM])):
            return raw
    return b""


def remembered(member_id: UUID, cookie: str) -> str:
    """The cookie's value from now on: a fresh mark of this member first, others' after it."""
    random = primitives.random_bytes(_RANDOM)
    fresh = base64.urlsafe_b64encode(random + _mac(member_id, random)).rstrip(b"=").decode("ascii")
    mine = mark_for(member_id, cookie)
    others = [mark for mark in _marks(cookie) if base64.urlsafe_b64decode(mark + "==") != mine]
    return ".".join([fresh, *others][:KEPT])


def said(agent: str) -> str:
    """`Firefox on Windows` from a browser's own description: enough to know one's own devices apart."""
    browser = next((name for sign, name in BROWSERS if sign in agent), "")
    system = next((name for sign, name in SYSTEMS if sign in agent), "")
    return " · ".join(part for part in (browser, system) if part)


def _marks(cookie: str) -> list[str]:
    return [mark for mark in cookie[:400].split(".")[:KEPT] if _MARK.fullmatch(mark)]


def _mac(member_id: UUID, random: bytes) -> bytes:
    return primitives.mac(server_keys.operational_key(), b"device/1", member_id.bytes, random)[:_MAC]
