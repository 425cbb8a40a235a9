"""Forms of deadlines."""

from collections.abc import Sequence
from datetime import time
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caseapp.accounts.directory.team_members import Colleague
from caseapp.ui.display import labels
from caseapp.ui.forms.clock_time import parse_clock_time
from caseapp.ui.forms.date_fields import DateBoxes
from caseapp.ui.forms.form_saving import VersionedForm
from caseapp.ui.forms.text_fields import LINE_LIMIT, long_text_field


class OwnerField(forms.ChoiceField):
    """The member responsible for a deadline; empty: the case's lead."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=gettext_lazy("Responsible"), required=False, **kwargs)

    def offer_members(self, team: Sequence[Colleague]) -> None:
        """Offer the members the case is open to."""
        self.choices = [("", _("The case's lead")), *((str(member.member_id), member.name) for member in team)]

    def clean(self, value: Any) -> UUID | None:
        """Return the member's id, or None for the case's lead."""
        chosen = super().clean(value)
        return UUID(chosen) if chosen else None


class ByHandForm(forms.Form):
    """A deadline that no rule computes."""

    what = forms.CharField(
        label=gettext_lazy("What is due"),
        max_length=LINE_LIMIT,
        error_messages={"required": gettext_lazy("Enter what is due, for example a brief.")},
    )
    due_on = DateBoxes(label=gettext_lazy("Due on"), what=gettext_lazy("the day it is due"))
    at = forms.CharField(
        label=gettext_lazy("Hour, if it has one"),
        required=False,
        max_length=20,
        help_text=gettext_lazy("In the time zone of the court or office, for example 17:00."),
        widget=forms.TextInput({"class": "box-time", "autocomplete": "off", "dir": "ltr"}),
    )
    owner = OwnerField()
    severity = forms.ChoiceField(
        label=gettext_lazy("If it is missed"),
        choices=labels.choices_of(labels.SEVERITIES),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what happens if it is missed.")},
    )
    reason = long_text_field(
        gettext_lazy("Source of this date"),
        required=True,
        help_text=gettext_lazy("For example the order or the notice, with its page."),
        missing=gettext_lazy("Enter the source of this date, for example the order or the notice."),
    )

    def __init__(self, *args: Any, team: Sequence[Colleague], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        assert isinstance(owner, OwnerField)
        owner.offer_members(team)

    def clean_at(self) -> time | None:
        """Return the hour, or None without one."""
        typed = self.cleaned_data["at"].strip()
        return parse_clock_time(typed, "") if typed else None


class AssignForm(VersionedForm):
    """Another member responsible for a deadline."""

    owner = OwnerField()

    def __init__(self, *args: Any, team: Sequence[Colleague], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        assert isinstance(owner, OwnerField)
        owner.offer_members(team)


class VersionForm(VersionedForm):
    """An act without further input: acknowledge, reopen, undo."""


class DoneForm(VersionedForm):
    """The proof that a deadline was done. `papers` are (id, title) of the case's documents."""

    document = forms.ChoiceField(label=gettext_lazy("Proof: a document of this case"), required=False)
    note = long_text_field(
        gettext_lazy("Or how it was done"),
        help_text=gettext_lazy("For example the receipt number, or who filed it and when."),
    )

    def __init__(self, *args: Any, papers: tuple[tuple[str, str], ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        document = self.fields["document"]
        assert isinstance(document, forms.ChoiceField)
        document.choices = [("", _("No document yet")), *papers]

    def clean_document(self) -> UUID | None:
        document_id = self.cleaned_data["document"]
        return UUID(document_id) if document_id else None


class CompareForm(VersionedForm):
    """The date that a second person computed."""

    on = DateBoxes(
        label=gettext_lazy("The date I computed"),
        what=gettext_lazy("the date you computed"),
        help_text=gettext_lazy("Work it out from the start and the rule before you look at the result."),
    )


class WaiveForm(VersionedForm):
    """The reason why a deadline is not required."""

    reason = long_text_field(
        gettext_lazy("Why it is not required, and who decided"),
        required=True,
        missing=gettext_lazy("Enter the reason why this deadline is not required."),
    )


class MoveForm(VersionedForm):
    """The office's own date and target next to the computed date."""

    to = DateBoxes(
        label=gettext_lazy("Date set by the office"),
        what=gettext_lazy("the date set by the office"),
        required=False,
        help_text=gettext_lazy("Leave it empty to go back to the computed date."),
    )
    target = DateBoxes(
        label=gettext_lazy("Target date"),
        what=gettext_lazy("the target date"),
        required=False,
        help_text=gettext_lazy("The day by which we want it done, before the internal deadline."),
    )
    reason = long_text_field(gettext_lazy("Why"))
