"""Record shape of a letter to a person: its text as it was sent, and how."""

import datetime as dt
from uuid import UUID

from caseapp.vault.registry import Record, record_kind


@record_kind(12, schema=1)
class Letter(Record, kw_only=True, frozen=True, omit_defaults=True):
    """A letter that was sent or handed over. `text` has one paragraph a line, as the person got it."""

    template: str  # id of the template: non_engagement
    language: str  # of the text: en, es, fr
    text: str
    party: UUID | None = None
    how: str = ""  # by_hand, mail, mail_certified
    sent_on: dt.date | None = None
    to: str = ""  # the address that it was mailed to
    certified_number: str = ""
