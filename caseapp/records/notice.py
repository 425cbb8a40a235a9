"""Record shape of a notice or event, and the kinds with their rule-pack events."""

import datetime as dt
from uuid import UUID

import msgspec

from caseapp.vault.registry import Record, record_kind

# Notices and events outside a hearing, each with its event in the rule packs ("" starts no clock).
NOTICE_KINDS = {
    "rfe": "notice_date",
    "noid": "notice_date",
    "asylum_noid": "notice_date",
    "noir": "notice_date",
    "uscis_denial": "decision_date",
    "uscis_revocation": "decision_date",
    "judge_decision_mailed": "decision_mailed",
    "judge_decision_electronic": "decision_received_electronically",
    "board_decision": "order_final",
    "address_change": "address_change",
    "opponent_filing": "filing_received_by_court",
    "detained": "detention",
    "released": "released_from_custody",
    "asylum_filed": "asylum_application_filed",
    "asylum_granted": "asylum_granted",
    "clock_stop": "",  # a stop of the asylum clock: `dated_on` to `facts["restarts_on"]`
    "other": "",
}


@record_kind(8, schema=1)
class Notice(Record, kw_only=True, frozen=True, omit_defaults=True):
    """A notice or event: a document, a decision, a change of address. It may start clocks.

    `event` is an event name of the rule packs (`decision_mailed`, `notice_date`, `address_change` ...), `rules` the ids
    it was asked to start; `facts` are further events the rules need.
    """

    what: str  # a key of NOTICE_KINDS
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
