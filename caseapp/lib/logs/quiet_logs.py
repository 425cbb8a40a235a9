"""One set-up of logging for our own and all libraries' loggers, in every process of a server.

A log line is an event of `log_events.py` with counts and codes, or it is reduced to logger and level: a malformed
request, a failed statement or a library's warning quotes what people typed. The reduction happens where a record is
made, and so counts for every handler, also for one that a library adds.
"""

import logging
import re
import sys
import threading
from typing import Any
from uuid import UUID

from caseapp.lib.errors import error_location_of
from caseapp.lib.logs.log_events import EVENTS, LIBRARY_EVENTS

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,39}(?: [a-z0-9_.:'-]{1,20}){0,4}", re.ASCII)
HIDDEN = "?"

log = logging.getLogger("caseapp.lib")


class QuietRecord(logging.LogRecord):
    """A log record without content: an event with its codes, or nothing but logger and level."""

    def __init__(self, *given: Any, **named: Any) -> None:
        """Take what every record takes, and keep only what may be written."""
        super().__init__(*given, **named)
        exc = self.exc_info[1] if self.exc_info else None
        self.msg, self.args = describe_record(self.name, self.msg, self.args, exc), ()
        self.exc_info = self.exc_text = self.stack_info = None


def describe_record(logger: str, text: object, values: object, exc: BaseException | None) -> str:
    """Return the line to write: the event with its values, else what failed, else that there was a line."""
    is_ours = logger == "caseapp" or logger.startswith("caseapp.")
    event = text if is_ours and isinstance(text, str) and text in EVENTS else LIBRARY_EVENTS.get((logger, str(text)))
    location = f" [{error_location_of(exc)}]" if exc is not None else ""
    if event is None:
        return f"a line without an event{location}"
    given = values if isinstance(values, tuple) else ()
    try:
        return str(event) % tuple(_describe_value(value) for value in given) + location
    except (TypeError, ValueError):
        return f"{str(event).split(' ', 1)[0]}{location}"


def _describe_value(value: object) -> object:
    if isinstance(value, BaseException):
        return error_location_of(value)
    if isinstance(value, bool | int | float | UUID):
        return value
    return value if isinstance(value, str) and CODE.fullmatch(value) else HIDDEN


def reduce_records() -> None:
    """Make every log record of this process quiet. May be called again."""
    logging.setLogRecordFactory(QuietRecord)
    logging.captureWarnings(capture=True)
    logging.lastResort = None  # a logger without a handler writes nothing, not its text to the terminal


def install() -> None:
    """Make the log records and the uncaught errors of a server process quiet. May be called again."""
    reduce_records()
    sys.excepthook = _log_uncaught
    threading.excepthook = lambda failed: _log_uncaught(failed.exc_type, failed.exc_value, None)
    sys.unraisablehook = lambda failed: _log_uncaught(failed.exc_type, failed.exc_value, None)


def _log_uncaught(kind: type[BaseException], exc: BaseException | None, _: object) -> None:
    if not issubclass(kind, KeyboardInterrupt | SystemExit):
        log.critical("process.uncaught %s", exc if exc is not None else kind.__name__)
