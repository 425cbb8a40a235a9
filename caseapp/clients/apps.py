"""The room clients as a Django app."""

from django.apps import AppConfig


class ClientsConfig(AppConfig):
    """No tables."""

    name = "caseapp.clients"
    label = "clients"
