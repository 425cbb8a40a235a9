"""Readers of the addresses that environment variables give, one for each variable: each returns a frozen value.

    CASEAPP_ORIGIN  Origin      scheme://host[:port]
    DATABASE_URL    Database    postgresql://user:password@host:port/name?option=value
    BROKER_URL      Broker      redis://user:password@host:port/number
    SMTP_URL        MailServer  smtp+starttls://user:password@host:port
    BOUNCES_URL     MailboxAddress  imaps://user:password@host:port/FOLDER

User and password end at the last @ of the whole text, the user at the first colon. What could be read in two ways is
refused. A sentence about a bad value names the variable and contains no part of the value, because it may be a piece
of a password. Everything that uses an address takes it from the value (`url`), which has every sign escaped.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import quote, unquote

Tls = Literal["", "at once", "starttls"]

_HOST_AND_PORT = re.compile(
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_.])?)?(?::(?P<port>[0-9]{1,5}))?"
)
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPED = "with the signs @ : / ? # % of user and password written as %40 %3A %2F %3F %23 %25"
_LOCAL_HOSTS = {"127.0.0.1", "::1", "localhost"}
# What libpq knows besides host, port, name and login.
DATABASE_OPTIONS = frozenset(
    {
        *("application_name", "channel_binding", "client_encoding", "connect_timeout", "gssencmode", "keepalives"),
        *("keepalives_count", "keepalives_idle", "keepalives_interval", "krbsrvname", "load_balance_hosts", "options"),
        *("passfile", "require_auth", "sslcert", "sslcertmode", "sslcrl", "sslcrldir", "sslkey", "sslmode"),
        *("sslnegotiation", "sslrootcert", "sslsni", "ssl_max_protocol_version", "ssl_min_protocol_version"),
        *("target_session_attrs", "tcp_user_timeout"),
    }
)
BROKER_OPTIONS = frozenset({"ssl_ca_certs", "ssl_cert_reqs", "ssl_certfile", "ssl_check_hostname", "ssl_keyfile"})


class BadSetting(Exception):
    """A variable whose value cannot be used; the message is one sentence without any part of the value."""


@dataclass(frozen=True)
class Origin:
    """The address that people type."""

    scheme: str
    host: str
    port: int | None = None  # None: the scheme's own

    @property
    def netloc(self) -> str:
        """Return host and port, as in the header `Host`."""
        return _format_host(self.host, self.port)

    @property
    def url(self) -> str:
        """Return the origin, as a browser sends it in the header `Origin`."""
        return f"{self.scheme}://{self.netloc}"


@dataclass(frozen=True)
class Login:
    """A user with a password; empty where the address has none."""

    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def prefix(self) -> str:
        """Return `user:password@`, with every sign escaped; empty without a login."""
        if not self.user and not self.password:
            return ""
        secret = f":{quote(self.password, safe='')}" if self.password else ""
        return f"{quote(self.user, safe='')}{secret}@"


@dataclass(frozen=True)
class Database:
    """A PostgreSQL database. `host`: a name, an address or the folder of its socket; empty for the system's socket."""

    name: str
    host: str = ""
    port: int | None = None
    login: Login = Login()
    options: tuple[tuple[str, str], ...] = ()

    @property
    def url(self) -> str:
        """Return the address for libpq."""
        is_socket = not _HOST_AND_PORT.fullmatch(_format_host(self.host, None))
        server = _format_host("" if is_socket else self.host, self.port)
        options = (("host", self.host), *self.options) if is_socket else self.options
        return f"postgresql://{self.login.prefix}{server}/{quote(self.name, safe='')}{_format_query(options)}"

    def with_login(self, user: str, password: str) -> "Database":
        """Return the same database for another user."""
        return replace(self, login=Login(user, password))

    def with_name(self, name: str) -> "Database":
        """Return another database of the same server."""
        return replace(self, name=name)


