"""Forms of the search box and of the palette."""

from django import forms
from django.utils.translation import gettext_lazy

TEXT_LIMIT = 200  # characters


class SearchForm(forms.Form):
    """Search text, which is sent by POST only so that it is in no address."""

    text = forms.CharField(
        label=gettext_lazy("Search"),
        max_length=TEXT_LIMIT,
        help_text=gettext_lazy(
            "A name in any spelling or script, an A-Number or telephone number or any 4 digits of it in a row, a case "
            "ref, a court, or a colleague."
        ),
        widget=forms.TextInput({"type": "search", "autocomplete": "off", "dir": "auto", "autofocus": True}),
        error_messages={"required": gettext_lazy("Enter a name, an A-Number, a case ref or a phone number.")},
    )


class PaletteForm(forms.Form):
    """Text typed into the palette so far, the page it is on, and whether that page covers names now."""

    text = forms.CharField(required=False, max_length=TEXT_LIMIT)
    page_path = forms.CharField(required=False, max_length=300)
    covered = forms.BooleanField(required=False)
