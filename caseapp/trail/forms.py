"""Forms of the audit trail: another day, and the filter by person and case."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caseapp.ui.forms.date_fields import DateBoxes

REFERENCE_LIMIT = 12  # characters: a reference has five, and is pasted with spaces


class DayForm(forms.Form):
    """Choice of another day."""

    on = DateBoxes(label=gettext_lazy("Another day"))


class FilterForm(forms.Form):
    """The entries of one person, of one case, or of one person about one case."""

    member = forms.ChoiceField(label=gettext_lazy("Person"), required=False)
    case = forms.CharField(
        label=gettext_lazy("Case"),
        max_length=REFERENCE_LIMIT,
        required=False,
        help_text=gettext_lazy("Its reference, for example 7KQ4D."),
        widget=forms.TextInput({"autocomplete": "off", "dir": "ltr", "class": "box-time"}),
    )

    def __init__(
        self, *args: Any, names: Mapping[UUID, str], find_case: Callable[[str], UUID | None], **kwargs: Any
    ) -> None:
        """Offer the members by name; `find_case` returns the case that a reference names to the reader."""
        super().__init__(*args, **kwargs)
        self.find_case = find_case
        member = self.fields["member"]
        assert isinstance(member, forms.ChoiceField)
        people = sorted(((str(member_id), name) for member_id, name in names.items()), key=lambda pair: pair[1])
        member.choices = [("", _("Everyone")), *people]

    def clean_case(self) -> UUID | None:
        """Return the id of the case that the reference names; None for none."""
        reference = "".join(self.cleaned_data["case"].split()).upper()
        case_id = self.find_case(reference) if reference else None
        if reference and case_id is None:
            raise forms.ValidationError(_("No case that you can open has this reference."))
        return case_id

    def clean_member(self) -> UUID | None:
        """Return the id of the member; None for everyone."""
        return UUID(self.cleaned_data["member"]) if self.cleaned_data["member"] else None
