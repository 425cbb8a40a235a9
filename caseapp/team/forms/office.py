"""Form of the office's own settings."""

from django import forms
from django.utils.translation import gettext_lazy as _

from caseapp.ui.display.country import COUNTRY_CHOICES


class OfficeCountryForm(forms.Form):
    """Country whose way of writing dates the office uses."""

    country = forms.ChoiceField(
        label=_("Dates are entered as in"),
        choices=COUNTRY_CHOICES,
        widget=forms.RadioSelect,
        help_text=_(
            "United States: month, day, year. France: day, month, year. The language of a page changes nothing."
        ),
        error_messages={"required": _("Choose a country.")},
    )
