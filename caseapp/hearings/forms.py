"""Forms of hearings. Times are typed in the court's zone and returned as aware UTC."""

import re
from collections.abc import Sequence, Set
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from msgspec.structs import replace

from caseapp.accounts.directory.team_members import Colleague
from caseapp.casefile.office_law import PACK_OF_COUNTRY
from caseapp.deadlines.services.case_stages import is_before_court
from caseapp.hearings.services.corrections import ABSENTIA
from caseapp.hearings.services.hearings import OutcomeFacts
from caseapp.lib import clock, courts
from caseapp.lib.countries import FRANCE, UNITED_STATES, country_of_zone
from caseapp.records.hearing import PACK_OF_HEARING_KIND, Hearing, Outcome
from caseapp.ui.display import date_texts, labels
from caseapp.ui.forms.clock_time import parse_clock_time, to_instant
from caseapp.ui.forms.date_fields import DateBoxes, missing_date_sentence
from caseapp.ui.forms.date_reading import EVENT, HEARING
from caseapp.ui.forms.text_fields import LINE_LIMIT, long_text_field
from caseapp.ui.forms.zones import ZoneField

HALF_CHOICES = (("", gettext_lazy("24 hours")), ("am", "AM"), ("pm", "PM"))
# Fields of the outcome that only the law of the United States asks for.
UNITED_STATES_QUESTIONS = ("leave_by", "appeal_waived", "absentia", "in_custody")
DEPARTURES = {"voluntary_departure", "voluntary_departure_before"}
LINK_LIMIT = 500  # characters
HTTPS_ADDRESS = re.compile(r"https://[^\s\"<>]+")
AT_HELP = gettext_lazy("In the court's time zone, for example 8:30.")


