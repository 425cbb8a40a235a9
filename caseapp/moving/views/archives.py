"""Archives as answers: sent while they are made."""

from itertools import chain
from typing import Any, cast

from django.http import StreamingHttpResponse

from caseapp.moving.forms.exports import PHRASE, RECIPIENT
from caseapp.moving.pages.closed_archives import ClosedArchive

MEDIA_TYPES = {"zip": "application/zip", "age": "application/octet-stream"}


def chosen_lock(fields: dict[str, Any]) -> dict[str, str]:
    """Return what `close_archive` needs for the choice of an `ArchiveForm`."""
    if fields["closed_with"] == RECIPIENT:
        return {"recipient": fields["recipient"]}
    return {"phrase": fields["words"]} if fields["closed_with"] == PHRASE else {}


def archive_response(archive: ClosedArchive) -> StreamingHttpResponse:
    """Return a streaming answer whose first piece is made already: what fails at the start gives an error page."""
    first = next(archive.pieces, b"")
    media_type = MEDIA_TYPES[archive.name.rpartition(".")[2]]
    response = StreamingHttpResponse(chain((first,), archive.pieces), content_type=media_type)
    cast(Any, response)._resource_closers.append(archive.pieces.close)  # a reader who goes away ends the generators
    response.headers["Content-Disposition"] = f'attachment; filename="{archive.name}"'
    return response
