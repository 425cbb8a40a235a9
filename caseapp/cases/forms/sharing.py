"""Forms of sharing a case."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from caseapp.accounts.directory.records import Person
from caseapp.ui.forms.date_fields import DateBoxes
from caseapp.ui.forms.member_fields import member_choices


class ShareForm(forms.Form):
    """Share of one case with one person. `people` can be chosen."""

    member = forms.ChoiceField(label=_("Share with"), error_messages={"required": _("Choose a person.")})
    until = DateBoxes(
        label=_("Until"),
        what=_("the last day"),
        required=False,
        help_text=_("The last day. If empty, the share lasts until a member ends it."),
    )

    def __init__(self, *args: Any, people: Sequence[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["member"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = member_choices(people)
        self.has_people = bool(people)


class WallForm(forms.Form):
    """Members who keep access behind an ethical wall. `people` can be chosen."""

    members = forms.MultipleChoiceField(
        label=_("Who can still open it, besides you"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, people: Sequence[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["members"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = member_choices(people)
