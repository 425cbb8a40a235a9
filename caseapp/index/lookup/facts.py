"""Facts that lists count, filter and sort by: the sets and orders of a group's cases, kept row by row."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, compress
from operator import attrgetter
from typing import Any, Final

from caseapp.index.columns.case_sets import CaseSet, slots_in
from caseapp.index.columns.orders import NumberOrder, TextOrder, entries_of
from caseapp.index.columns.rows_by_case import RowsByCase
from caseapp.index.lookup import facets
from caseapp.index.lookup.facets import FacetTexts
from caseapp.index.rows import SCHEMA, RowSummary

# Kinds of sets, next to those of `facets`. Some have a value for each code or member, the others only `YES`.
# `DATED`: with an open deadline, `DUE`: with a day to act by, `AWAITED`: with a hearing without an outcome.
ALL, CLOSED, DETAINED, DUE, AWAITED, DATED = "all", "closed", "detained", "due", "awaited", "dated"
STAGE, LEAD, TEAM, INTAKE, CONFLICT_SINCE = "stage", "lead", "team", "intake", "conflict_since"
TASK_OWNER, WAITING_LEAD, DEADLINE_OWNER = "task_owner", "waiting_lead", "deadline_owner"
PROPOSALS, UNSORTED, OUTDATED, NOT_COMPARED = "proposals", "unsorted", "outdated", "not_compared"
CONSENTED, TEXTED = "consented", "texted"
YES: Final = ""
# Orders, by day ordinal or by minute since 1970. Of hearings and deadlines a case may have several.
DUE_DAY, LAST_AWAITED, CONTACTED, OPENED, NEWEST_DOCUMENT = "due_day", "last_awaited", "contacted", "opened", "document"
CONTACT_FIRST, CONTACT_LAST = "contact_first", "contact_last"
HEARING_MINUTE, AWAITED_MINUTE, DEADLINE_DAY = "hearing_minute", "awaited_minute", "deadline_day"
FEW: Final = 16  # below one case in so many, sorting is faster than walking an order
_EMPTY: Final = CaseSet()


def _waiting_lead(keys: RowSummary) -> tuple[bytes, ...]:
    """Return the lead of a case in which a colleague has an open task; () otherwise."""
    owners = keys.owners
    if not owners or (len(owners) == 1 and owners[0] == keys.lead) or not keys.lead:
        return ()
    return (keys.lead,) if any(owner not in (b"", keys.lead) for owner in owners) else ()


# The sets that a case is in: with one value, with several, or with `YES` where something is true of it.
_ONE_VALUE: Final[tuple[tuple[str, Callable[[RowSummary], Hashable]], ...]] = (
    (STAGE, attrgetter("stage")),
    (LEAD, attrgetter("lead")),
    (CONFLICT_SINCE, attrgetter("conflict_since")),
)
_VALUES: Final[tuple[tuple[str, Callable[[RowSummary], tuple[Hashable, ...]]], ...]] = (
    (TEAM, attrgetter("team")),
    (TASK_OWNER, attrgetter("owners")),
    (DEADLINE_OWNER, lambda keys: keys.deadline_owners),
    (WAITING_LEAD, _waiting_lead),
    (INTAKE, lambda keys: (keys.intake,) if keys.intake else ()),
)
_FLAGS: Final[tuple[tuple[str, Callable[[RowSummary], object]], ...]] = (
    (CLOSED, attrgetter("closed")),
    (DETAINED, attrgetter("detained")),
    (DUE, attrgetter("due")),
    (AWAITED, attrgetter("awaited")),
    (DATED, attrgetter("deadlines")),
    (PROPOSALS, attrgetter("proposals")),
    (UNSORTED, attrgetter("unsorted")),
    (NOT_COMPARED, attrgetter("not_compared")),
    (CONSENTED, attrgetter("phones")),
    (TEXTED, lambda keys: keys.phones or keys.ended_phones),
    (OUTDATED, lambda keys: keys.schema < SCHEMA),
    (ALL, lambda _: True),
)
# The orders that a case is in, with its number, None where it has none, or with several.
_ONE_NUMBER: Final[tuple[tuple[str, Callable[[RowSummary], int | None]], ...]] = (
    (OPENED, attrgetter("opened")),
    (CONTACTED, attrgetter("contacted")),
    (DUE_DAY, lambda keys: keys.due or None),
    (NEWEST_DOCUMENT, lambda keys: keys.newest_document if keys.newest_document or keys.unsorted else None),
    (CONTACT_FIRST, lambda keys: keys.tell_first or None),
    (CONTACT_LAST, lambda keys: keys.tell_last if keys.tell_first else None),
    (LAST_AWAITED, lambda keys: max(keys.awaited) if keys.awaited else None),
)
_NUMBERS: Final[tuple[tuple[str, Callable[[RowSummary], tuple[int, ...]]], ...]] = (
    (HEARING_MINUTE, attrgetter("hearings")),
    (AWAITED_MINUTE, attrgetter("awaited")),
    (DEADLINE_DAY, lambda keys: tuple(filter(None, keys.deadlines))),
)
ORDERS: Final = tuple(name for name, _ in (*_ONE_NUMBER, *_NUMBERS))


class FactColumns:
    """The facts of all rows, collected column by column in one reading: the same as `_facts_of` and `_numbers_of`."""

    def __init__(self, slots: int) -> None:
        self.refs = [""] * slots
        self.versions = array("Q", bytes(8 * slots))
        self.totals: Counter[str] = Counter()
        self.entries = {name: array("Q") for name in ORDERS}
        self._held: dict[str, defaultdict[Any, array[int]]] = {
            kind: defaultdict(_no_slots) for kind, _ in (*_ONE_VALUE, *_VALUES, *_FLAGS, *facets.TEXTS)
        }

    def read_rows(self, slots: Sequence[int], summaries: Sequence[RowSummary]) -> None:
        """Collect the sets and orders of some cases."""
        for kind, value_of in (*_ONE_VALUE, *_VALUES, *facets.TEXTS):
            held = self._held[kind]
            for slot, value in zip(slots, map(value_of, summaries), strict=True):
                held[value].append(slot)
        for kind, is_true in _FLAGS:
            self._held[kind][YES].extend(compress(slots, map(is_true, summaries)))
        for name, entries in self.entries.items():
            entries.extend(_entries_in(name, slots, summaries))
        for slot, keys in zip(slots, summaries, strict=True):
            self.refs[slot], self.versions[slot] = keys.ref, keys.head_version
            if keys.proposals or keys.unsorted:
                self.totals.update(_amounts_of(keys))

    def make_sets(self, texts: FacetTexts) -> "defaultdict[str, dict[Hashable, CaseSet]]":
        """Return the sets by kind and value, and give up what was collected for them."""
        sets: defaultdict[str, dict[Hashable, CaseSet]] = defaultdict(dict)
        for kind, _ in (*_ONE_VALUE, *_FLAGS):
            sets[kind] = {
                value: CaseSet.from_ascending(cases) for value, cases in self._held.pop(kind).items() if cases
            }
        for kind, _ in _VALUES:
            sets[kind] = _sets_of((value, cases) for values, cases in self._held.pop(kind).items() for value in values)
        for kind, _ in facets.TEXTS:
            sets[kind] = _sets_of(
                (texts.fact_of(kind, text)[1], cases) for each, cases in self._held.pop(kind).items() for text in each
            )
        return sets


class GroupFacts:
    """Sets and orders of a group's cases by slot.

    sets    by kind and value; empty sets are left out
    orders  by name
    totals  sums over all cases: dates that a changed law moves, documents of open cases that are not sorted
    """

    def __init__(self, by_case: RowsByCase, columns: FactColumns) -> None:
        self._rows = by_case
        self.facets = FacetTexts()
        self._refs, self._versions, self.totals = columns.refs, columns.versions, columns.totals
        self.sets = columns.make_sets(self.facets)
        self.orders = {name: NumberOrder(columns.entries.pop(name)) for name in ORDERS}
        self.by_ref = TextOrder(by_case.slots(), self._refs.__getitem__, self._ref_key)
        self._by_name: TextOrder | None = None

    def leave(self, slot: int, before: RowSummary, after: RowSummary | None) -> None:
        """Take a case out of what it is not in any more; `after` is its next row. Call it before the row changes."""
        for kind, value in set(self._facts_of(before)).difference(self._facts_of(after) if after else ()):
            held = self.sets[kind][value]
            held.discard(slot)
            if not held:
                del self.sets[kind][value]
                self.facets.forget(kind, str(value))
        for name, number in set(_numbers_of(before)).difference(_numbers_of(after) if after else ()):
            self.orders[name].discard(number, slot)
        self._add_amounts(before, -1)
        if after is None or after.ref != before.ref:
            self.by_ref.remove(slot)
        if self._by_name is not None and (after is None or _name_of(after) != _name_of(before)):
            self._by_name.remove(slot)

    def enter(self, slot: int, before: RowSummary | None, after: RowSummary) -> None:
        """Put a case into what it was not in. Call it after the row changed."""
        for kind, value in set(self._facts_of(after)).difference(self._facts_of(before) if before else ()):
            self.sets[kind].setdefault(value, CaseSet()).add(slot)
        self.facets.take_spelling(after, self.sets)
        for name, number in set(_numbers_of(after)).difference(_numbers_of(before) if before else ()):
            self.orders[name].add(number, slot)
        self._add_amounts(after, 1)
        if slot >= len(self._refs):
            self._refs.extend([""] * (slot + 1 - len(self._refs)))
            self._versions.extend([0] * (slot + 1 - len(self._versions)))
        self._versions[slot] = after.head_version
        if before is None or before.ref != after.ref:
            self._refs[slot] = after.ref
            self.by_ref.add(slot)
        if self._by_name is not None and (before is None or _name_of(after) != _name_of(before)):
            self._by_name.add(slot)

    def bits(self, kind: str, value: Hashable = YES) -> int:
        """Return the cases of which a fact is true, as bits."""
        return self.sets[kind].get(value, _EMPTY).bits if kind in self.sets else 0

    def values(self, kind: str) -> Mapping[Hashable, CaseSet]:
        """Return the cases of each value of a kind."""
        return self.sets.get(kind, {})

    def ref_of(self, slot: int) -> str:
        """Return the ref of a case."""
        return self._refs[slot]

    def version_of(self, slot: int) -> int:
        """Return the version of a case's head that its row was made from."""
        return self._versions[slot]

    def sorted_by_ref(self, bits: int) -> Iterable[int]:
        """Return cases in the order of their refs."""
        if bits.bit_count() * FEW < len(self._refs):
            return sorted(slots_in(bits), key=self._ref_key)
        return self.by_ref.walk(bits)

    def newest(self, order: str, chosen: int, limit: int, *, first: int = 0) -> list[tuple[int, int]]:
        """Return (number, slot) of the `limit` chosen cases with the highest numbers, from `first` on.

        Those of one number are in the order of their refs, the highest first.
        """
        entries = self._from_highest(order, chosen, first)
        newest: list[tuple[int, int]] = []
        for number, slot in entries:
            if len(newest) >= limit and number != newest[-1][0]:
                break
            newest.append((number, slot))
        newest.sort(key=lambda entry: (entry[0], self._refs[entry[1]]), reverse=True)
        return newest[:limit]

    def _from_highest(self, order: str, chosen: int, first: int) -> Iterable[tuple[int, int]]:
        if not chosen:
            return ()
        if chosen.bit_count() * FEW > len(self.orders[order]):
            return self.orders[order].walk(chosen, first=first, backwards=True)
        numbers = ((dict(_numbers_of(self._rows.summary_of(slot))).get(order, -1), slot) for slot in slots_in(chosen))
        return sorted((entry for entry in numbers if entry[0] >= first), reverse=True)

    @property
    def by_name(self) -> TextOrder:
        """Return the order of names, made at its first use because it reads every row."""
        if self._by_name is None:
            self._by_name = TextOrder(self._rows.slots(), self._name_at, self._name_key)
        return self._by_name

    def lower_ref(self, slot: int) -> str:
        """Return what refs are searched by."""
        return self._refs[slot].lower()

    def lower_ref_key(self, slot: int) -> tuple[str, bytes]:
        """Return what refs are searched by, and the case's id."""
        return self.lower_ref(slot), self._rows.id_of(slot)

    def _ref_key(self, slot: int) -> tuple[str, bytes]:
        return self._refs[slot], self._rows.id_of(slot)

    def _name_at(self, slot: int) -> str:
        return _name_of(self._rows.summary_of(slot))

    def _name_key(self, slot: int) -> tuple[str, bytes]:
        return self._name_at(slot), self._rows.id_of(slot)

    def _facts_of(self, keys: RowSummary) -> list[tuple[str, Hashable]]:
        return [*_facts_of(keys), *self.facets.facts_of(keys)]

    def amounts_of(self, slot: int) -> dict[str, int]:
        """Return what a case adds to `totals`."""
        return _amounts_of(self._rows.summary_of(slot))

    def _add_amounts(self, keys: RowSummary, sign: int) -> None:
        if keys.proposals or keys.unsorted:
            for name, amount in _amounts_of(keys).items():
                self.totals[name] += sign * amount

    @property
    def weight(self) -> int:
        """Return the bytes in memory of sets and orders."""
        sets = sum(cases.weight for values in self.sets.values() for cases in values.values())
        return sets + sum(order.weight for order in self.orders.values())


