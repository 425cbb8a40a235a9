"""What every answer carries, on every address there is."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import IntConverter, UUIDConverter
from pytest_django import DjangoAssertNumQueries, Settings

from caseapp.lib import clock
from tests.helpers.first_member import Door

EXPECTED = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-src 'self'",
    "object-src 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
}
NO_SUCH = UUID("00000000-0000-4000-8000-000000000000")


def addresses() -> Iterator[str]:
    """One address of each route, with ids that nobody has."""
    yield from _walk(get_resolver(), "/")


def _walk(resolver: URLResolver, before: str) -> Iterator[str]:
    for part in resolver.url_patterns:
        route = str(part.pattern)
        for name, converter in part.pattern.converters.items():
            value = {UUIDConverter: str(NO_SUCH), IntConverter: "1"}.get(type(converter), "2026-12-08")
            route = route.replace(f"<{_kind(converter)}:{name}>", value)
        if isinstance(part, URLPattern):
            yield before + route
        else:
            yield from _walk(part, before + route)


def _kind(converter: object) -> str:
    return type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")


@pytest.mark.parametrize("who", ["ana", "stranger"])
def test_every_address_says_keep_nothing_and_trust_nobody(who: str, request: pytest.FixtureRequest, ana: Door) -> None:
    found = request.getfixturevalue(who)
    client: Client = found.client if isinstance(found, Door) else found
    wrong = {}
    for address in addresses():
        answer = client.get(address)
        seen = {name: answer.headers.get(name) for name in EXPECTED}
        policy = set(answer.headers.get("Content-Security-Policy", "").split("; "))
        if seen != EXPECTED or policy != POLICY or "ETag" in answer.headers:
            wrong[address] = (seen, policy)
    assert wrong == {}


def test_the_walk_reaches_the_doors() -> None:
    assert {"/sign-in/", "/lock/", "/account/cover/", "/healthz"} <= set(addresses())


def test_no_address_holds_inline_script_or_style(ana: Door) -> None:
    wrong = []
    for address in addresses():
        answer = ana.client.get(address)
        if answer.headers["Content-Type"].startswith("text/html"):
            page = answer.content.decode()
            wrong += [(address, mark) for mark in ("<style", " style=", " onclick=", "javascript:") if mark in page]
            wrong += [(address, "script") for part in page.split("<script")[1:] if ' src="' not in part.split(">")[0]]
    assert wrong == []


@pytest.mark.django_db
def test_alive_needs_neither_session_nor_database(
    stranger: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    stranger.cookies["session_token"] = "x" * 43
    with django_assert_num_queries(0):
        answer = stranger.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_ready_names_what_is_down_and_nothing_else(stranger: Client, settings: Settings) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    answer = stranger.get("/readyz")
    assert answer.status_code == 503
    assert answer.content.decode().splitlines() == [
        "database ok",
        "storage ok",
        "queue down",
        "beat ok",
        "worker ok",
        "claim ok",
        "merge ok",
        "plans ok",
        "mail ok",
        "self-test ok",
        "bounces ok",
    ]


@pytest.mark.django_db
def test_reminders_that_may_not_go_out_make_it_not_ready(stranger: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("caseapp.reminders.monitoring.status._started", clock.now() - timedelta(hours=27))
    lines = stranger.get("/readyz").content.decode().splitlines()
    assert {"beat late", "worker late", "claim late", "merge late", "self-test late"} <= set(lines)
