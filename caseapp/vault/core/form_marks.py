"""One-time marks of forms: the id of the row of a sent form, and where its answer led, sealed to its member.

mark    : 16 random bytes in a hidden field of the form
row     = HMAC(key of the ids, "form-row/1" | length of path u16 | path | mark)[:16]: no other party knows whose it is
content = HMAC(key of the ids, "form-content/1" | what was sent)[:16]: tells the same form from a changed one
ANSWER  : small blob "form/1" under the bundle key, ids = org, row, padded to 256 bytes: content 16 | path of the answer
key of the ids = HKDF-Expand(bundle key, "form-ids/1")
"""

from dataclasses import dataclass, field
from uuid import UUID

from caseapp.lib import base64url
from caseapp.vault.core import blob, primitives
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import UnknownFormat

STEP = 256  # bytes of padded content: one size for all rows
MAX_PATH = STEP - 4 - 16  # bytes; the length prefix takes 4
_LENGTH = 16  # bytes of a mark, and of a content's HMAC


@dataclass(frozen=True)
class FormAnswer:
    """The content of a form that was saved, and the path that its answer led to."""

    content: bytes = field(repr=False)
    path: str = field(repr=False)


def new_mark() -> str:
    """Return a fresh mark for one form of one page."""
    return base64url.encode(primitives.random_bytes(_LENGTH))


def parse_mark(text: str) -> bytes | None:
    """Return the bytes of a mark, or None for a text that is none."""
    try:
        mark = base64url.decode(text)
    except ValueError:
        return None
    return mark if len(mark) == _LENGTH else None


def row_id_of(bundle_key: bytes, path: str, mark: bytes) -> UUID:
    """Return the id of the row of a form that its member sent to `path`."""
    sent_to = path.encode()
    parts = len(sent_to).to_bytes(2, "big") + sent_to + mark
    return UUID(bytes=primitives.mac(_ids_key(bundle_key), LABELS["form row"], parts)[:16])


def content_mac(bundle_key: bytes, content: bytes) -> bytes:
    """Return what tells this content from another one; without the member's key it says nothing."""
    return primitives.mac(_ids_key(bundle_key), LABELS["form content"], content)[:_LENGTH]


def seal_answer(bundle_key: bytes, org: UUID, row: UUID, answer: FormAnswer) -> bytes:
    """Seal the answer to its member. A path that is too long for one size becomes the first page."""
    path = answer.path.encode()
    plain = answer.content + (path if len(path) <= MAX_PATH else b"/")
    return blob.seal_blob(bundle_key, LABELS["sent form"], (org, row), plain, step=STEP)


def open_answer(bundle_key: bytes, org: UUID, row: UUID, sealed: bytes) -> FormAnswer:
    """Return the answer sealed for this row. Raises UnknownFormat, OpenFailed."""
    plain = blob.open_blob(bundle_key, LABELS["sent form"], (org, row), sealed, step=STEP)
    if len(plain) < _LENGTH:
        raise UnknownFormat("answer of a form without its content")
    return FormAnswer(plain[:_LENGTH], plain[_LENGTH:].decode())


def _ids_key(bundle_key: bytes) -> bytes:
    return primitives.expand(bundle_key, LABELS["form ids"])
