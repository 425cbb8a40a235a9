"""One client who is to be told of one hearing, as Today and the case page show it: finished values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from caseapp.casefile import client_contact
from caseapp.clients.services import texting
from caseapp.records.contact_attempt import HANDED_OVER, REFUSED, SENDING
from caseapp.ui.display import labels, tags
from caseapp.ui.display.status import Status, day_status


class OneText(Protocol):
    """A text of the plan, of the case (`client_steps.Text`) or of the index (`rows.TextRow`)."""

    @property
    def step(self) -> str: ...
    @property
    def first(self) -> date: ...
    @property
    def last(self) -> date: ...
    @property
    def state(self) -> str: ...
    @property
    def attempt(self) -> UUID | None: ...


class Told(Protocol):
    """What one client is to hear, of the case (`client_steps.Telling`) or of the index (`rows.ClientRow`)."""

    @property
    def party(self) -> UUID: ...
    @property
    def hearing(self) -> UUID: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def zone(self) -> str: ...
    @property
    def call_on(self) -> date | None: ...
    @property
    def tries(self) -> int: ...
    @property
    def texts(self) -> Sequence[OneText]: ...
    @property
    def blocked(self) -> str: ...


@dataclass(frozen=True)
class Moment:
    """What a send depends on beside the case. `has_gateway`: whether the office has set one."""

    now: datetime
    has_gateway: bool


@dataclass(frozen=True)
class Who:
    """Whom a line is about."""

    case_id: UUID
    ref: str
    name: str
    careful: str
    kind: str


@dataclass(frozen=True)
class TellLine:
    """`text` is what Today says of texts, `texts` all of them. `send` is where a press sends the one that is due, or
    empty; `one` the same for "Send all"; `why` why it may not go.

    settle  where a person decides of a text that may have gone out; on Today the case page, which says since when
    """

    ref: str
    name: str
    careful: str
    kind: str
    case_href: str
    on: date
    at: datetime
    zone: str
    status: Status
    call: str
    is_call_due: bool
    call_href: str
    slip_href: str
    person_href: str
    texts: tuple[str, ...]
    text: str
    send: str
    one: str
    is_again: bool
    why: str
    settle: str
    is_due: bool


def tell_line(told: Told, who: Who, moment: Moment) -> TellLine:
    """`is_due`: somebody has something to do about it today."""
    here = client_contact.day_of(moment.now, told.zone)
    on = client_contact.day_of(told.starts_at, told.zone)
    text = next((one for one in told.texts if one.first <= here <= one.last and one.state != HANDED_OVER), None)
    why = _why(told, text, moment)
    is_call_due = told.call_on is not None and told.call_on <= here
    can_send = text is not None and not why
    ids = [who.case_id, told.party, told.hearing]
    send = reverse("clients:send", args=[*ids, text.step]) if text and (can_send or why == REFUSED) else ""
    is_open = text is not None and why in {SENDING, REFUSED}
    return TellLine(
        ref=who.ref,
        name=who.name,
        careful=who.careful,
        kind=labels.word(labels.HEARING_KINDS, who.kind),
        case_href=reverse("cases:case", args=[who.case_id]),
        on=on,
        at=told.starts_at,
        zone=told.zone,
        status=day_status(here, on),
        call=_call(told, here),
        is_call_due=is_call_due,
        call_href=reverse("clients:call", args=ids),
        slip_href=reverse("clients:slip", args=ids),
        person_href=reverse("cases:person", args=ids[:2]),
        texts=tuple(_text(one, here) for one in told.texts),
        text=_text(text, here) if text is not None and not why else "",
        send=send,
        one=".".join([*map(str, ids), text.step]) if text and can_send else "",
        is_again=why == REFUSED,
        why=_(texting.WHY_NOT[why]) if why else "",
        settle=reverse("clients:settle", args=[who.case_id, text.attempt]) if text and why == SENDING else "",
        is_due=is_call_due or can_send or is_open,
    )


def _why(told: Told, text: OneText | None, moment: Moment) -> str:
    if text is None:
        return told.blocked
    if text.state == SENDING:
        return SENDING
    if told.blocked:
        return told.blocked
    if text.state == REFUSED:
        return REFUSED
    return texting.why_not_now(moment.now, told.zone, has_gateway=moment.has_gateway)


def _call(told: Told, here: date) -> str:
    if told.call_on is None:
        return _("Reached by phone")
    if told.call_on > here:
        return _("Call them from %(day)s") % {"day": tags.day_short(told.call_on)}
    if told.tries:
        said = ngettext(
            "Call them again: %(count)s try reached nobody",
            "Call them again: %(count)s tries reached nobody",
            told.tries,
        )
        return said % {"count": told.tries}
    return _("Call them")


def _text(text: OneText, here: date) -> str:
    if text.state:
        return _("Text message: %(result)s") % {"result": labels.word(labels.ATTEMPT_RESULTS, text.state)}
    if text.first > here:
        return _("Text message from %(day)s") % {"day": tags.day_short(text.first)}
    if text.last < here:
        return _("Text message: none went out")
    return _("Text message: due now")
