"""Form fields of files. A form never sees the content of a file: uploads are sealed before it."""

from typing import Any

from django import forms


class MultiFileInput(forms.ClearableFileInput):
    """File input that accepts several files."""

    allow_multiple_selected = True


class SealedFiles(forms.FileField):
    """Field of files that the view reads: no content reaches the form."""

    def clean(self, data: Any, initial: Any = None) -> None:
        """Accept any value: the view checks the uploads."""
