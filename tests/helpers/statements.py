"""The statements that a page sends to the database, those of the session and of its transactions with them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

SHOWN = 120  # characters of a statement in a message


@contextmanager
def captured_statements() -> Iterator[list[str]]:
    """The beginnings of all statements inside the block, BEGIN and COMMIT with them, once it has ended.

    Only in a test with real transactions: in others a test's own transaction makes savepoints of them.
    """
    statements: list[str] = []
    with CaptureQueriesContext(connection) as seen:
        yield statements
    statements.extend(re.sub(r"\s+", " ", query["sql"]).strip()[:SHOWN] for query in seen)


def in_words(statements: list[str]) -> str:
    """The statements as lines with their number, for the message of a failing test."""
    return "\n".join(["", *(f"{number:3} {text}" for number, text in enumerate(statements, 1))])


def transactions_in(statements: list[str]) -> int:
    """How many transactions the statements open."""
    return statements.count("BEGIN")


def savepoints_in(statements: list[str]) -> list[str]:
    """The statements that set a savepoint."""
    return [text for text in statements if text.startswith("SAVEPOINT")]
