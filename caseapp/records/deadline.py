"""Shape of a deadline: computed by `rules/`, confirmed, done or waived by a person, never moved later by itself."""

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec

from caseapp.vault.registry import Planned, Record, record_kind


class Step(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One numbered line of the working, as computed on its day."""

    name: str  # starts, rule, mail, count, stop, moved, caution, position, result
    text: str
    on: str = ""
    citation: str = ""


class Working(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The computation a deadline rests on, kept whole so that an old date can be explained with its day's rule."""

    rule: str
    version: str
    what: str
    citation: str
    state: str  # settled, flux, manual
    events: dict[str, str]
    inputs: dict[str, Any] = msgspec.field(default_factory=dict)  # all that `rules.replay` needs
    position: str = ""
    due_on: str = ""  # ISO date or minute
    act_by: str = ""
    opens_on: str = ""
    steps: tuple[Step, ...] = ()
    warnings: tuple[str, ...] = ()
    others: tuple[tuple[str, str, str, str], ...] = ()  # (position, due_on, citation, text): could also be argued


class Check(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A second person worked the date out too. `on` is the date they came to; None where only `same` was kept."""

    by: UUID
    at: dt.datetime
    same: bool = True
    on: dt.date | None = None


class Seen(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Somebody knows of the date. It closes nothing and stops no escalation."""

    by: UUID
    on: dt.date


class Proposal(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What the law as it is now would give instead. It moves nothing: a person keeps or accepts (`casework.lawchange`).

    Until then reminders follow the earlier date. Without `working` no rule computes the date any more.
    """

    law: str  # `Rulebook.version` that gave it
    listed_on: dt.date
    due_on: dt.date | None = None
    act_by: dt.date | None = None
    opens_on: dt.date | None = None
    due_minute: str = ""
    working: Working | None = None
    why: tuple[str, ...] = ()


class Decision(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Somebody kept the date or accepted the proposed one. Dates are ISO text: last day, safe day, first day."""

    by: UUID
    at: dt.datetime
    accepted: bool
    law: str
    was: tuple[str, str, str]
    would: tuple[str, str, str]


@record_kind(9, schema=1)
class Deadline(Record, kw_only=True, omit_defaults=True):
    """A date by which something is done. `act_by` is our safe day, never after `due_on`."""

    what: str
    severity: str  # fatal, serious, routine
    state: str = "open"  # open, done, waived, superseded
    due_on: dt.date | None = None
    act_by: dt.date | None = None
    opens_on: dt.date | None = None
    due_minute: str = ""  # rules in hours
    working: Working | None = None  # None: a date somebody set by hand, with `reason`
    trigger: UUID | None = None  # the record it follows from
    parties: tuple[UUID, ...] = ()
    owner: UUID | None = None
    own_target_on: dt.date | None = None
    moved_to: dt.date | None = None  # a person's own date; the computed one stays visible
    reason: str = ""  # where a date set by hand comes from
    checks: tuple[Check, ...] = ()
    closed_on: dt.date | None = None
    closed_by: UUID | None = None
    superseded_by: UUID | None = None
    plan_version: int = 0  # reminder plan (tokens are derived from it)
    planned: tuple[Planned, ...] = ()
    # Added later: each has a default, so that older records read as they are.
    moved_by: UUID | None = None
    moved_reason: str = ""
    closed_reason: str = ""  # why it was waived
    proof_document: UUID | None = None  # a paper of the case that shows it was done
    proof_note: str = ""
    seen: tuple[Seen, ...] = ()
    proposal: Proposal | None = None  # the law changed and nobody decided yet
    decisions: tuple[Decision, ...] = ()  # about proposals, oldest first


SEVERITIES = ("fatal", "serious", "routine")
STATES = ("open", "done", "waived", "superseded")


def day_to_act(deadline: Deadline) -> dt.date | None:
    """The day it is listed under: a person's own date, else our safe day or the rule's last day.

    Where no period runs (act at once) it is our own target. None for a window that merely opens.
    """
    return deadline.moved_to or deadline.act_by or deadline.due_on or deadline.own_target_on


def days_of(deadline: Deadline) -> tuple[dt.date, ...]:
    """The days that stand for it: our safe day, the last day by the rule, for a window its first day."""
    days = tuple(day for day in (deadline.act_by, deadline.due_on) if day)
    return tuple(dict.fromkeys(days)) or ((deadline.opens_on,) if deadline.opens_on else ())


def differing(deadline: Deadline) -> tuple[Check, ...]:
    """Checks that came to another date than the one that stands."""
    return tuple(check for check in deadline.checks if not _agrees(deadline, check))


def is_checked(deadline: Deadline) -> bool:
    """Somebody else came to the date that stands, and nobody to another one."""
    return bool(deadline.checks) and not differing(deadline)


def _agrees(deadline: Deadline, check: Check) -> bool:
    # The date may have been computed anew since: what counts is the day the person came to.
    return check.same if check.on is None else check.on in days_of(deadline)
