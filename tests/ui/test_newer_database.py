"""A database that a newer program migrated is shown by no page and saved over by no process; each says so."""

import tomllib
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from caseapp.accounts.models import Session
from caseapp.cli import doctor, main
from caseapp.config import celery
from caseapp.lib.version import program_version
from caseapp.ui import schema_state
from tests.helpers.two_offices import Worker

pytestmark = pytest.mark.django_db


@pytest.fixture
def watching(monkeypatch: pytest.MonkeyPatch) -> None:
    """A web process: it looks at every request here, and not every five minutes."""
    monkeypatch.setattr(schema_state, "LOOK_EVERY", -1.0)
    monkeypatch.setattr(schema_state, "_watch", schema_state._Watch())


@pytest.fixture
def newer(watching: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('accounts', '0099_of_a_newer_program', now())"
        )
    schema_state.start_watching()


def go_back() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE name = '0099_of_a_newer_program'")


def test_every_page_says_so_in_the_readers_language_and_none_opens_a_session(
    attorney: Worker, stranger: Client, newer: None
) -> None:
    sessions = sorted(Session.objects.values_list("key", "seen_at"))
    for client, path in ((stranger, "/sign-in/"), (attorney.client, "/"), (attorney.client, "/cases/")):
        answer = client.get(path)
        assert answer.status_code == 503
        assert "changed by a newer version of Caseapp" in answer.content.decode()
    spanish = stranger.get("/", headers={"Accept-Language": "es"}).content.decode()
    assert "Se necesita una versión más reciente de Caseapp" in spanish
    sent = stranger.post("/sign-in/", {"email": "ana@office.invalid", "passphrase": "six words"})
    assert sent.status_code == 503
    assert attorney.client.post("/lock/").status_code == 503
    assert sorted(Session.objects.values_list("key", "seen_at")) == sessions
    assert stranger.get("/healthz").status_code == 200
    assert "migrations newer" in stranger.get("/readyz").content.decode().splitlines()
    go_back()
    assert attorney.client.get("/").status_code == 200


def test_doctor_worker_and_beat_say_so(newer: None) -> None:
    with pytest.raises(doctor.Unhealthy, match=r"changed by a newer version of Caseapp \(1 migrations"):
        doctor._check_migrations()
    with pytest.raises(SystemExit, match="changed by a newer version of Caseapp: install that version"):
        celery._refuse_newer_database()
    go_back()
    assert doctor._check_migrations() == f"all applied, of Caseapp {program_version()}"
    celery._refuse_newer_database()


def test_the_version_is_shown_to_members_and_to_no_stranger(
    attorney: Worker, stranger: Client, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written = tomllib.loads(Path(__file__).parents[2].joinpath("pyproject.toml").read_text())["project"]["version"]
    assert program_version() == written
    for path in ("/", "/cases/", "/account/"):
        assert f"Caseapp {written}" in attorney.client.get(path).content.decode()
    for path in ("/sign-in/", "/", "/no-such-page/"):
        assert written not in stranger.get(path, follow=True).content.decode()
    attorney.client.post("/lock/")
    assert written not in attorney.client.get("/unlock/").content.decode()
    monkeypatch.setattr("sys.argv", ["caseapp", "--version"])
    assert (main.main(), capsys.readouterr().out) == (0, f"caseapp {written}\n")
