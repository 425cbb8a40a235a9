"""Record shape of a proceeding."""

import datetime as dt
from uuid import UUID

from caseapp.vault.registry import Record, record_kind


@record_kind(4, schema=1)
class Proceeding(Record, kw_only=True, frozen=True, omit_defaults=True):
    """A matter pending before one forum. A case may have several at once; hearings and deadlines belong to one."""

    forum: str  # immigration_court, bia, circuit, uscis, district_court, state_court, fr_*
    docket: str = ""
    parties: tuple[UUID, ...] = ()
    court: str = ""
    judge: str = ""
    began_on: dt.date | None = None
    began_how: str = ""
    state: str = "open"