def _amounts_of(keys: RowSummary) -> dict[str, int]:
    return {PROPOSALS: keys.proposals, UNSORTED: 0 if keys.closed else keys.unsorted}


def _name_of(keys: RowSummary) -> str:
    """Return what the list of names sorts by; of two people of one name, the one with the lower ref is first."""
    name = keys.names[0] if keys.names else "\uffff"
    return f"{name}\0{keys.ref}"


def _no_slots() -> "array[int]":
    return array("I")


def _facts_of(keys: RowSummary) -> Iterator[tuple[str, Hashable]]:
    for kind, one_of in _ONE_VALUE:
        yield kind, one_of(keys)
    for kind, values_of in _VALUES:
        for value in values_of(keys):
            yield kind, value
    for kind, is_true in _FLAGS:
        if is_true(keys):
            yield kind, YES


def _sets_of(held: Iterable[tuple[Hashable, "array[int]"]]) -> dict[Hashable, CaseSet]:
    """Return the set of each value from the cases of each combination of values that it is in."""
    parts: defaultdict[Hashable, list[array[int]]] = defaultdict(list)
    for value, cases in held:
        parts[value].append(cases)
    return {
        value: CaseSet.from_ascending(cases[0]) if len(cases) == 1 else CaseSet(chain.from_iterable(cases))
        for value, cases in parts.items()
    }


def _entries_in(name: str, slots: Sequence[int], summaries: Sequence[RowSummary]) -> "array[int]":
    """Return the entries of some cases in an order."""
    number_of = dict(_ONE_NUMBER).get(name)
    if number_of is not None:
        numbers = list(map(number_of, summaries))
        has_number = [number is not None for number in numbers]
        return entries_of([number for number in numbers if number is not None], compress(slots, has_number))
    several = list(map(dict(_NUMBERS)[name], summaries))
    owners = [slot for slot, numbers in zip(slots, several, strict=True) for _ in numbers]
    return entries_of(list(chain.from_iterable(several)), owners)


def _numbers_of(keys: RowSummary) -> Iterator[tuple[str, int]]:
    for name, number_of in _ONE_NUMBER:
        number = number_of(keys)
        if number is not None:
            yield name, number
    for name, numbers_of in _NUMBERS:
        for number in numbers_of(keys):
            yield name, number
