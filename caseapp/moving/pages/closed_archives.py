"""Archives as they leave: plain, encrypted to a public key, or encrypted with six words, and what they are called."""

import datetime as dt
from collections.abc import Generator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from caseapp.moving.services.exporting import age
from caseapp.moving.services.exporting.zip_stream import ArchiveFile, ZipStream


@dataclass(frozen=True)
class ClosedArchive:
    """An archive under its file name, which names no person."""

    name: str
    pieces: Generator[bytes] = field(repr=False)


def close_archive(
    pieces: Generator[bytes], stem: str, at: dt.datetime, *, recipient: str = "", phrase: str = ""
) -> ClosedArchive:
    """Return the archive encrypted to a public key or with six words; without either it stays plain."""
    if recipient:
        return ClosedArchive(f"{stem}.zip.age", age.encrypt(pieces, recipient))
    if phrase:
        return ClosedArchive(f"{stem}-encrypted.zip", _phrase_archive(pieces, stem, phrase, at))
    return ClosedArchive(f"{stem}.zip", pieces)


def _phrase_archive(pieces: Generator[bytes], stem: str, phrase: str, at: dt.datetime) -> Generator[bytes]:
    """Return an outer archive: the encrypted one, its key under the phrase, and how to open them.

    age encrypts to a phrase only what is in memory, and an archive may be larger; so the phrase opens a key.
    """
    lock = age.lock_with_phrase(phrase)
    inner, key, sheet = f"{stem}.zip.age", f"{stem}.key.age", _("Read me first")
    how = (
        _("This file is encrypted. It opens with the six words that were given with it."),
        _("Install the free program age (age-encryption.org), open a terminal in this folder, and type:"),
        "",
        f"age --decrypt --identity {key} --output {stem}.zip {inner}",
        "",
        _("It asks for the six words: type them with one space between them, in small letters."),
    )
    files = (
        ArchiveFile(f"{sheet}.txt", ["\n".join(how).encode()]),
        ArchiveFile(key, [lock.identity], is_compressed=False),
        ArchiveFile(inner, age.encrypt(pieces, lock.recipient), is_compressed=False),
    )
    return ZipStream(at).stream(files)
