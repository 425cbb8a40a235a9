"""Inputs of a computation: events and options, validated and normalised, so that it can be repeated."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from caseapp.rules.terms.calendars import FIRST_YEAR, LAST_YEAR, ClosedDay
from caseapp.rules.terms.errors import RuleError
from caseapp.rules.terms.office import StandingOrder
from caseapp.rules.terms.words import Moment, to_iso

Stop = tuple[dt.date, dt.date]
PRINTED = "printed_date"
PLACE_NAME_LIMIT = 200


class Inputs(Struct, frozen=True, kw_only=True):
    """Validated inputs of one computation. Events are dates, or naive instants in the wall time of `zone`."""

    events: Mapping[str, Moment]
    zone: str
    by_mail: bool = False
    position: str | None = None
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
        """Return plain JSON values; `serialise.options_from_json` reads them back."""
        places = {"court": self.court, "judge": self.judge, "region": self.region}
        orders = {"orders": [msgspec.to_builtins(order) for order in self.orders]} if self.orders else {}
        return {
            "events": {name: to_iso(moment) for name, moment in self.events.items()},
            "zone": self.zone,
            "by_mail": self.by_mail,
            "position": self.position,
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


def gather(  # noqa: PLR0913  # becomes a struct with issue 17, point 4
    events: Mapping[str, Moment],
    *,
    zone: str,
    by_mail: bool = False,
    position: str | None = None,
    clock_stops: Iterable[Sequence[dt.date]] = (),
    years: int | None = None,
    electronic: bool = True,
    closures: Iterable[dt.date | ClosedDay] = (),
    court: str = "",
    judge: str = "",
    region: str = "",
    orders: Iterable[StandingOrder] = (),
    asked: str | None = None,
) -> Inputs:
    """Validate and normalise everything that does not depend on the rule. Raises RuleError."""
    if not isinstance(events, Mapping) or not events:
        raise RuleError("no date is given")
    zone_info = _load_zone(zone)
    for name, flag in (("by_mail", by_mail), ("electronic", electronic)):
        if not isinstance(flag, bool):
            raise RuleError(f"{name} is yes or no")
    if years is not None and (isinstance(years, bool) or not isinstance(years, int)):
        raise RuleError("years is a whole number")
    if position is not None and not isinstance(position, str):
        raise RuleError("position is the id of a position")
    for name, named in (("court", court), ("judge", judge), ("region", region)):
        if not isinstance(named, str) or len(named) > PLACE_NAME_LIMIT:
            raise RuleError(f"{name} is a name of at most {PLACE_NAME_LIMIT} characters")
    return Inputs(
        events={str(name): _normalise_moment(str(name), moment, zone_info) for name, moment in events.items()},
        zone=zone,
        by_mail=by_mail,
        position=position,
        clock_stops=join_stops(clock_stops),
        years=years,
        electronic=electronic,
        closures=normalise_closures(closures),
        court=court,
        judge=judge,
        region=region,
        orders=tuple(orders),
        asked=asked,
    )


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
            raise RuleError("a clock stop ends before it begins")
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
        raise RuleError(f"{name} lies outside the years {FIRST_YEAR} to {LAST_YEAR}")
    return value


def _load_zone(zone: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(zone))
    except (KeyError, ValueError, OSError) as exc:  # unknown, malformed, or a folder of zones
        raise RuleError("the time zone is not known; write it like America/New_York") from exc
