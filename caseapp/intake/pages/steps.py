"""The parts that every step of an intake shows: the steps, what comes first, where the conflict check is."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise

from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import sharing
from caseapp.casefile.restriction import is_walled
from caseapp.conflicts.panels import ConflictLine, check_line, officer_names
from caseapp.deadlines.panels import case_deadlines
from caseapp.deadlines.panels.case_deadlines import CaseDeadline
from caseapp.intake.labels import CONFLICT_LABELS, DECISION_LABELS, PRIORITY_LABELS, STATE_LABELS, STEP_LABELS
from caseapp.intake.services import intakes
from caseapp.intake.services.decisions import DECIDE, current_answer
from caseapp.lib import clock
from caseapp.records.answer import STEPS, WITH_LETTER, Answer
from caseapp.records.case import Case, is_restricted
from caseapp.records.deadline import Deadline
from caseapp.records.history import History
from caseapp.records.letter import Letter
from caseapp.records.party import Party
from caseapp.ui.display import labels
from caseapp.ui.display.colleagues import colleagues_of, names_of
from caseapp.ui.display.paths import case_path
from caseapp.vault.store import SealedFile

DEADLINES_SHOWN = 12


@dataclass(frozen=True)
class StepLink:
    """A step of the intake. `is_saved` once it was saved."""

    label: str | Promise
    href: str
    is_here: bool
    is_saved: bool


@dataclass(frozen=True)
class ConflictState:
    """The conflict check as every member of the case sees it. `officers` decide it."""

    state: str
    label: str | Promise
    line: ConflictLine
    officers: tuple[str, ...]

    @property
    def is_answered(self) -> bool:
        """Return whether the conflict officer has answered."""
        return self.state in {"cleared", "waivable", "not_waivable"}


@dataclass(frozen=True)
class IntakePage:
    """Frame of the steps of one intake."""

    id: UUID
    ref: str
    name: str
    href: str
    step: str
    steps: tuple[StepLink, ...]
    state: str
    state_label: str | Promise
    detained_since: dt.date | None
    is_relative_detained: bool
    custody_href: str
    conflict: ConflictState
    saved_at: dt.datetime | None
    about: str
    waiting: str | Promise
    next_contact_on: dt.date | None
    is_walled: bool
    will_be_restricted: bool
    openers: tuple[str, ...]
    decision: "DecisionLine | None"
    decides: bool


@dataclass(frozen=True)
class DecisionLine:
    """The decision about an intake, with the letters that were sent."""

    label: str | Promise
    reason: str
    by: str
    on: dt.date
    scope: str
    referred_to: str
    is_provisional: bool
    has_letter: bool
    letters: tuple["LetterLine", ...]


@dataclass(frozen=True)
class LetterLine:
    """A letter that was sent or handed over."""

    sent_on: dt.date | None
    language: str
    href: str


def intake_page(staff: Staff, file: SealedFile, step: str) -> IntakePage:
    """Return the frame of a step. Raises NotFound for a case without a client."""
    case, client = file.get_only(Case).record, intakes.client_of(file).record
    entry = intakes.intake_of(file)
    record = entry.record if entry is not None else Answer(tree="intake")
    waiting = record.waiting
    stored = (item.record.changed_at or item.record.entered_at for item in file.entries.values())
    return IntakePage(
        id=file.id,
        ref=case.ref,
        name=client.name.full,
        href=case_path(file.id),
        step=step,
        steps=tuple(
            StepLink(STEP_LABELS[name], reverse(f"intake:{name}", args=[file.id]), name == step, name in record.steps)
            for name in STEPS
        ),
        state=record.state,
        state_label=STATE_LABELS[record.state],
        detained_since=client.detained_since,
        is_relative_detained=record.answers.get("detained") == "relative",
        custody_href=reverse("clients:custody", args=[file.id]),
        conflict=conflict_state(staff, file),
        saved_at=max((at for at in stored if at is not None), default=None),
        about=record.answers.get("about", ""),
        waiting=PRIORITY_LABELS.get(waiting.priority, "") if waiting is not None else "",
        next_contact_on=waiting.next_contact_on if waiting is not None else None,
        is_walled=is_walled(staff, file),
        will_be_restricted=is_restricted(case.relief),
        openers=tuple(person.name for person in sharing.access_summary(staff, file).people),
        decision=_decision_line(staff, file, record),
        decides=permissions.is_permitted(staff, DECIDE),
    )


def conflict_state(staff: Staff, file: SealedFile) -> ConflictState:
    """Return where the conflict check of a case is."""
    state = current_answer(staff, file)
    return ConflictState(state, CONFLICT_LABELS[state], check_line(staff, file), officer_names(staff))


def _decision_line(staff: Staff, file: SealedFile, record: Answer) -> DecisionLine | None:
    decision = record.decision
    if decision is None:
        return None
    letters = tuple(
        LetterLine(item.record.sent_on, item.record.language, reverse("intake:sent_letter", args=[file.id, item.id]))
        for item in file.entries_of(Letter)
    )
    return DecisionLine(
        label=DECISION_LABELS[decision.what],
        reason=decision.reason,
        by=names_of(colleagues_of(staff.keys)).get(decision.by, ""),
        on=decision.on,
        scope=decision.scope,
        referred_to=decision.referred_to,
        is_provisional=not decision.confirmed,
        has_letter=decision.what in WITH_LETTER,
        letters=letters,
    )


@dataclass(frozen=True)
class RelativeLine:
    """A relative, or a person of the other side, who is named already."""

    name: str
    role: str
    relation: str
    href: str


def people_lines(file: SealedFile) -> tuple[RelativeLine, ...]:
    """Return the people of the case other than the client."""
    return tuple(
        RelativeLine(
            entry.record.name.full,
            labels.label_of(labels.PARTY_ROLES, entry.record.role),
            entry.record.relation,
            reverse("clients:person", args=[file.id, entry.id]),
        )
        for entry in file.entries_of(Party)
        if entry.record.role != "lead"
    )


def deadline_lines(staff: Staff, file: SealedFile) -> tuple[CaseDeadline, ...]:
    """Return the open deadlines that the dates of the intake propose."""
    names, today = names_of(colleagues_of(staff.keys, file)), clock.today(staff.zone)
    entries = case_deadlines.sort_deadlines([e for e in file.entries_of(Deadline) if e.record.state == "open"])
    return tuple(case_deadlines.case_deadline(entry, names, today, file) for entry in entries[:DEADLINES_SHOWN])


@dataclass(frozen=True)
class PriorOrderLine:
    """An earlier removal order."""

    when: str
    authority: str
    result: str


def prior_order_lines(file: SealedFile) -> tuple[PriorOrderLine, ...]:
    """Return the earlier removal orders of the case."""
    orders = (entry.record for entry in file.entries_of(History) if entry.record.what == "prior_order")
    return tuple(PriorOrderLine(order.from_period, order.authority, order.result) for order in orders)
