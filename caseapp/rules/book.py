"""All rules in force, from one or more packs."""

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from caseapp.rules.errors import RuleError
from caseapp.rules.pack import Follow, Pack, Reading, Rule, Start, read_file

PACKS = Path(__file__).parent / "packs"


class Rulebook:
    """Rules of several packs by id, each id with its versions in order."""

    def __init__(self, packs: Iterable[Pack]) -> None:
        self.packs = tuple(packs)
        self._versions: dict[str, list[Rule]] = {}
        self._pack_of: dict[str, Pack] = {}
        for pack in self.packs:
            for rule in pack.rules:
                if self._pack_of.setdefault(rule.id, pack) is not pack:
                    raise RuleError(f"{rule.id} stands in two packs")
                self._versions.setdefault(rule.id, []).append(rule)
        for versions in self._versions.values():
            versions.sort(key=lambda rule: rule.version)

    def rules(self) -> tuple[Rule, ...]:
        """The newest version of every rule, in the order of the packs."""
        return tuple(versions[-1] for versions in self._versions.values())

    def versions(self, rule_id: str) -> tuple[Rule, ...]:
        """Raises RuleError for an id that no pack knows."""
        if not isinstance(rule_id, str) or rule_id not in self._versions:
            raise RuleError(f"there is no rule {str(rule_id)[:80]!r}")
        return tuple(self._versions[rule_id])

    def pack_of(self, rule_id: str) -> Pack:
        return self._pack_of[rule_id]

    def readings(self, rule: Rule) -> tuple[Reading, ...]:
        """The rule's own readings and those it shares with another rule."""
        shared = self.versions(rule.positions_of)[-1].readings if rule.positions_of else ()
        return (*shared, *rule.readings)

    def follow(self, event: str) -> Follow | None:
        for pack in self.packs:
            for follow in pack.follows:
                if follow.event == event:
                    return follow
        return None

    def starts(self, event: str) -> tuple[Start, ...]:
        follow = self.follow(event)
        return follow.starts if follow else ()

    def last_checked(self, rule: Rule) -> dt.date:
        return rule.last_checked or self.pack_of(rule.id).last_checked


@lru_cache(maxsize=1)
def standard() -> Rulebook:
    """The packs that come with Caseapp, parsed once a process."""
    return Rulebook(read_file(path) for path in sorted(PACKS.glob("*.toml"), reverse=True))
