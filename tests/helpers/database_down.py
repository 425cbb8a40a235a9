"""A database that takes nothing, and one that does not answer: the real one, asked so that it behaves like that."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def takes_nothing() -> Iterator[None]:
    """As one that waits as a spare, or whose owner closed it: everything is read, nothing written."""
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE")


@contextmanager
def answers_nothing() -> Iterator[None]:
    """As one that is down: whoever connects is refused."""
    known, port = connection.settings_dict, connection.settings_dict["PORT"]
    connection.close()
    known["PORT"] = "1"
    try:
        yield
    finally:
        known["PORT"] = port
        connection.close()
