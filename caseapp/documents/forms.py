"""Forms of documents. The files themselves never reach a form in clear: only what was sealed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from caseapp.documents.services import TITLE_LIMIT


class ManyFiles(forms.ClearableFileInput):
    """A file box that takes several."""

    allow_multiple_selected = True


class SealedFiles(forms.FileField):
    """Files that the page asks for and the view reads itself: nothing of them reaches the form."""

    def clean(self, data: Any, initial: Any = None) -> None:
        """Nothing: what arrived is checked by the view's own lines."""


class UploadForm(forms.Form):
    """Files for a case."""

    papers = SealedFiles(
        label=gettext_lazy("Files"),
        widget=ManyFiles({"multiple": True}),
        help_text=gettext_lazy("Scans, photos, any other file. Each is sealed while it arrives."),
    )
    title = forms.CharField(
        label=gettext_lazy("What it is"),
        required=False,
        max_length=TITLE_LIMIT,
        help_text=gettext_lazy("For one file. Otherwise each keeps its own name."),
    )


class RemoveForm(forms.Form):
    """Take a document out of view."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
