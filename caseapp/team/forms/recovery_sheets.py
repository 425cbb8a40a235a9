"""Forms of the office's recovery sheets."""

from django import forms
from django.utils.translation import gettext_lazy as _

from caseapp.ui.forms.secret_fields import SECRET_ATTRS

SCHEMES = (("2-3", _("3 holders, any 2 open it")), ("3-5", _("5 holders, any 3 open it")))


class SheetSetForm(forms.Form):
    """Form for the number of holders of a new set of sheets."""

    scheme = forms.ChoiceField(label=_("Holders"), choices=SCHEMES, widget=forms.RadioSelect, initial="2-3")

    def chosen_scheme(self) -> tuple[int, int]:
        """Return (sheets needed to open, sheets in the set)."""
        needed, holders = self.cleaned_data["scheme"].split("-")
        return int(needed), int(holders)


class RecoveryTestForm(forms.Form):
    """Form for the code that the test command printed."""

    code = forms.CharField(
        label=_("Code of the test"),
        max_length=40,
        widget=forms.TextInput({"autocomplete": "off", "class": "short", **SECRET_ATTRS}),
        error_messages={"required": _("Type the code that the test printed.")},
    )
