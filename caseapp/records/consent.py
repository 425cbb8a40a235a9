"""What a person agreed to be told, and each try to tell them. Never inferred: without a consent nothing is sent."""

import datetime as dt
from uuid import UUID

from caseapp.vault.registry import Record, record_kind

DETAILS = ("plain", "date_time")  # a constant text; the same with day and time
LANGUAGES = ("en", "es", "fr")
ASKED_HOW = ("in_person", "phone", "on_paper")
TOLD_US, STOPPED, NUMBER_REFUSED, REPLACED = "told_us", "answered_stop", "number_refused", "replaced"
WITHDRAWN_HOW = (TOLD_US, STOPPED, NUMBER_REFUSED, REPLACED)


@record_kind(19, schema=1)
class Consent(Record, kw_only=True, omit_defaults=True):
    """Reminders by text message: asked of whom, for which contact, in which words, and when it ended.

    contact  the contact's text as it stood when they were asked: for another one they are asked again
    number   the same as it is dialled: a plus, the country and the number
    until    the last day it holds, if they said one
    """

    what: str  # reminders
    party: UUID
    way: str  # text
    contact: str
    number: str
    asked_on: dt.date
    asked_how: str
    detail: str = "plain"
    language: str = "en"
    until: dt.date | None = None
    withdrawn_on: dt.date | None = None
    withdrawn_at: dt.datetime | None = None
    withdrawn_how: str = ""

    @property
    def is_withdrawn(self) -> bool:
        """Whether they took it back."""
        return self.withdrawn_on is not None

    def was_asked_before(self, at: dt.datetime, on: dt.date) -> bool:
        """Whether it was given before an instant, which is day `on` where they were asked.

        What was entered later may tell of an earlier day; of one day the entry decides.
        """
        if self.entered_at is not None and self.entered_at <= at:
            return True
        return self.asked_on < on
