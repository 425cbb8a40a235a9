"""Forms for the office's own law. A form converts typed text into the shapes of `caseapp.rules`."""

import datetime as dt
import re
import secrets
import unicodedata
from collections.abc import Iterable
from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caseapp import rules
from caseapp.law.services import TEXT_LIMIT
from caseapp.ui.display import labels
from caseapp.ui.forms.date_fields import DateBoxes
from caseapp.ui.forms.text_fields import LINE_LIMIT, long_text_field

UNITS = labels.COUNT_UNITS
SHORT = 200  # characters of a court's or judge's name
NO_READING = "none"  # posted where the office reads a rule in no particular way
FILE_LIMIT = 1_000_000  # bytes of an uploaded pack


class LawForm(forms.Form):
    """Base form with the source of the law."""

    source = forms.CharField(
        label=gettext_lazy("Where this was read"),
        max_length=LINE_LIMIT,
        help_text=gettext_lazy("For example the notice on the court's page with its date, or the order and its page."),
        error_messages={
            "required": gettext_lazy("Enter where this was read, for example the court's page and its date.")
        },
    )

    def convert_shape(self, kind: type[Any], fields: dict[str, Any]) -> Any:
        """Return the fields as a validated shape of `rules`. Raises ValidationError, which the form shows."""
        try:
            return msgspec.convert({name: value for name, value in fields.items() if value is not None}, kind)
        except msgspec.ValidationError as exc:
            raise forms.ValidationError(str(exc).partition(" - ")[0]) from exc


class ClosureForm(LawForm):
    """Form for days on which a receiving office was closed."""

    first = DateBoxes(label=gettext_lazy("First day closed"), what=gettext_lazy("the first day it was closed"))
    last = DateBoxes(
        label=gettext_lazy("Last day closed"),
        what=gettext_lazy("the last day it was closed"),
        required=False,
        help_text=gettext_lazy("Leave it empty for one day."),
    )
    why = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=LINE_LIMIT,
        error_messages={"required": gettext_lazy("Enter the reason for the closure, for example snow.")},
    )
    court = forms.CharField(
        label=gettext_lazy("Court or office"),
        max_length=SHORT,
        required=False,
        help_text=gettext_lazy("As your hearings name it. Empty: everywhere."),
    )
    region = forms.CharField(
        label=gettext_lazy("State or region"),
        max_length=SHORT,
        required=False,
        help_text=gettext_lazy("For a holiday of one state or region."),
    )
    field_order = ["first", "last", "why", "court", "region", "source"]

    def clean(self) -> dict[str, Any]:
        """Add `item`, a `rules.OfficeClosure`, to the cleaned fields."""
        cleaned = super().clean() or {}
        if not self.errors:
            first, last = cleaned["first"], cleaned["last"] or cleaned["first"]
            if last < first:
                self.add_error("last", _("The last day is before the first."))
            elif (last - first).days > 365:
                self.add_error("last", _("A closure lasts at most 366 days."))
            else:
                fields = {name: cleaned[name] for name in ("why", "court", "region", "source")}
                cleaned["item"] = self.convert_shape(
                    rules.OfficeClosure, {"id": f"c{secrets.token_hex(5)}", "from": first, "to": last, **fields}
                )
        return cleaned


class CountFields(LawForm):
    """Base form for a number of days, months or years."""

    number = forms.IntegerField(
        label=gettext_lazy("How many"),
        min_value=1,
        max_value=9999,
        error_messages={"required": gettext_lazy("Enter how many, for example 30.")},
    )
    unit = forms.ChoiceField(
        label=gettext_lazy("Of what"),
        choices=labels.choices_of(UNITS),
        error_messages={"required": gettext_lazy("Choose the unit: days, business days, months, years or hours.")},
    )

    def count_text(self, cleaned: dict[str, Any], sign: str) -> str:
        """Return the count in the notation of the packs, for example "-45d"."""
        return f"{sign}{cleaned['number']}{cleaned['unit']}"


