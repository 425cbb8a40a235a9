"""Form fields about a person, shared by cases and clients.

They turn text into values and know nothing of the request.
"""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy
from msgspec.structs import replace

from caseapp.lib.partial_dates import PartialDate
from caseapp.records.party import Contact, Party
from caseapp.ui.display import labels
from caseapp.ui.forms.country_fields import CountryField, country_list
from caseapp.ui.forms.date_fields import BirthBoxes
from caseapp.ui.forms.text_fields import LINE_LIMIT, long_text_field

CONTACT_KINDS = ("phone", "mail", "address")
PLAIN_FACTS = ("sex", "gender", "needs_interpreter", "entry_place", "entry_manner")  # the same names in the record


class PersonFields(forms.Form):
    """Fields for the names, numbers, languages and contacts of a person.

    alike  lines of the people who may be the same, which a page asks about before it saves
    """

    alike: tuple[Any, ...] = ()

    name = forms.CharField(
        label=gettext_lazy("Name as on documents"),
        required=True,
        widget=forms.TextInput({"autocomplete": "off", "dir": "auto"}),
        help_text=gettext_lazy("As the person writes it, in any script."),
        error_messages={"required": gettext_lazy("Enter the name as on documents.")},
    )
    other_names = long_text_field(
        gettext_lazy("Other names and spellings"),
        help_text=gettext_lazy("One on each line."),
    )
    pronouns = forms.CharField(label=gettext_lazy("Pronouns"), required=False, max_length=40)
    a_number = forms.CharField(
        label=gettext_lazy("A-Number"),
        required=False,
        max_length=40,
        widget=forms.TextInput({"autocomplete": "off", "dir": "ltr"}),
        help_text=gettext_lazy("7 to 9 digits, for example A012-345-678."),
    )
    born_on = BirthBoxes(
        label=gettext_lazy("Born on"),
        what=gettext_lazy("the date of birth"),
        required=False,
        help_text=gettext_lazy("The year is enough, or month and year, where the day is not known."),
    )
    languages = forms.CharField(
        label=gettext_lazy("Languages spoken"),
        required=False,
        max_length=LINE_LIMIT,
        help_text=gettext_lazy("Best language first, with commas between."),
    )
    born_in = CountryField(label=gettext_lazy("Country of birth"))
    citizenship = CountryField(label=gettext_lazy("Citizenship"))
    second_citizenship = CountryField(label=gettext_lazy("Second citizenship"))
    sex = forms.ChoiceField(
        label=gettext_lazy("Sex"),
        choices=labels.optional_choices(labels.SEXES),
        required=False,
        help_text=gettext_lazy("As the documents and forms of authorities ask for it."),
    )
    gender = forms.CharField(
        label=gettext_lazy("Gender"),
        required=False,
        max_length=80,
        help_text=gettext_lazy("As the person says it."),
    )
    needs_interpreter = forms.ChoiceField(
        label=gettext_lazy("Is an interpreter needed?"),
        choices=labels.optional_choices(labels.YES_OR_NO),
        required=False,
    )
    entry_place = forms.CharField(label=gettext_lazy("Place of the last entry"), required=False, max_length=LINE_LIMIT)
    entry_manner = forms.ChoiceField(
        label=gettext_lazy("Manner of the last entry"),
        choices=labels.optional_choices(labels.ENTRY_MANNERS),
        required=False,
    )
    careful = long_text_field(
        gettext_lazy("Safety note"),
        help_text=gettext_lazy("Shown before every phone number and address. For example: do not leave voicemail."),
    )
    phone = forms.CharField(label=gettext_lazy("Phone"), required=False, max_length=LINE_LIMIT)
    phone_safe = forms.ChoiceField(
        label=gettext_lazy("Is this phone safe?"),
        choices=labels.choices_of(labels.CONTACT_SAFETY),
        error_messages={"required": gettext_lazy("Choose whether this phone is safe.")},
    )
    mail = forms.CharField(label=gettext_lazy("E-mail"), required=False, max_length=LINE_LIMIT)
    mail_safe = forms.ChoiceField(
        label=gettext_lazy("Is this e-mail safe?"),
        choices=labels.choices_of(labels.CONTACT_SAFETY),
        error_messages={"required": gettext_lazy("Choose whether this e-mail is safe.")},
    )
    address = long_text_field(gettext_lazy("Address"))
    address_safe = forms.ChoiceField(
        label=gettext_lazy("Is mail to this address safe?"),
        choices=labels.choices_of(labels.CONTACT_SAFETY),
        error_messages={"required": gettext_lazy("Choose whether mail to this address is safe.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in CONTACT_KINDS:
            self.fields[f"{kind}_safe"].required = False

    @property
    def has_facts(self) -> bool:
        """Return whether some of these facts are typed or wrong, so that their part of the page is open."""
        names = ("born_in", "citizenship", "second_citizenship", *PLAIN_FACTS)
        return any(self[name].value() or self[name].errors for name in names)

    @property
    def countries(self) -> list[str]:
        """Return the names of all countries, which the fields of countries offer."""
        return country_list()

    def fact_values(self, before: Sequence[str] = ()) -> dict[str, Any]:
        """Return the fields of `records.party.Party` that these facts are.

        before  the citizenships as saved: those after the second stay
        """
        fields = self.cleaned_data
        shown = (fields["citizenship"], fields["second_citizenship"])
        return {
            "born_in": fields["born_in"],
            "citizenships": tuple(dict.fromkeys(filter(None, (*shown, *before[2:])))),
            **{name: fields[name] for name in PLAIN_FACTS},
        }

    @staticmethod
    def fact_initial(party: Party) -> dict[str, Any]:
        """Return the initial values of these facts for a stored person."""
        first, second = (*party.citizenships, "", "")[:2]
        return {
            "born_in": party.born_in,
            "citizenship": first,
            "second_citizenship": second,
            **{name: getattr(party, name) for name in PLAIN_FACTS},
        }

    def birth_fields(self) -> dict[str, Any]:
        """Return the fields of `records.party.Party` for the date of birth."""
        born: PartialDate | None = self.cleaned_data["born_on"]
        exact = born.exact if born else None
        return {"born_on": exact, "born_period": str(born) if born and exact is None else ""}

    def merged_contacts(self, before: Sequence[Contact] = ()) -> tuple[Contact, ...]:
        """Return the contacts with the typed values; contacts the form does not show stay unchanged.

        The form shows the first contact of each kind. A contact whose text was emptied is dropped.
        """
        kept = list(before)
        for kind in CONTACT_KINDS:
            at = next((i for i, contact in enumerate(kept) if contact.way == kind), None)
            text = self.cleaned_data[kind].strip()
            safe = self.cleaned_data[f"{kind}_safe"] or "not_asked"
            if at is not None:
                kept[at] = replace(kept[at], text=text, safe=safe)
            elif text:
                kept.append(Contact(way=kind, text=text, safe=safe))
        return tuple(contact for contact in kept if contact.text)
