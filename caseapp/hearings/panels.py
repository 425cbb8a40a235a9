"""A hearing on the case page as finished values."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from caseapp.lib import clock
from caseapp.records.hearing import Hearing
from caseapp.ui.display import labels
from caseapp.ui.display.agenda_lines import interpreter_note, location_of
from caseapp.ui.display.colleagues import MemberNames
from caseapp.ui.display.paths import quick_reverse
from caseapp.ui.display.status import StatusLabel, day_status
from caseapp.vault.store import Entry


@dataclass(frozen=True)
class CaseHearing:
    """A hearing in the court's own time."""

    href: str
    outcome_href: str
    kind: str
    on: date
    at: datetime
    zone: str
    location: str
    who: str
    interpreter: str
    status: StatusLabel
    is_open: bool


def case_hearing(entry: Entry[Hearing], names: MemberNames) -> CaseHearing:
    """Return a hearing as one line of the case page."""
    record = entry.record
    is_open = record.outcome is None
    on = record.starts_on
    if record.outcome is not None:
        status = StatusLabel("done", labels.label_of(labels.OUTCOMES, record.outcome.what))
    elif record.starts_at < clock.now():
        status = StatusLabel("to-check", _("Outcome not recorded yet"))
    else:
        status = day_status(clock.today(record.zone), on)
    return CaseHearing(
        href=quick_reverse("hearings:hearing", entry.id),
        outcome_href=quick_reverse("hearings:outcome", entry.id),
        kind=labels.label_of(labels.HEARING_KINDS, record.kind),
        on=on,
        at=record.starts_at,
        zone=record.zone,
        location=location_of(record.court, record.room, record.way),
        who=names.get(record.goes, "") if record.goes else "",
        interpreter=interpreter_note(record.interpreter, is_requested=record.interpreter_asked),
        status=status,
        is_open=is_open,
    )
