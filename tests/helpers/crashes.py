"""One office in which writes are made to crash in the middle, and what must be as it was before."""

import logging
import re
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import DataError, connection

from caseapp.accounts.drafts import draft_store
from caseapp.accounts.drafts.draft_store import TypedText
from caseapp.cases.services import notes
from caseapp.clients.services import contact
from caseapp.lib import clock
from caseapp.records.party import Party
from caseapp.vault.core.inboxes import drafts
from caseapp.vault.store import SealedFile
from tests.clients import client_world
from tests.helpers.two_offices import Worker

TYPED = "Tesfahunegn waits at the ferry"  # in what a member types
OF_DATABASE = "Oyelaran"  # in what the database says about the failure
WRITE = re.compile(r"\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+\"?(\w+)", re.IGNORECASE)
LOCK = re.compile(r"\bFOR\s+(?:NO\s+KEY\s+)?UPDATE\b|\bDO\s+UPDATE\b", re.IGNORECASE)
NOT_OF_THE_FORM = ("accounts_session", "accounts_throttle")  # the stamp of the session, tries that were counted
MARK_ROW = "accounts_form"


@dataclass
class Office:
    """Ana, and a case with a note, a hearing in a week and a client who agreed to texts."""

    worker: Worker
    case_id: UUID
    made: dict[str, Any] = field(default_factory=dict)

    def file(self) -> SealedFile:
        """The case as it is now."""
        return self.worker.file(self.case_id)

    def version(self, record_id: UUID) -> str:
        return str(self.file().entries[record_id].version)

    @property
    def client_id(self) -> UUID:
        return next(entry.id for entry in self.file().entries_of(Party) if entry.record.role == "lead")

    def agree_to_texts(self) -> None:
        client_world.agreed(self.worker.staff, self.case_id, told_by="his sister")

    def store_draft(self, path: str) -> str:
        """Store a draft of the form, as the page does while a member types. Return its id."""
        inbox = drafts.derive_inbox(self.worker.staff.keys.bundle_key)
        text = TypedText(page=path, action=path, fields={"text": [TYPED]}, typed_at=clock.now())
        return str(draft_store.store_draft(self.worker.staff.org_id, inbox, text))


def make_office(worker: Worker) -> Office:
    case_id = client_world.a_case(worker.staff)
    notes.add_note(worker.staff, case_id, text="First talk.")
    contact.record_call(
        worker.staff, case_id, client_world.client_of(worker.staff, case_id), contact.CallResult(result="no_answer"),
        hearing_id=None,
    )  # fmt: skip
    return Office(worker, case_id)


class Fault:
    """Lets the database refuse one write of a request: the one with a number, or the row of the one-time mark."""

    def __init__(self, number: int | None) -> None:
        self.number, self.tables = number, list[str]()

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        for table in WRITE.findall(LOCK.sub("", sql)):
            if table not in NOT_OF_THE_FORM:
                self.tables.append(table)
                if len(self.tables) == self.number or (self.number is None and table == MARK_ROW):
                    raise DataError(f"value too long for type character varying(20): {OF_DATABASE}")
        return execute(sql, params, many, context)


@contextmanager
def crash_at(number: int | None) -> Iterator[Fault]:
    """Let the request inside the block crash at its write of this number, or at the row of its mark (None)."""
    fault = Fault(number)
    with connection.execute_wrapper(fault):
        yield fault


def everything_stored() -> Mapping[str, str]:
    """A digest of each table but those of NOT_OF_THE_FORM."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        tables = [table for (table,) in cursor.fetchall() if table not in NOT_OF_THE_FORM]
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{table}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM \"{table}\" t"
                for table in tables
            )
        )
        return dict(cursor.fetchall())


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def listening() -> Generator[list[str]]:
    """All lines that any logger writes inside the block, with the text of exceptions."""
    listener = _Listener()
    names = [name for name, logger in logging.root.manager.loggerDict.items() if isinstance(logger, logging.Logger)]
    closed = [logging.root, *(logging.getLogger(name) for name in names if not logging.getLogger(name).propagate)]
    for logger in closed:
        logger.addHandler(listener)
    try:
        yield listener.lines
    finally:
        for logger in closed:
            logger.removeHandler(listener)
