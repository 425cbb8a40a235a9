"""Inputs of a computation: events and options, validated and normalised, so that it can be repeated."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from caseapp.rules.terms.calendars import ClosedDay
from caseapp.rules.terms.errors import RuleError
from caseapp.rules.terms.office import StandingOrder
from caseapp.rules.terms.refusals import FIRST_YEAR, LAST_YEAR, Unanswerable, outside_years
from caseapp.rules.terms.sentence import Sentence
from caseapp.rules.terms.words import Moment, to_iso

Stop = tuple[dt.date, dt.date]
PRINTED = "printed_date"
PLACE_NAME_LIMIT = 200


class Options(Struct, frozen=True, kw_only=True):
    """The parts of a question besides its events. `gather` validates the values.

    position     the reading an attorney selected for the office; where it is not in force on that day, the earliest
                 reading is used, with a warning
    is_position_accepted  an attorney accepted the selected reading for this case: the others no longer bound act_by
    clock_stops  pairs (day the clock stops, day it restarts)
    years        another number of years, where the rule has such a variant
    electronic   False: filed on paper, act_by is two business days earlier
    closures     further days the receiving office was closed, in addition to those of the office's pack
    zone         IANA name; None: the pack's own
    court, judge, region  the receiving office: matching closures and standing orders of the office's pack are used
    """

    by_mail: bool = False
    position: str | None = None
    is_position_accepted: bool = False
    clock_stops: Iterable[Sequence[dt.date]] = ()
    years: int | None = None
    electronic: bool = True
    closures: Iterable[dt.date | ClosedDay] = ()
    zone: str | None = None
    court: str = ""
    judge: str = ""
    region: str = ""


class Inputs(Struct, frozen=True, kw_only=True):
    """Validated inputs of one computation. Events are dates, or naive instants in the wall time of `zone`."""

    events: Mapping[str, Moment]
    zone: str
    by_mail: bool = False
    position: str | None = None
    is_position_accepted: bool = False
    clock_stops: tuple[Stop, ...] = ()  # (day it stops, day it restarts), merged and in order
    years: int | None = None
    electronic: bool = True
    closures: tuple[ClosedDay, ...] = ()
    court: str = ""
    judge: str = ""
    region: str = ""
    orders: tuple[StandingOrder, ...] = ()  # standing orders of this judge at the time of the computation
    asked: str | None = None  # the reading requested by name: the part of "id@reading" after the "@"

    def as_json(self) -> dict[str, object]:
        """Return plain JSON values; `serialise.question_from_json` reads them back."""
        places = {"court": self.court, "judge": self.judge, "region": self.region}
        orders = {"orders": [msgspec.to_builtins(order) for order in self.orders]} if self.orders else {}
        return {
            "events": {name: to_iso(moment) for name, moment in self.events.items()},
            "zone": self.zone,
            "by_mail": self.by_mail,
            "position": self.position,
            **({"is_position_accepted": True} if self.is_position_accepted else {}),
            "clock_stops": [[to_iso(stop), to_iso(restart)] for stop, restart in self.clock_stops],
            "years": self.years,
            "electronic": self.electronic,
            "closures": [
                {"on": to_iso(closure.on), "source": closure.source, **({"id": closure.id} if closure.id else {})}
                for closure in self.closures
            ],
            "asked": self.asked,
            **{name: value for name, value in places.items() if value},
            **orders,
        }


def gather(
    events: Mapping[str, Moment],
    options: Options,
    *,
    orders: Iterable[StandingOrder] = (),
    asked: str | None = None,
) -> Inputs:
    """Validate and normalise everything that does not depend on the rule. `options` names a zone. Raises RuleError."""
    if not isinstance(events, Mapping) or not events:
        raise Unanswerable("no date is given", Sentence("refused.no_date"))
    zone_info = _load_zone(str(options.zone))
    _require_valid_options(options)
    return Inputs(
        events={str(name): _normalise_moment(str(name), moment, zone_info) for name, moment in events.items()},
        zone=str(options.zone),
        by_mail=options.by_mail,
        position=options.position,
        is_position_accepted=options.is_position_accepted,
        clock_stops=join_stops(options.clock_stops),
        years=options.years,
        electronic=options.electronic,
        closures=normalise_closures(options.closures),
        court=options.court,
        judge=options.judge,
        region=options.region,
        orders=tuple(orders),
        asked=asked,
    )


def gather_events(events: Mapping[str, Moment], zone: str, *, asked: str | None) -> Inputs:
    """Validate and normalise events asked about without an option, in a known zone. Raises RuleError."""
    if not isinstance(events, Mapping) or not events:
        raise Unanswerable("no date is given", Sentence("refused.no_date"))
    zone_info = _load_zone(zone)
    return Inputs(
        events={str(name): _normalise_moment(str(name), moment, zone_info) for name, moment in events.items()},
        zone=zone,
        asked=asked,
    )


def _require_valid_options(options: Options) -> None:
    for name in ("by_mail", "electronic", "is_position_accepted"):
        if not isinstance(getattr(options, name), bool):
            raise RuleError(f"{name} is yes or no")
    if options.years is not None and (isinstance(options.years, bool) or not isinstance(options.years, int)):
        raise RuleError("years is a whole number")
    if options.position is not None and not isinstance(options.position, str):
        raise RuleError("position is the id of a position")
    for name in ("court", "judge", "region"):
        named = getattr(options, name)
        if not isinstance(named, str) or len(named) > PLACE_NAME_LIMIT:
            raise RuleError(f"{name} is a name of at most {PLACE_NAME_LIMIT} characters")


def join_stops(stops: Iterable[Sequence[dt.date]]) -> tuple[Stop, ...]:
    """Merge stops that touch or overlap, so that no day is added twice. Raises RuleError."""
    pairs: list[Stop] = []
    try:
        for stop, restart in stops:
            pairs.append((_require_date("clock_stops", stop), _require_date("clock_stops", restart)))
    except (TypeError, ValueError) as exc:
        raise RuleError("clock_stops are pairs of two dates: the day it stops and the day it restarts") from exc
    merged: list[Stop] = []
    for stop, restart in sorted(pairs):
        if restart < stop:
            raise Unanswerable("a clock stop ends before it begins", Sentence("refused.stop_backwards"))
        if merged and stop <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(restart, merged[-1][1]))
        else:
            merged.append((stop, restart))
    return tuple(merged)


def normalise_closures(closures: Iterable[dt.date | ClosedDay]) -> tuple[ClosedDay, ...]:
    """Return the closures in order, each day once. Raises RuleError."""
    if closures == ():
        return ()
    checked = []
    try:
        for closure in closures:
            item = closure if isinstance(closure, ClosedDay) else ClosedDay(closure)
            checked.append(ClosedDay(_require_date("closures", item.on), str(item.source), str(item.id)))
    except TypeError as exc:
        raise RuleError("closures are dates") from exc
    by_day = {closure.on: closure for closure in sorted(checked, key=lambda closure: (closure.id, closure.source))}
    return tuple(by_day[on] for on in sorted(by_day))


def _normalise_moment(name: str, moment: object, zone: ZoneInfo) -> Moment:
    if type(moment) is dt.date and FIRST_YEAR <= moment.year <= LAST_YEAR:
        return moment  # nearly every event: one check instead of four
    if isinstance(moment, dt.datetime):
        _require_date(name, moment.date())
        local = moment.astimezone(zone).replace(tzinfo=None) if moment.tzinfo else moment
        return local.replace(second=0, microsecond=0, fold=0)
    return _require_date(name, moment)


def _require_date(name: str, value: object) -> dt.date:
    if isinstance(value, dt.datetime):
        value = value.date()
    if not isinstance(value, dt.date):
        raise RuleError(f"{name} is not a date")
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise outside_years(f"{name} lies outside")
    return value


@lru_cache(maxsize=64)
def _load_zone(zone: str) -> ZoneInfo:
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as exc:  # unknown, malformed, or a folder of zones
        raise RuleError("the time zone is not known; write it like America/New_York") from exc


def drop_distant_closures(inputs: Inputs, dates: Iterable[Moment | None]) -> Inputs:
    """Return the inputs without closures outside the span of the computed dates.

    A closure outside that span changed nothing, and a stored working need not contain the office's whole list.
    """
    if not inputs.closures:
        return inputs
    days = [
        (moment.date() if isinstance(moment, dt.datetime) else moment)
        for moment in (*dates, *inputs.events.values())
        if moment is not None
    ]
    first, last = min(days), max(days)
    return replace(inputs, closures=tuple(item for item in inputs.closures if first <= item.on <= last))
