"""Typed readers of environment variables.

A secret has no default: a missing one stops the program with one sentence.
"""

import os
import re
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from caseapp.lib import secret_files


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


def database_settings(url: str) -> dict[str, Any]:
    """Return Django's settings for a `postgresql://user:password@host:port/name?host=/socket/folder` URL."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("DATABASE_URL starts with postgresql://")
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", None) or parts.hostname or "",
        "PORT": query.pop("port", None) or str(parts.port or ""),
        # Values are sent separately, so a failing statement puts none into the server's log or into str(exc).
        "OPTIONS": {"server_side_binding": True, "connect_timeout": 5, **CONNECTION_LOSS_OPTIONS, **query},
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": False,
    }


def mail_settings(url: str) -> dict[str, Any]:
    """Return Django's mail settings for `smtp://`, `smtps://` or `smtp+starttls://user:password@host:port`."""
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps", "smtp+starttls"}:
        raise ImproperlyConfigured("SMTP_URL starts with smtp://, smtps:// or smtp+starttls://")
    ports = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
    return {
        "EMAIL_HOST": parts.hostname or "127.0.0.1",
        "EMAIL_PORT": parts.port or ports[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp+starttls",
    }


def mailbox_settings(url: str) -> dict[str, Any]:
    """Return the settings of the mailbox for returned mail; empty if the URL is empty.

    The URL is `imaps://` or `imap+starttls://user:password@host:port/FOLDER`. `imap://`, without TLS, is accepted only
    for a mailbox on this machine.
    """
    if not url:
        return {}
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ImproperlyConfigured("BOUNCES_URL is imaps://user:password@host/FOLDER") from None  # it quotes the URL
    ports = {"imaps": 993, "imap+starttls": 143, "imap": 143}
    if parts.scheme not in ports:
        raise ImproperlyConfigured("BOUNCES_URL starts with imaps:// or imap+starttls://")
    if parts.scheme == "imap" and parts.hostname not in {"127.0.0.1", "::1", "localhost"}:
        raise ImproperlyConfigured("BOUNCES_URL without TLS (imap://) is for a mailbox on this machine")
    folder = unquote(parts.path.strip("/")) or "INBOX"
    if not (parts.hostname and parts.username and parts.password and folder.isascii() and folder.isprintable()):
        raise ImproperlyConfigured("BOUNCES_URL is imaps://user:password@host/FOLDER")
    return {
        "host": parts.hostname,
        "port": port or ports[parts.scheme],
        "user": unquote(parts.username),
        "password": unquote(parts.password),
        "folder": folder,
        "tls": {"imaps": "at once", "imap+starttls": "starttls"}.get(parts.scheme, ""),
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


def secret_file(folder: Path, name: str, *, mode: str) -> bytes:
    """Return the bytes of a secret.

    Outside production a missing one is created, 32 random bytes with mode 0600.
    """
    path = folder / name
    try:
        return path.read_bytes()
    except FileNotFoundError:
        if mode == "production":
            raise ImproperlyConfigured(f"The secret {name} is missing from CASEAPP_SECRETS") from None
    secret_files.create_file(path, secrets.token_bytes(32))  # of several processes the first wins
    return path.read_bytes()
