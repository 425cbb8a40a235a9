"""Fixtures for every room: the test database gets its roles and row-level security like the real one."""

import datetime as dt
import gc
import threading
from collections.abc import Callable, Generator
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from django.template.base import Template
from django.test import Client
from django.test.utils import _TestState
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from caseapp.accounts.signin import recovery_code
from caseapp.casefile import access_alerts
from caseapp.casefile.upkeep import background
from caseapp.cases.services import cases
from caseapp.cli.stack.database import secure_roles
from caseapp.hearings.services import hearings
from caseapp.lib import clock, setup_code
from caseapp.records.hearing import Hearing
from tests.helpers import asvs_outcomes, quick_storage, upkeep
from tests.helpers.first_member import Door, found
from tests.helpers.run_order import deal_long_tests
from tests.helpers.two_offices import A_NUMBER, NAME, NOW, Worker, signed_in


def pytest_configure(config: pytest.Config) -> None:
    if not config.pluginmanager.has_plugin("caseapp.tools.pytest_plugin"):
        raise pytest.UsageError("Run pytest with -p caseapp.tools.pytest_plugin: it starts the database.")
    asvs_outcomes.pytest_configure(config)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the tests that need a whole stack, some on each worker. The others stay in their random order."""
    workers: int = getattr(config, "workerinput", {"workercount": 1})["workercount"]
    items[:] = deal_long_tests(
        items,
        workers,
        is_long=lambda item: item.get_closest_marker("stack") is not None,
        module=lambda item: item.nodeid.partition("::")[0],
    )


def pytest_collection_finish() -> None:
    """Keep what collecting made out of later garbage collections: it is in use until the end."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown() -> None:
    """Wait for alerts that a test set off: one that still writes would block the emptying of the tables."""
    for thread in threading.enumerate():
        if thread.name == access_alerts.THREAD_NAME:
            thread.join(timeout=20)


@pytest.fixture(scope="session", autouse=True)
def _plain_rendering(django_test_environment: None) -> None:
    """Render as in production. Django's test client copies the context of each template, and no test reads a copy."""
    Template._render = _TestState.saved_data.template_render  # type: ignore[attr-defined]  # not in the stubs


@pytest.fixture(scope="session", autouse=True)
def _quick_storage() -> Generator[None]:
    with pytest.MonkeyPatch.context() as patch:
        quick_storage.do_without_disk_waits(patch)
        quick_storage.empty_used_tables_only(patch)
        yield


@pytest.fixture(autouse=True)
def _just_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test is a process that began just now: after half an hour of tests nothing is late yet (`watchdog`)."""
    from caseapp.reminders.monitoring import status

    monkeypatch.setattr(status, "_started", clock.now())


@pytest.fixture(autouse=True)
def _upkeep_at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening Today does a round of upkeep in the request: only tests marked `upkeep_thread` wait for the thread."""
    upkeep.forget_visits()
    if request.node.get_closest_marker("upkeep_thread") is None:
        monkeypatch.setattr(background, "begin_visit", upkeep.begin_visit)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    from django.db import connection, transaction

    with django_db_blocker.unblock(), transaction.atomic(), connection.cursor() as cursor:
        secure_roles(cursor)


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> None:
    """Freeze the clock on Tuesday 24 November 2026 and keep files in a folder of the test."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    settings.BLOBS = tmp_path


@pytest.fixture
def attorney(db: None, frozen: None) -> Worker:
    """Ana, who leads the case."""
    return signed_in("Ana Ruiz", "ana@office.test")


@pytest.fixture
def outsider(db: None, frozen: None) -> Worker:
    """Somebody of another office."""
    return signed_in("Lena Hoffmann", "lena@elsewhere.test")


@pytest.fixture
def case_id(attorney: Worker) -> UUID:
    """A case with an A-Number, a careful word and a last arrival."""
    return cases.open_case(
        attorney.staff,
        cases.NewCase(
            name=NAME,
            a_number=A_NUMBER,
            languages=("Dari",),
            careful="Do not leave voicemail.",
            last_arrival_on=dt.date(2026, 4, 9),
        ),
    )


@pytest.fixture
def hearing_id(attorney: Worker, case_id: UUID) -> UUID:
    """A main hearing on Wed 17 Feb 2027, 8:30 in New York."""
    starts = dt.datetime(2027, 2, 17, 13, 30, tzinfo=dt.UTC)
    hearing = Hearing(kind="individual", starts_at=starts, zone="America/New_York", court="Court North")
    return hearings.book_hearing(attorney.staff, case_id, hearing)


@pytest.fixture
def newcomer(db: None) -> Door:
    """Ana right after the six words: the recovery code is not typed back yet."""
    client = Client(raise_request_exception=False)
    signed_in = found()
    client.cookies[django_settings.SESSION_COOKIE] = signed_in.token
    return Door(client, signed_in)


@pytest.fixture
def ana(newcomer: Door) -> Door:
    """Ana at work."""
    staff = newcomer.signed_in.staff
    code = recovery_code.propose_recovery_code(staff)
    recovery_code.confirm_recovery_code(staff, code, code)
    return newcomer


@pytest.fixture
def code() -> Generator[str]:
    """The set-up code of a server without an office."""
    folder = Path(django_settings.SECRETS)
    setup_code.create_code(folder)
    yield setup_code.read_code(folder) or ""
    setup_code.destroy_code(folder)


@pytest.fixture
def stranger() -> Client:
    """A browser that nobody signed in with."""
    return Client(raise_request_exception=False)


@pytest.fixture
def raises(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """Let saving one's preferences raise: a write whose page is ours."""

    def let(exc: Exception) -> None:
        def save(*_: object, **__: object) -> None:
            raise exc

        monkeypatch.setattr("caseapp.accounts.signin.preferences.save", save)

    return let
