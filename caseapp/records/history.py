"""Record shape of an earlier event in a person's life: an entry, a removal order, an arrest, an address."""

from uuid import UUID

import msgspec

from caseapp.lib.partial_dates import PartialDate
from caseapp.vault.registry import Record, record_kind


@record_kind(3, schema=1)
class History(Record, kw_only=True, frozen=True, omit_defaults=True):
    """An earlier event. Periods are "2019", "2019-05" or "2019-05-17"; `until_period` is empty for a single day."""

    what: str  # prior_order, entry, exit, earlier_filing, arrest, marriage, address, work, school
    party: UUID | None = None
    from_period: str = ""
    until_period: str = ""
    approximate: bool = False
    place: str = ""
    country: str = ""  # ISO 3166 alpha-2
    authority: str = ""  # court or agency, as written
    result: str = ""  # of an order or filing, in words
    text: str = ""
    number: str = ""  # docket or receipt number
    facts: dict[str, str] = msgspec.field(default_factory=dict)  # answers without a field of their own

    @property
    def began(self) -> PartialDate | None:
        """Return when it began, to the day, the month or the year."""
        return PartialDate.of_text(self.from_period) if self.from_period else None
