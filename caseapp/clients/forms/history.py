"""Form of an earlier order against a person. It turns text into values and knows nothing of the request."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy
from msgspec.structs import replace

from caseapp.records.history import History
from caseapp.ui.forms.country_fields import CountryField, country_list
from caseapp.ui.forms.date_fields import BirthBoxes
from caseapp.ui.forms.text_fields import LINE_LIMIT, long_text_field

PLAIN = ("authority", "result", "number", "country", "text")  # the same names in the record


class EarlierOrderForm(forms.Form):
    """An earlier removal order. `version` is empty for a new one."""

    ordered_on = BirthBoxes(
        label=gettext_lazy("Date of the order"),
        what=gettext_lazy("the date of the order"),
        required=False,
        help_text=gettext_lazy("The year is enough, or month and year, where the day is not known."),
    )
    authority = forms.CharField(label=gettext_lazy("Court or agency"), required=False, max_length=LINE_LIMIT)
    result = forms.CharField(
        label=gettext_lazy("What was ordered"),
        max_length=LINE_LIMIT,
        help_text=gettext_lazy("For example: removal in absentia, expedited removal, voluntary departure."),
        error_messages={"required": gettext_lazy("Enter what was ordered, or that it is not known.")},
    )
    number = forms.CharField(label=gettext_lazy("Docket or receipt number"), required=False, max_length=LINE_LIMIT)
    country = CountryField(label=gettext_lazy("Country of removal"))
    text = long_text_field(gettext_lazy("Note"))
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, required=False)

    @property
    def countries(self) -> list[str]:
        """Return the names of all countries, which the field of the country offers."""
        return country_list()

    def to_order(self, before: History) -> History:
        """Return the order as typed, based on the stored one."""
        fields = self.cleaned_data
        return replace(before, from_period=str(fields["ordered_on"] or ""), **{name: fields[name] for name in PLAIN})

    @staticmethod
    def initial_for(order: History) -> dict[str, Any]:
        """Return the initial values of the form for a stored order."""
        return {"ordered_on": order.began, **{name: getattr(order, name) for name in PLAIN}}
