"""The office's own law: rules, court closures and judges' standing orders, and the confirmation of each text.

It is stored in the office's encrypted file. An unconfirmed text is used too, and its dates are marked as not yet
confirmed. A change that may affect dates marks every group for recomputation (`caseapp.deadlines.services.recompute`).
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, TypeVar

import msgspec
from msgspec.structs import replace

from caseapp import rules
from caseapp.accounts.directory import audit_trail
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.office_law import (
    build_law,
    disputed_readings,
    forget_packs,
    is_same_court,
    is_supervising,
    may_edit_rules,
    may_set_packs,
)
from caseapp.index import queries
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.records.office import CourtSetting, LawConfirmation, LawEntry, Office, PositionChoice
from caseapp.vault import store
from caseapp.vault.store import Draft
from caseapp.vault.tenancy import office_transaction

TEXT_LIMIT = 200_000  # characters of a file
ITEM_LIMIT = 500  # rules, closures and orders of an office together
COURT_LIMIT = 200  # courts with a setting of their own
PACK_NAME = "Rules of the office"
_Item = TypeVar("_Item", rules.Rule, rules.OfficeClosure, rules.StandingOrder)


@dataclass(frozen=True)
class AddedItems:
    """Counts of an added file: new items, and items that replaced one with the same id."""

    new: int
    replaced: int


def add_closure(staff: Staff, closure: rules.OfficeClosure) -> str:
    """Add days on which a receiving office was closed. Return its `what`. Raises Refused."""
    return _add_item(
        staff, lambda pack: replace(pack, closures=_with_items(pack.closures, closure)), f"closure:{closure.id}"
    )


def add_rule(staff: Staff, rule: rules.Rule, *, starts_with: str = "") -> str:
    """Add one of the office's own rules. Return its `what`.

    starts_with  the event in a case that starts the rule; "" for none
    Raises       Refused with the engine's message
    """

    def add_to_pack(pack: rules.OfficePack) -> rules.OfficePack:
        follows = pack.follows
        if starts_with:
            follow = rules.Follow(
                event=starts_with, text=rule.what, starts=(rules.RuleStart(rule=rule.id, on=rule.on[0]),)
            )
            follows = (*follows, follow)
        return replace(pack, rules=_with_items(pack.rules, rule), follows=follows)

    return _add_item(staff, add_to_pack, f"rule:{rule.id}")


def add_order(staff: Staff, order: rules.StandingOrder) -> str:
    """Add a judge's standing order. Return its `what`. Raises Refused."""
    orders = lambda pack: replace(pack, standing_orders=_with_items(pack.standing_orders, order))  # noqa: E731  # one line reads best
    return _add_item(staff, orders, f"order:{order.id}")


def add_file(staff: Staff, text: str) -> AddedItems:
    """Add every item of an office pack in TOML. An item replaces the existing one with the same id.

    Raises Refused(code="text") with the engine's message, which names the line.
    """
    _require_permission(may_edit_rules(staff))
    if len(text) > TEXT_LIMIT:
        raise Refused(
            "text",
            "This file has %(length)d characters. The limit is %(limit)d: make two of it.",
            {"length": len(text), "limit": TEXT_LIMIT},
        )
    try:
        given = rules.read_office_pack(text)
    except rules.RuleError as exc:
        raise Refused("text", str(exc)) from exc
    with _open_for_change(staff) as change:
        before = change.pack
        change.pack = replace(
            before,
            rules=_with_items(before.rules, *given.rules),
            closures=_with_items(before.closures, *given.closures),
            standing_orders=_with_items(before.standing_orders, *given.standing_orders),
            follows=(*before.follows, *(follow for follow in given.follows if follow not in before.follows)),
            events={**before.events, **given.events},
            sources={**before.sources, **given.sources},
        )
        names = [what for what, _ in items_of(given)]
        known = {what for what, _ in items_of(before)}
        change.note_entry(names)
    return AddedItems(sum(what not in known for what in names), sum(what in known for what in names))


def remove_item(staff: Staff, what: str) -> None:
    """Remove one of the office's own rules, closures or orders. Dates that used it are recomputed.

    Raises Refused(code="gone") when there is no such item.
    """
    _require_permission(may_edit_rules(staff))
    with _open_for_change(staff) as change:
        pack = change.pack
        if what not in {name for name, _ in items_of(pack)}:
            raise Refused("gone", "This is not one of the office's own rules any more.")
        kind, _, name = what.partition(":")
        change.pack = replace(
            pack,
            rules=tuple(rule for rule in pack.rules if kind != "rule" or rule.id != name),
            closures=tuple(item for item in pack.closures if kind != "closure" or item.id != name),
            standing_orders=tuple(item for item in pack.standing_orders if kind != "order" or item.id != name),
            follows=tuple(f for f in pack.follows if kind != "rule" or all(start.rule != name for start in f.starts)),
        )
        entered = {key: entry for key, entry in change.record.law_entered.items() if key != what}
        change.record = replace(change.record, law_entered=entered)


