"""Forms of the steps of an intake: Who, Situation, Dates and documents, Decision, the letter and the waiting list."""

from collections.abc import Sequence, Set
from typing import Any, cast
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from msgspec.structs import replace

from caseapp import rules
from caseapp.accounts.directory.team_members import Colleague
from caseapp.deadlines.services.notices import NewNotice
from caseapp.deadlines.services.what_if import has_arrival_clock
from caseapp.intake.labels import DECISION_LABELS, LETTER_LANGUAGES, LETTER_WAY_LABELS, PRIORITY_LABELS, RELATIVE_ROLES
from caseapp.intake.services.decisions import NewDecision
from caseapp.intake.services.intakes import PersonFacts, PriorOrder, Relative
from caseapp.lib import clock
from caseapp.records import names
from caseapp.records.answer import LIMITED, REFER, REPRESENTED, Waiting
from caseapp.records.party import Name, Party
from caseapp.ui.display import labels
from caseapp.ui.forms.date_fields import BirthBoxes, DateBoxes
from caseapp.ui.forms.date_reading import EVENT
from caseapp.ui.forms.event_questions import EventQuestionsForm
from caseapp.ui.forms.person_fields import CONTACT_KINDS, PersonFields
from caseapp.ui.forms.text_fields import LINE_LIMIT, STORY_LIMIT, long_text_field, split_entries, split_lines

# Events that a new person's documents are usually about; the whole list is on the case's own page.
USUAL_EVENTS = (
    "nta_served",
    "in_absentia_order",
    "decision_denied",
    "board_dismissed",
    "reinstatement_order",
    "credible_fear_negative",
    "asylum_referral",
    "asylum_filed",
    "rfe",
    "noid",
    "uscis_denial",
    "uscis_appointment",
    "ice_check_in",
    "ead_expiry",
)


