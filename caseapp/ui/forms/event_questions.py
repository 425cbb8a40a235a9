"""Form fields for an event of the catalogue: what the document prints first, then its date, then its questions.

They turn text into values and know nothing of the request.
"""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from caseapp import rules
from caseapp.rules import CatalogueEvent, EventQuestion
from caseapp.ui.forms.clock_time import parse_clock_time
from caseapp.ui.forms.date_fields import DateBoxes
from caseapp.ui.forms.date_reading import BIRTH, EVENT
from caseapp.ui.forms.text_fields import LINE_LIMIT

ASKED = "q_"  # prefix of the fields of questions
BIRTH_EVENT = "birth_date"


class EventQuestionsForm(forms.Form):
    """Form of an event of the catalogue. A form below it calls `add_event_fields` once the event is known."""

    def add_event_fields(self, event: CatalogueEvent) -> None:
        """Add the fields of an event: what the document prints first, then its date, then the questions."""
        questions = rules.catalogue().questions
        for question in (questions[name] for name in event.ask):
            if question.kind in {"printed", "printed_required"}:
                self._add_printed_date(question)
        dated = questions[event.date]
        kind = BIRTH if event.event == BIRTH_EVENT else "" if dated.future else EVENT
        self.fields["dated_on"] = DateBoxes(label=words_of(dated), what=_("the date"), kind=kind)
        self.add_questions(event)

    def add_questions(self, event: CatalogueEvent) -> None:
        """Add the fields of an event's questions."""
        for name in event.ask:
            self._add_question(name, rules.catalogue().questions[name], is_required=name in event.required)

    def _add_printed_date(self, question: EventQuestion) -> None:
        is_required = question.kind == "printed_required"
        self.fields["printed_due_on"] = DateBoxes(
            label=words_of(question), what=_("the date that is printed on it"), required=is_required
        )
        if not is_required:
            self.fields["no_printed_due_on"] = forms.BooleanField(label=_("No date is printed on it"), required=False)

    def _add_question(self, name: str, question: EventQuestion, *, is_required: bool) -> None:
        label, field = words_of(question), ASKED + name
        if question.kind == "served":
            self.fields["how"] = forms.ChoiceField(
                label=label, choices=[*choices_of(question), ("", _("Not known"))], required=False
            )
        elif question.kind == "choice":
            unknown = [] if is_required else [("", _("Not known yet"))]
            self.fields[field] = forms.ChoiceField(
                label=label,
                choices=[*choices_of(question), *unknown],
                widget=forms.RadioSelect,
                required=is_required,
                error_messages={"required": _("Answer this question: “%(question)s”") % {"question": label}},
            )
        elif question.kind == "date":
            self.fields[field] = DateBoxes(label=label, what=_("the date"), required=is_required)
        elif question.kind == "hour":
            self.fields[field] = forms.CharField(
                label=label,
                required=False,
                max_length=20,
                help_text=_("This rule counts hours. Without the hour it counts from 0:00, the earliest."),
            )
        elif question.kind == "text":
            self.fields[field] = forms.CharField(
                label=label,
                max_length=LINE_LIMIT,
                required=is_required,
                error_messages={"required": _("Answer this question: “%(question)s”") % {"question": label}},
            )

    def clean(self) -> dict[str, Any]:
        """Check that a date is printed or the tick says that there is none, and that an hour is one."""
        cleaned = self.cleaned_data
        has_tick = bool(cleaned.get("no_printed_due_on"))
        if "no_printed_due_on" in self.fields and "printed_due_on" not in self.errors:
            if cleaned.get("printed_due_on") is None and not has_tick:
                self.add_error("printed_due_on", _("Enter the date that is printed on it, or tick that there is none."))
            elif cleaned.get("printed_due_on") is not None and has_tick:
                self.add_error("no_printed_due_on", _("There is a date and the tick that there is none: keep one."))
        for name, question in rules.catalogue().questions.items():
            if question.kind == "hour" and (hour := cleaned.get(ASKED + name, "")):
                self._clean_hour(ASKED + name, hour)
        return cleaned

    def _clean_hour(self, field: str, hour: str) -> None:
        try:
            self.cleaned_data[field] = parse_clock_time(hour, "").isoformat("minutes")
        except forms.ValidationError as exc:
            self.add_error(field, exc)

    def answers(self) -> dict[str, str]:
        """Return the answers of a valid form: question id to the id of a choice, an ISO date, an hour, or text."""
        given = {name: value for name, value in self.cleaned_data.items() if name.startswith(ASKED) and value}
        return {name.removeprefix(ASKED): _answer_text(value) for name, value in given.items()}


def words_of(words: EventQuestion) -> str:
    """Return the text of a question in the language of the page."""
    return words.in_language(get_language() or "en")


def choices_of(question: EventQuestion) -> list[tuple[str, str]]:
    """Return the choices of a question in the language of the page."""
    language = get_language() or "en"
    return [(choice.id, choice.in_language(language)) for choice in question.choices]


def _answer_text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value).strip()
