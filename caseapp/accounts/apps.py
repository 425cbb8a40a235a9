"""Members, their bundles and sessions as a Django app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Label fixed, since table names rest on it."""

    name = "caseapp.accounts"
    label = "accounts"
