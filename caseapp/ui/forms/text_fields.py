"""Text fields of forms, and the parsing of their lists."""

from typing import Any

from django import forms

LINE_LIMIT = 200  # characters in one line of text
TEXT_LIMIT = 5_000  # characters in a field of several lines
STORY_LIMIT = 50_000  # characters in a note


def split_entries(text: str) -> tuple[str, ...]:
    """Return the entries of a list, separated by line breaks or commas."""
    return tuple(part.strip() for line in text.splitlines() for part in line.split(",") if part.strip())


def split_lines(text: str) -> tuple[str, ...]:
    """Return one entry for each line: a name may contain a comma."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def long_text_field(
    label: Any,
    *,
    required: bool = False,
    missing: Any = "",
    help_text: Any = "",
    tall: bool = False,
    limit: int | None = TEXT_LIMIT,
) -> forms.CharField:
    """Return a field of several lines.

    missing  the sentence shown when a required field is empty
    limit    characters, None if the service checks the length
    """
    widget = forms.Textarea({"class": "tall" if tall else "", "dir": "auto"})
    sentences = {"required": missing} if missing else None
    return forms.CharField(
        label=label,
        required=required,
        help_text=help_text,
        widget=widget,
        max_length=limit,
        error_messages=sentences,
    )
