"""Forms of documents."""

from django import forms
from django.utils.translation import gettext_lazy

from caseapp.documents.services import TITLE_LIMIT
from caseapp.ui.display import labels
from caseapp.ui.forms.form_saving import VersionedForm
from caseapp.ui.forms.uploads.sealed_files import MultiFileInput, SealedFiles


class UploadForm(forms.Form):
    """Files to add to a case."""

    papers = SealedFiles(
        label=gettext_lazy("Files"),
        widget=MultiFileInput({"multiple": True}),
        help_text=gettext_lazy("Scans, photos, any other file. Each is encrypted as it arrives."),
        error_messages={"required": gettext_lazy("Choose at least one file.")},
    )
    title = forms.CharField(
        label=gettext_lazy("What it is"),
        required=False,
        max_length=TITLE_LIMIT,
        help_text=gettext_lazy("For one file. Otherwise each keeps its own name."),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        required=False,
        choices=[("", gettext_lazy("Not sorted yet")), *labels.choices_of(labels.DOCUMENT_KINDS)],
    )


class DocumentKindForm(VersionedForm):
    """Kind of a document."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=[("", gettext_lazy("Choose")), *labels.choices_of(labels.DOCUMENT_KINDS)],
        error_messages={"required": gettext_lazy("Choose the kind of this document.")},
    )


class DocumentRemovalForm(forms.Form):
    """Removal of a document from view."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
