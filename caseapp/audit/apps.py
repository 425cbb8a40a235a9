"""The audit room as a Django app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Django app with the tables of the audit trail."""

    name = "caseapp.audit"
    label = "audit"
