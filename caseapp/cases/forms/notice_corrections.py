"""The form of "Record a notice or event" for a stored one: filled in, to be corrected."""

import datetime as dt
from typing import Any

from django import forms

from caseapp import rules
from caseapp.cases.forms.notices import NoticeForm
from caseapp.records.notice import Notice
from caseapp.ui.forms.event_questions import ASKED


class NoticeCorrectionForm(NoticeForm):
    """A stored notice or event. Another kind asks its questions first; what was typed stays."""

    asks_first_with_dates = True

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("again", None)

    @property
    def question_fields(self) -> list[forms.BoundField]:
        """Return the fields of the chosen event."""
        return [self[name] for name in self.fields if name not in NoticeCorrectionForm.base_fields]

    @staticmethod
    def initial_for(notice: Notice, version: int) -> dict[str, Any]:
        """Return the initial values of the form for a stored notice."""
        questions = rules.catalogue().questions
        answers = {
            ASKED + name: dt.date.fromisoformat(text) if name in questions and questions[name].kind == "date" else text
            for name, text in notice.facts.items()
            if text
        }
        return {
            "what": notice.what,
            "found_for": "|",
            "shown_for": notice.what,
            "dated_on": notice.dated_on,
            "received_on": notice.received_on,
            "how": notice.how,
            "printed_due_on": notice.printed_due_on,
            "no_printed_due_on": notice.printed_due_on is None,
            "parties": [str(party_id) for party_id in notice.parties],
            "text": notice.text,
            "version": version,
            **answers,
        }
