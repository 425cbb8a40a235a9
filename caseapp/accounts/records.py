"""The office's own sealed file: what the office is called and how it works. Wrapped for every group."""

import datetime as dt

import msgspec

from caseapp.vault.registry import Record, record_kind


class Court(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A court the office goes to. `zone` is IANA."""

    name: str
    zone: str
    address: str = ""


class Closure(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A day on which a receiving office was closed, with the source somebody saw."""

    on: dt.date
    where: str = ""
    source: str = ""


@record_kind(103, schema=1)
class Office(Record, kw_only=True, omit_defaults=True):
    """Name, zone and ways of the office."""

    name: str
    zone: str
    language: str = "en"
    courts: tuple[Court, ...] = ()
    closures: tuple[Closure, ...] = ()
    electronic_filing: bool = True
    positions: dict[str, str] = msgspec.field(default_factory=dict)  # rule id -> position an attorney selected
