"""Client contact for one client and one hearing, as Today and the case page show it: finished values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from caseapp.accounts.directory.opt_out_inbox import ReceivedOptOut
from caseapp.casefile.contact import client_contact
from caseapp.casefile.contact.client_contact import PlannedText
from caseapp.casefile.contact.reachability import ReachAnswer
from caseapp.clients.panels.reach import ReachAnswerAhead, ReachLine, blocked_text, reach_line
from caseapp.clients.services import texting
from caseapp.clients.services.opt_outs import GivenConsent
from caseapp.lib import clock
from caseapp.records.contact_attempt import REFUSED, SENDING
from caseapp.ui.display import labels, tags
from caseapp.ui.display.agenda_lines import short_hearing_kind
from caseapp.ui.display.paths import quick_reverse
from caseapp.ui.display.status import StatusLabel, day_status


class PlannedContact(Protocol):
    """Planned contact about a hearing, from a case (`client_contact.ContactPlan`) or the index (`ClientRow`)."""

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
    def texts(self) -> Sequence[PlannedText]: ...
    @property
    def blocked(self) -> str: ...
    @property
    def answers(self) -> Sequence[ReachAnswerAhead]: ...
    @property
    def consent(self) -> GivenConsent | None: ...


@dataclass(frozen=True)
class SendingConditions:
    """The conditions of sending besides the case: the time, the gateway, and STOP answers not yet in their cases."""

    now: datetime
    has_gateway: bool
    stops: Sequence[ReceivedOptOut] = ()
    zone: str = "UTC"


@dataclass(frozen=True)
class ContactSubject:
    """Client, case and kind of hearing that a line is about."""

    case_id: UUID
    ref: str
    name: str
    careful: str
    kind: str


@dataclass(frozen=True)
class HearingContactLine:
    """Client contact for one client and one hearing.

    number, dial    the number to call, and the link that calls it; empty where none may be called
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
    status: StatusLabel
    call: str
    number: str
    dial: str
    is_call_due: bool
    call_href: str
    slip_href: str
    person_href: str
    texts: tuple[str, ...]
    text: str
    send: str
    send_all_value: str
    is_again: bool
    why: str
    settle: str
    is_due: bool


def hearing_contact_line(
    planned: PlannedContact, subject: ContactSubject, conditions: SendingConditions
) -> HearingContactLine:
    """Return the line of a planned contact. Its `is_due` is True if a member has something to do about it today."""
    today = clock.local_date(conditions.now, planned.zone)
    on = clock.local_date(planned.starts_at, planned.zone)
    text = client_contact.text_due(planned.texts, today)
    reach = reach_of_planned(planned, conditions)
    due = contact_due(planned, conditions)
    why, can_send = due.why, due.can_send
    ids = [subject.case_id, planned.party, planned.hearing]
    send = quick_reverse("clients:send", *ids, text.step) if text and (can_send or why == REFUSED) else ""
    return HearingContactLine(
        ref=subject.ref,
        name=subject.name,
        careful=subject.careful,
        kind=short_hearing_kind(subject.kind),
        case_href=quick_reverse("cases:case", subject.case_id),
        on=on,
        at=planned.starts_at,
        zone=planned.zone,
        status=day_status(today, on),
        call=_call_label(planned, today, reach.no_call),
        number=reach.number,
        dial=reach.dial,
        is_call_due=due.is_call_due,
        call_href=reverse("clients:call", args=ids),
        slip_href=reverse("clients:slip", args=ids),
        person_href=reverse("clients:person", args=ids[:2]),
        texts=tuple(_text_label(candidate, today) for candidate in planned.texts),
        text=_text_label(text, today) if text is not None and not why else "",
        send=send,
        send_all_value=send_all_value(subject.case_id, planned, conditions),
        is_again=why == REFUSED,
        why=_(texting.REFUSAL_SENTENCES[why]) if why else "",
        settle=quick_reverse("clients:settle", subject.case_id, text.attempt) if text and why == SENDING else "",
        is_due=due.is_due,
    )


@dataclass(frozen=True)
class ContactDue:
    """Contact that is due: a call, a text that can be sent, or one that a member has to decide about (`is_open`).

    why  the code of the reason for sending no text
    """

    is_call_due: bool
    can_send: bool
    is_open: bool
    why: str

    @property
    def is_due(self) -> bool:
        """Return whether a member has something to do about it today."""
        return self.is_call_due or self.can_send or self.is_open


def contact_due(planned: PlannedContact, conditions: SendingConditions) -> ContactDue:
    """Return what is due of a planned contact, without the sentences of its line. Reads its arguments alone."""
    today = clock.local_date(conditions.now, planned.zone)
    text = client_contact.text_due(planned.texts, today)
    no_text = blocked_text(_answers_of(planned), today, planned.consent, conditions.stops, conditions.zone)
    why = _reason_text_is_blocked(planned, text, no_text, conditions)
    return ContactDue(
        is_call_due=client_contact.is_call_due(planned.call_on, today),
        can_send=text is not None and not why,
        is_open=text is not None and why in {SENDING, REFUSED},
        why=why,
    )


def send_all_value(case_id: UUID, planned: PlannedContact, conditions: SendingConditions) -> str:
    """Return the value by which "Send all" sends the text that is due; empty if none can be sent."""
    text = client_contact.text_due(planned.texts, clock.local_date(conditions.now, planned.zone))
    if text is None or not contact_due(planned, conditions).can_send:
        return ""
    return ".".join([str(case_id), str(planned.party), str(planned.hearing), text.step])


def reach_of_planned(planned: PlannedContact, conditions: SendingConditions) -> ReachLine:
    """Return if the client may be called and texted today. A row of an older program says it of texts alone."""
    today = clock.local_date(conditions.now, planned.zone)
    answers = _answers_of(planned)
    return reach_line(answers, today, consent=planned.consent, stops=conditions.stops, zone=conditions.zone)


def _answers_of(planned: PlannedContact) -> Sequence[ReachAnswerAhead]:
    return planned.answers or (ReachAnswer("", planned.blocked, ""),)


def _reason_text_is_blocked(
    planned: PlannedContact, text: PlannedText | None, blocked: str, conditions: SendingConditions
) -> str:
    if text is None:
        return blocked
    if text.state == SENDING:
        return SENDING
    if blocked:
        return blocked
    if text.state == REFUSED:
        return REFUSED
    return texting.why_not_now(conditions.now, planned.zone, has_gateway=conditions.has_gateway)


def _call_label(planned: PlannedContact, today: date, no_call: str) -> str:
    if planned.call_on is None:
        return _("Reached by phone")
    if no_call:
        return no_call
    if planned.call_on > today:
        return _("Call them from %(day)s") % {"day": tags.day_short(planned.call_on)}
    if planned.tries:
        sentence = ngettext(
            "Call them again: not reached in %(count)s try",
            "Call them again: not reached in %(count)s tries",
            planned.tries,
        )
        return sentence % {"count": planned.tries}
    return _("Call them")


def _text_label(text: PlannedText, today: date) -> str:
    if text.state:
        return _("Text message: %(result)s") % {"result": labels.label_of(labels.ATTEMPT_RESULTS, text.state)}
    if text.first > today:
        return _("Text message from %(day)s") % {"day": tags.day_short(text.first)}
    if text.last < today:
        return _("Text message: none went out")
    return _("Text message: due now")
