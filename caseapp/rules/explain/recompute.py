"""Repetition of stored workings: unchanged (`replay`), or with the current law and office pack (`recompute`)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from caseapp.rules.engine import computation as engine
from caseapp.rules.explain import serialise
from caseapp.rules.explain.differences import DATE_FIELDS, explain_difference
from caseapp.rules.explain.stored import answer_again, format_question, gather_stored_inputs, parse_working
from caseapp.rules.packs.rulebook import Rulebook, standard
from caseapp.rules.terms import inputs
from caseapp.rules.terms.errors import RuleError
from caseapp.rules.terms.result import Computation
from caseapp.rules.terms.sentence import PackTextValue, Sentence

NOTHING: Mapping[str, Any] = MappingProxyType({})


class Comparison(Struct, frozen=True, kw_only=True):
    """A stored result compared with the current law.

    `was` has the stored dates as ISO text; `would_be` is None when the question has no answer any more.
    """

    was: dict[str, str]
    would_be: Computation | None
    changed: bool
    why: tuple[Sentence, ...]


def replay(working: Mapping[str, Any], *, book: Rulebook | None = None) -> Computation:
    """Recompute a stored working (`computation_as_json`) from its own inputs, closures and standing orders.

    Raises RuleError when the working is damaged or was made with another version of the rule.
    """
    again = answer_again(working, book or standard())
    if again.version != working["version"]:
        raise RuleError(f"the working was made with {working['version']}, the rule is now {again.version}")
    return again


def recompute(
    working: Mapping[str, Any], *, book: Rulebook | None = None, changed: Mapping[str, Any] = NOTHING
) -> Computation:
    """Compute the same question with the current book: rule, closures and standing orders are looked up again.

    changed  options to override by name, for example {"position": "30"}
    Raises   RuleError when it has no answer any more, or the working is damaged
    """
    law = book or standard()
    question = parse_working(working)
    rule_id, asked = question.rule_id, question.asked
    if "asked" not in question.stored and asked is not None and not _is_variant(law, rule_id, asked):
        asked = None  # a position: the book or the office's selection provides it again
    events, options = serialise.question_from_json(question.stored)
    options = replace(options, **changed)
    own = (item for item in inputs.normalise_closures(options.closures) if not item.id)
    options = replace(options, closures=(*own, *law.closed_days_for(options.court, options.region)))
    orders = law.standing_orders_for(rule_id, options.court, options.judge)
    current = inputs.gather(events, options, asked=asked, orders=orders)
    return engine.answer_question(law, format_question(question._replace(asked=asked)), current)


def compare(
    working: Mapping[str, Any], *, book: Rulebook | None = None, changed: Mapping[str, Any] = NOTHING
) -> Comparison:
    """Compare a stored working with the current law; nothing is moved. Raises RuleError only for a damaged working."""
    was = {name: str(working[name]) for name in DATE_FIELDS if working.get(name)}
    parse_working(working)
    try:
        new = recompute(working, book=book, changed=changed)
    except RuleError as exc:
        reason = Sentence("difference.impossible", {"reason": PackTextValue(str(exc))})
        return Comparison(was=was, would_be=None, changed=True, why=(reason,))
    if new.dates_as_text() == was and new.version == working["version"]:
        return Comparison(was=was, would_be=new, changed=False, why=())
    why = tuple(explain_difference(working, new, book=book))
    return Comparison(was=was, would_be=new, changed=new.dates_as_text() != was, why=why)


def find_unconfirmed(working: Mapping[str, Any], *, book: Rulebook) -> tuple[str, ...]:
    """Return the texts a stored working used whose current version no attorney confirmed.

    Nothing is computed. Raises RuleError for a damaged working.
    """
    question = parse_working(working)
    kept = gather_stored_inputs(question.stored)
    number = str(working["version"]).rpartition(" v")[2]
    for rule in book.versions_of(question.rule_id):
        if str(rule.version) == number:
            return book.find_unconfirmed(rule, kept)
    return (f"rule:{question.rule_id}",)


def _is_variant(law: Rulebook, rule_id: str, asked: str) -> bool:
    return any(item.id == asked and item.role == "variant" for item in law.readings_of(law.versions_of(rule_id)[-1]))
