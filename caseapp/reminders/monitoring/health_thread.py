"""The thread of the web process that looks for silence every five minutes, also while the database does not answer.

Who the admins are stands in the database. So that they can be told when it is away, this process remembers them: what
it could open itself an hour ago, in its memory alone. A database that hangs would keep the asking thread for ever:
another one asks, and this one waits for a minute.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from queue import Empty, Queue
from typing import TypeVar, cast
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from caseapp.accounts.models import Door
from caseapp.lib import clock
from caseapp.reminders import queries, recipients
from caseapp.reminders.choices import NEXT_WAY
from caseapp.reminders.monitoring import status
from caseapp.reminders.recipients import Reached
from caseapp.reminders.sending import dispatch
from caseapp.reminders.sending.smtp import Post
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office

LOOK_EVERY = settings.WATCH_EVERY  # seconds
FIRST_LOOK, LOOK_AGAIN = min(10, LOOK_EVERY), min(90, LOOK_EVERY)
PATIENCE = min(60, LOOK_EVERY)  # for an answer of the database
KNOWN_FOR = timedelta(hours=1)
AWAY = (DatabaseError, InterfaceError, TimeoutError)
T = TypeVar("T")
log = logging.getLogger("caseapp.reminders")


class Asking:
    """Asks in a thread of its own, one question at a time."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None

    def __call__(self, question: Callable[[], T]) -> T:
        """The answer. Raises what the question raises, TimeoutError when none came, or none to the last one yet."""
        if self._thread is not None and self._thread.is_alive():
            self._thread.join(PATIENCE)
            if self._thread.is_alive():
                raise TimeoutError("the last question is not answered yet")
        answers: Queue[tuple[T | None, Exception | None]] = Queue(1)
        self._thread = threading.Thread(target=_ask, args=(question, answers), name="watchdog-asks", daemon=True)
        self._thread.start()
        try:
            answer, failed = answers.get(timeout=PATIENCE)
        except Empty:
            raise TimeoutError("no answer") from None
        if failed is not None:
            raise failed
        return cast("T", answer)


def _ask(question: Callable[[], T], answers: "Queue[tuple[T | None, Exception | None]]") -> None:
    try:
        close_old_connections()
        answers.put((question(), None))
    except Exception as exc:  # whoever asked decides what to make of it
        answers.put((None, exc))
    finally:
        connection.close()


class Watch:
    """What one process saw so far. `ask` asks the database and comes back in any case."""

    def __init__(self, ask: Callable[[Callable[[], bool]], bool] | None = None) -> None:
        self._ask = ask or Asking()
        self._warn = Asking()  # a mail server that takes its time is no database that does not answer
        self._admins: list[Reached] = []
        self._known_at: datetime | None = None
        self._away_since: datetime | None = None
        self._told_at: datetime | None = None

    def look(self) -> bool:
        """Whether reminders can be relied on. While the database does not answer they cannot, and after half an hour
        the admins are told from here: every one of them, at most once in six hours.
        """
        try:
            is_healthy = self._ask(self._read)
        except AWAY as exc:
            log.warning("watchdog: the database does not answer: %s", type(exc).__name__)
            self._bear()
            return False
        self._away_since = None
        return is_healthy

    def warn(self) -> None:
        """Tell the admins what is late, if it still is. Raises what the database or the mail raises, TimeoutError."""
        self._warn(status.warn_admins)

    def _read(self) -> bool:
        is_healthy = status.status().is_healthy
        self._remember()
        return is_healthy

    def _remember(self) -> None:
        now = clock.now()
        if self._known_at is not None and now - self._known_at < KNOWN_FOR:
            return
        found: list[Reached] = []
        for org_id in Door.objects.values_list("org_id", flat=True).distinct():
            found += _admins_of(org_id)
        self._admins, self._known_at = found, now

    def _bear(self) -> None:
        now = clock.now()
        self._away_since = self._away_since or now
        is_told = self._told_at is not None and now - self._told_at < status.WARN_AGAIN
        if now - self._away_since >= status.LATE and not is_told and self._tell(now):
            self._told_at = now

    def _tell(self, now: datetime) -> int:
        told = 0
        with Post() as letters:
            for reached in self._admins:
                mid = queries.message_id(reached, now.date(), f"alarm away {now.hour}")
                try:
                    dispatch.by_ways(reached, "alarm", mid, letters, tries=NEXT_WAY, on=now.date(), noted=False)
                    told += 1
                except dispatch.CANNOT as exc:
                    log.warning("admin %s could not be told: %s", reached.member_id, type(exc).__name__)
        return told


def _admins_of(org_id: UUID) -> list[Reached]:
    try:
        with office(org_id):
            return recipients.admins(org_id)
    except OpenFailed as exc:  # somebody's address was altered: the other offices have theirs
        log.warning("watchdog: admins of an office do not open: %s", type(exc).__name__)
        return []


def watch(stop: threading.Event) -> None:
    """Look every five minutes until told to stop.

    Looks twice before it speaks: right after a restart, or when the clock was set, everything seems late for a minute.
    """
    seen, is_first = Watch(), True
    while not stop.wait(FIRST_LOOK if is_first else LOOK_EVERY):
        try:
            if not seen.look() and not is_first and not stop.wait(LOOK_AGAIN):
                seen.warn()
        except Exception as exc:  # whatever it is: a thread that has ended looks no more, and nobody would know
            log.warning("watchdog could not look: %s", type(exc).__name__)
        is_first = False


def start() -> None:
    """Begin to watch, in the background of this process."""
    threading.Thread(target=watch, args=(threading.Event(),), name="watchdog", daemon=True).start()
