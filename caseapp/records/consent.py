"""Record shape of a client's consent to text reminders. Never inferred: without a consent nothing is sent."""

import datetime as dt
from uuid import UUID

from caseapp.vault.registry import Record, record_kind

TOLD_US, STOPPED, REPLACED = "told_us", "answered_stop", "replaced"


@record_kind(19, schema=1)
class Consent(Record, kw_only=True, frozen=True, omit_defaults=True):
    """A person's consent to reminders by text message: the contact, the wording, and when it ended.

    contact  the contact's text at the time they were asked; another contact needs a new consent
    number   the contact as it is dialled: a plus, the country code and the number
    until    the last day of the consent, if they named one
    """

    what: str  # reminders
    party: UUID
    way: str  # text
    contact: str
    number: str
    asked_on: dt.date
    asked_how: str  # in_person, phone, on_paper
    detail: str = "plain"  # a constant text, or date_time: the same text with day and time
    language: str = "en"  # en, es, fr
    until: dt.date | None = None
    withdrawn_on: dt.date | None = None
    withdrawn_at: dt.datetime | None = None
    withdrawn_how: str = ""  # told_us, answered_stop, number_refused, replaced

    @property
    def is_withdrawn(self) -> bool:
        """Return whether the person withdrew the consent."""
        return self.withdrawn_on is not None

    def was_asked_before(self, at: dt.datetime, on: dt.date) -> bool:
        """Return whether the consent was given before the instant `at`, which is day `on` where they were asked.

        A consent entered after `at` may still have been given on an earlier day. On the same day the time of entry
        decides.
        """
        return is_asked_before(self.asked_on, self.entered_at, at, on)


def is_asked_before(asked_on: dt.date, entered_at: dt.datetime | None, at: dt.datetime, on: dt.date) -> bool:
    """Return whether a consent was given before the instant `at`, as `Consent.was_asked_before` says."""
    return (entered_at is not None and entered_at <= at) or asked_on < on
