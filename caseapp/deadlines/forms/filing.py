"""Form of the filing that meets a deadline."""

from datetime import datetime, time
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caseapp.deadlines.panels import filing_lines
from caseapp.records.deadline import FilingStep
from caseapp.ui.display import labels
from caseapp.ui.forms.clock_time import parse_clock_time
from caseapp.ui.forms.date_fields import DateBoxes
from caseapp.ui.forms.form_saving import VersionedForm
from caseapp.ui.forms.text_fields import LINE_LIMIT, long_text_field
from caseapp.ui.forms.uploads.sealed_files import SealedFiles

HALF_CHOICES = (("", gettext_lazy("24 hours")), ("am", "AM"), ("pm", "PM"))


class FilingForm(VersionedForm):
    """A step of a filing. `papers` are (id, title) of the case's documents."""

    status = forms.ChoiceField(
        label=gettext_lazy("Activity"),
        choices=labels.choices_of(filing_lines.STATUSES),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy(
                "Choose the status of the filing: sent, received, rejected, or late with a motion."
            )
        },
    )
    on = DateBoxes(label=gettext_lazy("Date"), what=gettext_lazy("the date of the filing"))
    at = forms.CharField(
        label=gettext_lazy("Time"),
        required=False,
        max_length=20,
        help_text=gettext_lazy("On the clock of the court or office, for example 4:30 PM."),
        widget=forms.TextInput({"class": "box-time", "autocomplete": "off", "dir": "ltr"}),
    )
    half = forms.ChoiceField(label=gettext_lazy("AM or PM"), choices=HALF_CHOICES, required=False)
    method = forms.ChoiceField(
        label=gettext_lazy("Method"),
        choices=[("", gettext_lazy("Not recorded")), *filing_lines.METHODS.items()],
        required=False,
    )
    confirmation = forms.CharField(
        label=gettext_lazy("Confirmation number"),
        required=False,
        max_length=LINE_LIMIT,
        help_text=gettext_lazy("Receipt, ECAS or tracking number."),
        widget=forms.TextInput({"autocomplete": "off", "dir": "ltr"}),
    )
    service = forms.ChoiceField(
        label=gettext_lazy("Service on the other side"),
        choices=[("", gettext_lazy("Not recorded")), *filing_lines.SERVICES.items()],
        required=False,
    )
    served_on = DateBoxes(
        label=gettext_lazy("Date of service"), what=gettext_lazy("the date of service"), required=False
    )
    document = forms.ChoiceField(label=gettext_lazy("Proof: a document of this case"), required=False)
    upload = SealedFiles(
        label=gettext_lazy("Or add the proof here"),
        required=False,
        help_text=gettext_lazy("For example the receipt or the stamped first page. It becomes a document of the case."),
    )
    note = long_text_field(gettext_lazy("Note"))

    def __init__(self, *args: Any, papers: tuple[tuple[str, str], ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        document = self.fields["document"]
        assert isinstance(document, forms.ChoiceField)
        document.choices = [("", _("No document yet")), *papers]

    def clean(self) -> dict[str, Any]:
        """Add `clock`, the time as HH:MM or an empty text."""
        cleaned = self.cleaned_data
        cleaned["clock"] = ""
        if cleaned.get("at"):
            try:
                at: time = parse_clock_time(cleaned["at"], cleaned.get("half", ""))
            except forms.ValidationError as error:
                self.add_error("at", error)
            else:
                cleaned["clock"] = at.strftime("%H:%M")
        return cleaned

    def build_step(self, by: UUID, recorded_at: datetime) -> FilingStep:
        """Return the step as typed."""
        cleaned = self.cleaned_data
        return FilingStep(
            status=cleaned["status"],
            on=cleaned["on"],
            at=cleaned["clock"],
            method=cleaned["method"],
            confirmation=cleaned["confirmation"].strip(),
            service=cleaned["service"],
            served_on=cleaned["served_on"],
            document=UUID(cleaned["document"]) if cleaned["document"] else None,
            note=cleaned["note"].strip(),
            by=by,
            recorded_at=recorded_at,
        )
