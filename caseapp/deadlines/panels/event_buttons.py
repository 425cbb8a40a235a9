"""Buttons that record an event of the catalogue, for the pages whose facts these events are."""

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import get_language

from caseapp import rules
from caseapp.accounts.keys.staff import Staff
from caseapp.deadlines.services import what_if
from caseapp.ui.display.paths import quick_reverse


@dataclass(frozen=True)
class EventButton:
    """One event: its id is posted, so that no address names it."""

    id: str
    label: str


@dataclass(frozen=True)
class EventButtons:
    """The events of a place of record, and the page that records them."""

    path: str
    events: tuple[EventButton, ...]


def event_buttons(staff: Staff, case_id: UUID, recorded_on: str) -> EventButtons:
    """Return the events that belong to one place of record, of the packs this office uses."""
    catalogue, packs = rules.catalogue(), what_if.packs_in_use(staff)
    language = get_language() or "en"
    events = tuple(
        EventButton(event.id, event.label.in_language(language))
        for event in catalogue.events.values()
        if event.recorded_on == recorded_on and catalogue.pack_of[event.id] in packs
    )
    return EventButtons(quick_reverse("cases:notice_new", case_id), events)
