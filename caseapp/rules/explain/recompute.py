"""Repetition of stored workings: unchanged (`replay`), or with the current law and office pack (`recompute`)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from caseapp.rules.engine import computation as engine
from caseapp.rules.explain import serialise
from caseapp.rules.explain.differences import explain_difference
from caseapp.rules.packs.rulebook import Rulebook, standard
from caseapp.rules.terms import inputs
from caseapp.rules.terms.errors import RuleError
from caseapp.rules.terms.inputs import Inputs
from caseapp.rules.terms.result import Computation

NOTHING: Mapping[str, str] = MappingProxyType({})
DATE_FIELDS = ("due_on", "act_by", "opens_on")


class Comparison(Struct, frozen=True, kw_only=True):
    """A stored result compared with the current law.

    `was` has the stored dates as ISO text; `would_be` is None when the question has no answer any more.
    """

    was: dict[str, str]
    would_be: Computation | None
    changed: bool
    why: tuple[str, ...]


def replay(working: Mapping[str, Any], *, book: Rulebook | None = None) -> Computation:
    """Recompute a stored working (`Computation.as_json()`) from its own inputs, closures and standing orders.

    Raises RuleError when the working is damaged or was made with another version of the rule.
    """
    law = book or standard()
    rule_id, asked, stored = _parse_working(working)
    if "asked" in stored:
        asked = stored["asked"]
    kept = _gather_stored_inputs(stored, asked)
    again = engine.answer_question(law, _format_question(rule_id, asked), kept)
    if again.version != working["version"]:
        raise RuleError(f"the working was made with {working['version']}, the rule is now {again.version}")
    return again


def recompute(
    working: Mapping[str, Any], *, book: Rulebook | None = None, changed: Mapping[str, str] = NOTHING
) -> Computation:
    """Compute the same question with the current book: rule, closures and standing orders are looked up again.

    changed  options to override by name, for example {"position": "30"}
    Raises   RuleError when it has no answer any more, or the working is damaged
    """
    law = book or standard()
    rule_id, asked, stored = _parse_working(working)
    if "asked" in stored:
        asked = stored["asked"]
    elif asked is not None and not _is_variant(law, rule_id, asked):
        asked = None  # a position: the book or the office's selection provides it again
    events, options = serialise.question_from_json(stored)
    options = replace(options, **changed)
    own = (item for item in inputs.normalise_closures(options.closures) if not item.id)
    options = replace(options, closures=(*own, *law.closed_days_for(options.court, options.region)))
    orders = law.standing_orders_for(rule_id, options.court, options.judge)
    current = inputs.gather(events, options, asked=asked, orders=orders)
    return engine.answer_question(law, _format_question(rule_id, asked), current)


def compare(
    working: Mapping[str, Any], *, book: Rulebook | None = None, changed: Mapping[str, str] = NOTHING
) -> Comparison:
    """Compare a stored working with the current law; nothing is moved. Raises RuleError only for a damaged working."""
    was = {name: str(working[name]) for name in DATE_FIELDS if working.get(name)}
    _parse_working(working)
    try:
        new = recompute(working, book=book, changed=changed)
    except RuleError as exc:
        return Comparison(was=was, would_be=None, changed=True, why=(f"It can no longer be computed: {exc}",))
    if new.dates_as_text() == was and new.version == working["version"]:
        return Comparison(was=was, would_be=new, changed=False, why=())
    return Comparison(
        was=was, would_be=new, changed=new.dates_as_text() != was, why=tuple(explain_difference(working, new))
    )


def find_unconfirmed(working: Mapping[str, Any], *, book: Rulebook) -> tuple[str, ...]:
    """Return the texts a stored working used whose current version no attorney confirmed.

    Nothing is computed. Raises RuleError for a damaged working.
    """
    rule_id, _, stored = _parse_working(working)
    kept = _gather_stored_inputs(stored)
    number = str(working["version"]).rpartition(" v")[2]
    for rule in book.versions_of(rule_id):
        if str(rule.version) == number:
            return book.find_unconfirmed(rule, kept)
    return (f"rule:{rule_id}",)


def _parse_working(working: Mapping[str, Any]) -> tuple[str, str | None, Mapping[str, Any]]:
    """Return rule id, position used and inputs of a stored working. Raises RuleError when it is damaged."""
    try:
        rule_id, position, stored = str(working["rule"]), working.get("position") or None, working["inputs"]
        working["version"], stored["events"]
    except (KeyError, TypeError, AttributeError) as exc:
        raise RuleError("this is not a stored working") from exc
    if not isinstance(stored, Mapping) or not isinstance(position, str | None):
        raise RuleError("this is not a stored working")
    return rule_id, position, stored


def _gather_stored_inputs(stored: Mapping[str, Any], asked: str | None = None) -> Inputs:
    """Return the inputs of a stored working with the closures and standing orders of its day. Raises RuleError."""
    events, options = serialise.question_from_json(stored)
    return inputs.gather(events, options, asked=asked, orders=serialise.orders_from_json(stored))


def _format_question(rule_id: str, asked: str | None) -> str:
    return f"{rule_id}@{asked}" if asked else rule_id


def _is_variant(law: Rulebook, rule_id: str, asked: str) -> bool:
    return any(item.id == asked and item.role == "variant" for item in law.readings_of(law.versions_of(rule_id)[-1]))
