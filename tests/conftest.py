"""Fixtures for every room: the test database gets its roles and row-level security like the real one."""

import pytest
from pytest_django import DjangoDbBlocker

from caseapp.cli.database import secure


def pytest_configure(config: pytest.Config) -> None:
    if not config.pluginmanager.has_plugin("caseapp.cli.testing"):
        raise pytest.UsageError("Run pytest with -p caseapp.cli.testing: it starts the database the tests need.")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones that need a whole stack begin first, so that no process waits for them alone at the end."""
    items.sort(key=lambda item: item.get_closest_marker("stack") is None)


@pytest.fixture(autouse=True)
def _just_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test is a process that began just now: after half an hour of tests nothing is late yet (`watchdog`)."""
    from caseapp.lib import clock
    from caseapp.reminders import watchdog

    monkeypatch.setattr(watchdog, "_started", clock.now())


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    from django.db import connection, transaction

    with django_db_blocker.unblock(), transaction.atomic(), connection.cursor() as cursor:
        secure(cursor)
