"""Forms of the custody page."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy

from caseapp.clients.services.custody import CorrectedStep, NewFacility
from caseapp.ui.display.case_header import PersonChoice
from caseapp.ui.forms.date_fields import DateBoxes
from caseapp.ui.forms.date_reading import EVENT
from caseapp.ui.forms.text_fields import LINE_LIMIT

HearingChoice = tuple[UUID, str]


class FacilityForm(forms.Form):
    """The facility where a detained person is held from a day on, and the court that has the case since then."""

    party = forms.ChoiceField(
        label=gettext_lazy("Person"), error_messages={"required": gettext_lazy("Choose the person.")}
    )
    facility = forms.CharField(
        label=gettext_lazy("Facility"),
        max_length=LINE_LIMIT,
        error_messages={"required": gettext_lazy("Enter the name of the facility.")},
    )
    on = DateBoxes(label=gettext_lazy("Detained there since"), what=gettext_lazy("the day of the transfer"), kind=EVENT)
    court = forms.CharField(
        label=gettext_lazy("Court that has the case now"),
        max_length=LINE_LIMIT,
        required=False,
        help_text=gettext_lazy("Leave it empty while the case stays at the same court."),
    )
    hearings = forms.MultipleChoiceField(
        label=gettext_lazy("Hearings that move to this court"), widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(
        self, *args: Any, persons: Sequence[PersonChoice], hearings: Sequence[HearingChoice], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["party"]).choices = [(str(party_id), name) for party_id, name in persons]
        cast(forms.MultipleChoiceField, self.fields["hearings"]).choices = [
            (str(hearing_id), label) for hearing_id, label in hearings
        ]
        if len(persons) == 1:
            self.fields["party"].widget = forms.HiddenInput()
            self.initial.setdefault("party", str(persons[0][0]))
        if not hearings:
            del self.fields["hearings"]

    def new_facility(self) -> NewFacility:
        """Return what was entered, from a valid form."""
        cleaned = self.cleaned_data
        return NewFacility(
            party=UUID(cleaned["party"]),
            facility=cleaned["facility"].strip(),
            on=cleaned["on"],
            court=cleaned["court"].strip(),
            hearings=tuple(UUID(text) for text in cleaned.get("hearings", ())),
        )


class StepCorrectionForm(FacilityForm):
    """A stored facility or transfer, or a release of which only the day is corrected."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, is_release: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_release:
            self.fields["on"].label = gettext_lazy("Released on")
            for name in ("facility", "court", "hearings"):
                self.fields.pop(name, None)

    def corrected_step(self) -> CorrectedStep:
        """Return what was entered, from a valid form."""
        cleaned = self.cleaned_data
        new = NewFacility(
            party=UUID(cleaned["party"]),
            facility=cleaned.get("facility", "").strip(),
            on=cleaned["on"],
            court=cleaned.get("court", "").strip(),
            hearings=tuple(UUID(text) for text in cleaned.get("hearings", ())),
        )
        return CorrectedStep(facility=new, version=cleaned["version"])
