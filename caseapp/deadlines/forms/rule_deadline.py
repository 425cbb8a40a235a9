"""The form that adds a deadline from a rule to a case: the dates of the rule, then who is responsible for it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy

from caseapp.accounts.directory.team_members import Colleague
from caseapp.deadlines.forms.deadlines import OwnerField
from caseapp.deadlines.forms.what_if import WhatIfForm
from caseapp.deadlines.services.rule_deadlines import RuleDeadline
from caseapp.records.deadline import Deadline
from caseapp.ui.display.case_header import PersonChoice
from caseapp.ui.forms.text_fields import long_text_field


class RuleDeadlineForm(WhatIfForm):
    """A rule with its dates, the member responsible, the persons it is for, and the source of the dates.

    `seen` are the dates of the preview: a deadline is saved only with the dates that the member saw.
    """

    has_events = False
    owner = OwnerField()
    parties = forms.MultipleChoiceField(label=gettext_lazy("For"), widget=forms.CheckboxSelectMultiple, required=False)
    source = long_text_field(gettext_lazy("Source of this date"))
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=100)

    def __init__(self, *args: Any, team: Sequence[Colleague], persons: Sequence[PersonChoice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["what"].label = gettext_lazy("Rule")
        self.fields["what"].error_messages["required"] = gettext_lazy("Choose a rule.")
        owner, parties = self.fields["owner"], self.fields["parties"]
        assert isinstance(owner, OwnerField)
        assert isinstance(parties, forms.MultipleChoiceField)
        owner.offer_members(team)
        parties.choices = [(str(party_id), label) for party_id, label in persons]
        if len(persons) < 2:
            del self.fields["parties"]
        self._only_person = tuple(party_id for party_id, _label in persons[:1])

    @property
    def owner_fields(self) -> list[forms.BoundField]:
        """Return the fields for the member responsible, the persons and the source."""
        return [self[name] for name in ("owner", "parties", "source") if name in self.fields]

    def rule_deadline(self) -> RuleDeadline:
        """Return what to add, from a form that is valid and whose rule is chosen."""
        arguments, cleaned = self.service_arguments(), self.cleaned_data
        chosen = tuple(UUID(text) for text in cleaned.get("parties", ()))
        return RuleDeadline(
            rule=arguments["starts"][0].rule,
            dates=arguments["dates"],
            circumstances=arguments["circumstances"],
            owner=cleaned["owner"],
            parties=chosen or self._only_person,
            source=cleaned["source"],
        )

    def is_seen(self, preview: Deadline) -> bool:
        """Return True when the member saw these dates before saving."""
        return bool(self.cleaned_data["seen"]) and self.cleaned_data["seen"] == _dates_key(preview)

    def mark_seen(self, preview: Deadline) -> None:
        """Keep the dates of the preview in the page, to compare them when the member saves."""
        self.replace_posted(seen=_dates_key(preview))


def _dates_key(preview: Deadline) -> str:
    days = (preview.act_by, preview.due_on, preview.opens_on)
    return "|".join((*(day.isoformat() if day else "" for day in days), preview.due_minute))
