"""Forms of cases, people, notes, tasks and what arrived. They turn text into values and know nothing of the request."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from msgspec.structs import replace

from caseapp.records import names
from caseapp.records.party import Name, Party
from caseapp.ui.display import labels
from caseapp.ui.forms.date_fields import DateBoxes
from caseapp.ui.forms.form_saving import VersionedForm
from caseapp.ui.forms.person_fields import WAYS, PersonFields
from caseapp.ui.forms.text_fields import LINE, lines_of, rows_of


class PersonForm(PersonFields):
    """Somebody of a case; `version` is empty for somebody new. `today` is the last day somebody can be born on."""

    reads = forms.CharField(label=gettext_lazy("Languages read"), required=False, max_length=LINE)
    role = forms.ChoiceField(
        label=gettext_lazy("Who this is in the case"), choices=labels.choices(labels.ROLES), required=False
    )
    detained_since = DateBoxes(
        label=gettext_lazy("Detained since"), what=gettext_lazy("the day the detention began"), required=False
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_born_on(self) -> date | None:
        return self._past("born_on", _("The date of birth is after today."))

    def clean_detained_since(self) -> date | None:
        return self._past("detained_since", _("The first day of the detention is after today."))

    def _past(self, field: str, sentence: str) -> date | None:
        on: date | None = self.cleaned_data[field]
        if on is not None and on > self.today:
            raise forms.ValidationError(sentence)
        return on

    def party(self, before: Party | None = None) -> Party:
        """The person as typed, over what stood before. Raises Refused for a name or A-Number that cannot be one."""
        told = self.cleaned_data
        base = before or Party(role=told["role"] or "other", name=Name(full=""))
        full = names.full_name(told["name"])
        return replace(
            base,
            role=base.role if base.role == "lead" else told["role"] or base.role,
            name=base.name if base.name.full == full else Name(full=full),
            other_names=tuple(Name(full=names.full_name(other)) for other in rows_of(told["other_names"])),
            pronouns=told["pronouns"],
            a_number=names.a_number(told["a_number"]),
            born_on=told["born_on"],
            languages=lines_of(told["languages"]),
            reads=lines_of(told["reads"]),
            careful=told["careful"],
            contacts=self.contacts(base.contacts),
            detained_since=told["detained_since"],
        )

    @staticmethod
    def saved(party: Party) -> dict[str, Any]:
        """A stored person as the form shows them."""
        first = {contact.way: contact for contact in reversed(party.contacts)}
        shown: dict[str, Any] = {
            "name": party.name.full,
            "other_names": "\n".join(name.full for name in party.other_names),
            "pronouns": party.pronouns,
            "a_number": names.dashed(party.a_number),
            "born_on": party.born_on,
            "languages": ", ".join(party.languages),
            "reads": ", ".join(party.reads),
            "careful": party.careful,
            "role": party.role,
            "detained_since": party.detained_since,
        }
        for way in WAYS:
            shown[way] = first[way].text if way in first else ""
            shown[f"{way}_safe"] = first[way].safe if way in first else "not_asked"
        return shown


class ArrivalForm(VersionedForm):
    """A person's last arrival alone: it moves the one-year date."""

    last_arrival_on = DateBoxes(
        label=gettext_lazy("Last arrival in the country"), what=gettext_lazy("the date of the last arrival")
    )
