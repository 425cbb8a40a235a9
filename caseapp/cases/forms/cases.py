"""Forms of a case. They turn text into values and know nothing of the request."""

from collections.abc import Mapping, Sequence, Set
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy

from caseapp.accounts.directory.team_members import Colleague
from caseapp.cases.services.cases import NewCase
from caseapp.deadlines.services.what_if import has_arrival_clock
from caseapp.ui.display import labels
from caseapp.ui.forms.date_fields import DateBoxes
from caseapp.ui.forms.date_reading import EVENT
from caseapp.ui.forms.form_saving import VersionedForm
from caseapp.ui.forms.person_fields import PersonFields
from caseapp.ui.forms.text_fields import LINE_LIMIT, STORY_LIMIT, long_text_field, split_entries, split_lines


class CaseForm(PersonFields):
    """New case. `teams` are (id, name) of the teams it can be opened in."""

    last_arrival_on = DateBoxes(
        label=gettext_lazy("Last arrival in the country"),
        what=gettext_lazy("the date of the last arrival"),
        kind=EVENT,
        required=False,
        help_text=gettext_lazy("The one-year filing deadline for asylum is counted from it."),
    )
    relief = forms.MultipleChoiceField(
        label=gettext_lazy("Relief sought"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("VAWA, T, U and asylum: only you can open the case until you share or widen it."),
    )
    stage = forms.ChoiceField(label=gettext_lazy("Stage"), required=False)
    referred_by = forms.CharField(
        label=gettext_lazy("Referred by"),
        required=False,
        max_length=LINE_LIMIT,
        help_text=gettext_lazy("The person or office that sent them to you."),
    )
    story = long_text_field(
        gettext_lazy("Story"),
        help_text=gettext_lazy("In the person's own words. It stays closed on the case page until opened."),
        tall=True,
        limit=STORY_LIMIT,
    )
    group = forms.ChoiceField(
        label=gettext_lazy("Which team"),
        help_text=gettext_lazy("Only the members of this team can open the case."),
        error_messages={"required": gettext_lazy("Choose a team.")},
    )

    def __init__(self, *args: Any, teams: Sequence[tuple[UUID, str]], packs: Set[str], **kwargs: Any) -> None:
        """Fill the choices: `packs` are the ids of the standard packs that the office uses."""
        super().__init__(*args, **kwargs)
        _offer(self, "stage", labels.stages_of(packs))
        _offer(self, "relief", labels.relief_of(packs))
        if not has_arrival_clock(packs):
            del self.fields["last_arrival_on"]
        field = self.fields["group"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(group_id), name) for group_id, name in teams]
        if len(teams) < 2:
            del self.fields["group"]

    def new_case(self) -> NewCase:
        """Return the facts of the new case."""
        fields = self.cleaned_data
        return NewCase(
            name=fields["name"],
            other_names=split_lines(fields["other_names"]),
            pronouns=fields["pronouns"],
            a_number=fields["a_number"],
            **self.birth_fields(),
            facts=self.fact_values(),
            referred_by=fields["referred_by"],
            languages=split_entries(fields["languages"]),
            contacts=self.merged_contacts(),
            careful=fields["careful"],
            last_arrival_on=fields.get("last_arrival_on"),
            stage=fields["stage"] or "intake",
            relief=tuple(fields["relief"]),
            story=fields["story"],
            group=UUID(fields["group"]) if "group" in fields else None,
        )


class CaseChangeForm(VersionedForm):
    """Stage, relief, lead and referral of a case."""

    stage = forms.ChoiceField(label=gettext_lazy("Stage"), error_messages={"required": gettext_lazy("Choose a stage.")})
    relief = forms.MultipleChoiceField(
        label=gettext_lazy("Relief sought"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "VAWA, T, U and asylum: only its lead and team can open the case, until one of them widens it."
        ),
    )
    lead = forms.ChoiceField(
        label=gettext_lazy("Lead of the case"),
        error_messages={"required": gettext_lazy("Choose the lead of the case.")},
    )
    referred_by = forms.CharField(label=gettext_lazy("Referred by"), required=False, max_length=LINE_LIMIT)

    def __init__(self, *args: Any, team: Sequence[Colleague], packs: Set[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lead = self.fields["lead"]
        assert isinstance(lead, forms.ChoiceField)
        lead.choices = [(str(member.member_id), member.name) for member in team]
        # Closing and reopening have a page of their own (`cases/views/closing.py`), because both also set dates.
        # A stage or a relief that the case has and that is offered to no other remains a choice of this case.
        now = str(self.initial.get("stage"))
        stages = {"closed": labels.STAGES["closed"]} if now == "closed" else dict(labels.stages_of(packs))
        if now not in stages:
            stages = {now: labels.STAGES.get(now, now), **stages}
        _offer(self, "stage", stages)
        _offer(self, "relief", labels.relief_of(packs, keep=self.initial.get("relief", ())))

    def changed_fields(self) -> Mapping[str, Any]:
        """Return the changed fields of `records.case.Case`."""
        fields = self.cleaned_data
        return {
            "stage": fields["stage"],
            "relief": tuple(fields["relief"]),
            "lead": UUID(fields["lead"]),
            "referred_by": fields["referred_by"],
        }


class StageForm(VersionedForm):
    """The stage after a decision. Nothing is preselected: the stage is never guessed."""

    stage = forms.ChoiceField(
        label=gettext_lazy("Stage"),
        error_messages={"required": gettext_lazy("Choose a stage.")},
    )

    def __init__(self, *args: Any, packs: Set[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "stage", {"": gettext_lazy("Choose"), **labels.stages_of(packs)})


def _offer(form: forms.Form, name: str, offered: labels.Labels) -> None:
    """Set the choices of a field."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = labels.choices_of(offered)
