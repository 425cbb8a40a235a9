"""Parts of a case's row about its clients: who is to be contacted, who stopped texts, who replied."""

import datetime as dt
from uuid import UUID

import msgspec

from caseapp.lib import clock


class TextRow(msgspec.Struct, kw_only=True, array_like=True, frozen=True, gc=False):
    """A text to a client, due from the first to the last day; `state` is the result of its last attempt, or empty."""

    step: str
    first: dt.date
    last: dt.date
    state: str = ""
    attempt: UUID | None = None


class ReachRow(msgspec.Struct, kw_only=True, array_like=True, frozen=True, gc=False):
    """The answer from a day on, if a client may be called and texted: `casefile.contact.reachability.ReachAnswer`."""

    no_call: str
    no_text: str
    number: str = ""
    first: dt.date | None = None


class ConsentRow(msgspec.Struct, kw_only=True, array_like=True, frozen=True, gc=False):
    """The consent by which a client is texted, for comparing it with STOP answers that wait."""

    number: str
    asked_on: dt.date
    entered_at: dt.datetime | None = None


class ClientRow(msgspec.Struct, kw_only=True, array_like=True, frozen=True, gc=False):
    """A client to contact about a hearing. `call_on`: first day to call, None once the client was reached.

    blocked  reason in the case for sending no texts to the client, or empty, on the day of writing; older rows have it
             without `answers`
    careful  safety note, shown next to every call and send
    answers  if the client may be called and texted, from the day of writing on
    """

    party: UUID
    hearing: UUID
    starts_at: dt.datetime
    zone: str
    name: str = ""
    careful: str = ""
    kind: str = ""
    call_on: dt.date | None = None
    tries: int = 0
    texts: tuple[TextRow, ...] = ()
    blocked: str = ""
    answers: tuple[ReachRow, ...] = ()
    consent: ConsentRow | None = None

    @property
    def starts_on(self) -> dt.date:
        """Return the day of the hearing in the court's zone."""
        return clock.local_date(self.starts_at, self.zone)

    @property
    def first_due_on(self) -> dt.date | None:
        """Return the first day of a call or text that is due; None if there is none."""
        days = [text.first for text in self.texts]
        return min([*days, self.call_on] if self.call_on else days, default=None)


class StopRow(msgspec.Struct, kw_only=True, array_like=True, frozen=True, gc=False):
    """A client who answered STOP: no more texts are sent to them."""

    party: UUID
    name: str
    on: dt.date


class ReplyRow(msgspec.Struct, kw_only=True, array_like=True, frozen=True, gc=False):
    """A client who replied to a text with anything but STOP.

    newest   the last reply; an older one that arrives late is not recorded any more
    since    the first reply after which they were not called; None once they were
    call_on  the day agreed for the next try
    """

    party: UUID
    name: str
    numbers: tuple[str, ...]  # that they agreed to texts at
    newest: dt.datetime
    since: dt.datetime | None = None
    call_on: dt.date | None = None
    careful: str = ""
