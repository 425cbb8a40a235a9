"""Client contact for one client and one hearing, as Today and the case page show it: finished values."""

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
    """Planned text of a case (`client_contact.Text`) or of the index (`rows.TextRow`)."""

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
    """Planned contact about a hearing, from a case (`client_contact.Telling`) or the index (`rows.ClientRow`)."""

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
    """What sending depends on besides the case: the time, and whether the office has a gateway."""

    now: datetime
    has_gateway: bool


@dataclass(frozen=True)
class Who:
    """Client, case and kind of hearing that a line is about."""

    case_id: UUID
    ref: str
    name: str
    careful: str
    kind: str


@dataclass(frozen=True)
class TellLine:
    """Client contact for one client and one hearing.

    text            what Today says about texts; `texts` are all of them
    send            address that sends the text that is due, or empty
    send_all_value  the same text for "Send all", or empty
    why             why no text may be sent
    settle          address to decide about a text that may have gone out; on Today the case page, which says since when
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
    """Return the line of a planned contact. Its `is_due` is True if a member has something to do about it today."""
    today = client_contact.day_of(moment.now, told.zone)
    on = client_contact.day_of(told.starts_at, told.zone)
    text = next(
        (
            candidate
            for candidate in told.texts
            if candidate.first <= today <= candidate.last and candidate.state != HANDED_OVER
        ),
        None,
    )
    why = _why(told, text, moment)
    is_call_due = told.call_on is not None and told.call_on <= today
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
        status=day_status(today, on),
        call=_call(told, today),
        is_call_due=is_call_due,
        call_href=reverse("clients:call", args=ids),
        slip_href=reverse("clients:slip", args=ids),
        person_href=reverse("cases:person", args=ids[:2]),
        texts=tuple(_text(candidate, today) for candidate in told.texts),
        text=_text(text, today) if text is not None and not why else "",
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
        sentence = ngettext(
            "Call them again: %(count)s try reached nobody",
            "Call them again: %(count)s tries reached nobody",
            told.tries,
        )
        return sentence % {"count": told.tries}
    return _("Call them")


def _text(text: OneText, here: date) -> str:
    if text.state:
        return _("Text message: %(result)s") % {"result": labels.word(labels.ATTEMPT_RESULTS, text.state)}
    if text.first > here:
        return _("Text message from %(day)s") % {"day": tags.day_short(text.first)}
    if text.last < here:
        return _("Text message: none went out")
    return _("Text message: due now")
