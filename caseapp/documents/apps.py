"""Django app of the documents room."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """Configuration of the documents app, which has no tables."""

    name = "caseapp.documents"
    label = "documents"
