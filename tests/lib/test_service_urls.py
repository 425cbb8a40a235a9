"""Each address from the environment is read by one reader: rightly, or refused without a piece of its password."""

import os
from collections.abc import Callable
from traceback import format_exception
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from caseapp.lib.service_urls import (
    BadSetting,
    Login,
    list_bad_settings,
    read_broker,
    read_database,
    read_mail_server,
    read_mailbox,
    read_origin,
)

# Any text that a person can type: no control characters, no halves of surrogates.
typed = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=40)
# Letters that occur in no sentence of ours, and every sign that means something in an address.
LETTERS = "ΩЖЩֆ"
signs = st.text(st.sampled_from(LETTERS + "@:/?#%[]+&=;. "), min_size=1, max_size=12).filter(
    lambda text: any(letter in text for letter in LETTERS)
)
FORMS: dict[str, tuple[Callable[[str], Any], str]] = {
    "DATABASE_URL": (read_database, "postgresql://{user}:{password}@db.example.org:5432/caseapp"),
    "BROKER_URL": (read_broker, "redis://{user}:{password}@queue.example.org:6379/0"),
    "SMTP_URL": (read_mail_server, "smtp+starttls://{user}:{password}@mail.example.org:587"),
    "BOUNCES_URL": (read_mailbox, "imaps://{user}:{password}@mail.example.org/Returned"),
}


def result_of(read: Callable[[str], Any], text: str) -> Any:
    """The value that a reader returns, or its refusal."""
    try:
        return read(text)
    except BadSetting as refused:
        return refused


def shows_letters(refused: BadSetting) -> bool:
    """Whether a piece of the password is in the sentence, or in what a traceback prints of it."""
    return any(letter in "".join(format_exception(refused)) for letter in LETTERS)


@pytest.mark.parametrize("name", FORMS)
@given(user=typed, password=typed)
def test_any_user_and_password_that_are_escaped_are_read_as_they_are(name: str, user: str, password: str) -> None:
    read, form = FORMS[name]
    found = read(form.format(user=quote(user, safe=""), password=quote(password, safe="")))
    assert found.login == Login(user, password)
    assert found.host.endswith(".example.org")


@pytest.mark.parametrize("name", ["DATABASE_URL", "BROKER_URL"])
@given(user=typed, password=typed)
def test_the_address_that_other_programs_get_is_read_back_as_the_same(name: str, user: str, password: str) -> None:
    read, form = FORMS[name]
    found = read(form.format(user=quote(user, safe=""), password=quote(password, safe="")))
    assert read(found.url) == found
    if name == "DATABASE_URL":
        for_libpq = psycopg.conninfo.conninfo_to_dict(found.url)
        assert (for_libpq["user"], for_libpq["password"]) == (user, password)


@pytest.mark.parametrize("name", FORMS)
@given(password=signs)
def test_an_unescaped_password_is_read_rightly_or_refused_without_a_piece_of_it(name: str, password: str) -> None:
    read, form = FORMS[name]
    found = result_of(read, form.format(user="list", password=password))
    if isinstance(found, BadSetting):
        assert str(found).startswith(f"{name} ")
        assert not shows_letters(found)
    else:
        assert (found.login, found.host.partition(".")[2]) == (Login("list", password), "example.org")


@pytest.mark.parametrize("name", FORMS)
@given(rest=signs)
def test_a_password_anywhere_else_in_the_address_is_in_no_sentence(name: str, rest: str) -> None:
    read, form = FORMS[name]
    for text in (rest, f"{form.partition('{')[0]}{rest}", f"{form.format(user='list', password='x')}{rest}"):
        found = result_of(read, text)
        assert not isinstance(found, BadSetting) or not shows_letters(found)


@given(password=typed)
def test_a_login_shows_no_password_when_it_is_printed(password: str) -> None:
    assume(len(password) > 3 and password not in repr(read_database("postgresql://ana@db/caseapp")))
    assert password not in repr(read_database(f"postgresql://ana:{quote(password, safe='')}@db/caseapp"))


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://cases.example.org", "https://cases.example.org"),
        ("https://cases.example.org/", "https://cases.example.org"),
        ("https://cases.example.org//", "https://cases.example.org"),
        (" https://Cases.Example.org:443/\n", "https://cases.example.org"),
        ("HTTP://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost:80", "http://localhost"),
        ("https://[::1]:8443/", "https://[::1]:8443"),
    ],
)
def test_an_origin_is_what_a_browser_sends(text: str, origin: str) -> None:
    assert read_origin(text).url == origin


