"""Form of a proceeding. It turns text into values and knows nothing of the request."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy
from msgspec.structs import replace

from caseapp.records.proceeding import Proceeding
from caseapp.ui.display import labels
from caseapp.ui.forms.date_fields import DateBoxes
from caseapp.ui.forms.text_fields import LINE_LIMIT

PLAIN = ("forum", "docket", "court", "judge", "began_on", "began_how", "state")  # the same names in the record


class ProceedingForm(forms.Form):
    """A proceeding before one forum. `version` is empty for a new one."""

    forum = forms.ChoiceField(
        label=gettext_lazy("Before which court or agency"),
        error_messages={"required": gettext_lazy("Choose the court or agency.")},
    )
    began_on = DateBoxes(
        label=gettext_lazy("Notice to Appear (NTA) served on"),
        what=gettext_lazy("the date of service"),
        required=False,
        help_text=gettext_lazy("Before another court or agency: when it began there."),
    )
    began_how = forms.ChoiceField(
        label=gettext_lazy("How it was served"),
        choices=labels.optional_choices(labels.SERVICE_METHODS),
        required=False,
    )
    court = forms.CharField(label=gettext_lazy("Court"), required=False, max_length=LINE_LIMIT)
    judge = forms.CharField(label=gettext_lazy("Judge"), required=False, max_length=LINE_LIMIT)
    docket = forms.CharField(label=gettext_lazy("Docket or receipt number"), required=False, max_length=LINE_LIMIT)
    state = forms.ChoiceField(
        label=gettext_lazy("State"), choices=labels.choices_of(labels.PROCEEDING_STATES), required=False
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the forums, and the one that the proceeding has."""
        super().__init__(*args, **kwargs)
        field, now = self.fields["forum"], str(self.initial.get("forum", ""))
        assert isinstance(field, forms.ChoiceField)
        kept = {now: now} if now and now not in labels.FORUMS else {}
        field.choices = labels.choices_of({**kept, **labels.FORUMS})

    def to_proceeding(self, before: Proceeding) -> Proceeding:
        """Return the proceeding as typed, based on the stored one."""
        fields = self.cleaned_data
        return replace(
            before, **{name: fields[name] for name in PLAIN if name != "state"}, state=fields["state"] or "open"
        )

    @staticmethod
    def initial_for(proceeding: Proceeding) -> dict[str, Any]:
        """Return the initial values of the form for a stored proceeding."""
        return {name: getattr(proceeding, name) for name in PLAIN}
