"""Shapes of a rule pack. A pack is one TOML file; its JSON Schema (`pack.schema.json`) is generated from them.

docs/rules.md explains each field of a rule. An office's own pack is in `office.py`, the reader in `load_packs.py`.
"""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta, Struct

RuleId = Annotated[str, Meta(pattern=r"^[a-z]{2,8}(\.[a-z0-9_]+)+$", max_length=80)]
EventName = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
ReadingId = Annotated[str, Meta(pattern=r"^[a-z0-9_]+$", max_length=30)]
Text = Annotated[str, Meta(min_length=1, max_length=2000)]
# Terms joined by one space: "+30d", "+5y -90d", "+5b", "+48h", "+21y +petition_filed..petition_approved -1d".
# "=fy" is 30 September of the year reached, the last day of the federal fiscal year: "+1y =fy".
_TERM = r"([+-][0-9]{1,4}[dbmyh]|\+[a-z0-9_]+\.\.[a-z0-9_]+|=fy)"
CountText = Annotated[str, Meta(pattern=f"^{_TERM}( {_TERM})*$")]
Roll = Literal["fwd", "hear", "prev", "none"]
Severity = Literal["fatal", "serious", "routine"]
State = Literal["settled", "flux", "manual"]
Pick = Literal["earlier", "later"]
Role = Literal["position", "variant", "act_by", "argued"]
Duty = Literal["ours", "watch"]
WATCH_REMINDERS = (0,)  # a date of the other side is announced once, on its day
CalendarId = Literal["US", "FR"]
PackVersion = Annotated[str, Meta(pattern=r"^[0-9]{4}\.[0-9]{2}\.[0-9]{2}(\.[0-9]{1,4})?$")]


class Reading(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Another reading of the same rule. Omitted fields are taken from the rule.

    role  position: authorities disagree, all in force are computed, the earliest is act_by;
          variant: another situation (detained, a spouse), computed only when requested as `id@variant`;
          act_by: a caution only, which can make act_by earlier and nothing else; a rule that only opens gets an act_by
          from it;
          argued: shown under "could also be argued", used for nothing.
    """

    id: ReadingId
    role: Role
    text: Text
    citation: str = ""
    on: tuple[EventName, ...] | None = None
    count: CountText | None = None
    opens: CountText | None = None
    franc: bool | None = None
    roll: Roll | None = None
    by_mail: bool = False  # only when served by mail
    effective_from: dt.date | None = None  # first trigger day it governs
    effective_until: dt.date | None = None  # last trigger day it governs
    severity: Severity | None = None  # of a variant
    duty: Duty | None = None  # of a variant
    then: Text | None = None  # of a variant that is a watch date
    cautions: tuple[Text, ...] = ()  # shown with the rule's own when this reading gives the date


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A legal rule. `count` gives the last day, `opens` the first day; a rule has either, both, or is manual."""

    id: RuleId
    what: Text
    on: Annotated[tuple[EventName, ...], Meta(min_length=1)]  # trigger events; any one of them is enough
    citation: Text
    severity: Severity
    state: State
    chk: Text  # how the row was checked
    version: Annotated[int, Meta(ge=1)] = 1
    last_checked: dt.date | None = None  # default: the pack's
    pick: Pick = "earlier"  # the trigger that counts when more than one is known
    count: CountText | None = None
    opens: CountText | None = None
    opens_on: EventName | None = None  # event the first day is counted from, when it differs from `on`
    roll: Roll = "none"
    franc: bool = False  # French délai franc: one day more
    mail_days: Annotated[int, Meta(ge=0, le=30)] = 0
    receipt: bool = False  # the act is a filing that an office must receive
    stops: bool = False  # clock stops may be entered
    years: Annotated[int, Meta(ge=0, le=50)] = (
        0  # the years in `count` or `opens`, for rules with a variant of another number of years
    )
    at_once: bool = False  # manual rule without a period: act now
    paper_controls: bool = False  # the date printed on the notice prevails
    positions_of: RuleId | None = None  # id of a rule whose readings this rule shares
    readings: tuple[Reading, ...] = ()
    cautions: tuple[Text, ...] = ()
    # Days before the date; a negative number is a day after it. Default: those of the severity, or of a watch date.
    reminders: tuple[Annotated[int, Meta(ge=-400, le=400)], ...] | None = None
    duty: Duty = "ours"  # watch: a date of the other side, shown and reminded of once, never escalated
    then: Text | None = None  # what the end of a watch date lets us do
    not_before: dt.date | None = None  # an earlier trigger counts from this day
    ended_by: tuple[EventName, ...] = ()  # an event that, before the date, ends the period for good
    closing: bool = False  # on the last day itself it is too late: act_by is the last open day before it
    yearly: bool = False  # recurs: `years` says which year, in place of the first
    effective_from: dt.date | None = None
    effective_until: dt.date | None = None


class RuleStart(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A rule that an event starts, with the rule's own trigger event `on` and a caution to show."""

    rule: RuleId
    on: EventName
    caution: Annotated[str, Meta(max_length=2000)] = ""


class Follow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An event in a case and the clocks it starts."""

    event: EventName
    text: Text
    starts: tuple[RuleStart, ...]


class Pack(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A whole pack. Calendar US observes weekend holidays on another day; FR does not."""

    id: Annotated[str, Meta(pattern=r"^[a-z0-9-]+$", max_length=40)]
    name: Text
    version: PackVersion
    calendar: CalendarId
    zone: Text  # IANA; wall time of rules in hours when no zone is given
    last_checked: dt.date
    effective_from: dt.date  # for rules without their own dates: texts were not read for triggers before this day
    notice: Text
    act_by_unrolled: bool = False  # a closed last day never extends act_by
    reminders: dict[Severity, tuple[int, ...]]
    sources: dict[str, Text] = {}  # meaning of the marks in `chk`
    events: dict[EventName, Text]
    rules: Annotated[tuple[Rule, ...], Meta(min_length=1)]
    follows: tuple[Follow, ...] = ()


def reminder_days_of(
    rule: Rule, defaults: Mapping[Severity, tuple[int, ...]], severity: Severity, duty: Duty
) -> tuple[int, ...]:
    """Return the rule's own days before the date, else those of a watch date or of the severity."""
    if rule.reminders is not None:
        return rule.reminders
    return WATCH_REMINDERS if duty == "watch" else defaults[severity]


def events_of(rule: Rule) -> set[str]:
    """Return every event name this rule or one of its readings can use."""
    names = {*rule.on, *rule.ended_by} | ({rule.opens_on} if rule.opens_on else set()) | spanned_events(rule)
    for reading in rule.readings:
        names |= set(reading.on or ())
    return names


def spanned_events(rule: Rule) -> set[str]:
    """Return the events between which a count of this rule, or of one of its readings, counts the days."""
    counts = (rule.count, rule.opens, *(reading.count for reading in rule.readings))
    spans = (span for count in counts for span in re.findall(r"([a-z0-9_]+)\.\.([a-z0-9_]+)", count or ""))
    return {name for span in spans for name in span}
