"""Record shape of a step of a person's custody."""

import datetime as dt
from uuid import UUID

from caseapp.vault.registry import Record, keep_fields, record_kind


@record_kind(17, schema=2, upgrades={1: keep_fields})
class CustodyStep(Record, kw_only=True, frozen=True, omit_defaults=True):
    """A facility where a person is held, or dates of the case that changed with custody or a release.

    `changed` are the other records that this step changed, each with the version it made; `added` are the new ones.
    With both, one undo puts the case back as it was.
    """

    what: str  # facility, dates
    on: dt.date  # the first day in the facility, or the day on which the dates were changed
    party: UUID | None = None
    facility: str = ""
    court: str = ""  # the immigration court that has the case since then; "": it stays the same
    changed: tuple[tuple[UUID, int], ...] = ()
    added: tuple[UUID, ...] = ()
    undone_on: dt.date | None = None
    # Schema 2: after a correction of the step, the version that its undo puts back; without one, the version before.
    restores: tuple[tuple[UUID, int], ...] = ()
