"""Text of a form that could not be saved, kept so that the error page can return it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError

# Secrets are never returned in a page. A new secret field must use one of these names.
SECRET_FIELDS = {"csrfmiddlewaretoken", "passphrase", "words", "again", "typed", "code", "proof"}
# Not typed by the user: sent again as hidden fields.
HIDDEN_FIELDS = {"next", "version", "covered", "draft_id", "form_mark"}
# What reading a body raises that is too large, malformed or cut off.
UNREADABLE = (RequestDataTooBig, SuspiciousOperation, UnreadablePostError, MultiPartParserError, OSError)
UUID_PATTERN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, repr=False)
class PreservedField:
    """One value as typed. `kind` is hidden, line or text."""

    name: str
    label: str
    value: str
    kind: str


@dataclass(frozen=True, repr=False)
class PreservedForm:
    """Form to send again: same address, same values. Files are not kept; `files` names their fields."""

    action: str
    fields: tuple[PreservedField, ...]
    files: tuple[str, ...]

    @property
    def is_multipart(self) -> bool:
        """Return True if the form had files."""
        return bool(self.files)


def posted_text(request: HttpRequest, name: str) -> str:
    """Return a posted value; "" if there is none, or if the body cannot be read."""
    try:
        return request.POST.get(name, "") if request.method == "POST" else ""
    except UNREADABLE:
        return ""


def preserved_form_of(
    request: HttpRequest, *, version: int | None = None, draft_id: str = "", mark: str = ""
) -> PreservedForm | None:
    """Return the form of this POST, or None if it is empty or was not sent from one of our pages.

    version   replaces the form's `version`, so that "Keep mine" overwrites what another user saved
    draft_id  names the draft that the text was stored in, so that it goes when the form is sent again
    mark      replaces the form's one-time mark, so that a form that was saved is saved once more
    """
    if request.method != "POST" or not _is_from_us(request):
        return None
    try:
        fields = tuple(_preserved_fields(request, version))
        for name, value in (("draft_id", draft_id), ("form_mark", mark)):
            if value:
                others = tuple(field for field in fields if field.name != name)
                fields = (*others, PreservedField(name, "", value, "hidden"))
        files = tuple(request.FILES)
    except UNREADABLE:
        return None
    seen = any(field.kind != "hidden" and field.value for field in fields)
    return PreservedForm(request.get_full_path(), fields, files) if seen or files else None


def _preserved_fields(request: HttpRequest, version: int | None) -> Iterator[PreservedField]:
    for name, values in request.POST.lists():
        if name.rpartition("-")[2] in SECRET_FIELDS:
            continue
        for typed in values:
            value = str(version) if name == "version" and version is not None else str(typed)
            yield build_field(name, value)


def build_field(name: str, value: str) -> PreservedField:
    """Return one value with its label, hidden if it was not typed."""
    return PreservedField(name, _field_label(name), value, _field_kind(name, value))


def _field_kind(name: str, value: str) -> str:
    if name.rpartition("-")[2] in HIDDEN_FIELDS or UUID_PATTERN.fullmatch(value) or not value:
        return "hidden"
    return "text" if len(value) > 60 or "\n" in value else "line"


def _field_label(name: str) -> str:
    words = re.sub(r"[_-]+", " ", name).strip()
    return words[:1].upper() + words[1:]


def _is_from_us(request: HttpRequest) -> bool:
    """Return True if the request was sent from one of our pages.

    Another site must not get its text into one of our forms, next to a fresh token.
    """
    origin = request.headers.get("Origin")
    if origin is not None:
        return origin == f"{request.scheme}://{request.get_host()}"
    return request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
