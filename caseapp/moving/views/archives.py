"""Archives as answers: sent while they are made, encrypted where that was chosen."""

import datetime as dt
from collections.abc import Generator
from itertools import chain
from typing import Any, cast

from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from caseapp.moving.forms.exports import PHRASE, RECIPIENT
from caseapp.moving.services.exporting import age
from caseapp.moving.services.exporting.zip_stream import ArchiveFile, ZipStream

ZIP, AGE = "application/zip", "application/octet-stream"


def archive_response(
    pieces: Generator[bytes], stem: str, chosen: dict[str, Any], at: dt.datetime
) -> StreamingHttpResponse:
    """Return the archive as an attachment. `stem` is its name without the ending: it must name no person."""
    if chosen["closed_with"] == RECIPIENT:
        return _attachment(age.encrypt(pieces, chosen["recipient"]), f"{stem}.zip.age", AGE)
    if chosen["closed_with"] == PHRASE:
        return _attachment(phrase_archive(pieces, stem, chosen["words"], at), f"{stem}-encrypted.zip", ZIP)
    return _attachment(pieces, f"{stem}.zip", ZIP)


def phrase_archive(pieces: Generator[bytes], stem: str, phrase: str, at: dt.datetime) -> Generator[bytes]:
    """Yield an outer archive: the encrypted one, its key under the phrase, and how to open them.

    age encrypts to a phrase only what is in memory, and an archive may be larger; so the phrase opens a key.
    """
    lock = age.lock_with_phrase(phrase)
    inner = f"{stem}.zip.age"
    key = f"{stem}.key.age"
    how = "\n".join(
        (
            _("This file is encrypted. It opens with the six words that were given with it."),
            _("Install the free program age (age-encryption.org), open a terminal in this folder, and type:"),
            "",
            f"age --decrypt --identity {key} --output {stem}.zip {inner}",
            "",
            _("It asks for the six words: type them with one space between them, in small letters."),
        )
    )
    sheet = _("Read me first")
    files = (
        ArchiveFile(f"{sheet}.txt", [how.encode()]),
        ArchiveFile(key, [lock.identity], is_compressed=False),
        ArchiveFile(inner, age.encrypt(pieces, lock.recipient), is_compressed=False),
    )
    return ZipStream(at).stream(files)


def _attachment(pieces: Generator[bytes], name: str, media_type: str) -> StreamingHttpResponse:
    """Return a streaming answer whose first piece is made already: what fails at the start gives an error page."""
    first = next(pieces, b"")
    response = StreamingHttpResponse(chain((first,), pieces), content_type=media_type)
    cast(Any, response)._resource_closers.append(pieces.close)  # a reader who goes away ends what makes the archive
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
