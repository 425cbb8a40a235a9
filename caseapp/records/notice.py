"""Record shape of a notice or event."""

import datetime as dt
from uuid import UUID

import msgspec

from caseapp.vault.registry import Record, record_kind


@record_kind(8, schema=1)
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