def confirm_text(staff: Staff, what: str, digest: str) -> None:
    """Confirm a text with this digest, as it was read.

    Raises Refused(code="changed") when it has changed since, or Refused(code="role").
    """
    _require_supervising(staff)
    with _open_for_change(staff) as change:
        book = build_law(change.record).book
        if not any((item.what, item.digest) == (what, digest) for item in book.list_confirmables()):
            raise Refused("changed", "This rule changed after you opened the page. Read it again.")
        kept = [item for item in change.record.confirmed if item.what != what]
        today = clock.today(staff.zone)
        added = LawConfirmation(what=what, digest=digest, by=staff.member_id, on=today, version=version_of(book, what))
        change.record = replace(change.record, confirmed=(*kept, added))
        audit_trail.record_entry_in_transaction(staff.keys, "rules.confirm", count=1)


def withdraw_confirmation(staff: Staff, what: str) -> None:
    """Withdraw a confirmation. Raises Refused(code="role")."""
    _require_supervising(staff)
    with _open_for_change(staff) as change:
        kept = tuple(item for item in change.record.confirmed if item.what != what)
        change.record = replace(change.record, confirmed=kept)
        audit_trail.record_entry_in_transaction(staff.keys, "rules.confirm", reason="taken back")


def choose_position(staff: Staff, rule_id: str, position: str, *, reason: str) -> None:
    """Choose how the office reads a disputed rule; position "" withdraws the choice. Every open date is recomputed.

    Raises Refused(code="role") unless a supervising attorney asks, "position" for a reading that no pack names or that
    is chosen already, or "reason" without a reason.
    """
    _require_supervising(staff)
    if not reason.strip():
        raise Refused("reason", "Enter why the office reads the rule this way.")
    with _open_for_change(staff) as change:
        readings = {reading.id for reading in disputed_readings(change.before.book, rule_id)}
        if not readings or position not in {"", *readings}:
            raise Refused("position", "Choose one of the offered values.")
        if position == change.record.positions.get(rule_id, ""):
            raise Refused("position", "The office already uses this reading. Choose another one.")
        choice = PositionChoice(
            position=position, by=staff.member_id, on=clock.today(staff.zone), reason=reason.strip()
        )
        others = {key: chosen for key, chosen in change.record.positions.items() if key != rule_id}
        change.record = replace(
            change.record,
            positions={**others, rule_id: position} if position else others,
            position_choices={**change.record.position_choices, rule_id: choice},
        )
        change.moves_dates = True
        audit_trail.record_entry_in_transaction(staff.keys, "settings.change", reason="reading of a rule")


def set_packs(staff: Staff, packs: Iterable[str]) -> None:
    """Set which standard packs the office uses; the others leave every list. Open dates of any pack stay and count.

    Raises Refused(code="role") unless a supervising attorney or an admin asks, or "packs" for none or an unknown one.
    """
    _require_permission(may_set_packs(staff))
    chosen = set(packs)
    known = tuple(pack.id for pack in rules.standard().packs)
    if not chosen or not chosen.issubset(known):
        raise Refused("packs", "Choose at least one of the offered packs.")
    with _open_for_change(staff) as change:
        change.record = replace(change.record, packs=tuple(pack for pack in known if pack in chosen))
        audit_trail.record_entry_in_transaction(staff.keys, "settings.change", reason="packs in use")
    forget_packs(staff.org_id)


def set_court(staff: Staff, court: str, *, electronic: bool, region: str = "") -> None:
    """Set how the office files with a court, and the region whose closures apply. Every open date is recomputed.

    court   as hearings name it; "" for every court without a setting of its own
    Raises  Refused(code="role") unless a supervising attorney asks, or "court" for one too many
    """
    _require_supervising(staff)
    with _open_for_change(staff) as change:
        others = _other_courts(change.record, court)
        if len(others) >= COURT_LIMIT:
            raise Refused("court", "An office keeps settings of at most %(limit)d courts.", {"limit": COURT_LIMIT})
        setting = CourtSetting(
            court=" ".join(court.split()),
            electronic=electronic,
            by=staff.member_id,
            on=clock.today(staff.zone),
            region=" ".join(region.split()),
        )
        change.record = replace(change.record, court_settings=(*others, setting))
        change.moves_dates = True
        audit_trail.record_entry_in_transaction(staff.keys, "settings.change", reason="settings of a court")


def remove_court(staff: Staff, court: str) -> None:
    """Remove a court's own setting; the setting of every other court counts then. Raises Refused("role" or "gone")."""
    _require_supervising(staff)
    with _open_for_change(staff) as change:
        others = _other_courts(change.record, court)
        if len(others) == len(change.record.court_settings):
            raise Refused("gone", "This court has no setting of its own any more.")
        change.record = replace(change.record, court_settings=others)
        change.moves_dates = True
        audit_trail.record_entry_in_transaction(staff.keys, "settings.change", reason="settings of a court")


def _other_courts(record: Office, court: str) -> tuple[CourtSetting, ...]:
    return tuple(item for item in record.court_settings if not is_same_court(item.court, court))


