"""A form field for a country: typed or chosen from a list of names in the language of the page."""

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from caseapp.lib import country_names
from caseapp.ui.forms.text_fields import LINE_LIMIT

LIST = "countries"  # id of the list of names (`components/country-list.html`), once in a page


class CountryField(forms.CharField):
    """A country as ISO 3166 alpha-2. It reads a name in any of our languages, a nationality, or the two letters."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput({"autocomplete": "off", "dir": "auto", "list": LIST})
        super().__init__(max_length=LINE_LIMIT, required=False, widget=widget, **kwargs)

    def clean(self, value: Any) -> str:
        """Return the code of the typed country; empty stays empty."""
        text = str(super().clean(value))
        code = country_names.find_country(text) if text else ""
        if text and not code:
            raise forms.ValidationError(
                _("Choose a country from the list, or write its name, for example Guatemala."), code="country"
            )
        return code

    def prepare_value(self, value: Any) -> Any:
        """Return the name of a code in the language of the page; what was typed stays as typed."""
        return country_names.country_name(value, get_language() or "en") if value else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether the typed text names another country than the saved code."""
        return (country_names.find_country(str(data or "")) or data or "") != (initial or "")


def country_list() -> list[str]:
    """Return the names of all countries in the language of the page, in its order."""
    return [name for _code, name in country_names.country_choices(get_language() or "en")]
