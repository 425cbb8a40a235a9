"""Forms of a person's dates: a new one, chosen from the catalogue, and the correction of one.

They turn text into values and know nothing of the request.
"""

import datetime as dt
from collections.abc import Iterator, Sequence, Set
from typing import Any, cast
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from caseapp import rules
from caseapp.clients.services.date_corrections import CorrectedDate
from caseapp.deadlines.services.notices import NewNotice
from caseapp.deadlines.services.person_dates.kept_dates import BIRTH, PERSON
from caseapp.records.notice import Notice
from caseapp.rules import CatalogueEvent
from caseapp.ui.forms.event_questions import ASKED, EventQuestionsForm
from caseapp.ui.forms.text_fields import LINE_LIMIT, long_text_field


class NewDateForm(EventQuestionsForm):
    """A date of a person: which one, its day, and what its rules need.

    `shown_for` is the kind of date that the questions were last shown for: after a change they are first shown again.
    """

    what = forms.ChoiceField(
        label=gettext_lazy("Which date?"), error_messages={"required": gettext_lazy("Choose which date it is.")}
    )
    shown_for = forms.CharField(widget=forms.HiddenInput, required=False, max_length=LINE_LIMIT)

    def __init__(self, *args: Any, packs: Set[str], born_on: dt.date | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = list(offered_dates(packs))
        chosen = str(self.data.get("what", ""))
        self.event = next((event for event in offered if event.id == chosen), None)
        self.is_only_shown = False
        cast(forms.ChoiceField, self.fields["what"]).choices = [("", _("Choose one")), *_grouped(offered)]
        if self.event is not None:
            self.add_event_fields(self.event)
            self.fields["text"] = long_text_field(gettext_lazy("Note"))
        if self.is_bound:
            self._update_shown_state(chosen, born_on)

    def _update_shown_state(self, chosen: str, born_on: dt.date | None) -> None:
        """Set `is_only_shown` while the questions are new; the date of a birth that is known is filled in."""
        typed = cast(QueryDict, self.data).copy()
        has_dates = any(name.startswith("dated_on") and str(value).strip() for name, value in typed.items())
        self.is_only_shown = self.event is not None and typed.get("shown_for") != chosen and not has_dates
        typed["shown_for"] = chosen
        if self.is_only_shown and self.event and self.event.event == BIRTH and born_on:
            parts = {"day": born_on.day, "month": born_on.month, "year": born_on.year}
            typed.update({f"dated_on_{part}": str(number) for part, number in parts.items()})
        self.data = typed

    @property
    def date_fields(self) -> list[forms.BoundField]:
        """Return the fields of the chosen date."""
        return [self[name] for name in self.fields if name not in NewDateForm.base_fields]

    def new_notice(self, party_id: UUID) -> NewNotice:
        """Return what was entered, from a valid form."""
        cleaned = self.cleaned_data
        return NewNotice(
            what=cleaned["what"],
            dated_on=cleaned["dated_on"],
            printed_due_on=cleaned.get("printed_due_on"),
            text=cleaned["text"],
            answers=self.answers(),
            parties=(party_id,),
        )


class CorrectDateForm(EventQuestionsForm):
    """Correction of a person's date and of the answers to its questions."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, event: CatalogueEvent, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_event_fields(event)
        self.fields["text"] = long_text_field(gettext_lazy("Note"))

    @staticmethod
    def initial_for(notice: Notice, version: int) -> dict[str, Any]:
        """Return the initial values of the form for a stored date."""
        questions = rules.catalogue().questions
        answers = {
            ASKED + name: dt.date.fromisoformat(text) if name in questions and questions[name].kind == "date" else text
            for name, text in notice.facts.items()
        }
        return {
            "dated_on": notice.dated_on,
            "printed_due_on": notice.printed_due_on,
            "no_printed_due_on": notice.printed_due_on is None,
            "text": notice.text,
            "version": version,
            **answers,
        }

    def corrected_date(self) -> CorrectedDate:
        """Return what was entered, from a valid form."""
        cleaned = self.cleaned_data
        return CorrectedDate(
            dated_on=cleaned["dated_on"],
            printed_due_on=cleaned.get("printed_due_on"),
            text=cleaned["text"],
            answers=self.answers(),
        )


def offered_dates(packs: Set[str]) -> Iterator[CatalogueEvent]:
    """Yield the events of the packs whose place of record is the page of a person."""
    catalogue = rules.catalogue()
    for event in catalogue.events.values():
        if event.recorded_on == PERSON and catalogue.pack_of[event.id] in packs:
            yield event


def _grouped(offered: Sequence[CatalogueEvent]) -> list[tuple[str, list[tuple[str, str]]]]:
    language, groups = get_language() or "en", rules.catalogue().groups
    return [
        (
            words.in_language(language),
            [(event.id, event.label.in_language(language)) for event in offered if event.group == name],
        )
        for name, words in groups.items()
        if any(event.group == name for event in offered)
    ]
