"""Record shape of a notice or event."""

import datetime as dt
from uuid import UUID

import msgspec

from caseapp.vault.registry import Record, keep_fields, record_kind


@record_kind(8, schema=2, upgrades={1: keep_fields})
class Notice(Record, kw_only=True, frozen=True, omit_defaults=True):
    """A notice or event: a document, a decision, a change of address. It may start clocks.

    `event` is an event name of the rule packs (`decision_mailed`, `notice_date`, `address_change` ...); `facts` are the
    answers to the catalogue's questions. A stop of the asylum clock is from `dated_on` to `facts["restarts_on"]`.
    """

    what: str  # id of an event of the catalogue (`rules.catalogue`), or clock_stop
    event: str
    dated_on: dt.date
    received_on: dt.date | None = None
    how: str = ""  # mail, electronic, by_hand, oral
    printed_due_on: dt.date | None = None  # a date printed on the notice always prevails when it is earlier
    parties: tuple[UUID, ...] = ()
    proceeding: UUID | None = None
    filing: UUID | None = None
    facts: dict[str, str] = msgspec.field(default_factory=dict)
    text: str = ""
    # Schema 2: a date of a person that was removed as wrong, or that a later entry of the same kind replaced.
    removed_on: dt.date | None = None
    ended: tuple[UUID, ...] = ()  # the deadlines that the removal ended
    replaced_by: UUID | None = None
