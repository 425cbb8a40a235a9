"""The office's recovery: how it stands, a new set, a test opening."""

from django.http import HttpResponse


def as_file(content: bytes, name: str) -> HttpResponse:
    """A file to keep, with a name that tells nothing."""
    response = HttpResponse(content, content_type="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.json"'
    return response
