"""Forms of hearings. Times are typed in the court's zone and leave here as aware UTC."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from msgspec.structs import replace

from caseapp.accounts.directory.team_members import Colleague
from caseapp.records.hearing import Hearing, Outcome
from caseapp.ui.display import labels
from caseapp.ui.forms import zones
from caseapp.ui.forms.clock_time import clock_time, instant
from caseapp.ui.forms.date_fields import DateBoxes
from caseapp.ui.forms.text_fields import LINE, long_text

HALF_CHOICES = (("", gettext_lazy("24 hours")), ("am", "AM"), ("pm", "PM"))
AT_HELP = gettext_lazy("In the court's own time, for example 8:30.")


class HearingForm(forms.Form):
    """A hearing to book or correct."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Type"), choices=labels.choices(labels.HEARING_KINDS), widget=forms.RadioSelect
    )
    on = DateBoxes(label=gettext_lazy("Date"), what=gettext_lazy("the hearing date"))
    at = forms.CharField(
        label=gettext_lazy("Time"),
        max_length=20,
        help_text=AT_HELP,
        widget=forms.TextInput({"class": "box-time", "autocomplete": "off", "dir": "ltr"}),
    )
    half = forms.ChoiceField(label=gettext_lazy("AM or PM"), choices=HALF_CHOICES, required=False)
    court = forms.CharField(label=gettext_lazy("Court"), max_length=LINE)
    zone = forms.ChoiceField(label=gettext_lazy("Time zone of the court"), choices=zones.choices)
    room = forms.CharField(label=gettext_lazy("Room"), max_length=60, required=False)
    way = forms.ChoiceField(label=gettext_lazy("Way"), choices=labels.choices(labels.WAYS), widget=forms.RadioSelect)
    judge = forms.CharField(label=gettext_lazy("Judge"), max_length=LINE, required=False)
    goes = forms.ChoiceField(label=gettext_lazy("Who goes"), required=False)
    interpreter = forms.CharField(label=gettext_lazy("Interpreter for"), max_length=60, required=False)
    interpreter_asked = forms.BooleanField(label=gettext_lazy("The interpreter is asked for"), required=False)
    detained = forms.BooleanField(
        label=gettext_lazy("The client is detained"),
        required=False,
        help_text=gettext_lazy("The court then sets every filing date itself: none is computed."),
    )
    text = long_text(gettext_lazy("Note"))
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, required=False)

    def __init__(self, *args: Any, team: Sequence[Colleague], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        goes = self.fields["goes"]
        assert isinstance(goes, forms.ChoiceField)
        goes.choices = [("", _("Nobody yet")), *((str(member.member_id), member.name) for member in team)]

    def clean(self) -> dict[str, Any]:
        """`starts_at` from date, time and zone."""
        told = self.cleaned_data
        read_start(self, told, "on", "at", "half", told.get("zone", ""))
        return told

    def hearing(self, before: Hearing | None = None) -> Hearing:
        """The hearing as typed, over what stood before."""
        told = self.cleaned_data
        base = before or Hearing(kind=told["kind"], starts_at=told["starts_at"], zone=told["zone"])
        return replace(
            base,
            kind=told["kind"],
            starts_at=told["starts_at"],
            zone=told["zone"],
            court=told["court"],
            room=told["room"],
            way=told["way"],
            judge=told["judge"],
            goes=UUID(told["goes"]) if told["goes"] else None,
            interpreter=told["interpreter"],
            interpreter_asked=told["interpreter_asked"],
            detained=told["detained"],
            text=told["text"],
        )

    @staticmethod
    def saved(hearing: Hearing) -> dict[str, Any]:
        """A stored hearing as the form shows it."""
        local = hearing.starts_at.astimezone(ZoneInfo(hearing.zone))
        return {
            "kind": hearing.kind,
            "on": local.date(),
            "at": typed_time(local),
            "half": "am" if local.hour < 12 else "pm",
            "court": hearing.court,
            "zone": hearing.zone,
            "room": hearing.room,
            "way": hearing.way,
            "judge": hearing.judge,
            "goes": str(hearing.goes) if hearing.goes else "",
            "interpreter": hearing.interpreter,
            "interpreter_asked": hearing.interpreter_asked,
            "detained": hearing.detained,
            "text": hearing.text,
        }


def typed_time(at: datetime) -> str:
    """`8:30` of a twelve-hour clock, as the box beside AM and PM holds it."""
    return f"{at.hour % 12 or 12}:{at.minute:02d}"


def read_start(form: forms.Form, told: dict[str, Any], on: str, at: str, half: str, zone: str) -> None:
    """Put `starts_at` (aware UTC) into `told`, or what is wrong onto the box of the time."""
    day: date | None = told.get(on)
    text: str = told.get(at, "")
    if day is None or not text or not zone:
        return
    try:
        moment: time = clock_time(text, told.get(half, ""))
        told["starts_at"] = instant(day, moment, zone)
    except forms.ValidationError as exc:
        form.add_error(at, exc)


class OutcomeForm(forms.Form):
    """What happened at a hearing. `zone` is the court's: the next hearing is at the same court."""

    what = forms.ChoiceField(
        label=gettext_lazy("What happened?"),
        choices=labels.choices(labels.OUTCOMES),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what happened.")},
    )
    decision = forms.ChoiceField(
        label=gettext_lazy("If decided: which way?"),
        choices=[("", gettext_lazy("Not decided")), *labels.choices(labels.DECISIONS)],
        required=False,
    )
    decided_on = DateBoxes(
        label=gettext_lazy("Decided on, if another day"), what=gettext_lazy("the day of the decision"), required=False
    )
    appeal_waived = forms.BooleanField(
        label=gettext_lazy("The client waived the appeal before the judge"), required=False
    )
    next_kind = forms.ChoiceField(
        label=gettext_lazy("Next hearing: type"), choices=labels.choices(labels.HEARING_KINDS), required=False
    )
    next_on = DateBoxes(
        label=gettext_lazy("Next date"), what=gettext_lazy("the date of the next hearing"), required=False
    )
    next_at = forms.CharField(
        label=gettext_lazy("Next time"),
        max_length=20,
        required=False,
        help_text=AT_HELP,
        widget=forms.TextInput({"class": "box-time", "autocomplete": "off", "dir": "ltr"}),
    )
    next_half = forms.ChoiceField(label=gettext_lazy("AM or PM"), choices=HALF_CHOICES, required=False)
    text = long_text(gettext_lazy("Note"))
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, zone: str, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone, self.today = zone, today

    def clean(self) -> dict[str, Any]:
        """What belongs together."""
        told = self.cleaned_data
        if told.get("what") == "decided" and not told.get("decision"):
            self.add_error("decision", _("Choose which way it was decided."))
        if told.get("decided_on") and told["decided_on"] > self.today:
            self.add_error("decided_on", _("The day of the decision is after today."))
        if told.get("next_on") and not told.get("next_at") and "next_at" not in self.errors:
            self.add_error("next_at", _("Enter the time of the next hearing, for example 8:30."))
        if told.get("next_at") and not told.get("next_on") and "next_on" not in self.errors:
            self.add_error("next_on", _("Enter the date of the next hearing, for example 8 12 2026."))
        if told.get("what") == "reset" and not told.get("next_on") and "next_on" not in self.errors:
            self.add_error("next_on", _("Enter the new date. If there is none yet, choose: it did not take place."))
        if told.get("next_on") and told["next_on"] < self.today:
            self.add_error("next_on", _("The date of the next hearing is before today."))
        read_start(self, told, "next_on", "next_at", "next_half", self.zone)
        return told

    def outcome(self) -> Outcome:
        """As typed; a decision only where one was made."""
        told = self.cleaned_data
        is_decided = told["what"] == "decided"
        return Outcome(
            what=told["what"],
            decision=told["decision"] if is_decided else "",
            decided_on=told["decided_on"] if is_decided else None,
            appeal_waived=told["appeal_waived"] if is_decided else False,
            text=told["text"],
        )

    def next_hearing(self, before: Hearing) -> Hearing | None:
        """At the same court, with the same people, where a date was given."""
        told = self.cleaned_data
        if not told.get("starts_at"):
            return None
        return Hearing(
            kind=told["next_kind"] or before.kind,
            starts_at=told["starts_at"],
            zone=before.zone,
            proceeding=before.proceeding,
            parties=before.parties,
            court=before.court,
            room=before.room,
            way=before.way,
            judge=before.judge,
            goes=before.goes,
            interpreter=before.interpreter,
            detained=before.detained,
        )
