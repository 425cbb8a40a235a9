"""The office's own sealed file: what the office is called and how it works. Wrapped for every group."""

import datetime as dt
from uuid import UUID

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


class Entered(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Who put one of the office's own rules, closures or standing orders in, and when."""

    by: UUID
    at: dt.datetime


class Confirmed(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An attorney or accredited representative stands by one text of the law.

    what     rule:<id>, closure:<id> or order:<id>, as `rules.Confirmation` has it
    version  of the pack and rule that was confirmed, for people; what counts is the digest of the text
    """

    what: str
    digest: str
    by: UUID
    on: dt.date
    version: str = ""


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
    # The office's own rules, closures and standing orders: `rules.OfficePack` as MessagePack. Bytes, so that a law that
    # this program cannot read closes the law and not the office (`casework.office_rules`).
    law: bytes = b""
    law_entered: dict[str, Entered] = msgspec.field(default_factory=dict)  # by what, as in Confirmed
    confirmed: tuple[Confirmed, ...] = ()
    # How texts to clients go out: a gateway's address with `{to}` in it, and so its secret. Only who signed in has it.
    client_gateway: str = ""
