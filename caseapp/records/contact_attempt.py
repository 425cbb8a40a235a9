"""What a person agreed to be told, and each try to tell them. Never inferred: without a consent nothing is sent."""

import datetime as dt
from uuid import UUID

from caseapp.vault.registry import Record, record_kind

CALL, TEXT, PRINT, IN_PERSON, MAIL = "call", "text", "print", "in_person", "mail"
REACHED, GIVEN = "reached", "given"
SENDING, HANDED_OVER, REFUSED = "sending", "handed_over", "refused"
# What a person writes down after a call; the other results are written by the program.
CALL_RESULTS = (REACHED, "no_answer", "voicemail_not_left", "wrong_number")
RESULTS = (*CALL_RESULTS, HANDED_OVER, REFUSED, SENDING, GIVEN)


@record_kind(15, schema=1)
class ContactAttempt(Record, kw_only=True, omit_defaults=True):
    """One try to tell a person of a hearing.

    step       call, text_7, text_1: what of the plan it answers; empty for what was done beside it
    starts_at  the start they were told; for another one they are told again. `place` is where
    at         when it was tried; a message that is "sending" may have gone out: a person decides
    """

    party: UUID
    way: str  # call, text, print, in_person, mail
    result: str  # RESULTS
    at: dt.datetime
    hearing: UUID | None = None
    step: str = ""
    starts_at: dt.datetime | None = None
    place: str = ""
    contact: str = ""
    note: str = ""
    next_try_on: dt.date | None = None
