"""Form of the guide."""

from django import forms
from django.utils.translation import gettext_lazy as _


class GuideSearchForm(forms.Form):
    """Words to find in the guide."""

    words = forms.CharField(
        label=_("Find in the guide"),
        max_length=80,
        error_messages={"required": _("Type a word to find in the guide, for example hearing.")},
    )