class HearingForm(forms.Form):
    """A hearing to book or correct."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Type"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose the type of hearing.")},
    )
    on = DateBoxes(label=gettext_lazy("Date"), what=gettext_lazy("the hearing date"), kind=HEARING)
    at = forms.CharField(
        label=gettext_lazy("Time"),
        max_length=20,
        help_text=AT_HELP,
        widget=forms.TextInput({"class": "box-time", "autocomplete": "off", "dir": "ltr"}),
        error_messages={"required": gettext_lazy("Enter the time of the hearing, for example 8:30.")},
    )
    half = forms.ChoiceField(label=gettext_lazy("AM or PM"), choices=HALF_CHOICES, required=False)
    court = forms.CharField(
        label=gettext_lazy("Court"),
        max_length=LINE_LIMIT,
        widget=forms.TextInput({"list": "courts"}),
        error_messages={"required": gettext_lazy("Enter the court, for example Newark Immigration Court.")},
    )
    zone = ZoneField(
        label=gettext_lazy("Time zone of the court"),
        error_messages={"required": gettext_lazy("Choose the time zone of the court.")},
    )
    room = forms.CharField(label=gettext_lazy("Room"), max_length=60, required=False)
    way = forms.ChoiceField(
        label=gettext_lazy("Hearing format"),
        choices=labels.choices_of(labels.HEARING_FORMATS),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose the hearing format: in person, video or telephone.")},
    )
    link = forms.CharField(
        label=gettext_lazy("Video link"),
        max_length=LINK_LIMIT,
        required=False,
        help_text=gettext_lazy("As the court sent it. It begins with https://."),
        widget=forms.URLInput({"autocomplete": "off", "dir": "ltr"}),
    )
    judge = forms.CharField(label=gettext_lazy("Judge"), max_length=LINE_LIMIT, required=False)
    goes = forms.ChoiceField(label=gettext_lazy("Appearing"), required=False)
    interpreter = forms.CharField(label=gettext_lazy("Interpreter, language"), max_length=60, required=False)
    interpreter_asked = forms.BooleanField(label=gettext_lazy("The interpreter is requested"), required=False)
    detained = forms.BooleanField(
        label=gettext_lazy("The client is detained"),
        required=False,
        help_text=gettext_lazy("The court then sets every filing date itself: none is computed."),
    )
    bring = long_text_field(gettext_lazy("What to bring"), help_text=gettext_lazy("One thing a line."))
    text = long_text_field(gettext_lazy("Note"))
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, required=False)

    def __init__(
        self,
        *args: Any,
        team: Sequence[Colleague],
        packs: Set[str],
        before: Hearing | None = None,
        **kwargs: Any,
    ) -> None:
        """Offer the kinds of the packs in use; a hearing to correct (`before`) keeps its own kind."""
        super().__init__(*args, **kwargs)
        self.before = before
        is_in_united_states = PACK_OF_COUNTRY[UNITED_STATES] in packs
        self.court_names = tuple(court.name for court in courts.list_courts()) if is_in_united_states else ()
        kind, goes = self.fields["kind"], self.fields["goes"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = labels.choices_of(labels.hearing_kinds_of(packs, before.kind if before else ""))
        assert isinstance(goes, forms.ChoiceField)
        goes.choices = [("", _("Not assigned")), *((str(member.member_id), member.name) for member in team)]

    def clean_link(self) -> str:
        """Return the address of a video hearing. Only https: a page must not lead to anything that is not encrypted."""
        link: str = self.cleaned_data["link"]
        if link and not HTTPS_ADDRESS.fullmatch(link):
            raise forms.ValidationError(_("Enter the whole link. It begins with https://."))
        return link

    def clean(self) -> dict[str, Any]:
        """Add `starts_at` from date, time and zone."""
        cleaned = self.cleaned_data
        read_start(self, cleaned, "on", "at", "half", cleaned.get("zone", ""))
        self._check_country_of_court(cleaned.get("kind", ""), cleaned.get("zone", ""))
        if cleaned.get("starts_at") and is_before_court(cleaned.get("kind", "")) and "zone" not in self.errors:
            self._check_zone_of_court(cleaned)
        return cleaned

    def _check_zone_of_court(self, cleaned: dict[str, Any]) -> None:
        """Refuse an hour in another time zone than that of a listed court; a stored hearing keeps what it has."""
        listed = courts.find_court(cleaned.get("court", ""))
        if listed is None or (
            self.before and (self.before.court, self.before.zone) == (cleaned["court"], cleaned["zone"])
        ):
            return
        offsets = {clock.local_time(cleaned["starts_at"], zone).utcoffset() for zone in (listed.zone, cleaned["zone"])}
        if len(offsets) > 1:
            names = {"court": listed.name, "zone": date_texts.zone_in_words(listed.zone)}
            self.add_error("zone", _("%(court)s is in another time zone: %(zone)s. Choose that one.") % names)

    def _check_country_of_court(self, kind: str, zone: str) -> None:
        """Refuse a court hearing of one country in a time zone of the other; a stored hearing keeps what it has."""
        if not kind or not zone or (self.before and (self.before.kind, self.before.zone) == (kind, zone)):
            return
        pack, is_in_france = PACK_OF_HEARING_KIND.get(kind), country_of_zone(zone) == FRANCE
        if pack == PACK_OF_COUNTRY[FRANCE] and not is_in_france:
            self.add_error("zone", _("This hearing is in France. Choose the time zone of its court."))
        if pack == PACK_OF_COUNTRY[UNITED_STATES] and is_before_court(kind) and is_in_france:
            self.add_error("zone", _("This hearing is in the United States. Choose the time zone of its court."))

    def build_hearing(self, before: Hearing | None = None) -> Hearing:
        """Return the hearing as typed, with unedited fields copied from `before`."""
        cleaned = self.cleaned_data
        base = before or Hearing(kind=cleaned["kind"], starts_at=cleaned["starts_at"], zone=cleaned["zone"])
        return replace(
            base,
            kind=cleaned["kind"],
            starts_at=cleaned["starts_at"],
            zone=cleaned["zone"],
            court=cleaned["court"],
            room=cleaned["room"],
            way=cleaned["way"],
            judge=cleaned["judge"],
            goes=UUID(cleaned["goes"]) if cleaned["goes"] else None,
            interpreter=cleaned["interpreter"],
            interpreter_asked=cleaned["interpreter_asked"],
            detained=cleaned["detained"],
            link=cleaned["link"],
            bring=cleaned["bring"],
            text=cleaned["text"],
        )

    @staticmethod
    def initial_for(hearing: Hearing) -> dict[str, Any]:
        """Return the initial values of the form for a stored hearing."""
        local = clock.local_time(hearing.starts_at, hearing.zone)
        return {
            "kind": hearing.kind,
            "on": local.date(),
            "at": twelve_hour_time(local),
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
            "link": hearing.link,
            "bring": hearing.bring,
            "text": hearing.text,
        }


def twelve_hour_time(at: datetime) -> str:
    """Return `8:30` of a twelve-hour clock, as the time field next to AM and PM shows it."""
    return f"{at.hour % 12 or 12}:{at.minute:02d}"


def read_start(form: forms.Form, cleaned: dict[str, Any], on: str, at: str, half: str, zone: str) -> None:
    """Put `starts_at` (aware UTC) into the cleaned values, or add an error to the time field."""
    day: date | None = cleaned.get(on)
    text: str = cleaned.get(at, "")
    if day is None or not text or not zone:
        return
    try:
        moment: time = parse_clock_time(text, cleaned.get(half, ""))
        cleaned["starts_at"] = to_instant(day, moment, zone)
    except forms.ValidationError as exc:
        form.add_error(at, exc)


class OutcomeForm(forms.Form):
    """The outcome of a hearing. The next hearing is at the same court, in its zone."""

    what = forms.ChoiceField(
        label=gettext_lazy("Outcome of the hearing"),
        choices=labels.choices_of(labels.OUTCOMES),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose the outcome.")},
    )
    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=[("", gettext_lazy("No decision")), *labels.choices_of(labels.DECISIONS)],
        required=False,
    )
    decided_on = DateBoxes(
        label=gettext_lazy("Date of decision, if it is another day"),
        what=gettext_lazy("the day of the decision"),
        kind=EVENT,
        required=False,
    )
    appeal_waived = forms.BooleanField(label=gettext_lazy("Appeal waived before the judge"), required=False)
    leave_by = DateBoxes(
        label=gettext_lazy("If voluntary departure: by what date must the client leave?"),
        what=gettext_lazy("the last day to leave"),
        required=False,
    )
    absentia = forms.ChoiceField(
        label=gettext_lazy("If the respondent did not appear: was an in absentia order made?"),
        choices=[*labels.choices_of(labels.ABSENTIA_ANSWERS), ("", gettext_lazy("The respondent appeared"))],
        required=False,
    )
    in_custody = forms.ChoiceField(
        label=gettext_lazy("Was the client in custody on that day?"),
        choices=[("", gettext_lazy("Not known yet")), ("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))],
        required=False,
    )
    next_kind = forms.ChoiceField(label=gettext_lazy("Next hearing: type"), required=False)
    next_on = DateBoxes(
        label=gettext_lazy("Next date"),
        what=gettext_lazy("the date of the next hearing"),
        kind=HEARING,
        required=False,
    )
    next_at = forms.CharField(
        label=gettext_lazy("Time of the next hearing"),
        max_length=20,
        required=False,
        help_text=AT_HELP,
        widget=forms.TextInput({"class": "box-time", "autocomplete": "off", "dir": "ltr"}),
    )
    next_half = forms.ChoiceField(label=gettext_lazy("AM or PM"), choices=HALF_CHOICES, required=False)
    text = long_text_field(gettext_lazy("Note"))
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, hearing: Hearing, pack: str, **kwargs: Any) -> None:
        """Ask what the law of the hearing's pack needs to know."""
        super().__init__(*args, **kwargs)
        self.zone, self.heard_on = hearing.zone, hearing.starts_on
        next_kind, decision = self.fields["next_kind"], self.fields["decision"]
        assert isinstance(next_kind, forms.ChoiceField)
        assert isinstance(decision, forms.ChoiceField)
        kept_kind = self.initial.get("next_kind") or hearing.kind
        next_kind.choices = labels.choices_of(labels.hearing_kinds_of({pack}, kept_kind))
        if pack != PACK_OF_COUNTRY[UNITED_STATES]:
            decision.choices = [("", _("No decision")), *labels.choices_of(labels.FRENCH_DECISIONS)]
            for name in UNITED_STATES_QUESTIONS:
                del self.fields[name]

    @property
    def asks_united_states(self) -> bool:
        """Return whether the questions that follow from the law of the United States are asked."""
        return "absentia" in self.fields

    def clean(self) -> dict[str, Any]:
        """Check that decision, dates and outcome fit together, and add `starts_at` of the next hearing."""
        cleaned = self.cleaned_data
        if cleaned.get("what") == "decided" and not cleaned.get("decision"):
            self.add_error("decision", _("Choose the decision."))
        is_departure = cleaned.get("what") == "decided" and cleaned.get("decision") in DEPARTURES
        if is_departure and not cleaned.get("leave_by") and "leave_by" not in self.errors:
            self.add_error("leave_by", _("Enter the date by which the client must leave, as the order says."))
        if cleaned.get("decided_on") and cleaned["decided_on"] < self.heard_on:
            self.add_error("decided_on", _("The day of the decision is before the day of the hearing."))
        if cleaned.get("next_on") and not cleaned.get("next_at") and "next_at" not in self.errors:
            self.add_error("next_at", _("Enter the time of the next hearing, for example 8:30."))
        if cleaned.get("next_at") and not cleaned.get("next_on") and "next_on" not in self.errors:
            self.add_error("next_on", missing_date_sentence(_("the date of the next hearing")))
        if cleaned.get("what") == "reset" and not cleaned.get("next_on") and "next_on" not in self.errors:
            self.add_error(
                "next_on", _("Enter the new date. If there is none yet, choose “Not held: no new date yet”.")
            )
        if cleaned.get("next_on") and cleaned["next_on"] < self.heard_on:
            self.add_error("next_on", _("The next hearing is before this one. Correct the date of the next hearing."))
        read_start(self, cleaned, "next_on", "next_at", "next_half", self.zone)
        return cleaned

    def build_outcome(self) -> Outcome:
        """Return the outcome as typed; the decision fields only when a decision was made."""
        cleaned = self.cleaned_data
        is_decided = cleaned["what"] == "decided"
        is_absentia = cleaned["what"] == "absent" and cleaned.get("absentia") == "yes"
        return Outcome(
            what=cleaned["what"],
            decision=cleaned["decision"] if is_decided else "in_absentia" if is_absentia else "",
            decided_on=cleaned["decided_on"] if is_decided or is_absentia else None,
            appeal_waived=cleaned.get("appeal_waived", False) if is_decided else False,
            text=cleaned["text"],
        )

    @staticmethod
    def initial_for(outcome: Outcome, following: Hearing | None) -> dict[str, Any]:
        """Return the initial values for a recorded outcome and the hearing that was booked with it."""
        initial: dict[str, Any] = {
            "what": outcome.what,
            "decision": outcome.decision if outcome.what == "decided" else "",
            "decided_on": outcome.decided_on if outcome.decision else None,
            "appeal_waived": outcome.appeal_waived,
            "leave_by": outcome.leave_by,
            "absentia": "yes" if outcome.decision == "in_absentia" else outcome.facts.get(ABSENTIA, ""),
            "in_custody": outcome.facts.get("detained_now", ""),
            "text": outcome.text,
        }
        if following is not None:
            local = clock.local_time(following.starts_at, following.zone)
            initial |= {
                "next_kind": following.kind,
                "next_on": local.date(),
                "next_at": twelve_hour_time(local),
                "next_half": "am" if local.hour < 12 else "pm",
            }
        return initial

    def outcome_facts(self) -> OutcomeFacts:
        """Return the day to leave, custody, and a task while it is not known if an order was made."""
        cleaned = self.cleaned_data
        is_unknown = cleaned["what"] == "absent" and cleaned.get("absentia") in {"", "unknown"}
        answers = {"detained_now": cleaned["in_custody"]} if cleaned.get("in_custody") else {}
        if cleaned["what"] == "absent" and cleaned.get("absentia") in {"no", "unknown"}:
            answers[ABSENTIA] = cleaned["absentia"]
        return OutcomeFacts(
            leave_by=cleaned.get("leave_by"),
            answers=answers,
            task_text=_("Find out if an in absentia order was made: check ECAS and the 800 number.")
            if is_unknown
            else "",
        )

    def build_next_hearing(self, before: Hearing) -> Hearing | None:
        """Return the next hearing, at the same court and with the same people; None without a date."""
        cleaned = self.cleaned_data
        if not cleaned.get("starts_at"):
            return None
        return Hearing(
            kind=cleaned["next_kind"] or before.kind,
            starts_at=cleaned["starts_at"],
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
            link=before.link,
        )