@dataclass(frozen=True)
class Broker:
    """A Valkey or Redis."""

    scheme: str
    host: str
    port: int = 6379
    number: int = 0
    login: Login = Login()
    options: tuple[tuple[str, str], ...] = ()

    @property
    def url(self) -> str:
        """Return the address for Celery."""
        server = _format_host(self.host, self.port)
        return f"{self.scheme}://{self.login.prefix}{server}/{self.number}{_format_query(self.options)}"

    def with_password(self, password: str) -> "Broker":
        """Return the same broker, opened with this password."""
        return replace(self, login=Login("", password))


@dataclass(frozen=True)
class MailServer:
    """The server that sends mail."""

    host: str
    port: int
    tls: Tls = ""
    login: Login = Login()


@dataclass(frozen=True)
class MailboxAddress:
    """The mailbox to which undeliverable mail returns."""

    host: str
    port: int
    tls: Tls
    folder: str
    login: Login


@dataclass(frozen=True)
class _Parts:
    scheme: str
    login: Login
    host: str
    port: int | None
    path: str  # without the slashes at its ends; escaped
    query: tuple[tuple[str, str], ...]


def read_origin(text: str, name: str = "CASEAPP_ORIGIN") -> Origin:
    """Return the address that people type; a slash at the end is left out. Raises BadSetting."""
    parts = _split_address(text, name, ("https", "http"), example="https://cases.example.org")
    if not parts.host or parts.login != Login() or parts.path or parts.query:
        raise BadSetting(f"{name} is scheme and host without user, path or query, like https://cases.example.org")
    port = None if parts.port == {"https": 443, "http": 80}[parts.scheme] else parts.port
    return Origin(parts.scheme, parts.host, port)


def read_database(text: str, name: str = "DATABASE_URL") -> Database:
    """Return the database. Raises BadSetting."""
    example = "postgresql://user:password@host:5432/caseapp"
    parts = _split_address(text, name, ("postgresql", "postgres"), example=example)
    options = dict(parts.query)
    host, port = options.pop("host", "") or parts.host, options.pop("port", "") or parts.port
    login = Login(options.pop("user", "") or parts.login.user, options.pop("password", "") or parts.login.password)
    _require_known_options(name, options, DATABASE_OPTIONS)
    if not parts.path or "/" in parts.path or not str(port or 1).isdecimal():
        raise BadSetting(f"{name} ends with the name of one database, like {example}")
    return Database(
        _decode_signs(parts.path, name), host, int(port) if port else None, login, tuple(sorted(options.items()))
    )


def read_broker(text: str, name: str = "BROKER_URL") -> Broker:
    """Return the broker. Raises BadSetting."""
    example = "redis://:password@host:6379/0"
    parts = _split_address(text, name, ("redis", "rediss"), example=example)
    _require_known_options(name, dict(parts.query), BROKER_OPTIONS)
    if not parts.host or not (parts.path or "0").isascii() or not (parts.path or "0").isdecimal():
        raise BadSetting(f"{name} is host and the number of a database, like {example}")
    number = int(parts.path or "0")
    return Broker(parts.scheme, parts.host, parts.port or 6379, number, parts.login, parts.query)


def read_mail_server(text: str, name: str = "SMTP_URL") -> MailServer:
    """Return the server that sends mail. Raises BadSetting."""
    example = "smtp+starttls://user:password@host:587"
    ports = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
    parts = _split_address(text, name, ports, example=example)
    if not parts.host or parts.path or parts.query:
        raise BadSetting(f"{name} is login, host and port without a path or query, like {example}")
    if bool(parts.login.user) != bool(parts.login.password):
        raise BadSetting(f"{name} has a user and a password, or neither, like {example}")
    return MailServer(parts.host, parts.port or ports[parts.scheme], _tls_of(parts.scheme), parts.login)


