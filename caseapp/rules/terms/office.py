"""Shapes of an office's own pack: its rules, closures of receiving offices, and judges' standing orders.

An office pack is one TOML file like ours, or is built from encrypted records; every shape is a frozen Struct.
A standing order changes a lead time by adding one more position; it replaces nothing, and act_by only gets earlier.
A pack contains no confirmations: a `Confirmation` is stored separately and applies to one text, by its digest.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta, Struct, field

from caseapp.rules.terms.pack import (
    CalendarId,
    CountText,
    EventName,
    Follow,
    PackVersion,
    Reading,
    Roll,
    Rule,
    RuleId,
    Severity,
    Text,
)

OFFICE_PREFIX = "office."
ORDER_PREFIX = "order_"  # the position of a standing order has the id order_<id>
OFFICE_NOTICE = "Entered by the office. To be confirmed by its supervising attorney."
DEFAULT_REMINDERS: dict[Severity, tuple[int, ...]] = {
    "fatal": (60, 30, 14, 7, 3, 1, 0),
    "serious": (30, 14, 7, 3, 1),
    "routine": (14, 3),
}
LONGEST_CLOSURE = 366
OwnId = Annotated[str, Meta(pattern=r"^[a-z0-9_]+$", min_length=1, max_length=24)]
PlaceName = Annotated[str, Meta(max_length=200)]


class OfficeClosure(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Days on which a receiving office was closed, from `first` to `last` inclusive ("from" and "to" in a file).

    court   name of the receiving office as in the office's list of courts
    region  the state or region that has the holiday, for example "CA" or "Alsace-Moselle"
    Without court and region it applies everywhere.
    """

    id: OwnId
    first: dt.date = field(name="from")
    last: dt.date = field(name="to")
    why: Text
    source: Text
    court: PlaceName = ""
    region: PlaceName = ""

    def applies_to(self, court: str, region: str) -> bool:
        """Return whether the closure applies to this receiving office.

        A closure of one court or region never applies to a question that names none.
        """
        return _matches_name(self.court, court) and _matches_name(self.region, region)

    def describe(self) -> str:
        """Return the text for the working: the reason and its source."""
        return f"{self.why} ({self.source})"


class StandingOrder(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A judge's (or a whole court's) own lead time in place of a rule's.

    `effective_from` and `effective_until` are compared with the trigger day.
    """

    id: OwnId
    court: Annotated[str, Meta(min_length=1, max_length=200)]
    rule: RuleId
    what: Text
    count: CountText
    source: Text
    effective_from: dt.date
    last_checked: dt.date
    judge: PlaceName = ""  # "" = every judge of that court
    roll: Roll | None = None
    effective_until: dt.date | None = None

    def applies_to(self, rule_id: str, court: str, judge: str) -> bool:
        """Return whether the order applies to this rule before this judge."""
        return self.rule == rule_id and _matches_name(self.court, court) and _matches_name(self.judge, judge)

    def as_reading(self) -> Reading:
        """Return the order as an additional position of its rule."""
        who = f"Judge {self.judge}, {self.court}" if self.judge else self.court
        return Reading(
            id=f"{ORDER_PREFIX}{self.id}",
            role="position",
            text=f"standing order, {who}: {self.what}",
            citation=self.source,
            count=self.count,
            roll=self.roll,
            effective_from=self.effective_from,
            effective_until=self.effective_until,
        )


class OfficePack(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """An office's whole pack. Ids of its rules begin with "office."; our events may be used without listing them."""

    name: Text
    version: PackVersion
    last_checked: dt.date
    id: Annotated[str, Meta(pattern=r"^office(-[a-z0-9]+)*$", max_length=40)] = "office"
    calendar: CalendarId = "US"
    zone: Text = "America/New_York"
    notice: Text = OFFICE_NOTICE
    reminders: dict[Severity, tuple[int, ...]] = field(default_factory=lambda: dict(DEFAULT_REMINDERS))
    sources: dict[str, Text] = {}
    events: dict[EventName, Text] = {}
    rules: tuple[Rule, ...] = ()
    closures: tuple[OfficeClosure, ...] = ()
    standing_orders: tuple[StandingOrder, ...] = ()
    follows: tuple[Follow, ...] = ()


class Confirmation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An attorney's confirmation of one text. A changed text has another digest and is unconfirmed again."""

    what: Annotated[str, Meta(pattern=r"^(rule|closure|order):[a-z0-9_.]+$", max_length=100)]
    digest: Annotated[str, Meta(pattern=r"^[0-9a-f]{16}$")]
    by: Annotated[str, Meta(min_length=1, max_length=80)]  # member id as text
    on: dt.date


class Confirmable(NamedTuple):
    """A text to confirm, as a page lists it.

    `own` is true for the office's own texts; `confirmed` is the confirmation of the current text, if any.
    """

    what: str
    name: str
    digest: str
    citation: str
    state: str
    last_checked: dt.date
    own: bool
    confirmed: Confirmation | None


def content_digest(*parts: object) -> str:
    """Return 16 hex digits that identify the content, whatever its key order. It is not an authentication code."""
    return hashlib.sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()[:16]


def write_office_pack(pack: OfficePack) -> str:
    """Return the pack as a TOML file that `load_packs.read_office_pack` reads back to the same pack."""
    plain: dict[str, Any] = msgspec.to_builtins(pack, builtin_types=(dt.date,))
    tables = {name: plain.pop(name) for name in ("rules", "closures", "standing_orders", "follows") if name in plain}
    lines = [f"{name} = {_to_toml(value)}" for name, value in plain.items()]
    for name, items in tables.items():
        for item in items:
            readings = item.pop("readings", ())
            lines += ["", f"[[{name}]]", *(f"{key} = {_to_toml(value)}" for key, value in item.items())]
            for reading in readings:
                lines += ["", f"[[{name}.readings]]", *(f"{key} = {_to_toml(value)}" for key, value in reading.items())]
    return "\n".join(lines) + "\n"


def _to_toml(value: object) -> str:
    """Return a value as TOML. A JSON string is a valid TOML string except for DEL, which is escaped."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_to_toml(str(key))} = {_to_toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_to_toml(inner) for inner in value) + "]"
    return str(value)


def _matches_name(wanted: str, given: str) -> bool:
    return not wanted or " ".join(wanted.casefold().split()) == " ".join(given.casefold().split())
