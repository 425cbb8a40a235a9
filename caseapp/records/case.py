"""Record shape of a case and the codes its fields use. Labels are translated where they are shown."""

import datetime as dt
from uuid import UUID

from caseapp.vault.registry import Record, record_kind

STAGES = ("intake", "advice", "in_court", "on_appeal", "uscis", "closed")
CLOSE_CODES = ("granted", "denied", "advised", "referred", "withdrew", "moved", "lost_contact", "died", "other")


@record_kind(1, schema=1)
class Case(Record, kw_only=True, frozen=True, omit_defaults=True):
    """Facts about a case as a whole. `ref` is five characters without look-alikes, safe to say aloud."""

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
    # Added later: each has a default, so that older records still decode.
    hold_reason: str = ""  # legal hold: the case is not destroyed while this is set
    held_by: UUID | None = None
    held_on: dt.date | None = None