class OrderForm(CountFields):
    """Form for a judge's standing order: another lead time before a hearing."""

    court = forms.CharField(
        label=gettext_lazy("Court"),
        max_length=SHORT,
        help_text=gettext_lazy("As your hearings name it."),
        error_messages={"required": gettext_lazy("Enter the court as your hearings name it.")},
    )
    judge = forms.CharField(
        label=gettext_lazy("Judge"),
        max_length=SHORT,
        required=False,
        help_text=gettext_lazy("Empty: every judge of that court."),
    )
    rule = forms.ChoiceField(
        label=gettext_lazy("Instead of which rule"),
        error_messages={"required": gettext_lazy("Choose the rule that the order changes.")},
    )
    what = forms.CharField(
        label=gettext_lazy("What the order says"),
        max_length=LINE_LIMIT,
        error_messages={"required": gettext_lazy("Enter what the order says.")},
    )
    effective_from = DateBoxes(
        label=gettext_lazy("For hearings from"), what=gettext_lazy("the first day on which it applies")
    )
    effective_until = DateBoxes(
        label=gettext_lazy("For hearings until"),
        what=gettext_lazy("the last day on which it applies"),
        required=False,
    )
    field_order = ["court", "judge", "rule", "what", "number", "unit", "effective_from", "effective_until", "source"]

    def __init__(self, *args: Any, before: Iterable[tuple[str, str]], today: dt.date, **options: Any) -> None:
        """Fill the rule choices with `before`: (id, name) of the rules that count back from a hearing."""
        super().__init__(*args, **options)
        self.today = today
        self.fields["rule"].choices = list(before)  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["number"].help_text = _("So many before the hearing.")

    def clean(self) -> dict[str, Any]:
        """Add `item`, a `rules.StandingOrder`, to the cleaned fields."""
        cleaned = super().clean() or {}
        if not self.errors:
            names = ("court", "judge", "rule", "what", "source", "effective_from", "effective_until")
            fields = {name: cleaned[name] for name in names}
            cleaned["item"] = self.convert_shape(
                rules.StandingOrder,
                {
                    "id": f"o{secrets.token_hex(5)}",
                    "count": self.count_text(cleaned, "-"),
                    "last_checked": self.today,
                    **fields,
                },
            )
        return cleaned


class RuleForm(CountFields):
    """Form for one of the office's own rules, counted from an event of our packs."""

    what = forms.CharField(
        label=gettext_lazy("What is to be done"),
        max_length=LINE_LIMIT,
        error_messages={"required": gettext_lazy("Enter what is to be done.")},
    )
    on = forms.ChoiceField(
        label=gettext_lazy("Counted from"),
        error_messages={"required": gettext_lazy("Choose the event from which it is counted.")},
    )
    direction = forms.ChoiceField(
        label=gettext_lazy("Before or after"),
        choices=labels.choices_of(labels.DIRECTIONS),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose before or after the event.")},
    )
    roll = forms.ChoiceField(
        label=gettext_lazy("When the last day is closed"),
        choices=labels.choices_of(labels.ROLLS),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what happens when the last day is closed.")},
    )
    severity = forms.ChoiceField(
        label=gettext_lazy("If it is missed"),
        choices=labels.choices_of(labels.SEVERITIES),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what happens if it is missed.")},
    )
    starts_with = forms.ChoiceField(
        label=gettext_lazy("Starts automatically when"),
        required=False,
        help_text=gettext_lazy("Empty: only when a member asks for it."),
    )
    effective_from = DateBoxes(
        label=gettext_lazy("Applies from"), what=gettext_lazy("the first day on which it applies")
    )
    note = long_text_field(gettext_lazy("What else to know"))
    field_order = [
        "what",
        "on",
        "number",
        "unit",
        "direction",
        "roll",
        "severity",
        "starts_with",
        "effective_from",
        "source",
        "note",
    ]

    def __init__(
        self,
        *args: Any,
        events: Iterable[tuple[str, str]],
        follows: Iterable[tuple[str, str]],
        today: dt.date,
        **options: Any,
    ) -> None:
        """Fill the choices with `events` a rule can count from and `follows`, events in a case, as (code, label)."""
        super().__init__(*args, **options)
        self.today = today
        self.fields["on"].choices = list(events)  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["starts_with"].choices = [("", _("(nothing)")), *follows]  # type: ignore[attr-defined]  # likewise

    def clean(self) -> dict[str, Any]:
        """Add `item`, a `rules.Rule`, to the cleaned fields."""
        cleaned = super().clean() or {}
        if not self.errors:
            fields = {name: cleaned[name] for name in ("what", "roll", "severity", "effective_from")}
            note = cleaned.get("note", "").strip()
            cleaned["item"] = self.convert_shape(
                rules.Rule,
                {
                    "id": f"office.{_make_slug(cleaned['what'])}",
                    "on": [cleaned["on"]],
                    "citation": cleaned["source"],
                    "state": "settled",
                    "chk": "r",
                    "count": self.count_text(cleaned, cleaned["direction"]),
                    "last_checked": self.today,
                    "cautions": [note] if note else [],
                    **fields,
                },
            )
        return cleaned


