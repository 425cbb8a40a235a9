"""Form field for a date in three boxes."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils import dates, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

EARLIEST_YEAR, LATEST_YEAR = 1900, 2199
THE_DATE = gettext_lazy("the date")


def boxes_of(on: date | None) -> list[str]:
    """Return day, month and year as texts; three empty ones for no date."""
    return [str(on.day), str(on.month), str(on.year)] if on else ["", "", ""]


class DateBoxesWidget(forms.MultiWidget):
    """Widget with separate boxes for day, month and year, so that 8 and 12 cannot be confused."""

    template_name = "components/date-input.html"
    use_fieldset = True

    def __init__(self, attrs: Mapping[str, Any] | None = None) -> None:
        box = {"inputmode": "numeric", "autocomplete": "off", **(attrs or {})}
        super().__init__(
            widgets={
                "day": forms.TextInput({**box, "class": "box-2", "maxlength": "20"}),
                "month": forms.TextInput({**box, "class": "box-2", "maxlength": "20", "inputmode": "text"}),
                "year": forms.TextInput({**box, "class": "box-4", "maxlength": "20"}),
            }
        )

    def decompress(self, value: date | None) -> list[str]:
        """Return a stored date as three texts."""
        return boxes_of(value)

    def get_context(self, name: str, value: Any, attrs: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return the context of the three boxes with the labels above them."""
        context = super().get_context(name, value, dict(attrs) if attrs else None)
        words = (_("Day"), _("Month"), _("Year"))
        for box, word in zip(context["widget"]["subwidgets"], words, strict=True):
            box["word"] = word
        return context


class DateBoxes(forms.Field):
    """Calendar date, typed as day, month, year. `what` names it in sentences: `_("the hearing date")`.

    A whole date pasted into the first box is accepted if it can only mean one day.
    """

    widget = DateBoxesWidget

    def __init__(self, *, what: str | Promise = THE_DATE, **kwargs: Any) -> None:
        self.what = what
        super().__init__(**kwargs)

    def clean(self, value: Any) -> date | None:
        """Return the date, or None if it is not required and the boxes are empty. Raises ValidationError."""
        boxes = [str(part or "").strip() for part in (value or ["", "", ""])]
        if not any(boxes):
            if self.required:
                raise forms.ValidationError(self._missing_date_sentence(), code="required")
            return None
        if boxes[0] and not any(boxes[1:]):
            boxes = self._split_single_box(boxes[0])
        on = self._parse_boxes(boxes)
        self.run_validators(on)
        return on

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return True if the boxes contain another date than before."""
        return [str(part or "").strip() for part in (data or ["", "", ""])] != boxes_of(initial)

    def _missing_date_sentence(self) -> str:
        # Translators: %(what)s is for example "the hearing date".
        return _("Enter %(what)s, for example 8 12 2026.") % {"what": self.what}

    def _split_single_box(self, text: str) -> list[str]:
        parts = re.split(r"[\s./-]+", text)
        if len(parts) != 3:
            raise forms.ValidationError(self._missing_date_sentence(), code="incomplete")
        if re.fullmatch(r"\d{4}", parts[0]):
            return [parts[2], parts[1], parts[0]]
        numbers = all(part.isdigit() for part in parts[:2])
        if numbers and int(parts[0]) <= 12 and int(parts[1]) <= 12 and parts[0] != parts[1]:
            raise forms.ValidationError(
                _("Which is the month in %(typed)s? Type day, month and year in their own boxes.") % {"typed": text},
                code="which_month",
            )
        if numbers and int(parts[1]) > 12:
            parts[0], parts[1] = parts[1], parts[0]
        return parts

    def _parse_boxes(self, boxes: list[str]) -> date:
        day, month, year = boxes
        if re.fullmatch(r"\d{1,3}", year):
            raise forms.ValidationError(_("Enter the year with four digits, for example 2026."), code="year")
        try:
            on = date(int(year), month_number(month), int(day))
        except ValueError:
            raise forms.ValidationError(self._missing_date_sentence(), code="no_such_date") from None
        if not EARLIEST_YEAR <= on.year <= LATEST_YEAR:
            raise forms.ValidationError(self._missing_date_sentence(), code="no_such_date")
        return on


def month_number(text: str) -> int:
    """Return 1-12 for a number or the start of a month's name in the page's language or English.

    The start has three letters or more. Raises ValueError.
    """
    if text.isdigit():
        return int(text)
    typed = text.strip(". ").lower()
    languages = {translation.get_language() or "en", "en"}
    for language in sorted(languages, key=lambda code: code == "en"):
        with translation.override(language):
            matches = [number for number, name in dates.MONTHS.items() if str(name).lower().startswith(typed)]
        if len(typed) >= 3 and len(matches) == 1:
            return matches[0]
    raise ValueError("no month")
