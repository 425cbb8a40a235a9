"""Forms of the first questions of an intake: the step "Safety", and the hotline page. They know no request."""

import copy
import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _
from msgspec.structs import replace

from caseapp.intake.services.intakes import FirstFacts
from caseapp.lib import clock
from caseapp.records.answer import Waiting
from caseapp.records.party import Contact, Party
from caseapp.ui.forms.date_fields import DateBoxes
from caseapp.ui.forms.date_reading import EVENT
from caseapp.ui.forms.person_fields import PersonFields
from caseapp.ui.forms.text_fields import LINE_LIMIT, long_text_field

YES, NO = "yes", "no"
YES_NO = [(YES, _("Yes")), (NO, _("No"))]
PERSON, RELATIVE = "person", "relative"


def person_field(name: str) -> forms.Field:
    """Return a field of a person as the other pages have it."""
    return copy.deepcopy(PersonFields.base_fields[name])


class FirstForm(forms.Form):
    """Fields of both pages: the name as heard, a phone and whether it is safe, and the team where there are several."""

    name = person_field("name")
    phone = person_field("phone")
    phone_safe = person_field("phone_safe")
    careful = person_field("careful")
    group = forms.ChoiceField(
        label=_("Which team"),
        help_text=_("Only the members of this team can open the intake."),
        error_messages={"required": _("Choose a team.")},
    )

    def __init__(self, *args: Any, teams: Sequence[tuple[UUID, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name, as the person says it")
        self.fields["name"].help_text = _("In any script. The name as on documents is asked next.")
        self.fields["phone_safe"].required = False
        group = self.fields["group"]
        assert isinstance(group, forms.ChoiceField)
        group.choices = [(str(group_id), name) for group_id, name in teams]
        if len(teams) < 2:
            del self.fields["group"]

    def team(self) -> UUID | None:
        """Return the chosen team, or None for the member's first one."""
        return UUID(self.cleaned_data["group"]) if "group" in self.fields else None

    def contacts(self, before: Sequence[Contact] = ()) -> tuple[Contact, ...]:
        """Return the contacts with the typed phone; others stay. A phone whose text was emptied is dropped."""
        kept, text = list(before), self.cleaned_data["phone"].strip()
        safe = self.cleaned_data["phone_safe"] or "not_asked"
        at = next((i for i, contact in enumerate(kept) if contact.way == "phone"), None)
        if at is not None:
            kept[at] = replace(kept[at], text=text, safe=safe)
        elif text:
            kept.append(Contact(way="phone", text=text, safe=safe))
        return tuple(contact for contact in kept if contact.text)


class SafetyForm(FirstForm):
    """The step "Safety", with what a conflict check needs at least: a name and the year of birth."""

    can_talk = forms.ChoiceField(
        label=_("Can we talk now?"),
        choices=[(YES, _("Yes")), (NO, _("No, call back"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether you can talk now.")},
    )
    call_back_on = DateBoxes(label=_("Call back on"), what=_("the day to call back"), required=False)
    detained = forms.ChoiceField(
        label=_("Is anyone detained?"),
        choices=[(NO, _("No")), (PERSON, _("Yes, the person")), (RELATIVE, _("Yes, a relative"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether anyone is detained.")},
    )
    detained_since = DateBoxes(
        label=_("Detained since"),
        what=_("the day the detention began"),
        kind=EVENT,
        required=False,
        help_text=_("Only if the person is detained. The dates of custody start on it."),
    )
    born_on = person_field("born_on")
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, required=False)

    def clean(self) -> dict[str, Any]:
        """Require the day to call back, and the day of detention, where the answers need one."""
        cleaned = self.cleaned_data
        if cleaned.get("can_talk") == NO and not cleaned.get("call_back_on") and "call_back_on" not in self.errors:
            self.add_error("call_back_on", _("Enter the day to call back."))
        since = cleaned.get("detained_since")
        if cleaned.get("detained") == PERSON and not since and "detained_since" not in self.errors:
            self.add_error("detained_since", _("Enter the day the detention began. If it is not known, enter today."))
        return cleaned

    def first_facts(self, before: Party | None = None, *, today: dt.date) -> FirstFacts:
        """Return what was typed. A call back puts a new intake on the waiting list."""
        typed = self.cleaned_data
        waits = before is None and typed["can_talk"] == NO
        return FirstFacts(
            name=typed["name"],
            born=typed["born_on"],
            contacts=self.contacts(before.contacts if before else ()),
            careful=typed["careful"],
            detained_since=typed["detained_since"] if typed["detained"] == PERSON else None,
            answers={
                "can_talk": typed["can_talk"],
                "detained": typed["detained"],
                "call_back_on": typed["call_back_on"].isoformat() if typed["call_back_on"] else "",
            },
            waiting=Waiting(since=today, next_contact_on=typed["call_back_on"], priority="soon") if waits else None,
            group=self.team(),
        )

    @staticmethod
    def initial_for(party: Party, answers: dict[str, str]) -> dict[str, Any]:
        """Return the initial values for a stored intake."""
        phone = next((contact for contact in party.contacts if contact.way == "phone"), None)
        on = answers.get("call_back_on", "")
        return {
            "name": party.name.full,
            "phone": phone.text if phone else "",
            "phone_safe": phone.safe if phone else "not_asked",
            "careful": party.careful,
            "can_talk": answers.get("can_talk", ""),
            "call_back_on": dt.date.fromisoformat(on) if on else None,
            "detained": PERSON if party.detained_since else answers.get("detained", ""),
            "detained_since": party.detained_since,
            "born_on": party.birth,
        }


class HotlineForm(FirstForm):
    """The hotline page: five questions in a minute."""

    about = long_text_field(
        _("What it is about"),
        required=True,
        missing=_("Enter what it is about, in a few words."),
        help_text=_("A few words. The story can wait."),
    )
    urgent = forms.ChoiceField(
        label=_("Is it urgent?"),
        choices=YES_NO,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether it is urgent.")},
    )
    call_back_on = DateBoxes(label=_("Call back on"), what=_("the day to call back"))
    call_back_when = forms.CharField(
        label=_("At what time"), required=False, max_length=LINE_LIMIT, help_text=_("For example: after 5 PM.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].label = _("Safe phone number")
        self.fields["phone"].required = True
        self.fields["phone"].error_messages["required"] = _("Enter a phone number at which it is safe to call.")
        del self.fields["phone_safe"], self.fields["careful"]

    def first_facts(self, zone: str) -> FirstFacts:
        """Return what was typed: an intake on the waiting list."""
        typed = self.cleaned_data
        urgent = typed["urgent"] == YES
        return FirstFacts(
            name=typed["name"],
            contacts=(Contact(way="phone", text=typed["phone"].strip(), safe="yes", note=typed["call_back_when"]),),
            answers={"about": typed["about"], "urgent": typed["urgent"]},
            waiting=Waiting(
                since=clock.today(zone),
                next_contact_on=typed["call_back_on"],
                priority="urgent" if urgent else "ordinary",
                reason=typed["call_back_when"],
            ),
            group=self.team(),
        )
