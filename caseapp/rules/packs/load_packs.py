"""Reading and validation of rule packs. An error is one line that names the line of the file and the rule."""

import datetime as dt
import tomllib
from collections.abc import Iterator, Mapping, Set
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from caseapp.rules.terms.counting import parse_terms
from caseapp.rules.terms.errors import RuleError
from caseapp.rules.terms.office import LONGEST_CLOSURE, OFFICE_PREFIX, OfficePack, StandingOrder
from caseapp.rules.terms.pack import Follow, Pack, Reading, Rule, events_of
from caseapp.rules.terms.toml_locations import describe_location, item_id_at

Shape = TypeVar("Shape", Pack, OfficePack)
CHECK_MARKS = ("r", "k")  # first letter of `chk`: read in a copy, or general knowledge only
PACK_TEXT_LIMIT = 1_000_000  # characters of a pack file


class PackFault(NamedTuple):
    """A fault in a pack, and the path of the item that has it."""

    path: str
    text: str


class KnownNames(NamedTuple):
    """The names an office pack may refer to: our rules with the events each counts from, and our events."""

    rules: Mapping[str, Set[str]]
    events: Set[str]
    counted: Set[str]  # rules that have their own count, which a standing order can change


def read_pack(text: str) -> Pack:
    """Read one of our packs from TOML. Raises RuleError that names line and rule."""
    pack, plain = _convert_text(text, Pack)
    _raise_first_fault(text, plain, _pack_faults(pack))
    return pack


def read_office_pack(text: str, known: KnownNames) -> OfficePack:
    """Read an office's pack from TOML and check it against our rules. Raises RuleError that names line and rule."""
    pack, plain = _convert_text(text, OfficePack)
    _raise_first_fault(text, plain, office_faults(pack, known))
    return pack


def read_any_pack(text: str, known: KnownNames) -> Pack | OfficePack:
    """Read one of our packs, or an office's where the id begins with "office" or is left out. Raises RuleError."""
    pack_id = _parse_toml(text).get("id", "office")
    return read_office_pack(text, known) if str(pack_id).partition("-")[0] == "office" else read_pack(text)


def read_pack_file(path: Path) -> Pack:
    """Read one of our packs from a file. Raises RuleError also when the file cannot be read."""
    return read_pack(read_pack_text(path))


def read_pack_text(path: Path) -> str:
    """Return the text of a pack file. Raises RuleError for a file that is missing or is not UTF-8 text."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        raise RuleError(f"cannot read the pack: {_error_line(exc)}") from exc


def office_problems(pack: OfficePack, known: KnownNames) -> list[str]:
    """Return the problems of a pack built from forms, one line each, beginning with the id; [] when it is valid."""
    plain = msgspec.to_builtins(pack, builtin_types=(dt.date,))
    try:
        msgspec.convert(plain, OfficePack)
    except msgspec.ValidationError as exc:
        message, _, path = _error_line(exc).partition(" - at `")
        return [f"{item_id_at(plain, path) or pack.id}: {message}{_key_suffix(path.rstrip('`'))}"]
    return [f"{item_id_at(plain, wrong.path) or pack.id}: {wrong.text}" for wrong in office_faults(pack, known)]


def office_faults(pack: OfficePack, known: KnownNames) -> Iterator[PackFault]:
    """Yield the faults of an office's pack in the order of the file."""
    own: dict[str, set[str]] = {}
    for rule in pack.rules:
        own.setdefault(rule.id, set()).update(events_of(rule))
    events = {*pack.events, *known.events}
    yield from _check_zone(pack.zone)
    yield from _check_reminders(pack)
    for name in sorted(pack.events.keys() & known.events):
        yield PackFault(f"$.events.{name}", f"{name} is one of our events already")
    yield from _check_rules(pack.rules, events, {*own, *known.rules})
    for number, rule in enumerate(pack.rules):
        for text in _check_office_rule(rule):
            yield PackFault(f"$.rules[{number}]", text)
    yield from _check_closures(pack)
    yield from _check_orders(pack, known)
    yield from _check_follows(pack.follows, {**known.rules, **own})


def _pack_faults(pack: Pack) -> Iterator[PackFault]:
    counted: dict[str, set[str]] = {}
    for rule in pack.rules:
        counted.setdefault(rule.id, set()).update(events_of(rule))
    yield from _check_zone(pack.zone)
    yield from _check_reminders(pack)
    for number, rule in enumerate(pack.rules):
        if rule.id.startswith(OFFICE_PREFIX):
            yield PackFault(f"$.rules[{number}].id", "ids that begin with office. are for offices")
    yield from _check_rules(pack.rules, set(pack.events), set(counted))
    yield from _check_follows(pack.follows, counted)


def _check_rules(rules: tuple[Rule, ...], events: set[str], ids: set[str]) -> Iterator[PackFault]:
    seen: set[tuple[str, int]] = set()
    for number, rule in enumerate(rules):
        path = f"$.rules[{number}]"
        if (rule.id, rule.version) in seen:
            yield PackFault(f"{path}.version", f"version {rule.version} stands there twice")
        seen.add((rule.id, rule.version))
        for name in sorted(events_of(rule) - events):
            yield PackFault(f"{path}.on", f"the event {name} is not in [events]")
        if rule.positions_of and rule.positions_of not in ids:
            yield PackFault(f"{path}.positions_of", f"positions_of names no rule: {rule.positions_of}")
        for text in _check_rule(rule):
            yield PackFault(path, text)


