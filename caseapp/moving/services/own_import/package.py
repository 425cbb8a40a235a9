"""An exported archive as the import reads it: checked against its manifest, opened file by file, never on a disk."""

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any
from uuid import UUID
from zipfile import BadZipFile, ZipFile

import msgspec
from django.utils.translation import gettext_noop

from caseapp.lib.errors import Refused
from caseapp.moving.services.exporting.client_file import FOR_PROGRAMS, FORMAT, MANIFEST, PEOPLE, RECORDS
from caseapp.moving.services.exporting.office_archive import MEMBERS, OFFICE

TEXT_LIMIT = 200 * 2**20  # bytes of one file that is read whole: the lines of a case, the manifest
PIECE = 1 << 20
NO_ARCHIVE = gettext_noop("This is no archive that Caseapp exported, or it broke off. Export it again.")
NEWER_ARCHIVE = gettext_noop("A newer version of Caseapp made this archive. Upgrade this office first.")
ENCRYPTED = gettext_noop(
    "This archive is encrypted. Decrypt it with age on your computer, as its sheet says, and upload the zip file in it."
)
# What Python's reader raises for archives that are damaged, cut, locked or packed in a way that it does not know.
BROKEN = (KeyError, BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)
AGE = b"age-encryption.org/"  # the first bytes of what age encrypted
CHANGED = gettext_noop("A file of this archive is not what was exported. Nothing was imported. Export it again.")


class ListedFile(msgspec.Struct, frozen=True):
    """A file of the manifest."""

    path: str
    size: int
    sha256: str


class CaseFacts(msgspec.Struct, frozen=True):
    """A case of the manifest. `folder` is where its files are: empty in the archive of one case."""

    id: UUID
    ref: str
    folder: str
    records: int
    documents: int


class ExportManifest(msgspec.Struct, frozen=True):
    """The manifest, as far as the import uses it."""

    format: str
    made_at: str
    kind: str
    cases: tuple[CaseFacts, ...]
    files: tuple[ListedFile, ...]
    not_whole: tuple[str, ...] = ()
    cases_not_opened: int = 0


class PackageLine(msgspec.Struct, frozen=True):
    """A line of records."""

    kind: str
    schema: int
    id: UUID
    version: int
    record: dict[str, Any]


class ListedMember(msgspec.Struct, frozen=True):
    """A member of the office that exported."""

    id: UUID
    name: str


@dataclass(frozen=True)
class Package:
    """An open archive. `members` are those of the office that exported it, by id."""

    archive: ZipFile = field(repr=False)
    manifest: ExportManifest = field(repr=False)
    members: dict[UUID, str] = field(repr=False)

    def lines_of(self, case: CaseFacts) -> list[PackageLine]:
        """Return the records of a case. Raises Refused(code="archive")."""
        content = self._read_text(f"{case.folder}{FOR_PROGRAMS}/{RECORDS}")
        try:
            return [msgspec.json.decode(line, type=PackageLine) for line in content.splitlines()]
        except msgspec.MsgspecError as exc:
            raise Refused("archive", NO_ARCHIVE) from exc

    def office(self) -> dict[str, Any]:
        """Return the settings of the office; nothing in the archive of one case."""
        if self.manifest.kind != "office":
            return {}
        content: dict[str, Any] = msgspec.json.decode(self._read_text(OFFICE))
        return content

    def pieces_of(self, path: str) -> Iterator[bytes]:
        """Yield a document. Raises Refused(code="archive") for one that is not in the archive or does not read."""
        try:
            with self.archive.open(path) as file:
                while piece := file.read(PIECE):
                    yield piece
        except BROKEN as exc:
            raise Refused("archive", NO_ARCHIVE) from exc

    def check_sums(self) -> None:
        """Read every file once and compare it with the manifest. Raises Refused(code="archive" or "changed")."""
        at = 0
        while at < len(self.manifest.files):
            at = self.check_next_sums(at)

    def check_next_sums(self, start: int, at_least: int = 8 * PIECE) -> int:
        """Compare files from one number on, until some bytes were read, and return the next number. Raises Refused."""
        read = 0
        for number, listed in enumerate(self.manifest.files[start:], start):
            sha, size = hashlib.sha256(), 0
            for piece in self.pieces_of(listed.path):
                sha.update(piece)
                size += len(piece)
                if size > listed.size:
                    break
            if (size, sha.hexdigest()) != (listed.size, listed.sha256):
                raise Refused("changed", CHANGED)
            read += size + PIECE // 64
            if read >= at_least:
                return number + 1
        return len(self.manifest.files)

    def _read_text(self, path: str) -> bytes:
        return _read_text(self.archive, path)


def looks_like_archive(start: bytes) -> bool:
    """Return whether a file begins as a zip archive, or as one that age encrypted."""
    return start.startswith((b"PK\x03\x04", AGE))


def is_package(file: IO[bytes]) -> bool:
    """Return whether a file is an archive that Caseapp exported. Raises Refused(code="encrypted") for a closed one."""
    start = file.read(len(AGE))
    file.seek(0)
    if start == AGE:
        raise Refused("encrypted", ENCRYPTED)
    try:
        names = ZipFile(file).namelist()
    except BROKEN:
        return False
    if any(name.endswith(".zip.age") for name in names):
        raise Refused("encrypted", ENCRYPTED)
    return MANIFEST in names


def open_package(file: IO[bytes]) -> Package:
    """Open an exported archive. Raises Refused(code="archive" or "newer") for anything else."""
    try:
        archive = ZipFile(file)
        manifest = msgspec.json.decode(_read_text(archive, MANIFEST), type=ExportManifest)
        if manifest.format != FORMAT:
            raise Refused("newer", NEWER_ARCHIVE)
        people = f"{FOR_PROGRAMS}/{PEOPLE}" if manifest.kind == "case" else MEMBERS
        listed = msgspec.json.decode(_read_text(archive, people), type=tuple[ListedMember, ...])
    except (*BROKEN, msgspec.MsgspecError) as exc:
        raise Refused("archive", NO_ARCHIVE) from exc
    return Package(archive, manifest, {member.id: member.name for member in listed})


def _read_text(archive: ZipFile, path: str) -> bytes:
    """Return a file that is read whole. Its size is checked while it is read: what the archive says may be wrong."""
    try:
        with archive.open(path) as file:
            content = file.read(TEXT_LIMIT + 1)
    except BROKEN as exc:
        raise Refused("archive", NO_ARCHIVE) from exc
    if len(content) > TEXT_LIMIT:
        raise Refused("archive", NO_ARCHIVE)
    return content
