"""Forms of the people in a case. They turn text into values and know nothing of the request."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy
from msgspec.structs import replace

from caseapp import rules
from caseapp.deadlines.services.person_dates.kept_dates import ARRIVAL
from caseapp.records import names
from caseapp.records.party import Name, Party
from caseapp.ui.display import labels
from caseapp.ui.forms.date_fields import DateBoxes
from caseapp.ui.forms.date_reading import EVENT
from caseapp.ui.forms.event_questions import ASKED, EventQuestionsForm
from caseapp.ui.forms.person_fields import CONTACT_KINDS, PersonFields
from caseapp.ui.forms.text_fields import LINE_LIMIT, split_entries, split_lines


class PersonForm(PersonFields):
    """Person of a case. `version` is empty for a new person."""

    reads = forms.CharField(label=gettext_lazy("Languages read"), required=False, max_length=LINE_LIMIT)
    role = forms.ChoiceField(
        label=gettext_lazy("Who this is in the case"), choices=labels.choices_of(labels.PARTY_ROLES), required=False
    )
    relation = forms.CharField(
        label=gettext_lazy("Relation to the client"),
        required=False,
        max_length=LINE_LIMIT,
        help_text=gettext_lazy("For example: sister."),
    )
    detained_since = DateBoxes(
        label=gettext_lazy("Detained since"),
        what=gettext_lazy("the day the detention began"),
        kind=EVENT,
        required=False,
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, required=False)

    def to_party(self, before: Party | None = None) -> Party:
        """Return the person as typed, based on the stored one if given.

        Raises Refused for a name or A-Number that is not valid.
        """
        fields = self.cleaned_data
        base = before or Party(role=fields["role"] or "other", name=Name(full=""))
        full = names.clean_full_name(fields["name"])
        return replace(
            base,
            role=base.role if base.role == "lead" else fields["role"] or base.role,
            name=base.name if base.name.full == full else Name(full=full),
            other_names=tuple(Name(full=names.clean_full_name(other)) for other in split_lines(fields["other_names"])),
            pronouns=fields["pronouns"],
            a_number=names.parse_a_number(fields["a_number"]),
            **self.birth_fields(),
            **self.fact_values(base.citizenships),
            relation=fields["relation"],
            languages=split_entries(fields["languages"]),
            reads=split_entries(fields["reads"]),
            careful=fields["careful"],
            contacts=self.merged_contacts(base.contacts),
            detained_since=fields["detained_since"],
        )

    def has_custody_changed(self, before: Party) -> bool:
        """Return True when the person is newly detained, detained since another day, or no longer detained."""
        return bool(self.cleaned_data["detained_since"] != before.detained_since)

    @staticmethod
    def initial_for(party: Party) -> dict[str, Any]:
        """Return the initial values of the form for a stored person."""
        first_by_kind = {contact.way: contact for contact in reversed(party.contacts)}
        shown: dict[str, Any] = {
            "name": party.name.full,
            "other_names": "\n".join(name.full for name in party.other_names),
            "pronouns": party.pronouns,
            "a_number": names.format_a_number(party.a_number),
            "born_on": party.birth,
            "languages": ", ".join(party.languages),
            "reads": ", ".join(party.reads),
            "careful": party.careful,
            "role": party.role,
            "relation": party.relation,
            **PersonFields.fact_initial(party),
            "detained_since": party.detained_since,
        }
        for kind in CONTACT_KINDS:
            contact = first_by_kind.get(kind)
            shown |= {kind: contact.text if contact else "", f"{kind}_safe": contact.safe if contact else "not_asked"}
        return shown


class ArrivalForm(EventQuestionsForm):
    """Last arrival of a person, in a form of its own because it moves the one-year deadline."""

    last_arrival_on = DateBoxes(
        label=gettext_lazy("Last arrival in the country"),
        what=gettext_lazy("the date of the last arrival"),
        kind=EVENT,
        help_text=gettext_lazy("Where the day is not certain, enter the earliest one that it can be."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_questions(rules.catalogue().events[ARRIVAL])

    @staticmethod
    def initial_for(party: Party, version: int) -> dict[str, Any]:
        """Return the initial values of the form for a stored person."""
        answers = {ASKED + name: answer for name, answer in party.arrival_facts.items()}
        return {"last_arrival_on": party.last_arrival_on, "version": version, **answers}
