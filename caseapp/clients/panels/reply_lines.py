"""Clients who replied to a text and are to be called, as Today shows them: finished values."""

from dataclasses import dataclass
from datetime import date

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


def reply_lines(index: IndexView) -> tuple[ReplyLine, ...]:
    """Return the clients who replied and were not called since, who waits longest first."""
    return tuple(
        ReplyLine(
            name=item.item.name,
            ref=item.row.ref,
            careful=item.item.careful,
            on=index.local_day(item.item.since),
            case_href=quick_reverse("cases:case", item.case_id),
            call_href=quick_reverse("clients:call_any", item.case_id, item.item.party),
        )
        for item in index.clients_who_replied()
        if item.item.since is not None
    )
