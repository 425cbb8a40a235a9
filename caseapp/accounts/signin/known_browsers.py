"""Browsers an account signed in with before, so that a stranger's guesses never slow down the member.

The cookie is random bytes and an HMAC of the member and them under the operational key; nothing is stored on the
server. It opens nothing: it only has its own bucket of tries. A browser keeps the newest few, for people who share one.
"""

import re
from uuid import UUID

from caseapp.lib import base64url
from caseapp.vault import server_keys
from caseapp.vault.core import primitives
from caseapp.vault.core.labels import LABELS

MAX_MEMBERS = 4  # most members a browser's cookie remembers
_RANDOM, _MAC = 12, 16  # bytes
_MARK = re.compile(r"[A-Za-z0-9_-]{38}")

BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)


def find_mark(member_id: UUID, cookie: str) -> bytes:
    """Return the mark of this member in the browser's cookie, or nothing when the browser is new to them."""
    for mark in _parse_marks(cookie):
        raw = base64url.decode(mark)
        if primitives.is_equal(raw[_RANDOM:], _mark_mac(member_id, raw[:_RANDOM])):
            return raw
    return b""


def remember_member(member_id: UUID, cookie: str) -> str:
    """Return the cookie's next value: a fresh mark of this member first, then those of others."""
    random = primitives.random_bytes(_RANDOM)
    fresh = base64url.encode(random + _mark_mac(member_id, random))
    mine = find_mark(member_id, cookie)
    others = [mark for mark in _parse_marks(cookie) if base64url.decode(mark) != mine]
    return ".".join([fresh, *others][:MAX_MEMBERS])


def device_name(agent: str) -> str:
    """Return a short device name like `Firefox · Windows` from a User-Agent, to tell a member's devices apart."""
    browser = next((name for sign, name in BROWSERS if sign in agent), "")
    system = next((name for sign, name in SYSTEMS if sign in agent), "")
    return " · ".join(part for part in (browser, system) if part)


def _parse_marks(cookie: str) -> list[str]:
    return [mark for mark in cookie[:400].split(".")[:MAX_MEMBERS] if _MARK.fullmatch(mark)]


def _mark_mac(member_id: UUID, random: bytes) -> bytes:
    return primitives.mac(server_keys.operational_key(), LABELS["known browser"], member_id.bytes, random)[:_MAC]
