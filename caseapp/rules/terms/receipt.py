"""Shapes of the data that say how a filing meets its deadline: received or postmarked, by whom, until which hour."""

import datetime as dt
from typing import Annotated, Literal

from msgspec import Meta, Struct

from caseapp.rules.terms.catalogue import Words
from caseapp.rules.terms.pack import ReadingId, RuleId, Text

HourText = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]
AT_PLACE = "place"  # the clock of the place of filing, whose zone a deadline does not know


class ReceiptHour(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The last minute of the last day; 24:00 is midnight.

    zone   IANA, or "place": the clock of the place of filing
    filed  "electronic": the hour is for filings sent electronically; "": for all
    chk    as of a rule: r read in a copy, k general knowledge that an attorney confirms first
    """

    at: HourText
    zone: Text
    citation: Text
    chk: Text
    filed: Literal["", "electronic"] = ""

    @property
    def is_confirmed(self) -> bool:
        """Return True when the hour was read in a source."""
        return self.chk.startswith("r")


class Receipt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Receipt by `receiver`, or the postmark, that counts for the filings of some rules."""

    id: ReadingId
    counts: Literal["received", "postmarked"]
    receiver: Words
    rules: Annotated[tuple[RuleId, ...], Meta(min_length=1)]
    citation: Text
    chk: Text
    last_checked: dt.date
    until: ReceiptHour | None = None
    note: Words | None = None

    @property
    def is_confirmed(self) -> bool:
        """Return True when it was read in a source."""
        return self.chk.startswith("r")


class ReceiptFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The data of one pack as its file has it."""

    pack: str
    receipts: tuple[Receipt, ...]
