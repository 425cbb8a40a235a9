"""Forms of cases, people, notes, tasks and what arrived. They turn text into values and know nothing of the request."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy

from caseapp.accounts.directory.team_members import Colleague
from caseapp.ui.display import labels
from caseapp.ui.forms.date_fields import DateBoxes
from caseapp.ui.forms.form_saving import VersionedForm
from caseapp.ui.forms.person_fields import PersonFields
from caseapp.ui.forms.text_fields import STORY, lines_of, long_text, rows_of


class CaseForm(PersonFields):
    """A new case."""

    last_arrival_on = DateBoxes(
        label=gettext_lazy("Last arrival in the country"),
        what=gettext_lazy("the date of the last arrival"),
        required=False,
        help_text=gettext_lazy("The one-year date for asylum is counted from it."),
    )
    relief = forms.MultipleChoiceField(
        label=gettext_lazy("What we may ask for"),
        choices=labels.choices(labels.RELIEF),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    stage = forms.ChoiceField(
        label=gettext_lazy("Stage"),
        choices=[choice for choice in labels.choices(labels.STAGES) if choice[0] != "closed"],
        required=False,
    )
    story = long_text(
        gettext_lazy("Story"),
        help_text=gettext_lazy("In the person's own words. It stays closed on the case page until opened."),
        tall=True,
        limit=STORY,
    )
    group = forms.ChoiceField(
        label=gettext_lazy("Which team"),
        help_text=gettext_lazy("The case opens for everybody in it, and for nobody else."),
    )

    def __init__(self, *args: Any, teams: Sequence[tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["group"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(group_id), name) for group_id, name in teams]
        if len(teams) < 2:
            del self.fields["group"]

    def values(self) -> dict[str, Any]:
        """The keywords of `casework.cases.open_case`."""
        told = self.cleaned_data
        return {
            "name": told["name"],
            "other_names": rows_of(told["other_names"]),
            "pronouns": told["pronouns"],
            "a_number": told["a_number"],
            "born_on": told["born_on"],
            "languages": lines_of(told["languages"]),
            "contacts": self.contacts(),
            "careful": told["careful"],
            "last_arrival_on": told["last_arrival_on"],
            "stage": told["stage"] or "intake",
            "relief": tuple(told["relief"]),
            "story": told["story"],
            "group": UUID(told["group"]) if "group" in told else None,
        }


class ChangeForm(VersionedForm):
    """Stage, relief and lead of a case."""

    stage = forms.ChoiceField(label=gettext_lazy("Stage"), choices=labels.choices(labels.STAGES))
    relief = forms.MultipleChoiceField(
        label=gettext_lazy("What we may ask for"),
        choices=labels.choices(labels.RELIEF),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    lead = forms.ChoiceField(label=gettext_lazy("Lead of the case"))

    def __init__(self, *args: Any, team: Sequence[Colleague], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lead, stage = self.fields["lead"], self.fields["stage"]
        assert isinstance(lead, forms.ChoiceField)
        assert isinstance(stage, forms.ChoiceField)
        lead.choices = [(str(member.member_id), member.name) for member in team]
        # Closing and opening again have a page of their own (`web/cases/closing.py`): dates and a day hang on it.
        is_closed = self.initial.get("stage") == "closed"
        stage.choices = [choice for choice in labels.choices(labels.STAGES) if (choice[0] == "closed") == is_closed]

    def changes(self) -> Mapping[str, Any]:
        """Fields of `cases.records.Case`."""
        told = self.cleaned_data
        return {"stage": told["stage"], "relief": tuple(told["relief"]), "lead": UUID(told["lead"])}