class PositionForm(forms.Form):
    """Form for the reading of a disputed rule that the office uses."""

    position = forms.ChoiceField(
        label=gettext_lazy("How the office reads it"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose a reading, or none.")},
    )
    reason = long_text_field(
        gettext_lazy("Reason"),
        required=True,
        help_text=gettext_lazy("For example the decision or the practice alert you rely on."),
        missing=gettext_lazy("Enter why the office reads the rule this way."),
    )

    def __init__(self, *args: Any, readings: Iterable[tuple[str, str]], **options: Any) -> None:
        """Fill the choices with `readings`: (id, text), NO_READING for none."""
        super().__init__(*args, **options)
        self.fields["reason"].error_messages["required"] = _("Enter why the office reads the rule this way.")
        self.fields["position"].choices = list(readings)  # type: ignore[attr-defined]  # a ChoiceField

    def clean_position(self) -> str:
        """Return the id of the reading; "" for none."""
        chosen: str = self.cleaned_data["position"]
        return "" if chosen == NO_READING else chosen


class CourtForm(forms.Form):
    """Form for how the office files with one court, or with every court that has no setting of its own."""

    court = forms.CharField(
        label=gettext_lazy("Court or office"),
        max_length=SHORT,
        required=False,
        help_text=gettext_lazy("As your hearings name it. Empty: every court without a setting of its own."),
    )
    method = forms.ChoiceField(
        label=gettext_lazy("How the office files there"),
        choices=labels.choices_of(labels.FILING_MODES),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose electronic or paper filing.")},
    )
    region = forms.CharField(
        label=gettext_lazy("State or region"),
        max_length=SHORT,
        required=False,
        help_text=gettext_lazy("Closures of this state or region apply, as entered under Rules."),
    )


class PacksForm(forms.Form):
    """Form for the standard packs that the office uses."""

    packs = forms.MultipleChoiceField(
        label=gettext_lazy("Packs in use"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one of the offered packs.")},
    )

    def __init__(self, *args: Any, packs: Iterable[tuple[str, str]], **options: Any) -> None:
        """Fill the choices with `packs`: (id, name)."""
        super().__init__(*args, **options)
        self.fields["packs"].choices = list(packs)  # type: ignore[attr-defined]  # a MultipleChoiceField


class FileForm(forms.Form):
    """Form for a pack, uploaded or typed. An uploaded text is put into the text box, so that it can be corrected."""

    pack = forms.FileField(label=gettext_lazy("File"), required=False)
    text = forms.CharField(
        label=gettext_lazy("Or the text itself"),
        required=False,
        strip=False,
        max_length=TEXT_LIMIT,
        widget=forms.Textarea({"rows": "18", "spellcheck": "false"}),
    )

    def clean_pack(self) -> Any:
        """Return None: the view reads the uploaded file."""
        return None


def _make_slug(text: str) -> str:
    """Return a short id made from the typed text; it is stored encrypted with the rule."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40].strip("_") or f"r{secrets.token_hex(4)}"
