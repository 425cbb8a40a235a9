"""Forms of cases, people, notes, tasks and what arrived. They turn text into values and know nothing of the request."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from msgspec.structs import replace

from caseapp.accounts.roster import Colleague
from caseapp.people import names
from caseapp.people.records import Contact, Name, Party
from caseapp.web import words
from caseapp.web.fields import DateBoxes
from caseapp.web.saving import VersionedForm

WAYS = ("phone", "mail", "address")
LINE = 200  # characters of one line of text
TEXT = 5_000  # characters of a longer field
STORY = 50_000  # characters, as long as a note may be


def lines_of(text: str) -> tuple[str, ...]:
    """One entry a line (or between commas)."""
    return tuple(part.strip() for line in text.splitlines() for part in line.split(",") if part.strip())


def rows_of(text: str) -> tuple[str, ...]:
    """One entry a line: a name may hold a comma."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def long_text(
    label: Any, *, required: bool = False, help_text: Any = "", tall: bool = False, limit: int | None = TEXT
) -> forms.CharField:
    """A box of several lines; `limit` in characters, None where casework itself says it."""
    widget = forms.Textarea({"class": "tall" if tall else "", "dir": "auto"})
    return forms.CharField(label=label, required=required, help_text=help_text, widget=widget, max_length=limit)


class PersonFields(forms.Form):
    """What is asked about a person."""

    name = forms.CharField(
        label=gettext_lazy("Name as on papers"),
        required=True,
        widget=forms.TextInput({"autocomplete": "off", "dir": "auto"}),
        help_text=gettext_lazy("As the person writes it, in any script."),
    )
    other_names = long_text(
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
    born_on = DateBoxes(label=gettext_lazy("Born on"), what=gettext_lazy("the date of birth"), required=False)
    languages = forms.CharField(
        label=gettext_lazy("Languages spoken"),
        required=False,
        max_length=LINE,
        help_text=gettext_lazy("Best one first, with commas between."),
    )
    careful = long_text(
        gettext_lazy("Careful"),
        help_text=gettext_lazy("Shown before every phone number and address. For example: do not leave voicemail."),
    )
    phone = forms.CharField(label=gettext_lazy("Phone"), required=False, max_length=LINE)
    phone_safe = forms.ChoiceField(label=gettext_lazy("Is this phone safe?"), choices=words.choices(words.SAFE))
    mail = forms.CharField(label=gettext_lazy("E-mail"), required=False, max_length=LINE)
    mail_safe = forms.ChoiceField(label=gettext_lazy("Is this e-mail safe?"), choices=words.choices(words.SAFE))
    address = long_text(gettext_lazy("Address"))
    address_safe = forms.ChoiceField(
        label=gettext_lazy("Is post to this address safe?"), choices=words.choices(words.SAFE)
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for way in WAYS:
            self.fields[f"{way}_safe"].required = False

    def contacts(self, before: Sequence[Contact] = ()) -> tuple[Contact, ...]:
        """The first contact of each way as typed; further ones stay as they were."""
        kept = list(before)
        for way in WAYS:
            at = next((i for i, contact in enumerate(kept) if contact.way == way), None)
            text = self.cleaned_data[way].strip()
            safe = self.cleaned_data[f"{way}_safe"] or "not_asked"
            if at is not None:
                kept[at] = replace(kept[at], text=text, safe=safe)
            elif text:
                kept.append(Contact(way=way, text=text, safe=safe))
        return tuple(contact for contact in kept if contact.text)


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
        choices=words.choices(words.RELIEF),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    stage = forms.ChoiceField(
        label=gettext_lazy("Stage"),
        choices=[choice for choice in words.choices(words.STAGES) if choice[0] != "closed"],
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


class PersonForm(PersonFields):
    """Somebody of a case; `version` is empty for somebody new. `today` is the last day somebody can be born on."""

    reads = forms.CharField(label=gettext_lazy("Languages read"), required=False, max_length=LINE)
    role = forms.ChoiceField(
        label=gettext_lazy("Who this is in the case"), choices=words.choices(words.ROLES), required=False
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


class NoteForm(forms.Form):
    """A new note."""

    text = long_text(gettext_lazy("Note"), required=True, tall=True, limit=None)
    told_by = forms.CharField(label=gettext_lazy("Told by"), required=False, max_length=LINE)
    story = forms.BooleanField(
        label=gettext_lazy("This is part of the story: keep it closed until opened"), required=False
    )


class NoteEditForm(VersionedForm):
    """A note corrected."""

    text = long_text(gettext_lazy("Note"), required=True, tall=True, limit=None)


class TaskForm(forms.Form):
    """Something somebody does."""

    text = forms.CharField(label=gettext_lazy("What is to be done"), widget=forms.TextInput({"dir": "auto"}))
    due_on = DateBoxes(label=gettext_lazy("Until"), what=gettext_lazy("the day"), required=False)
    owner = forms.ChoiceField(label=gettext_lazy("Who does it"))

    def __init__(self, *args: Any, team: Sequence[Colleague], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ChoiceField)
        owner.choices = [(str(member.member_id), member.name) for member in team]

    def clean_owner(self) -> UUID:
        return UUID(self.cleaned_data["owner"])


class NoticeForm(forms.Form):
    """What arrived or changed."""

    what = forms.ChoiceField(
        label=gettext_lazy("What arrived or changed?"),
        # A stop of the asylum clock has two dates and its own form.
        choices=[choice for choice in words.choices(words.NOTICES) if choice[0] != "clock_stop"],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what arrived or changed.")},
    )
    dated_on = DateBoxes(
        label=gettext_lazy("Date on it, or day of the change"), what=gettext_lazy("the date on the paper")
    )
    received_on = DateBoxes(
        label=gettext_lazy("Received on"), what=gettext_lazy("the day it was received"), required=False
    )
    how = forms.ChoiceField(label=gettext_lazy("How it came"), choices=words.choices(words.HOW), required=False)
    printed_due_on = DateBoxes(
        label=gettext_lazy("Answer due, as printed on it"),
        what=gettext_lazy("the date that is printed on it"),
        required=False,
        help_text=gettext_lazy("If a date to answer stands on the paper, copy it. An earlier printed date wins."),
    )
    text = long_text(gettext_lazy("Note"))


class ChangeForm(VersionedForm):
    """Stage, relief and lead of a case."""

    stage = forms.ChoiceField(label=gettext_lazy("Stage"), choices=words.choices(words.STAGES))
    relief = forms.MultipleChoiceField(
        label=gettext_lazy("What we may ask for"),
        choices=words.choices(words.RELIEF),
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
        stage.choices = [choice for choice in words.choices(words.STAGES) if (choice[0] == "closed") == is_closed]

    def changes(self) -> Mapping[str, Any]:
        """Fields of `cases.records.Case`."""
        told = self.cleaned_data
        return {"stage": told["stage"], "relief": tuple(told["relief"]), "lead": UUID(told["lead"])}
