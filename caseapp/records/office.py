"""Record shape of the office's own encrypted file: its name and settings. Its key is wrapped for every group."""

import datetime as dt
from uuid import UUID

import msgspec

from caseapp.lib.countries import country_of_zone, dialling_country_of_zone
from caseapp.vault.registry import Record, keep_fields, record_kind


class Court(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A court where the office appears. `zone` is an IANA time zone."""

    name: str
    zone: str
    address: str = ""


class Closure(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A day on which a receiving office was closed, with its source."""

    on: dt.date
    where: str = ""
    source: str = ""


class LawEntry(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """Member and time of the entry of one of the office's own rules, closures or standing orders."""

    by: UUID
    at: dt.datetime


class LawConfirmation(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """Confirmation of one text of the law by an attorney or accredited representative.

    what     rule:<id>, closure:<id> or order:<id>, as in `rules.Confirmation`
    version  of the pack and rule that was confirmed, for display only; the digest of the text decides
    """

    what: str
    digest: str
    by: UUID
    on: dt.date
    version: str = ""


class PositionChoice(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A supervising attorney's choice of how the office reads one rule; position "" withdraws an earlier choice."""

    position: str
    by: UUID
    on: dt.date
    reason: str


class CourtSetting(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """How the office files with one court or agency; `court` "" is every one without a setting of its own.

    court   as hearings name it
    region  the state or region whose holidays close it: closures of that region apply
    """

    court: str
    electronic: bool
    by: UUID
    on: dt.date
    region: str = ""


@record_kind(103, schema=3, upgrades={1: keep_fields, 2: keep_fields})
class Office(Record, kw_only=True, frozen=True, omit_defaults=True):
    """The office's name, time zone, courts, own law and other settings."""

    name: str
    zone: str
    language: str = "en"
    courts: tuple[Court, ...] = ()
    closures: tuple[Closure, ...] = ()
    electronic_filing: bool = True
    positions: dict[str, str] = msgspec.field(default_factory=dict)  # rule id -> position an attorney selected
    # The office's own rules, closures and standing orders: `rules.OfficePack` as MessagePack. Kept as bytes, so that a
    # pack this program cannot decode disables the office's own rules, not the whole file (`casefile.office_law`).
    law: bytes = b""
    law_entered: dict[str, LawEntry] = msgspec.field(default_factory=dict)  # keyed by `what`, as in LawConfirmation
    confirmed: tuple[LawConfirmation, ...] = ()
    # Gateway address for texts to clients, with `{to}` in it. It contains the gateway's secret, so only signed-in
    # members can read it.
    client_gateway: str = ""
    # Added in schema 2: US or FR, decides the order in which dates are entered; "" until an admin says it.
    country: str = ""
    # Added in schema 3.
    packs: tuple[str, ...] = ()  # ids of the standard packs in use; () for the pack of the office's time zone
    court_settings: tuple[CourtSetting, ...] = ()
    # Who chose each of `positions`, when and why, by rule id.
    position_choices: dict[str, PositionChoice] = msgspec.field(default_factory=dict)

    @property
    def country_code(self) -> str:
        """Return the country of the office: the one that was set, else that of its time zone."""
        return self.country or country_of_zone(self.zone)

    @property
    def dialling_country(self) -> str:
        """Return the country in which telephone numbers without a plus are read, or an empty string: then none are."""
        return self.country or dialling_country_of_zone(self.zone)
