"""The vault as a Django app: its tables."""

from django.apps import AppConfig


class VaultConfig(AppConfig):
    """Label fixed, since table names rest on it."""

    name = "caseapp.vault"
    label = "vault"