def read_mailbox(text: str, name: str = "BOUNCES_URL") -> MailboxAddress:
    """Return the mailbox. Without TLS (`imap://`) it must be on this machine. Raises BadSetting."""
    example = "imaps://user:password@host/FOLDER"
    ports = {"imaps": 993, "imap+starttls": 143, "imap": 143}
    parts = _split_address(text, name, ports, example=example)
    if parts.scheme == "imap" and parts.host not in _LOCAL_HOSTS:
        raise BadSetting(f"{name} without TLS (imap://) is for a mailbox on this machine")
    folder = _decode_signs(parts.path, name) or "INBOX"
    is_complete = parts.host and parts.login.user and parts.login.password and not parts.query
    if not (is_complete and folder.isascii() and folder.isprintable()):
        raise BadSetting(f"{name} is {example}, all of it, with a folder in plain letters")
    return MailboxAddress(parts.host, parts.port or ports[parts.scheme], _tls_of(parts.scheme), folder, parts.login)


READERS: dict[str, Callable[[str], object]] = {
    "CASEAPP_ORIGIN": read_origin,
    "DATABASE_URL": read_database,
    "ADMIN_DATABASE_URL": lambda text: read_database(text, "ADMIN_DATABASE_URL"),
    "BROKER_URL": read_broker,
    "SMTP_URL": read_mail_server,
    "BOUNCES_URL": read_mailbox,
}


def list_bad_settings(variables: Mapping[str, str]) -> list[str]:
    """Return a sentence for each of these variables that is set and cannot be used."""
    sentences = []
    for name, read in READERS.items():
        try:
            if variables.get(name):
                read(variables[name])
        except BadSetting as sentence:
            sentences.append(str(sentence))
    return sentences


def _split_address(text: str, name: str, schemes: Collection[str], *, example: str) -> _Parts:
    scheme, mark, rest = text.strip().partition("://")
    if not mark or scheme.lower() not in schemes:
        starts = [f"{known}://" for known in schemes]
        raise BadSetting(f"{name} starts with {', '.join(starts[:-1])} or {starts[-1]}")
    login, _, after_login = rest.rpartition("@")
    end = re.search(r"[/?]", after_login)
    authority, path = (after_login[: end.start()], after_login[end.start() :]) if end else (after_login, "")
    path, _, query = path.partition("?")
    matched = _HOST_AND_PORT.fullmatch(authority)
    port = int(matched["port"] or 1) if matched else 0
    # A sign that should be escaped makes the text end or begin elsewhere: it is refused, not guessed.
    if not matched or not 1 <= port <= 65535 or set("/?#") & set(login) or "#" in rest or not rest.isprintable():
        raise BadSetting(f"{name} cannot be read: write it like {example}, {_ESCAPED}")
    if " " in rest:
        raise BadSetting(f"{name} contains a space: write it as %20")
    user, _, password = login.partition(":")
    return _Parts(
        scheme.lower(),
        Login(_decode_signs(user, name), _decode_signs(password, name)),
        (matched["host"] or "").strip("[]").lower(),
        int(matched["port"]) if matched["port"] else None,
        path.strip("/"),
        _split_query(query, name),
    )


def _split_query(query: str, name: str) -> tuple[tuple[str, str], ...]:
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    return tuple((_decode_signs(key, name), _decode_signs(value, name)) for key, _, value in pairs)


def _decode_signs(text: str, name: str) -> str:
    """Return the text with its %40 and the like decoded. Raises BadSetting for a bare % and for control characters."""
    try:
        decoded = unquote(text, errors="strict")
    except UnicodeDecodeError:
        decoded = "\0"
    if _BARE_PERCENT.search(text) or any(sign < " " or sign == "\x7f" for sign in decoded):
        raise BadSetting(f"{name} has a % that escapes no printable sign: write the sign % itself as %25")
    return decoded


def _require_known_options(name: str, options: Mapping[str, str], known: Collection[str]) -> None:
    if not set(options) <= set(known):
        raise BadSetting(f"{name} has an option after the sign ? that is not known")


def _tls_of(scheme: str) -> Tls:
    if scheme.endswith("+starttls"):
        return "starttls"
    return "at once" if scheme in {"smtps", "imaps"} else ""


def _format_host(host: str, port: int | None) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"{shown}:{port}" if port else shown


def _format_query(options: tuple[tuple[str, str], ...]) -> str:
    pairs = "&".join(f"{quote(key, safe='')}={quote(value, safe='')}" for key, value in options)
    return f"?{pairs}" if pairs else ""
