"""Django app configuration of the account room."""

from django.apps import AppConfig


class AccountConfig(AppConfig):
    """App without database tables."""

    name = "caseapp.account"
    label = "account"
