"""Form of the search box."""

from django import forms
from django.utils.translation import gettext_lazy


class SearchForm(forms.Form):
    """Search text, which is sent by POST only so that it is in no address."""

    text = forms.CharField(
        label=gettext_lazy("Search"),
        max_length=200,
        help_text=gettext_lazy("A name in any spelling or script, an A-Number or its end, or a case ref."),
        widget=forms.TextInput({"type": "search", "autocomplete": "off", "dir": "auto", "autofocus": True}),
    )
