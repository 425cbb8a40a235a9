"""The room documents as a Django app."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """No tables."""

    name = "caseapp.documents"
    label = "documents"
