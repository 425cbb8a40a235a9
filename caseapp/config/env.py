"""Typed readers of environment variables.

A secret has no default: a missing one stops the program with one sentence.
"""

import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured

from caseapp.lib import secret_files, service_urls
from caseapp.lib.service_urls import BadSetting

T = TypeVar("T")


def text(name: str, default: str | None = None) -> str:
    """Return the variable as text. Raises ImproperlyConfigured if it is missing and has no default."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"Set {name}: see docs/operations.md")
    return value


def folder(name: str, default: Path | None = None) -> Path:
    """Return the variable as an absolute path."""
    return Path(text(name, str(default) if default else None)).expanduser().resolve()


# Detect a lost database server after a minute; the TCP defaults take two hours.
CONNECTION_LOSS_OPTIONS = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}


def address(name: str, read: Callable[[str], T], default: str) -> T:
    """Return the variable as its reader of `lib/service_urls.py` understands it; an empty one counts as missing."""
    return _read_address(read, os.environ.get(name) or default)


def _read_address(read: Callable[[str], T], url: str) -> T:
    try:
        return read(url)
    except BadSetting as sentence:
        raise ImproperlyConfigured(str(sentence)) from None


def database_settings(database: service_urls.Database) -> dict[str, Any]:
    """Return Django's settings for a database."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": database.name,
        "USER": database.login.user,
        "PASSWORD": database.login.password,
        "HOST": database.host,
        "PORT": str(database.port or ""),
        # Values are sent separately, so a failing statement puts none into the server's log or into str(exc).
        "OPTIONS": {
            "server_side_binding": True,
            "connect_timeout": 5,
            **CONNECTION_LOSS_OPTIONS,
            **dict(database.options),
        },
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": False,
    }


def mail_settings(server: service_urls.MailServer) -> dict[str, Any]:
    """Return Django's mail settings for a server that sends mail."""
    return {
        "EMAIL_HOST": server.host,
        "EMAIL_PORT": server.port,
        "EMAIL_HOST_USER": server.login.user,
        "EMAIL_HOST_PASSWORD": server.login.password,
        "EMAIL_USE_SSL": server.tls == "at once",
        "EMAIL_USE_TLS": server.tls == "starttls",
    }


def mailbox_settings(url: str) -> dict[str, Any]:
    """Return the settings of the mailbox for returned mail; empty if the URL is empty."""
    if not url:
        return {}
    mailbox = _read_address(service_urls.read_mailbox, url)
    return {
        "host": mailbox.host,
        "port": mailbox.port,
        "user": mailbox.login.user,
        "password": mailbox.login.password,
        "folder": mailbox.folder,
        "tls": mailbox.tls,
    }


def host_list(name: str) -> frozenset[tuple[str, int]]:
    """Return the hosts and ports of a variable such as `signal.example.org:8080, 10.0.0.7:443`; empty without it."""
    hosts = set()
    for entry in filter(None, re.split(r"[\s,]+", text(name, ""))):
        host, _, port = entry.rpartition(":")
        if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
            raise ImproperlyConfigured(f"{name} lists hosts with ports, for example signal.example.org:8080")
        hosts.add((host.lower().strip("[]"), int(port)))
    return frozenset(hosts)


def secret_key(folder: Path, name: str, *, may_create: bool) -> bytes:
    """Return the 32 bytes of a key of the server.

    may_create  create a missing one, with mode 0600. A folder that was in use gets no new key: nothing that is stored
                would open with it
    """
    path = folder / name
    if may_create:
        secret_files.create_file(path, secrets.token_bytes(secret_files.KEY_LENGTH))  # of several processes one wins
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        raise ImproperlyConfigured(f"The key {name} is missing from {folder}: bring it back from its backup") from None
    if len(key) != secret_files.KEY_LENGTH:
        raise ImproperlyConfigured(f"The key {name} in {folder} is damaged: bring it back from its backup")
    return key
