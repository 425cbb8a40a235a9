"""The rulebook: all rules of one or more packs, with the office's own additions."""

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from caseapp.rules.packs import load_packs
from caseapp.rules.terms.calendars import ONE_DAY, ClosedDay
from caseapp.rules.terms.errors import RuleError
from caseapp.rules.terms.inputs import Inputs
from caseapp.rules.terms.office import Confirmable, Confirmation, OfficePack, StandingOrder, content_digest
from caseapp.rules.terms.pack import (
    Duty,
    Follow,
    Pack,
    Reading,
    Rule,
    RuleStart,
    Severity,
    events_of,
    reminder_days_of,
    spanned_events,
)

PACKS_FOLDER = Path(__file__).parent
# Increased whenever the engine computes other dates than before: a book's version covers its packs and its engine.
ENGINE_VERSION = 2


class Weight(NamedTuple):
    """The meaning of a rule's date for reminders; `then` is what the end of a watch date lets us do."""

    severity: Severity
    duty: Duty
    reminder_days: tuple[int, ...]
    then: str


class Rulebook:
    """Rules of several packs by id, each with its versions in order. `office` is the office's own pack."""

    def __init__(
        self, packs: Iterable[Pack], office: OfficePack | None = None, confirmations: Iterable[Confirmation] = ()
    ) -> None:
        self.packs = tuple(packs)
        self.office = office
        self._confirmed = {(item.what, item.digest): item for item in confirmations}
        versions: dict[str, list[Rule]] = {}
        self._pack_of: dict[str, Pack] = {}
        self._digests: dict[tuple[str, int], str] = {}
        self._used: dict[tuple[str, int], frozenset[str]] = {}
        for pack in self.packs:
            for rule in pack.rules:
                if self._pack_of.setdefault(rule.id, pack) is not pack:
                    raise RuleError(f"{rule.id} stands in two packs")
                versions.setdefault(rule.id, []).append(rule)
        self._versions = {name: tuple(sorted(rules, key=lambda rule: rule.version)) for name, rules in versions.items()}

    def with_office(self, office: OfficePack | None, confirmations: Iterable[Confirmation] = ()) -> "Rulebook":
        """Return this book with an office's pack and its attorneys' confirmations.

        Raises RuleError when the pack is invalid or would replace one of our rules or events.
        """
        packs = self.packs
        if office is not None:
            problems = load_packs.office_problems(office, self.known_names)
            if problems:
                raise RuleError(problems[0])
            packs = (*packs, _as_pack(office, self.packs))
        book = Rulebook(packs, office, confirmations)
        book._digests.update(self._digests)
        book._used.update(self._used)
        return book

    @cached_property
    def version(self) -> str:
        """Return the date of the newest pack and a digest of all packs.

        With an office's pack it reveals something about the office, so it must be stored encrypted.
        """
        newest = max((pack.version for pack in self.packs), default="")
        return f"{newest}-{content_digest(ENGINE_VERSION, self.packs, self.office)[:12]}"

    @cached_property
    def known_names(self) -> load_packs.KnownNames:
        """Return the rules and events an office pack may refer to."""
        rules = {
            rule_id: frozenset(name for rule in versions for name in self.events_used(rule))
            for rule_id, versions in self._versions.items()
        }
        events = frozenset(name for pack in self.packs for name in pack.events)
        counted = frozenset(rule.id for rule in self.newest_rules() if rule.count or self._has_counted_positions(rule))
        return load_packs.KnownNames(MappingProxyType(rules), events, counted)

    @cached_property
    def own_reminder_days(self) -> frozenset[int]:
        """Return every number of days before a date on which a rule or a pack of this book sends reminders."""
        packs = (days for pack in self.packs for days in pack.reminders.values())
        return frozenset(
            day for days in (*packs, *(rule.reminders or () for rule in self.newest_rules())) for day in days
        )

    def newest_rules(self) -> tuple[Rule, ...]:
        """Return the newest version of every rule, in the order of the packs."""
        return tuple(versions[-1] for versions in self._versions.values())

    def versions_of(self, rule_id: str) -> tuple[Rule, ...]:
        """Return all versions of a rule, oldest first. Raises RuleError for an id that is in no pack."""
        try:
            return self._versions[rule_id]
        except (KeyError, TypeError) as exc:
            raise RuleError(f"there is no rule {str(rule_id)[:80]!r}") from exc

    def pack_of(self, rule_id: str) -> Pack:
        """Return the pack of a rule. Raises RuleError for an id that is in no pack."""
        try:
            return self._pack_of[rule_id]
        except (KeyError, TypeError) as exc:
            raise RuleError(f"there is no rule {str(rule_id)[:80]!r}") from exc

    def readings_of(self, rule: Rule) -> tuple[Reading, ...]:
        """Return the readings a rule shares with another rule, then its own."""
        shared = self.versions_of(rule.positions_of)[-1].readings if rule.positions_of else ()
        return (*shared, *rule.readings)

    def find_follow(self, event: str) -> Follow | None:
        """Return the follow of an event with our own text and the starts of every pack; None when it starts nothing."""
        follows = [follow for pack in self.packs for follow in pack.follows if follow.event == event]
        if not follows:
            return None
        starts = tuple(dict.fromkeys(start for follow in follows for start in follow.starts))
        return Follow(event=event, text=follows[0].text, starts=starts)

    def rule_starts_for(self, event: str) -> tuple[RuleStart, ...]:
        follow = self.find_follow(event)
        return follow.starts if follow else ()

    def weight_of(self, rule: Rule, position: str = "") -> Weight:
        """Return consequence, duty and reminder days of a rule, or of its variant where `position` names one."""
        variants = (item for item in self.readings_of(rule) if item.id == position and item.role == "variant")
        variant = next(variants, None)
        severity = (variant.severity if variant else None) or rule.severity
        duty = (variant.duty if variant else None) or rule.duty
        days = reminder_days_of(rule, self.pack_of(rule.id).reminders, severity, duty)
        return Weight(severity, duty, days, (variant.then if variant else None) or rule.then or "")

    def events_used(self, rule: Rule) -> frozenset[str]:
        """Return every event that the rule or one of its readings can use."""
        key = (rule.id, rule.version)
        if key not in self._used:
            self._used[key] = frozenset({*events_of(rule), *self._shared_events(rule)})
        return self._used[key]

    def events_needed(self, rule: Rule) -> frozenset[str]:
        """Return the events without which the rule has no date, besides one of its triggers."""
        return frozenset({*spanned_events(rule), *((rule.opens_on,) if rule.opens_on else ())})

    def last_checked(self, rule: Rule) -> dt.date:
        return rule.last_checked or self.pack_of(rule.id).last_checked

    def effective_from(self, rule: Rule) -> dt.date:
        """Return the first trigger day for which the rule's text was read."""
        return rule.effective_from or self.pack_of(rule.id).effective_from

    def standing_orders_for(self, rule_id: str, court: str, judge: str) -> tuple[StandingOrder, ...]:
        """Return the standing orders of this judge about this rule."""
        orders = self.office.standing_orders if self.office else ()
        return tuple(order for order in orders if order.applies_to(rule_id, court, judge))

    def closed_days_for(self, court: str, region: str) -> tuple[ClosedDay, ...]:
        """Return every closed day the office entered for this receiving office."""
        items = self.office.closures if self.office else ()
        return tuple(
            ClosedDay(item.first + ONE_DAY * number, item.describe(), item.id)
            for item in items
            if item.applies_to(court, region)
            for number in range((item.last - item.first).days + 1)
        )

    def digest_of(self, rule: Rule) -> str:
        """Return the digest of the text that a confirmation of the rule covers, including shared readings."""
        key = (rule.id, rule.version)
        if key not in self._digests:
            self._digests[key] = content_digest(rule, self.readings_of(rule))
        return self._digests[key]

    def is_confirmed(self, what: str) -> bool:
        """Return whether the current text is confirmed; an unknown one is not.

        `what` is "rule:<id>" (its newest version), "closure:<id>" or "order:<id>".
        """
        kind, _, name = what.partition(":")
        if kind == "rule":
            return name in self._versions and self.confirmation_of(self._versions[name][-1]) is not None
        items = {f"closure:{item.id}": item for item in (self.office.closures if self.office else ())}
        orders = {f"order:{item.id}": item for item in (self.office.standing_orders if self.office else ())}
        text = items.get(what) or orders.get(what)
        return text is not None and (what, content_digest(text)) in self._confirmed

    def confirmation_of(self, rule: Rule) -> Confirmation | None:
        """Return the confirmation of this version of the rule, or None."""
        return self._confirmed.get((f"rule:{rule.id}", self.digest_of(rule))) if self._confirmed else None

    def find_unconfirmed(self, rule: Rule, inputs: Inputs) -> tuple[str, ...]:
        """Return the unconfirmed texts of a computation: rule, standing orders, closures of the office's pack."""
        unconfirmed = [] if self.confirmation_of(rule) else [f"rule:{rule.id}"]
        if inputs.orders or inputs.closures:
            names = {f"order:{order.id}": content_digest(order) for order in inputs.orders}
            unconfirmed += [what for what, mark in names.items() if (what, mark) not in self._confirmed]
            closures = dict.fromkeys(f"closure:{item.id}" for item in inputs.closures if item.id)
            unconfirmed += [what for what in closures if not self.is_confirmed(what)]
        return tuple(unconfirmed)

    def list_confirmables(self) -> tuple[Confirmable, ...]:
        """Return every rule, standing order and closure with the confirmation of its current text."""
        items = [self._confirmable_rule(rule) for rule in self.newest_rules()]
        if self.office is not None:
            checked = self.office.last_checked
            for order in self.office.standing_orders:
                items.append(
                    self._confirmable_item("order", order.id, order.what, order, order.source, order.last_checked)
                )
            for closure in self.office.closures:
                items.append(
                    self._confirmable_item("closure", closure.id, closure.why, closure, closure.source, checked)
                )
        return tuple(items)

    def _confirmable_rule(self, rule: Rule) -> Confirmable:
        own = self.office is not None and rule in self.office.rules
        return Confirmable(
            what=f"rule:{rule.id}",
            name=rule.what,
            digest=self.digest_of(rule),
            citation=rule.citation,
            state=rule.state,
            last_checked=self.last_checked(rule),
            own=own,
            confirmed=self.confirmation_of(rule),
        )

    def _confirmable_item(
        self, kind: str, name: str, text: str, item: object, source: str, checked: dt.date
    ) -> Confirmable:
        mark, what = content_digest(item), f"{kind}:{name}"
        return Confirmable(what, text, mark, source, "settled", checked, True, self._confirmed.get((what, mark)))

    def _has_counted_positions(self, rule: Rule) -> bool:
        return any(item.role == "position" and item.count for item in self.readings_of(rule))

    def _shared_events(self, rule: Rule) -> frozenset[str]:
        return frozenset(name for item in self.readings_of(rule) for name in item.on or ())


def _as_pack(office: OfficePack, ours: Iterable[Pack]) -> Pack:
    """Return an office's pack in the shape of ours, with our events included."""
    events: Mapping[str, str] = {name: text for pack in ours for name, text in pack.events.items()}
    return Pack(
        id=office.id,
        name=office.name,
        version=office.version,
        calendar=office.calendar,
        zone=office.zone,
        last_checked=office.last_checked,
        effective_from=min((rule.effective_from or dt.date.max for rule in office.rules), default=office.last_checked),
        notice=office.notice,
        reminders=office.reminders,
        sources=office.sources,
        events={**events, **office.events},
        rules=office.rules,
        follows=office.follows,
    )


@lru_cache(maxsize=1)
def standard() -> Rulebook:
    """Return the rulebook of the packs that are part of Caseapp, parsed once per process."""
    return Rulebook(load_packs.read_pack_file(path) for path in sorted(PACKS_FOLDER.glob("*.toml"), reverse=True))
