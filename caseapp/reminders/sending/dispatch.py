"""Delivery of one message to one member: the choice of address, and its line in the log.

A line names no member in clear, and an urgent message looks like any other. The same message has the same Message-ID
whichever process sends it and however often.
"""

from contextlib import suppress
from datetime import date
from uuid import uuid4

from django.db import DatabaseError, InterfaceError, transaction

from caseapp.lib import clock
from caseapp.reminders import queries, recipients
from caseapp.reminders.choices import NEXT_WAY
from caseapp.reminders.queries import Line, message_id
from caseapp.reminders.recipients import Reached, Way
from caseapp.reminders.sending import gateways, smtp
from caseapp.reminders.sending.messages import message, short
from caseapp.reminders.sending.smtp import FAILURES, Post
from caseapp.vault import server_keys
from caseapp.vault.core import operational
from caseapp.vault.errors import OpenFailed

CANNOT = (*FAILURES, UnicodeError)  # raised when a message cannot be delivered
AS_REMINDER = {"urgent", "unseen"}  # kinds that the log shows like a day's ordinary message


def by_ways(
    reached: Reached, what: str, mid: str, letters: Post, *, tries: int, on: date, mail: bool = True, noted: bool = True
) -> Way:
    """Send a message to the first address that accepts it and return that address.

    An address that fails permanently is skipped at once, one that fails temporarily after a few tries.

    try_mail     False: the mail server is known to be down, only the other addresses are tried
    note_states  False: the database is not touched
    Raises       SMTPException, OSError, UnicodeError of the first address if none accepts it, CameBack if none is left
    """
    first: Exception | None = None
    for target in reached.ways.usable:
        if target.kind == "email" and not mail:
            continue
        try:
            _by_way(target, reached, what, mid, letters)
        except CANNOT as exc:
            first = first or exc
            if smtp.is_for_good(exc):
                if noted:
                    _note(reached, target, "refused", on)
            elif tries < NEXT_WAY:
                break
            continue
        if noted and target.state == "refused":
            _note(reached, target, "works", on)
        return target
    raise first or (smtp.CameBack("no address") if mail else OSError("no other address"))


def _by_way(way: Way, reached: Reached, what: str, mid: str, letters: Post) -> None:
    if way.kind == "email":
        text = message(what, reached.ways.language)
        letters.send(to=way.address, subject=text.subject, body=text.body, message_id=mid)
    else:
        gateways.hand_over(way.address, short(what, reached.ways.language))


def _note(reached: Reached, way: Way, state: str, on: date) -> None:
    # A state that cannot be recorded now is recorded at the next try: it must not stop the message.
    with suppress(OpenFailed, DatabaseError, InterfaceError), transaction.atomic():
        recipients.note_state(reached, way, state, on)


def line(reached: Reached, what: str, mid: str, by: str, *, state: str = "sent") -> Line:
    """Return a line for the log, with the time to the minute."""
    member = operational.seal_logged(server_keys.operational_key(), reached.org_id, mid, reached.member_id)
    at = clock.now().replace(second=0, microsecond=0)
    return mid, reached.org_id, member, "reminder" if what in AS_REMINDER else what, by, state, at


def is_logged(reached: Reached, day: date, what: str) -> bool:
    """Return whether this message went out."""
    mid = message_id(reached, day, what)
    return mid in queries.logged([mid])


def hand_over(
    reached: Reached,
    what: str,
    today: date,
    *,
    step: str = "",
    way: Way | None = None,
    letters: Post | None = None,
    mail: bool = True,
) -> Way:
    """Send a message to `target`, or to the first address that accepts it, and log it; return the address.

    step      distinguishes several messages of a kind and day in the Message-ID
    try_mail  as in `deliver_message`
    Raises    SMTPException, OSError, UnicodeError
    """
    mid = message_id(reached, today, what + step)
    if letters is None:
        with Post() as own:
            return hand_over(reached, what, today, step=step, way=way, letters=own, mail=mail)
    if way is None:
        way = by_ways(reached, what, mid, letters, tries=NEXT_WAY, on=today, mail=mail)
    else:
        _by_way(way, reached, what, mid, letters)
    queries.write_line(line(reached, what, mid, way.kind))
    return way


def owe(reached: Reached, what: str, today: date, *, step: str = "") -> None:
    """Log that this message is owed, in the caller's transaction: a round sends it if no caller does."""
    queries.owe(line(reached, what, message_id(reached, today, what + step), reached.ways.all[0].kind, state="owed"))


def once(reached: Reached, what: str, today: date, *, step: str = "", way: Way | None = None) -> bool:
    """Send a message that must not arrive twice, even if another process is sending it; return whether it was sent.

    Returns False if it went out already or is going out. Raises SMTPException, OSError, UnicodeError.
    """
    if is_logged(reached, today, what + step):
        return False
    holder = uuid4()
    try:
        if not queries.lease(holder, [queries.Person(reached, None, 0, None)]) or is_logged(
            reached, today, what + step
        ):
            return False
        hand_over(reached, what, today, step=step, way=way)
        return True
    finally:
        queries.release(holder)
