"""Thread of the web process that checks reminders every five minutes, even while the database does not answer.

The admins are stored in the database. To notify them while it is unreachable, this process keeps in its memory alone
the admins that it could open itself an hour ago or less. A database that hangs would block the querying thread forever:
a second thread runs the query, and this one waits a minute for it.
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
from caseapp.reminders.choices import NEXT_ADDRESS_AFTER
from caseapp.reminders.monitoring import status
from caseapp.reminders.recipients import Recipient
from caseapp.reminders.sending import dispatch
from caseapp.reminders.sending.smtp import MailConnection
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction

LOOK_EVERY = settings.WATCH_EVERY  # seconds
FIRST_LOOK, LOOK_AGAIN = min(10, LOOK_EVERY), min(90, LOOK_EVERY)
PATIENCE = min(60, LOOK_EVERY)  # seconds to wait for an answer of the database
ADMINS_KNOWN_FOR = timedelta(hours=1)
DATABASE_ERRORS = (DatabaseError, InterfaceError, TimeoutError)
T = TypeVar("T")
log = logging.getLogger("caseapp.reminders")


class ThreadedQuery:
    """Runs queries in a separate thread, one at a time."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None

    def __call__(self, question: Callable[[], T]) -> T:
        """Return the answer.

        Raises what the question raises, or TimeoutError if it or the previous one is not answered in time.
        """
        if self._thread is not None and self._thread.is_alive():
            self._thread.join(PATIENCE)
            if self._thread.is_alive():
                raise TimeoutError("the last question is not answered yet")
        answers: Queue[tuple[T | None, Exception | None]] = Queue(1)
        self._thread = threading.Thread(
            target=_run_question, args=(question, answers), name="watchdog-asks", daemon=True
        )
        self._thread.start()
        try:
            answer, failed = answers.get(timeout=PATIENCE)
        except Empty:
            raise TimeoutError("no answer") from None
        if failed is not None:
            raise failed
        return cast("T", answer)


def _run_question(question: Callable[[], T], answers: "Queue[tuple[T | None, Exception | None]]") -> None:
    try:
        close_old_connections()
        answers.put((question(), None))
    except Exception as exc:  # the caller decides what to do with it
        answers.put((None, exc))
    finally:
        connection.close()


class HealthWatch:
    """Observations of one process. `ask` queries the database and always returns."""

    def __init__(self, ask: Callable[[Callable[[], bool]], bool] | None = None) -> None:
        self._ask = ask or ThreadedQuery()
        self._warn = ThreadedQuery()  # separate: a slow mail server is not an unreachable database
        self._admins: list[Recipient] = []
        self._known_at: datetime | None = None
        self._away_since: datetime | None = None
        self._told_at: datetime | None = None

    def look(self) -> bool:
        """Return whether reminders can be relied on, which is False while the database does not answer.

        After half an hour of that the admins are notified from this process: all of them, at most once in six hours.
        """
        try:
            is_healthy = self._ask(self._read_status)
        except DATABASE_ERRORS as exc:
            log.warning("watchdog.database_unreachable %s", exc)
            self._handle_outage()
            return False
        self._away_since = None
        return is_healthy

    def warn_admins(self) -> None:
        """Notify the admins of what is late, if it still is. Raises database and mail errors, TimeoutError."""
        self._warn(status.warn_admins)

    def _read_status(self) -> bool:
        is_healthy = status.current().is_healthy
        self._remember_admins()
        return is_healthy

    def _remember_admins(self) -> None:
        now = clock.now()
        if self._known_at is not None and now - self._known_at < ADMINS_KNOWN_FOR:
            return
        admins: list[Recipient] = []
        for org_id in Door.objects.values_list("org_id", flat=True).distinct():
            admins += _admins_of(org_id)
        self._admins, self._known_at = admins, now

    def _handle_outage(self) -> None:
        now = clock.now()
        self._away_since = self._away_since or now
        is_told = self._told_at is not None and now - self._told_at < status.WARN_AGAIN
        if now - self._away_since >= status.LATE and not is_told and self._notify_admins(now):
            self._told_at = now

    def _notify_admins(self, now: datetime) -> int:
        sent = 0
        with MailConnection() as mailer:
            for recipient in self._admins:
                mid = queries.message_id(recipient, now.date(), f"alarm away {now.hour}")
                try:
                    dispatch.deliver_message(
                        recipient, "alarm", mid, mailer, tries=NEXT_ADDRESS_AFTER, on=now.date(), note_states=False
                    )
                    sent += 1
                except dispatch.DELIVERY_ERRORS as exc:
                    log.warning("alarm.not_sent %s", exc)
        return sent


def _admins_of(org_id: UUID) -> list[Recipient]:
    try:
        with office_transaction(org_id):
            return recipients.admins(org_id)
    except OpenFailed as exc:  # an altered address must not affect the other offices
        log.warning("watchdog.admins_unreadable %s", exc)
        return []


def watch_health(stop: threading.Event) -> None:
    """Check every five minutes until `stop` is set.

    Checks twice before it warns: right after a restart or a change of the clock, everything seems late for a minute.
    """
    health, is_first = HealthWatch(), True
    while not stop.wait(FIRST_LOOK if is_first else LOOK_EVERY):
        try:
            if not health.look() and not is_first and not stop.wait(LOOK_AGAIN):
                health.warn_admins()
        except Exception as exc:  # any error: if this thread ended, checking would stop unnoticed
            log.warning("watchdog.failed %s", exc)
        is_first = False


def start() -> None:
    """Start checking in the background of this process."""
    threading.Thread(target=watch_health, args=(threading.Event(),), name="watchdog", daemon=True).start()
