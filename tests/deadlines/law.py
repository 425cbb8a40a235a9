"""A law that changes in a test: our packs with one rule counted another way, under another version."""

import pytest
from msgspec.structs import replace

from caseapp import rules
from caseapp.rules.packs.rulebook import Rulebook


def change(monkeypatch: pytest.MonkeyPatch, rule_id: str, **fields: object) -> str:
    """From now on a rule of ours says something else (None for `count`: it is gone). Answers the new version."""
    book = rules.standard()
    packs = []
    for pack in book.packs:
        found = [replace(rule, **fields) if rule.id == rule_id else rule for rule in pack.rules]
        packs.append(replace(pack, rules=tuple(found)))
    return _use(monkeypatch, Rulebook(packs))


def drop(monkeypatch: pytest.MonkeyPatch, rule_id: str) -> str:
    """From now on there is no such rule."""
    packs = []
    for pack in rules.standard().packs:
        kept = tuple(rule for rule in pack.rules if rule.id != rule_id)
        follows = tuple(f for f in pack.follows if all(start.rule != rule_id for start in f.starts))
        packs.append(replace(pack, rules=kept, follows=follows))
    return _use(monkeypatch, Rulebook(packs))


def _use(monkeypatch: pytest.MonkeyPatch, book: Rulebook) -> str:
    monkeypatch.setattr(rules, "standard", lambda: book)
    monkeypatch.setattr(rules, "pack_version", lambda: book.version)
    return book.version
