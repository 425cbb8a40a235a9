"""`caseapp bench files`: sealing next to raw AES-GCM, and storing a whole file next to copying and hashing it.

Both in pieces of 1 MiB from memory, as uploads arrive. Sealing is measured in processor time of its one thread;
storing in elapsed time, for it hashes in a second thread, and both sides sync the file to the same disk. What was
stored is read back: a file that is not what was given raises WrongFile. Starts a server of its own.
"""

import gc
import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from caseapp.casefile.file_storage import VERSION, BlobWriter, OpenDocument, blob_path
from caseapp.lib import clock
from caseapp.records.document import FileVersion
from caseapp.tools.bench.deadlines import rate_figure
from caseapp.tools.bench.large_office import office
from caseapp.vault.core import files, primitives

MEGABYTES = 64
ROUNDS = 9
PIECE = 1024 * 1024
SEALING_GOAL = 0.9


class WrongFile(RuntimeError):
    """What was sealed or stored does not open as what was given."""


def run() -> list[dict[str, object]]:
    """Measure both sides in turn and return the figures. Raises WrongFile."""
    content = os.urandom(MEGABYTES * PIECE)
    org = office.found_office(1).staff.org_id
    check_sealing(content[: 3 * PIECE + 5])
    sealing, raw = measure_in_turn(lambda: seal(content), lambda: encrypt_raw(content), time.process_time)
    stored, copied = measure_in_turn(
        lambda: store(BlobWriter(org), content), lambda: copy_and_hash(content), time.perf_counter
    )
    return [
        rate_figure(
            "sealing from memory", MEGABYTES, sealing, raw, goal=SEALING_GOAL, unit="MB/s", peer_name="raw AES-GCM"
        ),
        rate_figure(
            "sealing, hashing and storing a file of 64 MB",
            MEGABYTES,
            stored,
            copied,
            goal=None,
            unit="MB/s",
            peer_name="copying and hashing it, without sealing",
        ),
    ]


def seal(content: bytes) -> None:
    """Seal the content in memory, and keep nothing."""
    sealer, view = files.Sealer(bytes(32), b"bench"), memoryview(content)
    for start in range(0, len(content), PIECE):
        for _ in sealer.seal_pieces(view[start : start + PIECE]):
            pass
    sealer.finish(len(content))


def encrypt_raw(content: bytes) -> None:
    """Encrypt the content as a script without our format would: AES-256-GCM, one nonce a piece."""
    cipher, view = AESGCM(bytes(32)), memoryview(content)
    for start in range(0, len(content), PIECE):
        cipher.encrypt(start.to_bytes(12, "big"), view[start : start + PIECE], None)


def check_sealing(content: bytes) -> None:
    """Raise WrongFile when the content does not open from what the sealer yields."""
    key, sealed = primitives.new_key(), bytearray()
    sealer = files.Sealer(key, b"bench")
    for start in range(0, len(content), PIECE):
        for ready in sealer.seal_pieces(content[start : start + PIECE]):
            sealed += ready
    sealed += sealer.finish()
    path = Path(settings.BLOBS) / "checked"
    path.write_bytes(sealed)
    with path.open("rb") as source:
        opened = b"".join(files.open_stream(source, key, b"bench", size=len(content), padded=sealer.padded))
    path.unlink()
    if opened != content:
        raise WrongFile("sealing: what opens is not what was sealed")


def store(writer: BlobWriter, content: bytes) -> Callable[[], None]:
    """Store the content as an upload. Return its check, which also removes it."""
    view = memoryview(content)
    for start in range(0, len(content), PIECE):
        writer.write(view[start : start + PIECE].tobytes())  # an upload arrives in pieces of its own
    blob = writer.finish()

    def check() -> None:
        file = FileVersion(
            blob=blob.id,
            version=VERSION,
            key=blob.key,
            size=blob.size,
            padded=blob.padded,
            chunks=blob.chunks,
            sha256=blob.sha256,
            name="bench",
            media_type="",
            added_at=clock.now(),
            added_by=writer.org_id,
        )
        digest = hashlib.sha256()
        for piece in OpenDocument(writer.org_id, file).stream_verified():
            digest.update(piece)
        if digest.digest() != hashlib.sha256(content).digest():
            raise WrongFile("storing: what opens is not what was stored")
        blob_path(blob.id).unlink()

    return check


def copy_and_hash(content: bytes) -> Callable[[], None]:
    """Write the content in plaintext next to the sealed files, hashed and synced. Return what removes it."""
    path, digest, view = Path(settings.BLOBS) / uuid4().hex, hashlib.sha256(), memoryview(content)
    with path.open("xb") as out:
        for start in range(0, len(content), PIECE):
            piece = view[start : start + PIECE].tobytes()
            digest.update(piece)
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())
    return path.unlink


def measure_in_turn(
    ours: Callable[[], Callable[[], None] | None],
    peer: Callable[[], Callable[[], None] | None],
    read_clock: Callable[[], float],
) -> tuple[list[float], list[float]]:
    """Return the seconds of each side, in turn after one turn that does not count; their checks are not timed."""
    spent: tuple[list[float], list[float]] = ([], [])
    for number in range(ROUNDS + 1):
        for index, side in enumerate((ours, peer)):
            gc.collect()
            began = read_clock()
            check = side()
            seconds = read_clock() - began
            if check is not None:
                check()
            if number:
                spent[index].append(seconds)
    return spent
