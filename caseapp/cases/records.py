"""Shapes of the case itself and of the work done on it."""

import datetime as dt
from uuid import UUID

import msgspec

from caseapp.vault.registry import Record, record_kind


@record_kind(1, schema=1)
class Case(Record, kw_only=True, omit_defaults=True):
    """The facts of a case as a whole. `ref` is five characters without look-alikes, safe to say aloud."""

    ref: str
    stage: str = "intake"  # intake, advice, in_court, on_appeal, uscis, closed
    relief: tuple[str, ...] = ()  # asylum, withholding, cat, cancellation, sij, u, t, vawa, family, tps, daca, other
    programme: str = ""
    funder: str = ""
    service_level: str = ""
    lead: UUID | None = None  # member
    team: tuple[UUID, ...] = ()
    review_on: dt.date | None = None
    retain_until: dt.date | None = None
    close_code: str = ""
    closed_on: dt.date | None = None
    opened_on: dt.date | None = None
    # Added later: each has a default, so that older records read as they are.
    hold_reason: str = ""  # legal hold: it is not destroyed while this stands
    held_by: UUID | None = None
    held_on: dt.date | None = None


@record_kind(23, schema=1)
class Activity(Record, kw_only=True, omit_defaults=True):
    """Something done that is told after what it was done to is gone. It stands in the office's own file.

    Of a destroyed case: `subject` its id, `records` and `papers` how many it held. No name of anybody.
    """

    what: str  # shred
    on: dt.date
    subject: UUID
    ref: str = ""
    reason: str = ""
    closed_on: dt.date | None = None
    close_code: str = ""
    retain_until: dt.date | None = None
    records: int = 0
    papers: int = 0


@record_kind(13, schema=1)
class Note(Record, kw_only=True, omit_defaults=True):
    """Free text of what was said, done or found out."""

    text: str
    story: bool = False  # part of the story: closed until opened


@record_kind(14, schema=1)
class Task(Record, kw_only=True, omit_defaults=True):
    """Something somebody does; not a legal deadline."""

    text: str
    owner: UUID | None = None
    due_on: dt.date | None = None
    done_on: dt.date | None = None
    done_by: UUID | None = None


@record_kind(8, schema=1)
class Notice(Record, kw_only=True, omit_defaults=True):
    """What arrived or happened: a paper, a decision, a change of address. It may start clocks.

    `event` is an event name of the rule packs (`decision_mailed`, `notice_date`, `address_change` ...), `rules` the ids
    it was asked to start; `facts` are further events the rules need.
    """

    what: str  # choices.NOTICE_KINDS
    event: str
    dated_on: dt.date
    received_on: dt.date | None = None
    how: str = ""  # mail, electronic, by_hand, oral
    printed_due_on: dt.date | None = None  # a date printed on the paper always wins when it is earlier
    parties: tuple[UUID, ...] = ()
    proceeding: UUID | None = None
    filing: UUID | None = None
    facts: dict[str, str] = msgspec.field(default_factory=dict)
    text: str = ""
