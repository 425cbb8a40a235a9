"""Django app of the clients room."""

from django.apps import AppConfig


class ClientsConfig(AppConfig):
    """Configuration of the clients app, which has no tables."""

    name = "caseapp.clients"
    label = "clients"
