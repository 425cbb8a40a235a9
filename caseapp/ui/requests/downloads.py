"""Responses that download a file."""

from django.http import HttpResponse


def json_attachment(content: bytes, name: str) -> HttpResponse:
    """Return a JSON file as an attachment; choose a name that reveals nothing."""
    response = HttpResponse(content, content_type="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.json"'
    return response
