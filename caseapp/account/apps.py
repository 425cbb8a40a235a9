"""The room account as a Django app."""

from django.apps import AppConfig


class AccountConfig(AppConfig):
    """No tables."""

    name = "caseapp.account"
    label = "account"
