"""The custody page of a case as finished values."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from caseapp.accounts.keys.staff import Staff
from caseapp.clients.panels.custody_lines import step_label
from caseapp.clients.services import custody
from caseapp.clients.services.custody import CustodyChanges
from caseapp.deadlines.panels.event_buttons import EventButtons, event_buttons
from caseapp.deadlines.services.custody_dates import CustodyDates
from caseapp.hearings.services import custody_hearings
from caseapp.hearings.services.custody_hearings import CustodyHearing
from caseapp.lib import clock
from caseapp.records.custody import CustodyStep
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.records.party import Party
from caseapp.ui.display import labels, tags
from caseapp.ui.display.case_header import CaseHead, PersonChoice, case_head, client_choices
from caseapp.ui.display.rule_names import translate_deadline_name
from caseapp.vault.store import Entry, SealedFile


@dataclass(frozen=True)
class CustodyPerson:
    """A client and since when they are detained."""

    id: UUID
    name: str
    detained_since: date | None


@dataclass(frozen=True)
class ChangedDate:
    """A deadline before and after: a missing date says that there is none."""

    name: str
    was: date | None
    would: date | None


@dataclass(frozen=True)
class CustodyLine:
    """One change to choose. `key` is what its box sends; `note` says what it is besides its dates."""

    key: str
    title: str
    note: str
    dates: tuple[ChangedDate, ...]
    is_ticked: bool


@dataclass(frozen=True)
class StepLine:
    """One step of custody. `undo` is what its button sends; `correct` the page that corrects it, or ""."""

    on: date
    label: str
    facility: str
    court: str
    undo: str
    correct: str


@dataclass(frozen=True)
class CustodyPage:
    """Custody of the clients, what would change with it, and the steps so far."""

    head: CaseHead
    persons: tuple[CustodyPerson, ...]
    lines: tuple[CustodyLine, ...]
    steps: tuple[StepLine, ...]
    events: EventButtons


def custody_page(staff: Staff, file: SealedFile, changes: CustodyChanges) -> CustodyPage:
    """Return the page of an open case."""
    hearing_lines = [_hearing_line(change) for change in changes.hearings]
    return CustodyPage(
        head=case_head(file),
        persons=tuple(
            CustodyPerson(party_id, name, file.get(party_id, Party).record.detained_since)
            for party_id, name in client_choices(file, is_covered=staff.covered)
        ),
        lines=(*hearing_lines, *(_dates_line(change) for change in changes.dates)),
        steps=tuple(_step_line(file, entry) for entry in custody.steps_of(file)),
        events=event_buttons(staff, file.id, "custody"),
    )


def detained_choices(file: SealedFile, *, is_covered: bool) -> tuple[PersonChoice, ...]:
    """Return the clients who are detained, as choices of a form."""
    persons = client_choices(file, is_covered=is_covered)
    return tuple(choice for choice in persons if file.get(choice[0], Party).record.detained_since)


def hearing_choices(file: SealedFile) -> tuple[tuple[UUID, str], ...]:
    """Return the open hearings with their court, as choices of a form."""
    return tuple(
        (entry.id, f"{_hearing_title(entry.record)}: {entry.record.court}")
        for entry in custody_hearings.open_hearings(file)
    )


def step_initial(file: SealedFile, entry: Entry[CustodyStep]) -> dict[str, Any]:
    """Return the initial values of the form for a stored step."""
    step = entry.record
    return {
        "party": str(step.party),
        "facility": step.facility,
        "on": step.on,
        "court": step.court,
        "hearings": [str(hearing_id) for hearing_id in custody.moved_hearings(file, step)],
        "version": entry.version,
    }


def step_hearing_choices(file: SealedFile, step: CustodyStep) -> tuple[tuple[UUID, str], ...]:
    """Return the open hearings and those that the step moved, as choices of a form."""
    offered = dict(hearing_choices(file))
    for hearing_id in custody.moved_hearings(file, step):
        hearing = file.get(hearing_id, Hearing).record
        offered.setdefault(hearing_id, f"{_hearing_title(hearing)}: {hearing.court}")
    return tuple(offered.items())


def _hearing_title(hearing: Hearing) -> str:
    return f"{labels.label_of(labels.HEARING_KINDS, hearing.kind)}, {tags.day(hearing.starts_on)}"


def _hearing_line(change: CustodyHearing) -> CustodyLine:
    is_detained = not change.entry.record.detained
    note = (
        _("Was: not detained. Would be: detained; the court sets every filing date itself, and none is computed.")
        if is_detained
        else _("Was: detained. Would be: not detained; filing dates are computed again.")
    )
    dates = tuple(_changed_dates([entry.record for entry in change.was], change.would))
    return CustodyLine(str(change.entry.id), _hearing_title(change.entry.record), note, dates, is_ticked=True)


def _dates_line(change: CustodyDates) -> CustodyLine:
    was = [entry.record for entry in change.was]
    named = (*change.would, *was)[0]
    # Another count of a date that runs already is a question of law: it is offered, and not ticked.
    is_counted_otherwise = bool(was and change.would)
    note = _("This rule counts differently for a detained person. An attorney decides.") if is_counted_otherwise else ""
    return CustodyLine(
        key=change.key,
        title=translate_deadline_name(named.what),
        note=note,
        dates=tuple(_changed_dates(was, change.would)),
        is_ticked=not is_counted_otherwise,
    )


def _changed_dates(was: list[Deadline], would: tuple[Deadline, ...]) -> Iterator[ChangedDate]:
    if len(was) == len(would) == 1:
        yield ChangedDate(translate_deadline_name(would[0].what), _day_of(was[0]), _day_of(would[0]))
        return
    for deadline in was:
        yield ChangedDate(translate_deadline_name(deadline.what), _day_of(deadline), None)
    for deadline in would:
        yield ChangedDate(translate_deadline_name(deadline.what), None, _day_of(deadline))


def _day_of(deadline: Deadline) -> date | None:
    return deadline.act_by or deadline.due_on or deadline.opens_on or deadline.own_target_on


def _step_line(file: SealedFile, entry: Entry[CustodyStep]) -> StepLine:
    step = entry.record
    can_undo = custody.can_undo(file, entry, today=clock.now().date())
    return StepLine(
        on=step.on,
        label=step_label(step),
        facility=step.facility,
        court=step.court,
        undo=str(entry.id) if can_undo else "",
        correct=reverse("clients:custody_step", args=[file.id, entry.id]) if custody.is_correctable(step) else "",
    )
