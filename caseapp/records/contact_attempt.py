"""Record shape of an attempt to contact a client, with the codes for channel and result."""

import datetime as dt
from uuid import UUID

from caseapp.vault.registry import Record, record_kind

CALL, TEXT, PRINT, IN_PERSON = "call", "text", "print", "in_person"
REACHED, GIVEN = "reached", "given"
SENDING, HANDED_OVER, REFUSED = "sending", "handed_over", "refused"
REPLIED = "replied"  # the client answered a text with anything but STOP; what they wrote is not known


@record_kind(15, schema=1)
class ContactAttempt(Record, kw_only=True, frozen=True, omit_defaults=True):
    """An attempt to inform a person of a hearing.

    step       call, text_7, text_1: the planned step it completes; empty for an unplanned attempt
    starts_at  the start time they were given; after a change they are contacted again. `place` is the hearing's place
    at         the time of the attempt; a message in state "sending" may have gone out, and a person decides
    """

    party: UUID
    way: str  # call, text, print, in_person, mail
    # A person records after a call: reached, no_answer, voicemail_not_left, wrong_number. The program records
    # handed_over, refused and sending (a text), replied (to a text), and given (a sheet).
    result: str
    at: dt.datetime
    hearing: UUID | None = None
    step: str = ""
    starts_at: dt.datetime | None = None
    place: str = ""
    contact: str = ""
    note: str = ""
    next_try_on: dt.date | None = None
