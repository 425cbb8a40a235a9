"""Files of a backup: sealed to the offline key before they leave the machine, in one pass and in little memory.

BACKUP FILE : "caseapp-backup/1" 16 | run 16 | wrapped run key (WRAP-H) | Cobblestone-256 stream
run key     = random, made for one run, in memory only; sealed once to the offline public key with
              info = "backup/1" | installation 16 | run 16, the same bytes in every file of the run
file key    = HKDF-Expand(run key, "backup/1" | SHA-256(name))
context     = "backup/1" | installation 16 | run 16 | SHA-256(name)

The name of a file is bound to its content: no file can take the place of another one, of another run or of another
installation. The plaintext says where it ends (`stream` contents are framed), so zeros may follow it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag

from caseapp.vault.core import files, hybrid, primitives
from caseapp.vault.core.files import Readable
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import OpenFailed, UnknownFormat

MAGIC = LABELS["backup file"]
ID_LENGTH = 16  # bytes of the ids of runs and installations
STEP = 1024 * 1024  # bytes read and yielded at once
_WRAPPED = hybrid.WRAPPED_KEY[hybrid.HYBRID]
_HEADER = len(MAGIC) + ID_LENGTH + _WRAPPED


@dataclass(frozen=True)
class RunKey:
    """The key of one backup run, and its bytes sealed to the offline key."""

    installation: bytes
    run: bytes
    key: bytes = field(repr=False)
    wrapped: bytes = field(repr=False)


def new_run_key(public: bytes, installation: bytes, run: bytes) -> RunKey:
    """Return a fresh key for a run, sealed to the offline public key. Raises UnknownFormat, OpenFailed."""
    key = primitives.new_key()
    return RunKey(installation, run, key, hybrid.seal_to(public, key, _hpke_info(installation, run)))


class FileSealer:
    """Sealer of one file. Write the result of `start`, of each `update`, and of `finish`."""

    def __init__(self, run_key: RunKey, name: str) -> None:
        self._run_key = run_key
        self._encryptor = Cobblestone256Encryptor(
            _file_key(run_key.key, name), _context(run_key.installation, run_key.run, name)
        )
        self._size = 0

    def start(self) -> bytes:
        """Return the header."""
        return MAGIC + self._run_key.run + self._run_key.wrapped

    def update(self, content: bytes) -> bytes:
        """Seal a piece, best of 1 MiB. Return the sealed bytes that are ready."""
        self._size += len(content)
        return self._encryptor.update(content)

    def finish(self, *, padded: bool) -> bytes:
        """Return the rest. `padded`: zeros hide the exact length, at most 12 % more (Padme)."""
        zeros = b""
        if padded:
            zeros = self._encryptor.update(bytes(files.padme(self._size) - self._size))
        return zeros + self._encryptor.finalize()


class FileOpener:
    """Opener of the files of one installation with the offline private key. It opens the key of each run once."""

    def __init__(self, private: bytes, installation: bytes) -> None:
        self._private = private
        self._installation = installation
        self._run_keys: dict[bytes, bytes] = {}

    def open_stream(self, source: Readable, name: str) -> Iterator[bytes]:
        """Yield the plaintext in pieces of up to 1 MiB, with the zeros that hide its length.

        Raises UnknownFormat; OpenFailed, possibly after some pieces, for a wrong key, a changed or a cut file: the
        caller must then discard all of them.
        """
        header = read_exactly(source, _HEADER)
        if header[: len(MAGIC)] != MAGIC:
            raise UnknownFormat(f"{name}: not a file of a backup")
        run = header[len(MAGIC) : len(MAGIC) + ID_LENGTH]
        key = self._open_run_key(run, header[len(MAGIC) + ID_LENGTH :])
        decryptor = Cobblestone256Decryptor(_file_key(key, name), _context(self._installation, run, name))
        try:
            while piece := source.read(STEP):
                if plain := decryptor.update(piece):
                    yield plain
            yield decryptor.finalize()
        except (InvalidTag, ValueError) as exc:
            raise OpenFailed(f"{name}: wrong key, altered or cut") from exc

    def _open_run_key(self, run: bytes, wrapped: bytes) -> bytes:
        known = self._run_keys.get(wrapped)
        if known is None:
            known = hybrid.open_from(self._private, wrapped, _hpke_info(self._installation, run))
            self._run_keys[wrapped] = known
        return known


def sign_manifest(private: bytes, line: bytes) -> bytes:
    """Return the server's signature over the manifest of a run."""
    return hybrid.sign(private, LABELS["backup manifest"] + line)


def verify_manifest(public: bytes, signature: bytes, line: bytes) -> None:
    """Check the signature over the manifest of a run. Raises OpenFailed."""
    hybrid.verify(public, signature, LABELS["backup manifest"] + line)


def read_exactly(source: Readable, count: int) -> bytes:
    """Return exactly `count` bytes. Raises OpenFailed when the source ends before."""
    content = b""
    while len(content) < count:
        piece = source.read(count - len(content))
        if not piece:
            raise OpenFailed("a file of a backup is cut short")
        content += piece
    return content


def _file_key(run_key: bytes, name: str) -> bytes:
    return primitives.expand(run_key, LABELS["backup"] + primitives.digest(name.encode()))


def _context(installation: bytes, run: bytes, name: str) -> bytes:
    return LABELS["backup"] + installation + run + primitives.digest(name.encode())


def _hpke_info(installation: bytes, run: bytes) -> bytes:
    return LABELS["backup"] + installation + run
