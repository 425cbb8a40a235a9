"""Django app configuration of the vault."""

from django.apps import AppConfig


class VaultConfig(AppConfig):
    """App configuration. The label is fixed because table names depend on it."""

    name = "caseapp.vault"
    label = "vault"
