"""Forms of cases, people, notes, tasks and what arrived. They turn text into values and know nothing of the request."""

from typing import Any

from django import forms

LINE = 200  # characters of one line of text
TEXT = 5_000  # characters of a longer field
STORY = 50_000  # characters, as long as a note may be


def lines_of(text: str) -> tuple[str, ...]:
    """One entry a line (or between commas)."""
    return tuple(part.strip() for line in text.splitlines() for part in line.split(",") if part.strip())


def rows_of(text: str) -> tuple[str, ...]:
    """One entry a line: a name may hold a comma."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def long_text(
    label: Any, *, required: bool = False, help_text: Any = "", tall: bool = False, limit: int | None = TEXT
) -> forms.CharField:
    """A box of several lines; `limit` in characters, None where casework itself says it."""
    widget = forms.Textarea({"class": "tall" if tall else "", "dir": "auto"})
    return forms.CharField(label=label, required=required, help_text=help_text, widget=widget, max_length=limit)
