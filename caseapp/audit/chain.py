"""Hash chains of audit rows, and the signed note with the end of every chain.

leaf = SHA-256("audit-leaf/1" | org 16 | chain 16 | seq u64 | prev 32 | minute u32 | kid 8 | sealed)
A checkpoint is text in the format of C2SP signed-note: lines, an empty line, one signature line.
"""

import base64
import struct
from dataclasses import dataclass
from uuid import UUID

from caseapp.vault.core import hybrid, primitives
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import OpenFailed

START = bytes(32)
ORIGIN = "caseapp audit 1"
_HEAD = struct.Struct(">16s16sQ32sI8s")


def compute_leaf(org: UUID, chain: UUID, seq: int, prev: bytes, minute: int, kid: bytes, sealed: bytes) -> bytes:
    """Return the hash of this row, which the next row of the chain carries as `prev`."""
    return primitives.digest(LABELS["audit leaf"] + _HEAD.pack(org.bytes, chain.bytes, seq, prev, minute, kid) + sealed)


@dataclass(frozen=True)
class ChainPosition:
    """End of a chain at some time: the number and leaf of its last row."""

    chain: UUID
    seq: int
    leaf: bytes


@dataclass(frozen=True)
class Checkpoint:
    """Ends of all chains of an office at a minute, with the SHA-256 of the previous checkpoint."""

    org: UUID
    number: int
    minute: int
    previous_hash: bytes
    positions: tuple[ChainPosition, ...]


def sign_checkpoint(checkpoint: Checkpoint, private: bytes) -> str:
    """Return the checkpoint as a signed note."""
    return sign_note(_checkpoint_text(checkpoint), private)


def sign_note(body: str, private: bytes) -> str:
    """Return a signed note. `body`: lines, the first of which says what the note is, each with its line end."""
    signature = hybrid.sign(private, body.encode())
    signer = hybrid.signer_id(hybrid.derive_verify_key(private))
    return f"{body}\n— caseapp {base64.b64encode(signer + signature).decode()}\n"


def open_note(note: str, public: bytes) -> list[str]:
    """Return the lines of a signed note. Raises OpenFailed or ValueError if it is not signed by this key."""
    body, _, last = note.partition("\n\n")
    body += "\n"
    signed = base64.b64decode(last.removeprefix("— caseapp ").strip(), validate=True)
    hybrid.verify(public, signed[8:], body.encode())
    return body.splitlines()


def read_note(note: str, public: bytes) -> Checkpoint:
    """Return the checkpoint of a note. Raises OpenFailed if it is not signed by this key or not a checkpoint."""
    try:
        origin, org, number, minute, before, *lines = open_note(note, public)
        if origin != ORIGIN:
            raise ValueError(origin)
        stands = tuple(_parse_position(line) for line in lines)
        return Checkpoint(UUID(hex=org), int(number), int(minute), bytes.fromhex(before), stands)
    except (ValueError, OpenFailed):
        raise OpenFailed("a checkpoint is not what this server signed") from None


def hash_note(note: str) -> bytes:
    """Return the SHA-256 of a note, which the next checkpoint carries."""
    return primitives.digest(note.encode())


def _checkpoint_text(checkpoint: Checkpoint) -> str:
    lines = [ORIGIN, checkpoint.org.hex, str(checkpoint.number), str(checkpoint.minute), checkpoint.previous_hash.hex()]
    lines += [f"{stand.chain.hex} {stand.seq} {stand.leaf.hex()}" for stand in checkpoint.positions]
    return "\n".join(lines) + "\n"


def _parse_position(line: str) -> ChainPosition:
    chain, seq, leaf_ = line.split(" ")
    return ChainPosition(UUID(hex=chain), int(seq), bytes.fromhex(leaf_))
