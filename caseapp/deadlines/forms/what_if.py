"""The form for trying a date without a case."""

from collections.abc import Mapping, Set
from datetime import date, datetime, time
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caseapp.deadlines.forms import questions
from caseapp.deadlines.forms.questions import HAPPENED, Question
from caseapp.deadlines.services.starts import Circumstances
from caseapp.deadlines.services.triggers import DeadlineStart
from caseapp.lib.partial_dates import PartialDate
from caseapp.rules import Rulebook
from caseapp.ui.forms.clock_time import parse_clock_time
from caseapp.ui.forms.date_fields import BirthBoxes, DateBoxes, missing_date_sentence
from caseapp.ui.forms.text_fields import LINE_LIMIT
from caseapp.ui.forms.zones import ZoneField

ON, AT = "on_", "at_"
BIRTH_EVENT = "birth_date"  # the event of our packs that may be known by year or month only
STOPS = 3  # pairs of fields for stops of the asylum clock


class WhatIfForm(forms.Form):
    """A rule or an event, its dates and the filing method.

    The list follows `find`, the date fields follow the choice. `found_for` and `shown_for` are the values they were
    last shown for: after a change they are first shown again, without errors about missing values.
    """

    has_events = True  # the list has events too, not only rules
    find = forms.CharField(
        label=gettext_lazy("Find"),
        required=False,
        max_length=LINE_LIMIT,
        help_text=gettext_lazy("Words of the rule, its number or its law: for example appeal, I-589, 1003.38."),
    )
    what = forms.ChoiceField(
        label=gettext_lazy("Rule or event"),
        error_messages={"required": gettext_lazy("Choose a rule or an event.")},
    )
    found_for = forms.CharField(widget=forms.HiddenInput, required=False, max_length=LINE_LIMIT)
    shown_for = forms.CharField(widget=forms.HiddenInput, required=False, max_length=LINE_LIMIT)
    by_mail = forms.BooleanField(label=gettext_lazy("Served by mail"), required=False)
    electronic = forms.BooleanField(label=gettext_lazy("We file electronically"), required=False)
    zone = ZoneField(
        label=gettext_lazy("Time zone of the court"),
        error_messages={"required": gettext_lazy("Choose the time zone of the court.")},
    )

    def __init__(self, *args: Any, book: Rulebook, packs: Set[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_only_shown = False
        self.question: Question | None = None
        find, chosen = str(self.data.get("find", "")).strip()[:LINE_LIMIT], str(self.data.get("what", ""))
        groups = questions.grouped_choices(book, find, keep=chosen, packs=packs, has_events=self.has_events)
        codes = [code for _group, choices in groups for code, _label in choices]
        if not chosen and find and len(codes) == 1:
            chosen = codes[0]
        self.total = len(codes)
        self.fields["what"].choices = [("", _("Choose one")), *groups]  # type: ignore[attr-defined]  # a ChoiceField
        if chosen in codes:
            self.question = questions.question_for(book, chosen)
            self._add_boxes(self.question)
        if self.is_bound:
            self._update_shown_state(find, chosen)

    def _update_shown_state(self, find: str, chosen: str) -> None:
        """Set `is_only_shown` when the list or the date fields are new, and store what they are now shown for."""
        typed = self.data
        has_dates = any(name.startswith(ON) and str(value).strip() for name, value in typed.items())
        is_new = "look" in typed and find != typed.get("found_for", "")
        is_asking = self.question is not None and typed.get("shown_for") != chosen and not has_dates
        self.is_only_shown = is_new or is_asking
        self.replace_posted(what=chosen, found_for=find, shown_for=chosen)

    def replace_posted(self, **values: str) -> None:
        """Replace posted values, so that the page shows the new ones."""
        posted = cast(QueryDict, self.data).copy()
        for name, value in values.items():
            posted[name] = value
        self.data = posted

    def _add_boxes(self, question: Question) -> None:
        for name, meaning in question.events:
            self.fields[ON + name] = (
                BirthBoxes(label=meaning, what=_("the date of birth"), required=False)
                if name == BIRTH_EVENT
                else DateBoxes(label=meaning, what=_("the date"), required=False)
            )
            if question.in_hours:
                self.fields[AT + name] = forms.CharField(
                    label=_("Time"), required=False, max_length=20, help_text=_("This rule counts hours.")
                )
        if question.positions:
            choices = [("", _("As the office has chosen, else the safe one")), *question.positions]
            self.fields["position"] = forms.ChoiceField(label=_("Reading"), choices=choices, required=False)
        for number in range(1, STOPS + 1) if question.has_stops else ():
            which = {"number": number}
            stopped, again = _("Clock stopped (%(number)s)") % which, _("Clock restarted (%(number)s)") % which
            self.fields[f"stop_{number}"] = DateBoxes(label=stopped, what=_("the date"), required=False)
            self.fields[f"restart_{number}"] = DateBoxes(label=again, what=_("the date"), required=False)

    @property
    def date_fields(self) -> list[forms.BoundField]:
        """Return the date and time fields of the choice."""
        return [self[name] for name in self.fields if name.startswith((ON, AT, "stop_", "restart_"))]

    @property
    def way_fields(self) -> list[forms.BoundField]:
        """Return the fields for reading, mail, filing and zone."""
        return [self[name] for name in ("position", "by_mail", "electronic", "zone") if name in self.fields]

    def clean(self) -> dict[str, Any]:
        """Add `dates`: event name to a date, or to an instant in the wall time of `zone`."""
        cleaned = self.cleaned_data
        if self.question is None or self.errors:
            return cleaned
        cleaned["dates"] = {}
        for name, _meaning in self.question.events:
            on, at = cleaned.get(ON + name), cleaned.get(AT + name, "")
            if isinstance(on, PartialDate):
                cleaned["dates"][name], cleaned["born"] = on.earliest, on
            elif on is not None:
                cleaned["dates"][name] = self._parse_moment(AT + name, on, at) if at else on
        if not cleaned["dates"]:
            self.add_error(ON + self.question.events[0][0], missing_date_sentence(_("a date to count from")))
        for number in range(1, STOPS + 1) if self.question.has_stops else ():
            if (cleaned.get(f"stop_{number}") is None) != (cleaned.get(f"restart_{number}") is None):
                self.add_error(f"restart_{number}", _("A stop needs both days: when it stopped and when it restarted."))
        return cleaned

    def _parse_moment(self, field: str, on: date, at: str) -> date:
        try:
            return datetime.combine(on, parse_clock_time(at, ""))
        except forms.ValidationError as exc:
            self.add_error(field, exc)
            return datetime.combine(on, time())

    @property
    def open_birth(self) -> PartialDate | None:
        """Return the date of birth if its day is not known: its clocks have an earliest and a latest date."""
        born: PartialDate | None = self.cleaned_data.get("born")
        return born if born is not None and born.exact is None else None

    def service_arguments(self, *, is_latest: bool = False) -> dict[str, Any]:
        """Return the keyword arguments of `services.what_if.compute_dates`.

        A birth whose day is not known counts from its first possible day, or from the last one with `is_latest`.
        """
        assert self.question is not None
        cleaned = self.cleaned_data
        starts: tuple[DeadlineStart, ...] = self.question.starts
        dates: Mapping[str, date] = cleaned["dates"]
        if is_latest and self.open_birth is not None:
            dates = {**dates, BIRTH_EVENT: self.open_birth.latest}
        if HAPPENED in dates:
            dates = {start.event: dates[HAPPENED] for start in starts}
        if position := cleaned.get("position"):
            starts = tuple(start._replace(rule=f"{start.rule}@{position}") for start in starts)
        pairs = [(cleaned.get(f"stop_{n}"), cleaned.get(f"restart_{n}")) for n in range(1, STOPS + 1)]
        return {
            "starts": starts,
            "dates": dates,
            "circumstances": Circumstances(
                by_mail=cleaned["by_mail"],
                electronic=cleaned["electronic"],
                zone=cleaned["zone"],
                clock_stops=[(first, until) for first, until in pairs if first and until],
            ),
        }
