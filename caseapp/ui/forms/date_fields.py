"""The one form field for a date: month by name, day and year in the order of the office's country, or typed as text.

    hearing_on = DateBoxes(label=_("Hearing date"), what=_("the hearing date"), kind=HEARING)

The field echoes the date with its weekday and distance, and asks "Is this right?" for an unlikely one (`date_reading`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast

from django import forms
from django.forms.boundfield import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caseapp.lib.countries import UNITED_STATES
from caseapp.lib.partial_dates import PartialDate
from caseapp.lib.text.digits import has_only_plain_digits, normalise_digits
from caseapp.ui.display import date_texts
from caseapp.ui.display.country import office_country
from caseapp.ui.forms import date_reading
from caseapp.ui.forms.date_reading import BIRTH_IN_PART, DateParts, DateReading

PARTS = ("day", "month", "year", "text", "seen", "sure")
PART_LIMIT = 100  # characters of one part that are read; the browser allows fewer
THE_DATE = gettext_lazy("the date")


def date_parts_of(posted: Mapping[str, Any], name: str) -> DateParts:
    """Return the posted parts of the date field `name`: its name with _day, _month, _year, _text, _seen, _sure."""
    parts = {part: normalise_digits(str(posted.get(f"{name}_{part}") or "")[:PART_LIMIT]) for part in PARTS}
    is_alone = not (parts["month"] or parts["year"] or parts["text"])
    if is_alone and not has_only_plain_digits(parts["day"]):
        parts["day"], parts["text"] = "", parts["day"]  # a whole date pasted into the box of the day
    return DateParts(**parts)


@dataclass(frozen=True)
class DateEcho:
    """Echo of a date field: the date in words and what must be ticked, or what is wrong."""

    name: str
    auto_id: str
    on: PartialDate | None = None
    words: str = ""
    questions: tuple[str, ...] = ()
    is_sure: bool = False
    problem: str = ""

    @property
    def iso(self) -> str:
        """Return the date as the tick and the hidden field send it back."""
        return str(self.on) if self.on else ""


def echo_date(
    name: str, auto_id: str, parts: DateParts, *, kind: str, what: str | Promise, saved: PartialDate | None
) -> DateEcho:
    """Return the echo of the parts of a date field, for `components/date-echo.html`."""
    if parts.is_empty:
        return DateEcho(name, auto_id)
    try:
        reading = date_reading.read_date(parts, kind=kind, what=what, saved=saved)
    except forms.ValidationError as exc:
        return DateEcho(name, auto_id, problem=" ".join(exc.messages))
    return DateEcho(
        name,
        auto_id,
        reading.on,
        date_reading.describe_date(reading.on),
        reading.questions,
        is_sure=parts.sure == str(reading.on),
    )


class DateBoxesWidget(forms.Widget):
    """Widget with a list of months, day and year in the country's order, a box for typed text, and the echo."""

    template_name = "components/date-input.html"
    use_fieldset = True
    kind: str = ""
    what: str | Promise = THE_DATE
    saved: PartialDate | None = None

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> DateParts:
        """Return the posted parts."""
        return date_parts_of(data, name)

    def id_for_label(self, id_: str) -> str:
        """Return an empty id: the label is the legend of the group."""
        return ""

    def get_context(self, name: str, value: Any, attrs: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return the context of the boxes: their order, their values, and the echo of what they contain."""
        context = super().get_context(name, value, dict(attrs) if attrs else None)
        auto_id = context["widget"]["attrs"].get("id", f"id_{name}")
        parts = value if isinstance(value, DateParts) else DateParts.of_date(value)
        echo = echo_date(name, auto_id, parts, kind=self.kind, what=self.what, saved=self.saved)
        shown = DateParts.of_date(echo.on) if echo.on else parts
        order = ("month", "day", "year") if office_country() == UNITED_STATES else ("day", "month", "year")
        words = {"day": _("Day"), "month": _("Month"), "year": _("Year")}
        context |= {
            "boxes": [
                {
                    "part": part,
                    "word": words[part],
                    "id": f"{auto_id}_{index}",
                    "value": getattr(shown, part),
                    "width": "box-4" if part == "year" else "box-2",
                }
                for index, part in enumerate(order)
            ],
            "months": [(str(number), month) for number, month in date_texts.month_names()],
            "text": parts.text,
            "text_id": f"{auto_id}_text",
            "kind": self.kind,
            "what": self.what,
            "saved": str(self.saved) if self.saved else "",
            "echo": replace(echo, problem=""),  # the form shows the problem above the field
            "example": _("11/5/2026, today, +30") if office_country() == UNITED_STATES else _("5/11/2026, today, +30"),
        }
        return context


class DateBoxes(forms.Field):
    """Calendar date.

    what  names it in sentences: `_("the hearing date")`
    kind  EVENT (a notice or an event that starts a deadline), HEARING, BIRTH or "": which dates need a tick
    """

    widget = DateBoxesWidget

    def __init__(self, *, what: str | Promise = THE_DATE, kind: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.what = what
        self.kind = kind
        self._boxes.what, self._boxes.kind = what, kind

    @property
    def _boxes(self) -> DateBoxesWidget:
        return cast(DateBoxesWidget, self.widget)

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> BoundField:
        """Return the bound field; the widget learns the stored date, which raises no question again."""
        saved = form.get_initial_for_field(self, field_name)
        self._boxes.saved = PartialDate.of_date(saved) if type(saved) is date else _partial_or_none(saved)
        return super().get_bound_field(form, field_name)

    def clean(self, value: Any) -> Any:
        """Return the date, or None if it is not required and nothing was entered. Raises ValidationError."""
        reading = self._read(value)
        return reading.on.exact if reading else None

    def _read(self, value: Any) -> DateReading | None:
        parts = value if isinstance(value, DateParts) else DateParts.of_date(value)
        if parts.is_empty:
            if self.required:
                raise forms.ValidationError(missing_date_sentence(self.what), code="required")
            return None
        reading = date_reading.read_date(parts, kind=self.kind, what=self.what, saved=self._boxes.saved)
        if not reading.is_confirmed(parts):
            raise forms.ValidationError(_confirmation_sentence(reading, parts), code="unconfirmed")
        return reading

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return True if the boxes contain another date than before."""
        if not isinstance(data, DateParts):
            return bool(initial != data)
        if data.is_empty:
            return initial is not None
        try:
            return bool(date_reading.read_date(data, kind=self.kind, what=self.what).on.exact != initial)
        except forms.ValidationError:
            return True


class BirthBoxes(DateBoxes):
    """Date of birth of which the year, or year and month, may be enough: a PartialDate."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(kind=BIRTH_IN_PART, **kwargs)

    def clean(self, value: Any) -> PartialDate | None:
        """Return the date, to the day, the month or the year, or None. Raises ValidationError."""
        reading = self._read(value)
        return reading.on if reading else None

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return True if the boxes contain another date than before."""
        if not isinstance(data, DateParts) or data.is_empty:
            return bool(initial)
        try:
            return bool(date_reading.read_date(data, kind=self.kind, what=self.what).on != initial)
        except forms.ValidationError:
            return True


def _partial_or_none(value: Any) -> PartialDate | None:
    return value if isinstance(value, PartialDate) else None


def missing_date_sentence(what: str | Promise) -> str:
    """Return the sentence that asks for a date, with an example in the country's order."""
    # Translators: %(what)s is for example "the hearing date".
    return _("Enter %(what)s, for example %(example)s.") % {
        "what": what,
        "example": date_texts.date_without_weekday(date(2026, 12, 8)),
    }


def _confirmation_sentence(reading: DateReading, parts: DateParts) -> str:
    if reading.questions:
        return " ".join((date_reading.describe_date(reading.on) + ".", *reading.questions))
    # Translators: %(typed)s is for example "11/5/2026", %(date)s "Thursday, November 5, 2026, 24 days ago".
    return _("You typed %(typed)s: %(date)s. If that is right, save again.") % {
        "typed": parts.text,
        "date": date_reading.describe_date(reading.on),
    }
