"""Record shape of a deadline: computed by `rules/`, closed by a person, never moved later automatically."""

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec

from caseapp.vault.registry import PlannedReminders, Record, keep_fields, record_kind


class StoredSentence(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A sentence of the rule engine as data (`rules.Sentence`): shown in the language of the page."""

    code: str
    values: dict[str, Any] = msgspec.field(default_factory=dict)


class Step(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A numbered line of the working, as computed on that day.

    `text` is what `code` and `values` say in English. In an older record it is all there is.
    """

    name: str  # starts, rule, mail, count, stop, moved, caution, position, result
    text: str
    on: str = ""
    citation: str = ""
    code: str = ""
    values: dict[str, Any] = msgspec.field(default_factory=dict)


class Working(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """The computation behind a deadline, kept whole so that an old date can be explained by the rule of its day."""

    rule: str
    version: str
    what: str
    citation: str
    state: str  # settled, flux, manual
    events: dict[str, str]
    inputs: dict[str, Any] = msgspec.field(default_factory=dict)  # everything `rules.replay` needs
    position: str = ""
    due_on: str = ""  # ISO date or minute
    act_by: str = ""
    opens_on: str = ""
    steps: tuple[Step, ...] = ()
    warnings: tuple[str, ...] = ()
    others: tuple[tuple[str, str, str, str], ...] = ()  # other arguable dates: (position, due_on, citation, text)
    # Added later: what `warnings` and the texts of `others` say, as data, in the same order; () in an older record.
    warning_sentences: tuple[StoredSentence, ...] = ()
    other_sentences: tuple[StoredSentence, ...] = ()


class DateCheck(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A second person's own calculation of the date. `on` is their result; None where only `same` was kept."""

    by: UUID
    at: dt.datetime
    same: bool = True
    on: dt.date | None = None


class Acknowledgement(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A member's acknowledgement of the date. It closes nothing and stops no escalation."""

    by: UUID
    on: dt.date


class Proposal(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """The date the current law would give instead. It moves nothing until a person keeps or accepts it.

    Until then reminders follow the earlier date. Without `working` no rule computes the date any more. See
    `caseapp.deadlines.services.recompute`.
    """

    law: str  # `Rulebook.version` that computed it
    listed_on: dt.date
    due_on: dt.date | None = None
    act_by: dt.date | None = None
    opens_on: dt.date | None = None
    due_minute: str = ""
    working: Working | None = None
    why: tuple[str, ...] = ()
    why_sentences: tuple[StoredSentence, ...] = ()  # added later: what `why` says, as data; () in an older record
    # Schema 3: the legal deadline before it followed the reading that the office chose.
    was_due_on: dt.date | None = None


class Decision(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A member's choice to keep the date or accept the proposed one.

    Dates are ISO text: legal deadline, internal deadline, first day.
    """

    by: UUID
    at: dt.datetime
    accepted: bool
    law: str
    was: tuple[str, str, str]
    would: tuple[str, str, str]


class FilingStep(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A step of the filing that meets a deadline: sent, received, rejected, or filed late with a motion.

    `on` and `at` are the day and the time on the clock of the place of filing.
    """

    status: str  # sent, received, rejected, late
    on: dt.date
    at: str = ""  # HH:MM
    method: str = ""  # ecas, online, mail, courier, in_person, email, other
    confirmation: str = ""  # receipt or tracking number
    service: str = ""  # service on the other side: ecas, mail, in_person, email, not_needed
    served_on: dt.date | None = None
    document: UUID | None = None  # a document of the case that proves it
    note: str = ""
    by: UUID
    recorded_at: dt.datetime


@record_kind(9, schema=4, upgrades={1: keep_fields, 2: keep_fields, 3: keep_fields})
class Deadline(Record, kw_only=True, frozen=True, omit_defaults=True):
    """A date by which an act is due. `due_on` is the legal deadline; `act_by` is the internal one, never after it."""

    what: str
    severity: str  # fatal, serious, routine
    state: str = "open"  # `open`, `done`, `waived`, `superseded`
    due_on: dt.date | None = None
    act_by: dt.date | None = None
    opens_on: dt.date | None = None
    due_minute: str = ""  # rules in hours
    working: Working | None = None  # None: a date set by hand, with `reason`
    trigger: UUID | None = None  # the record that started it
    parties: tuple[UUID, ...] = ()
    owner: UUID | None = None
    own_target_on: dt.date | None = None
    moved_to: dt.date | None = None  # a person's own date; the computed one stays visible
    reason: str = ""  # where a date set by hand comes from
    checks: tuple[DateCheck, ...] = ()
    closed_on: dt.date | None = None
    closed_by: UUID | None = None
    superseded_by: UUID | None = None
    plan_version: int = 0  # version of the reminder plan; tokens are derived from it
    planned: tuple[PlannedReminders, ...] = ()  # since schema 4 a day may keep the version of an earlier plan
    # Added later: each has a default, so that older records still decode.
    moved_by: UUID | None = None
    moved_reason: str = ""
    closed_reason: str = ""  # why it is not required (state "waived")
    proof_document: UUID | None = None  # a document of the case that proves it was done
    proof_note: str = ""
    seen: tuple[Acknowledgement, ...] = ()
    proposal: Proposal | None = None  # the law changed and no decision is recorded yet
    decisions: tuple[Decision, ...] = ()  # about proposals, oldest first
    # Schema 2.
    filings: tuple[FilingStep, ...] = ()  # in the order in which they were recorded
    duty: str = ""  # "watch": a date of the other side, shown and announced once
    reminder_days: tuple[int, ...] = ()  # the rule's own days before the date; () for those of the ladder


SEVERITIES = ("fatal", "serious", "routine")
DATE_REMOVED = "date_removed"  # stored as `closed_reason` where the date that it followed from was removed
ENTRY_CORRECTED = "entry_corrected"  # stored as `closed_reason` where the corrected entry no longer starts it
TAKEN_BACK = "taken_back"  # stored as `closed_reason` where the entry that started it was taken back


def day_to_act(deadline: Deadline) -> dt.date | None:
    """Return the day a deadline is listed under: a person's own date, else the internal or the legal deadline.

    Where no period runs (act at once) it is the office's own target. None for a window that only opens.
    """
    return deadline.moved_to or deadline.act_by or deadline.due_on or deadline.own_target_on


def computed_days(deadline: Deadline) -> tuple[dt.date, ...]:
    """Return the computed days: internal deadline and legal deadline, or the first day of a window that only opens."""
    days = tuple(day for day in (deadline.act_by, deadline.due_on) if day)
    return tuple(dict.fromkeys(days)) or ((deadline.opens_on,) if deadline.opens_on else ())


def disagreeing_checks(deadline: Deadline) -> tuple[DateCheck, ...]:
    """Return the checks whose date differs from the deadline's current dates."""
    return tuple(check for check in deadline.checks if not _check_agrees(deadline, check))


def is_watch(deadline: Deadline) -> bool:
    """Return whether it is a date of the other side: never overdue, never escalated, without a second check."""
    return deadline.duty == "watch"


def is_checked(deadline: Deadline) -> bool:
    """Return whether a second person confirmed the current date and no check disagrees; a watch date needs none."""
    return is_watch(deadline) or (bool(deadline.checks) and not disagreeing_checks(deadline))


def _check_agrees(deadline: Deadline, check: DateCheck) -> bool:
    # The date may have been recomputed since, so the day the person calculated is compared.
    return check.same if check.on is None else check.on in computed_days(deadline)