@pytest.mark.parametrize(
    "text",
    [
        "cases.example.org", "cases.example.org:8000", "https:/cases.example.org", "ftp://cases.example.org",
        "https://", "https:///", "https://cases.example.org/app", "https://cases.example.org/?a=1", "https://a:b@c",
        "https://cases.example.org#x", "https://cases.example.org:0", "https://cases.example.org:65536",
        "https://cases example.org", "https://cases.example.org:80000000", "https://-cases", "https://cases.exam\tple",
    ],
)  # fmt: skip
def test_an_origin_with_more_or_less_than_scheme_and_host_is_refused(text: str) -> None:
    with pytest.raises(BadSetting, match=r"^CASEAPP_ORIGIN "):
        read_origin(text)


def test_a_database_is_named_with_host_port_socket_and_options() -> None:
    remote = read_database("postgres://ruiz@DB.example.org:6432/office/?sslmode=verify-full")
    assert (remote.host, remote.port, remote.name) == ("db.example.org", 6432, "office")
    assert remote.options == (("sslmode", "verify-full"),)
    local = read_database("postgresql:///caseapp?host=%2Frun%2Fpg")
    assert (local.host, local.port, local.login) == ("/run/pg", None, Login())
    assert local.with_login("caseapp_web", "a/b@c").url == (
        "postgresql://caseapp_web:a%2Fb%40c@/caseapp?host=%2Frun%2Fpg"
    )
    assert remote.with_name("postgres").url == "postgresql://ruiz@db.example.org:6432/postgres?sslmode=verify-full"


def test_a_database_with_two_hosts_reaches_libpq_with_both() -> None:
    pair = read_database("postgresql:///caseapp?host=a.example.org,b.example.org&target_session_attrs=read-write")
    assert psycopg.conninfo.conninfo_to_dict(pair.url)["host"] == "a.example.org,b.example.org"


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (read_database, "db.example.org/caseapp"), (read_database, "postgresql://db.example.org"),
        (read_database, "postgresql://db.example.org/"), (read_database, "postgresql://db/a/b"),
        (read_database, "postgresql://db/caseapp?pasword=x"), (read_database, "mysql://db/caseapp"),
        (read_database, "postgresql://db/caseapp?port=x"), (read_database, "postgresql://a:b%@db/caseapp"),
        (read_database, "postgresql://a:%FF@db/caseapp"), (read_database, "postgresql://a:%00@db/caseapp"),
        (read_broker, "valkey:6379"), (read_broker, "redis://valkey/first"), (read_broker, "redis:///0"),
        (read_broker, "redis://valkey/0?db=1"), (read_mail_server, "mail.example.org:587"),
        (read_mail_server, "smtp://mail.example.org/inbox"), (read_mail_server, "smtp://list@mail.example.org"),
        (read_mail_server, "smtp://:word@mail.example.org"), (read_mail_server, "smtp://"),
        (read_mailbox, "imap://a:b@mail.example.org"), (read_mailbox, "imaps://a@mail.example.org"),
        (read_mailbox, "imaps://a:b@mail.example.org/INBOX?x=y"), (read_mailbox, "imaps://a:b@h/list@office.org"),
    ],
)  # fmt: skip
def test_an_address_that_lacks_something_or_has_too_much_is_refused(read: Callable[[str], object], text: str) -> None:
    with pytest.raises(BadSetting) as refused:
        read(text)
    assert str(refused.value).partition(" ")[0] in FORMS


def test_ports_and_tls_follow_the_scheme() -> None:
    assert [read_mail_server(f"{scheme}://m").port for scheme in ("smtp", "smtps", "smtp+starttls")] == [25, 465, 587]
    assert [read_mail_server(f"{scheme}://m").tls for scheme in ("smtp", "smtps", "smtp+starttls")] == [
        "", "at once", "starttls",
    ]  # fmt: skip
    assert [read_mailbox(f"{scheme}://a:b@localhost").port for scheme in ("imap", "imaps", "imap+starttls")] == [
        143, 993, 143,
    ]  # fmt: skip
    assert read_mailbox("imaps://list@office.org:w@m/Returned%20mail/").folder == "Returned mail"
    assert read_broker("rediss://q").url == "rediss://q:6379/0"
    assert read_broker("redis://q").with_password("a b").url == "redis://:a%20b@q:6379/0"


def test_every_bad_variable_has_its_sentence_and_an_empty_one_counts_as_missing() -> None:
    given = {"CASEAPP_ORIGIN": "cases.example.org", "SMTP_URL": "", "BROKER_URL": "redis://q/x", "PATH": os.defpath}
    assert [sentence.partition(" ")[0] for sentence in list_bad_settings(given)] == ["CASEAPP_ORIGIN", "BROKER_URL"]