def version_of(book: rules.Rulebook, what: str) -> str:
    """Return pack id, pack version and rule version in the format of a working; "" for closures and orders."""
    kind, _, name = what.partition(":")
    if kind != "rule":
        return ""
    rule, pack = book.versions_of(name)[-1], book.pack_of(name)
    return f"{pack.id} {pack.version} v{rule.version}"


def items_of(pack: rules.OfficePack) -> list[tuple[str, rules.Rule | rules.OfficeClosure | rules.StandingOrder]]:
    """Return (what, item) for every rule, closure and standing order of a pack."""
    return [
        *((f"rule:{rule.id}", rule) for rule in pack.rules),
        *((f"closure:{item.id}", item) for item in pack.closures),
        *((f"order:{item.id}", item) for item in pack.standing_orders),
    ]


def empty_pack(record: Office, today: dt.date) -> rules.OfficePack:
    """Return an empty pack dated today, with the office's time zone and its country's calendar."""
    country: Literal["US", "FR"] = "FR" if record.zone == "Europe/Paris" else "US"
    return rules.OfficePack(
        name=PACK_NAME, version=f"{today:%Y.%m.%d}", last_checked=today, zone=record.zone, calendar=country
    )


class _LawChange:
    """A change in progress to the office's record and its law."""

    def __init__(self, staff: Staff, record: Office) -> None:
        self.staff, self.record = staff, record
        law = build_law(record)
        if law.problem:
            raise Refused(
                "unreadable",
                "The office's own rules cannot be read by this version of the program. Dates are computed "
                "without them.",
            )
        self.before = law
        self.moves_dates = False  # True: dates may change although the office's own rules stay
        self.pack = law.pack or empty_pack(record, clock.today(staff.zone))

    def note_entry(self, names: Iterable[str]) -> None:
        """Record the member and time of entry for these items."""
        mark = LawEntry(by=self.staff.member_id, at=clock.now())
        self.record = replace(self.record, law_entered={**self.record.law_entered, **dict.fromkeys(names, mark)})

    def write_law(self) -> bool:
        """Write the law into the record. Return whether dates may change. Raises Refused."""
        if self.before.pack is None and not items_of(self.pack):
            return False
        _refuse_too_many(self.pack)
        if self.pack == self.before.pack:
            return False
        self.pack = replace(self.pack, version=_next_version(self.pack.version, clock.today(self.staff.zone)))
        try:
            rules.standard().with_office(self.pack)
        except rules.RuleError as exc:
            raise Refused("text", str(exc)) from exc
        self.record = replace(self.record, law=msgspec.msgpack.encode(self.pack))
        return True


@contextmanager
def _open_for_change(staff: Staff) -> Iterator[_LawChange]:
    """Lock the office's record and yield a change, which is written when the block ends.

    The index heads are written last, as in every save.
    """
    with office_transaction(staff.org_id):
        file = store.open_file(staff.keys, staff.keys.office_file, lock=True)
        draft = Draft(file, by=staff.member_id)
        entry = file.get_only(Office)
        change = _LawChange(staff, entry.record)
        yield change
        dates_differ = change.write_law() or change.moves_dates
        draft.change(entry.id, change.record)
        store.write_draft(draft)
        if dates_differ:
            queries.mark_all_owed(staff.org_id, clock.today(staff.zone))


def _add_item(staff: Staff, add: Callable[[rules.OfficePack], rules.OfficePack], what: str) -> str:
    _require_permission(may_edit_rules(staff))
    with _open_for_change(staff) as change:
        if what in {name for name, _ in items_of(change.pack)}:
            raise Refused("what", "There is one of this name already. Choose another, or remove the old one first.")
        change.pack = add(change.pack)
        change.note_entry([what])
    return what


def _with_items(items: tuple[_Item, ...], *new: _Item) -> tuple[_Item, ...]:
    """Return the items with the new ones added; a new item replaces the one with its id and version."""
    fresh = {_item_key(item) for item in new}
    return tuple(item for item in items if _item_key(item) not in fresh) + new


def _item_key(item: object) -> object:
    return (getattr(item, "id"), getattr(item, "version", 1))  # noqa: B009  # three shapes, one name


def _next_version(version: str, today: dt.date) -> str:
    """Return today's version, with a counter when the current version is from today."""
    day = f"{today:%Y.%m.%d}"
    if not version.startswith(day):
        return day
    count = version[len(day) + 1 :]
    return f"{day}.{int(count or 1) + 1}"


def _require_supervising(staff: Staff) -> None:
    if not is_supervising(staff):
        raise Refused("role", "Only a supervising attorney of the office does this.")


def _require_permission(allowed: bool) -> None:
    if not allowed:
        raise Refused(
            "role", "Your role does not allow this. Ask an attorney or accredited representative of the office."
        )


def _refuse_too_many(pack: rules.OfficePack) -> None:
    if len(items_of(pack)) > ITEM_LIMIT:
        raise Refused(
            "text", "An office keeps at most %(limit)d rules, closures and orders of its own.", {"limit": ITEM_LIMIT}
        )
