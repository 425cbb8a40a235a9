"""Sentences on the filing by a legal deadline: received or postmarked by, with hour and zone, if a source says it."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from caseapp.lib import clock
from caseapp.records.deadline import Deadline, is_watch
from caseapp.rules.packs.receipts import receipt_of
from caseapp.rules.terms.receipt import AT_PLACE, Receipt, ReceiptHour
from caseapp.ui.display import date_texts

MIDNIGHT = "24:00"


@dataclass(frozen=True)
class ReceiptPanel:
    """Sentences for one deadline: what counts, the hour, the source; `caution` says what an attorney confirms first."""

    what: str
    hour: str
    note: str
    source: str
    caution: str


def describe_receipt(deadline: Deadline, own_zone: str) -> ReceiptPanel | None:
    """Return what the sources say of filing by this deadline; None for a date that they say nothing of.

    own_zone  the member's zone, in which the hour of another zone is repeated
    """
    if deadline.working is None or deadline.due_on is None or is_watch(deadline):
        return None
    receipt = receipt_of(deadline.working.rule)
    if receipt is None:
        return None
    until = receipt.until if not deadline.due_minute else None  # a rule in hours has its own minute
    language = get_language() or "en"
    return ReceiptPanel(
        what=_what_counts(receipt, deadline.due_on, language),
        hour=_hour_text(until, deadline.due_on, own_zone) if until else "",
        note=receipt.note.in_language(language) if receipt.note else "",
        source=_source_text(receipt, until),
        caution=_caution(receipt, until),
    )


def _what_counts(receipt: Receipt, due_on: dt.date, language: str) -> str:
    values = {"place": receipt.receiver.in_language(language), "date": date_texts.list_date(due_on)}
    if receipt.counts == "postmarked":
        return _("Postmarked by %(date)s, to %(place)s.") % values
    return _("Received by %(place)s by %(date)s.") % values


def _hour_text(until: ReceiptHour, due_on: dt.date, own_zone: str) -> str:
    """Return until which hour of the last day, and what that is on the member's own clock."""
    if until.at == MIDNIGHT:
        return _("Until midnight at the end of that day.")
    at = dt.time.fromisoformat(until.at)
    if until.zone == AT_PLACE:
        hour = _("%(time)s on the clock of the place of filing") % {"time": date_texts.clock_text(at)}
    else:
        hour = date_texts.with_zone(date_texts.clock_text(at), until.zone)
    text = _("Sent electronically: until %(time)s.") if until.filed else _("Until %(time)s.")
    return " ".join(filter(None, (text % {"time": hour}, _own_clock(until, at, due_on, own_zone))))


def _own_clock(until: ReceiptHour, at: dt.time, due_on: dt.date, own_zone: str) -> str:
    """Return the hour on the member's clock; the same hour of their own day where that is earlier: it is safe."""
    if until.zone == AT_PLACE:
        return ""
    ends = clock.local_time(dt.datetime.combine(due_on, at, ZoneInfo(until.zone)), own_zone)
    own = min(ends.replace(tzinfo=None), dt.datetime.combine(due_on, at))
    if ends.replace(tzinfo=None) == dt.datetime.combine(due_on, at):
        return ""
    return _("On your clock: %(time)s.") % {"time": date_texts.clock_text(own.time())}


def _source_text(receipt: Receipt, until: ReceiptHour | None) -> str:
    citations = "; ".join(dict.fromkeys((receipt.citation, *((until.citation,) if until else ()))))
    values = {"citation": citations, "date": date_texts.list_date(receipt.last_checked)}
    return _("%(citation)s (checked %(date)s)") % values


def _caution(receipt: Receipt, until: ReceiptHour | None) -> str:
    if not receipt.is_confirmed:
        return _("Not yet confirmed: read the notice, and ask your supervising attorney.")
    if until is not None and not until.is_confirmed:
        return _("The hour is not yet confirmed: ask your supervising attorney, and file earlier.")
    return ""
