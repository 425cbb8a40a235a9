"""Clients who replied to a text and are to be called, as Today shows them: finished values."""

from dataclasses import dataclass
from datetime import date

from caseapp.clients.panels.lazy_lines import LazyLines
from caseapp.index.results import Item
from caseapp.index.row_parts.contact import ReplyRow
from caseapp.index.view import IndexView
from caseapp.ui.display.paths import quick_reverse


@dataclass(frozen=True)
class ReplyLine:
    """Client who replied to a text on a day. What they wrote is not known; `call_href` records the call."""

    name: str
    ref: str
    careful: str
    on: date
    case_href: str
    call_href: str


def reply_lines(index: IndexView) -> LazyLines[ReplyLine]:
    """Return the clients who replied and were not called since, who waits longest first."""

    def line_of(item: Item[ReplyRow]) -> ReplyLine:
        return ReplyLine(
            name=item.item.name,
            ref=item.row.ref,
            careful=item.item.careful,
            on=index.local_day(item.item.since or index.now),
            case_href=quick_reverse("cases:case", item.case_id),
            call_href=quick_reverse("clients:call_any", item.case_id, item.item.party),
        )

    return LazyLines(index.clients_who_replied(), line_of)
