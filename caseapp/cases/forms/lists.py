"""Forms of the case list: filters, saved views, and what is done with the cases that were selected."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, cast
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from caseapp.accounts.directory.team_members import Colleague
from caseapp.accounts.drafts.saved_views import NAME_LIMIT
from caseapp.cases.services.bulk import MAX_SELECTED
from caseapp.ui.display.labels import Choice
from caseapp.ui.forms.date_fields import DateBoxes
from caseapp.ui.forms.member_fields import member_choices

MAX_CHOICES: Final = 300  # of one filter


class CaseFilterForm(forms.Form):
    """The filters of the list as the page shows them. What was chosen is read by `cases.panels.read_filter`."""

    stage = forms.ChoiceField(label=gettext_lazy("Stage"))
    relief = forms.ChoiceField(label=gettext_lazy("Relief sought"))
    court = forms.ChoiceField(label=gettext_lazy("Court"))
    judge = forms.ChoiceField(label=gettext_lazy("Judge"))
    language = forms.ChoiceField(label=gettext_lazy("Language"))
    lead = forms.ChoiceField(label=gettext_lazy("Lead"))

    def __init__(self, *, chosen: dict[str, str], choices: dict[str, Sequence[Choice]]) -> None:
        """Fill the choices by field; a field without any is left out."""
        super().__init__(initial=chosen, auto_id="filter_%s", use_required_attribute=False)
        for name, offered in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("Any")), *offered[:MAX_CHOICES]]
            if not offered:
                del self.fields[name]


class SavedViewForm(forms.Form):
    """Name under which the filters of the list are saved."""

    name = forms.CharField(
        label=gettext_lazy("Name of this view"),
        max_length=NAME_LIMIT,
        widget=forms.TextInput({"autocomplete": "off", "dir": "auto"}),
        error_messages={"required": gettext_lazy("Write a name for this view.")},
    )


class SelectedCasesForm(forms.Form):
    """The cases that were selected on one page of the list. Access is checked when each is opened."""

    def clean(self) -> dict[str, Any]:
        ids: tuple[UUID, ...] = tuple(dict.fromkeys(_parse_ids(cast(QueryDict, self.data).getlist("case"))))
        if not ids:
            raise forms.ValidationError(_("Select at least one case."))
        if len(ids) > MAX_SELECTED:
            raise forms.ValidationError(
                ngettext("Select at most %(most)s case.", "Select at most %(most)s cases.", MAX_SELECTED),
                params={"most": MAX_SELECTED},
            )
        return {"case": ids}


def _parse_ids(texts: list[str]) -> Iterator[UUID]:
    for text in texts:
        try:
            yield UUID(text)
        except ValueError:
            continue


class ReassignForm(forms.Form):
    """New lead of the selected cases."""

    lead = forms.ChoiceField(
        label=gettext_lazy("New lead"), error_messages={"required": gettext_lazy("Choose the new lead.")}
    )
    with_work = forms.BooleanField(
        label=gettext_lazy("Hand over the open deadlines and tasks of the old lead too"), required=False
    )

    def __init__(self, *args: Any, people: Sequence[Colleague], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "lead", [("", _("Choose")), *member_choices(people)])

    def clean_lead(self) -> UUID:
        return UUID(self.cleaned_data["lead"])


class TaskForCasesForm(forms.Form):
    """One task for each of the selected cases."""

    text = forms.CharField(
        label=gettext_lazy("What is to be done"),
        max_length=500,
        widget=forms.TextInput({"dir": "auto"}),
        error_messages={"required": gettext_lazy("Write what is to be done.")},
    )
    due_on = DateBoxes(label=gettext_lazy("Until"), what=gettext_lazy("the day"), required=False)
    owner = forms.ChoiceField(label=gettext_lazy("Who does it"), required=False)

    def __init__(self, *args: Any, people: Sequence[Colleague], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "owner", [("", _("The lead of each case")), *member_choices(people)])

    def clean_owner(self) -> UUID | None:
        return UUID(self.cleaned_data["owner"]) if self.cleaned_data["owner"] else None


def _offer(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices
