"""The audit room as a Django app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Tables of the trail."""

    name = "caseapp.audit"
    label = "audit"
