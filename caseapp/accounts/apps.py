"""Members, their bundles and sessions as a Django app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """App configuration with a fixed label, because the table names depend on it."""

    name = "caseapp.accounts"
    label = "accounts"