def _check_rule(rule: Rule) -> Iterator[str]:
    readings = [reading.id for reading in rule.readings]
    if len(readings) != len(set(readings)):
        yield "two readings have the same id"
    counts = bool(rule.count or rule.opens) or bool(rule.positions_of)
    counts = counts or any(r.role == "position" and r.count for r in rule.readings)
    if rule.state == "manual" and counts:
        yield "a manual rule has no count"
    if not counts and rule.state != "manual" and not rule.at_once and not rule.paper_controls:
        yield "it needs count or opens, or says state = manual, at_once or paper_controls"
    if rule.duty == "watch" and not rule.then:
        yield "a watch date says what its end lets us do: then"
    if any(item.duty == "watch" and not (item.then or rule.then) for item in rule.readings):
        yield "a watch date says what its end lets us do: then"
    if rule.yearly and not rule.years:
        yield "a rule that recurs each year says its first year: years"
    if not rule.chk.startswith(CHECK_MARKS):
        yield "chk says how it was checked: r... for read in a copy, k for known only"
    parts: tuple[Rule | Reading, ...] = (rule, *rule.readings)
    for part in parts:
        yield from _check_part(part)


def _check_part(part: Rule | Reading) -> Iterator[str]:
    if part.effective_from and part.effective_until and part.effective_until < part.effective_from:
        yield f"{part.id} ends before it begins"
    for count in (part.count, part.opens):
        if count and any(term.unit == "h" for term in parse_terms(count)) and len(parse_terms(count)) > 1:
            yield "hours stand alone in a count"


def _check_office_rule(rule: Rule) -> Iterator[str]:
    if not rule.id.startswith(OFFICE_PREFIX):
        yield f"an office's own rule has an id that begins with {OFFICE_PREFIX}"
    if rule.effective_from is None:
        yield "effective_from is missing: the first trigger day it governs"
    if rule.last_checked is None:
        yield "last_checked is missing"


def _check_closures(pack: OfficePack) -> Iterator[PackFault]:
    seen: set[str] = set()
    for number, closure in enumerate(pack.closures):
        path = f"$.closures[{number}]"
        if closure.id in seen:
            yield PackFault(f"{path}.id", "two closures have the same id")
        seen.add(closure.id)
        days = (closure.last - closure.first).days
        if days < 0:
            yield PackFault(f"{path}.to", "the closure ends before it begins")
        elif days >= LONGEST_CLOSURE:
            yield PackFault(f"{path}.to", f"a closure lasts at most {LONGEST_CLOSURE} days")


def _check_orders(pack: OfficePack, known: KnownNames) -> Iterator[PackFault]:
    seen: set[str] = set()
    for number, order in enumerate(pack.standing_orders):
        path = f"$.standing_orders[{number}]"
        if order.id in seen:
            yield PackFault(f"{path}.id", "two standing orders have the same id")
        seen.add(order.id)
        if order.rule not in known.rules and order.rule not in {rule.id for rule in pack.rules}:
            yield PackFault(f"{path}.rule", f"there is no rule {order.rule}")
        elif order.rule not in known.counted and not any(rule.id == order.rule and rule.count for rule in pack.rules):
            yield PackFault(f"{path}.rule", f"{order.rule} has no count to change: write a rule of your own instead")
        for text in _check_order(order):
            yield PackFault(path, text)


def _check_order(order: StandingOrder) -> Iterator[str]:
    if order.effective_until and order.effective_until < order.effective_from:
        yield "it ends before it begins"
    if any(term.unit not in "dbmy" for term in parse_terms(order.count)):
        yield "a standing order counts days, months or years"


def _check_follows(follows: tuple[Follow, ...], counted: Mapping[str, Set[str]]) -> Iterator[PackFault]:
    for number, follow in enumerate(follows):
        for start in follow.starts:
            if start.rule not in counted:
                yield PackFault(f"$.follows[{number}]", f"there is no rule {start.rule}")
            elif start.on not in counted[start.rule]:
                yield PackFault(f"$.follows[{number}]", f"{start.rule} does not count from {start.on}")


def _check_reminders(pack: Pack | OfficePack) -> Iterator[PackFault]:
    for severity in sorted({"fatal", "serious", "routine"} - set(pack.reminders)):
        yield PackFault("$.reminders", f"reminders for {severity} are missing")


def _check_zone(zone: str) -> Iterator[PackFault]:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        yield PackFault("$.zone", "the time zone is not known; write it like America/New_York")


def _convert_text(text: str, shape: type[Shape]) -> tuple[Shape, dict[str, Any]]:
    plain = _parse_toml(text)
    try:
        return msgspec.convert(plain, shape), plain
    except msgspec.ValidationError as exc:
        message, _, path = _error_line(exc).partition(" - at `")
        path = path.rstrip("`")
        raise RuleError(
            f"{describe_location(text, plain, path)}: not a rule pack: {message}{_key_suffix(path)}"
        ) from exc


def _parse_toml(text: str) -> dict[str, Any]:
    if len(text) > PACK_TEXT_LIMIT:
        raise RuleError(f"a pack has at most {PACK_TEXT_LIMIT:,} characters")
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as exc:
        raise RuleError(f"not TOML: {_error_line(exc)}") from exc


def _raise_first_fault(text: str, plain: Mapping[str, Any], faults: Iterator[PackFault]) -> None:
    for wrong in faults:
        raise RuleError(f"{describe_location(text, plain, wrong.path)}: {wrong.text}")


def _key_suffix(path: str) -> str:
    key = path.rpartition(".")[2]
    return f" ({key})" if key.isidentifier() else ""


def _error_line(exc: Exception) -> str:
    return " ".join(str(exc).split())
