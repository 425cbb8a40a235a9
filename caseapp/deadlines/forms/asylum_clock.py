"""Forms of the asylum clock: the day of filing and the stops."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caseapp.deadlines.services import asylum_clock
from caseapp.ui.display import labels
from caseapp.ui.forms.date_fields import DateBoxes
from caseapp.ui.forms.form_saving import VersionedForm
from caseapp.ui.forms.text_fields import long_text_field

OTHER = "other"


class FiledForm(forms.Form):
    """The day the I-589 was received; `version` is that of its notice when it is corrected."""

    filed_on = DateBoxes(
        label=gettext_lazy("Application (I-589) received on"),
        what=gettext_lazy("the day the application was received"),
        help_text=gettext_lazy("The day the court or USCIS received the complete application, as its receipt says."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, required=False)


class StopForm(forms.Form):
    """A stop of the clock."""

    first = DateBoxes(label=gettext_lazy("Clock stopped on"), what=gettext_lazy("the day the clock stopped"))
    until = DateBoxes(
        label=gettext_lazy("Clock restarted on"),
        what=gettext_lazy("the day the clock restarted"),
        required=False,
        help_text=gettext_lazy("Leave it empty while the clock is stopped."),
    )
    why = forms.ChoiceField(label=gettext_lazy("Why"), error_messages={"required": gettext_lazy("Choose why.")})
    other = forms.CharField(label=gettext_lazy("Another reason, in words"), required=False, max_length=200)
    source = long_text_field(
        gettext_lazy("Where this is from"),
        help_text=gettext_lazy("For example the hearing record, the notice or the clock code on the court's page."),
        limit=asylum_clock.TEXT_LIMIT,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        why = self.fields["why"]
        assert isinstance(why, forms.ChoiceField)
        why.choices = [("", _("Choose one")), *labels.choices_of(labels.CLOCK_STOPS), (OTHER, _("Another reason"))]

    def clean(self) -> dict[str, Any]:
        """Require the words of another reason."""
        cleaned = self.cleaned_data
        if cleaned.get("why") == OTHER and not cleaned.get("other", "").strip():
            self.add_error("other", _("Say the reason in words."))
        return cleaned

    def service_arguments(self) -> dict[str, Any]:
        """Return the keyword arguments of `services.asylum_clock.add_stop`."""
        cleaned = self.cleaned_data
        why = cleaned["other"] if cleaned["why"] == OTHER else cleaned["why"]
        return {"first": cleaned["first"], "until": cleaned["until"], "why": why, "source": cleaned["source"]}

    @staticmethod
    def initial_for(stop: asylum_clock.StopEntry) -> dict[str, Any]:
        """Return the initial values of the form for a stored stop."""
        is_known = stop.why in labels.CLOCK_STOPS
        return {
            "first": stop.first,
            "until": stop.until,
            "why": stop.why if is_known else OTHER,
            "other": "" if is_known else stop.why,
            "source": stop.source,
        }


class StopEditForm(VersionedForm, StopForm):
    """A stop to correct or end."""