class WhoForm(PersonFields):
    """The step "Who": the person, the last arrival, one more relative, and who sent them."""

    reads = forms.CharField(label=_("Languages read"), required=False, max_length=LINE_LIMIT)
    last_arrival_on = DateBoxes(
        label=_("Last arrival in the country"),
        what=_("the date of the last arrival"),
        kind=EVENT,
        required=False,
        help_text=_("The one-year filing deadline for asylum is counted from it."),
    )
    referred_by = forms.CharField(label=_("Who sent the person to us"), required=False, max_length=LINE_LIMIT)
    relative_name = forms.CharField(label=_("Name"), required=False, max_length=names.NAME_LIMIT)
    relative_role = forms.ChoiceField(
        label=_("Who this is"), choices=labels.choices_of(RELATIVE_ROLES), required=False, initial="spouse"
    )
    relative_relation = forms.CharField(
        label=_("In the person's words"), required=False, max_length=LINE_LIMIT, help_text=_("For example: sister.")
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, packs: Set[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_arrival_clock(packs):
            self.fields["last_arrival_on"].help_text = ""

    def facts(self, before: Party) -> PersonFacts:
        """Return the person as typed, over the stored one. Raises Refused for a name or number that is not valid."""
        typed = self.cleaned_data
        full = names.clean_full_name(typed["name"])
        party = replace(
            before,
            name=before.name if before.name.full == full else Name(full=full),
            other_names=tuple(Name(full=names.clean_full_name(other)) for other in split_lines(typed["other_names"])),
            pronouns=typed["pronouns"],
            a_number=names.parse_a_number(typed["a_number"]),
            **self.birth_fields(),
            languages=split_entries(typed["languages"]),
            reads=split_entries(typed["reads"]),
            careful=typed["careful"],
            contacts=self.merged_contacts(before.contacts),
            **self.fact_values(before.citizenships),
        )
        relative = typed["relative_name"].strip()
        return PersonFacts(
            party=party,
            version=typed["version"],
            arrived_on=typed["last_arrival_on"],
            relative=Relative(
                name=relative, role=typed["relative_role"] or "other", relation=typed["relative_relation"]
            )
            if relative
            else None,
            referred_by=typed["referred_by"].strip(),
        )

    @staticmethod
    def initial_for(party: Party, referred_by: str) -> dict[str, Any]:
        """Return the initial values for a stored person."""
        first = {contact.way: contact for contact in reversed(party.contacts)}
        shown: dict[str, Any] = {
            "name": party.name.full,
            "other_names": "\n".join(name.full for name in party.other_names),
            "pronouns": party.pronouns,
            "a_number": names.format_a_number(party.a_number),
            "born_on": party.birth,
            "languages": ", ".join(party.languages),
            "reads": ", ".join(party.reads),
            "careful": party.careful,
            "last_arrival_on": party.last_arrival_on,
            "referred_by": referred_by,
            **PersonFields.fact_initial(party),
        }
        for kind in CONTACT_KINDS:
            contact = first.get(kind)
            shown |= {kind: contact.text if contact else "", f"{kind}_safe": contact.safe if contact else "not_asked"}
        return shown


class SituationForm(forms.Form):
    """The step "Situation": what the person asks for, possible paths, and their own words."""

    about = long_text_field(_("What the person asks for"), help_text=_("A few words, shown in the intake list."))
    relief = forms.MultipleChoiceField(
        label=_("Possible paths"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What may be looked at. Nothing is promised by a tick."),
    )
    story = long_text_field(
        _("Story"),
        help_text=_("In the person's own words. It stays closed on the case page until opened."),
        tall=True,
        limit=STORY_LIMIT,
    )

    def __init__(self, *args: Any, packs: Set[str], keep: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        relief = cast(forms.MultipleChoiceField, self.fields["relief"])
        relief.choices = labels.choices_of(labels.relief_of(packs, keep=keep))


class DocumentDateForm(EventQuestionsForm):
    """A document that the person has, and the date on it. Its questions are asked once it is chosen."""

    what = forms.ChoiceField(
        label=_("Which document"), error_messages={"required": _("Choose the document.")}, required=True
    )
    shown_for = forms.CharField(widget=forms.HiddenInput, required=False, max_length=LINE_LIMIT)

    def __init__(self, *args: Any, packs: Set[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        catalogue, language = rules.catalogue(), get_language() or "en"
        usual = [catalogue.events[name] for name in USUAL_EVENTS if name in catalogue.events]
        often = sorted((e for e in catalogue.events.values() if e.often), key=lambda event: event.often)
        offered = {
            event.id: event
            for event in (*usual, *often)
            if catalogue.pack_of[event.id] in packs and not event.is_recorded_with_a_hearing
        }
        what = cast(forms.ChoiceField, self.fields["what"])
        what.choices = [("", _("Choose one")), *((e.id, e.label.in_language(language)) for e in offered.values())]
        chosen = str(self.data.get("what", ""))
        self.event = offered.get(chosen)
        self.is_only_shown = False
        if self.event is not None:
            self.add_event_fields(self.event)
            self.is_only_shown = self.data.get("shown_for", "") != chosen
            typed = cast(QueryDict, self.data).copy()
            typed["shown_for"] = chosen
            self.data = typed

    @property
    def question_fields(self) -> list[forms.BoundField]:
        """Return the fields of the chosen document."""
        return [self[name] for name in self.fields if name not in DocumentDateForm.base_fields]

    def new_notice(self) -> NewNotice:
        """Return what was entered, from a valid form."""
        typed = self.cleaned_data
        return NewNotice(
            what=typed["what"],
            dated_on=typed["dated_on"],
            how=typed.get("how", ""),
            printed_due_on=typed.get("printed_due_on"),
            answers=self.answers(),
        )


class PriorOrderForm(forms.Form):
    """An earlier removal order."""

    ordered_on = BirthBoxes(
        label=_("Date of the order"),
        what=_("the date of the order"),
        help_text=_("The year is enough, or month and year, where the day is not known."),
    )
    authority = forms.CharField(label=_("Court or agency"), required=False, max_length=LINE_LIMIT)
    result = forms.CharField(
        label=_("What it says"), required=False, max_length=LINE_LIMIT, help_text=_("In a few words.")
    )

    def order(self) -> PriorOrder:
        """Return what was entered, from a valid form."""
        typed = self.cleaned_data
        return PriorOrder(
            period=str(typed["ordered_on"]), authority=typed["authority"].strip(), result=typed["result"].strip()
        )


class IntakeDecisionForm(forms.Form):
    """The decision. The stage, lead and scope count only where the office represents the person."""

    what = forms.ChoiceField(
        label=_("Decision"),
        choices=labels.choices_of(DECISION_LABELS),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the decision.")},
    )
    reason = long_text_field(_("Reason"), required=True, missing=_("Enter the reason of the decision."))
    consent = forms.BooleanField(label=_("Informed written consent to the conflict is signed"), required=False)
    stage = forms.ChoiceField(label=_("Stage of the case from now on"), required=False)
    lead = forms.ChoiceField(label=_("Lead of the case"), required=False)
    scope = long_text_field(_("Scope, where it is limited"))
    refer_office = forms.CharField(label=_("Referred to"), required=False, max_length=LINE_LIMIT)

    def __init__(
        self, *args: Any, packs: Set[str], people: Sequence[Colleague], asks_consent: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        stages = {code: label for code, label in labels.stages_of(packs).items() if code not in {"intake", "advice"}}
        cast(forms.ChoiceField, self.fields["stage"]).choices = [("", _("Choose")), *labels.choices_of(stages)]
        cast(forms.ChoiceField, self.fields["lead"]).choices = [(str(each.member_id), each.name) for each in people]
        if not asks_consent:
            del self.fields["consent"]

    def clean(self) -> dict[str, Any]:
        """Require the stage, the scope and the office referred to where the decision needs them."""
        typed = self.cleaned_data
        if typed.get("what") in REPRESENTED and not typed.get("stage") and "stage" not in self.errors:
            self.add_error("stage", _("Choose the stage of the case."))
        if typed.get("what") == LIMITED and not typed.get("scope", "").strip():
            self.add_error("scope", _("Enter what the limited scope includes."))
        if typed.get("what") == REFER and not typed.get("refer_office", "").strip():
            self.add_error("refer_office", _("Enter to whom the person is referred."))
        return typed

    def decision(self) -> NewDecision:
        """Return what was entered, from a valid form."""
        typed = self.cleaned_data
        return NewDecision(
            what=typed["what"],
            reason=typed["reason"].strip(),
            stage=typed["stage"],
            lead=UUID(typed["lead"]) if typed["lead"] else None,
            scope=typed["scope"].strip(),
            referred_to=typed["refer_office"].strip(),
            consent=typed.get("consent", False),
        )


class WaitingForm(forms.Form):
    """A place on the waiting list."""

    priority = forms.ChoiceField(
        label=_("How urgent"),
        choices=labels.choices_of(PRIORITY_LABELS),
        error_messages={"required": _("Choose how urgent it is.")},
    )
    next_contact_on = DateBoxes(label=_("Next contact"), what=_("the day of the next contact"))
    waits_for = long_text_field(
        _("Why the person waits"), required=True, missing=_("Enter why the person waits."), limit=500
    )

    def waiting(self, zone: str) -> Waiting:
        """Return what was entered, from a valid form."""
        typed = self.cleaned_data
        return Waiting(
            since=clock.today(zone),
            reason=typed["waits_for"].strip(),
            priority=typed["priority"],
            next_contact_on=typed["next_contact_on"],
        )


class LetterForm(forms.Form):
    """Note of a printed letter that was sent."""

    how = forms.ChoiceField(
        label=_("How it was sent"),
        choices=labels.choices_of(LETTER_WAY_LABELS),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how the letter was sent.")},
    )
    certified_number = forms.CharField(label=_("Certified mail number"), required=False, max_length=LINE_LIMIT)
    language = forms.ChoiceField(choices=LETTER_LANGUAGES, widget=forms.HiddenInput)
