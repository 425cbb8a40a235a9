"""Repetition of stored workings: unchanged (`replay`), or with the current law and office pack (`recompute`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

from msgspec.structs import replace

from caseapp.rules.engine import computation as engine
from caseapp.rules.explain import serialise
from caseapp.rules.explain.differences import DATE_FIELDS, explain_difference
from caseapp.rules.explain.stored import WorkingQuestion, answer_again, gather_stored_inputs, parse_working
from caseapp.rules.packs.rulebook import Rulebook, standard
from caseapp.rules.terms import inputs
from caseapp.rules.terms.errors import RuleError
from caseapp.rules.terms.result import Computation, ComputedDates
from caseapp.rules.terms.sentence import PackTextValue, Sentence

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Comparison:
    """A stored result compared with the current law.

    was      the stored dates as ISO text
    dates    the current dates; None when the question has no answer any more
    refused  the reason why it has none
    The working and the reasons are built when they are asked for: after a change of the law most dates are the same.
    """

    was: dict[str, str]
    dates: ComputedDates | None
    refused: Sentence | None
    question: tuple[Rulebook, str, inputs.Inputs] | None
    stored: Mapping[str, Any]

    @property
    def changed(self) -> bool:
        """Return True when the current law gives other dates, or none."""
        return self.dates is None or self.dates.as_text() != self.was

    @cached_property
    def would_be(self) -> Computation | None:
        """Return the current computation with its working; None when there is no answer any more."""
        if self.question is None or self.dates is None:
            return None
        return engine.answer_question(*self.question)

    @cached_property
    def why(self) -> tuple[Sentence, ...]:
        """Return the reasons for other dates or another version; () when nothing differs."""
        if self.would_be is None:
            return () if self.refused is None else (self.refused,)
        if not self.changed and self.would_be.version == self.stored["version"]:
            return ()
        assert self.question is not None
        return tuple(explain_difference(self.stored, self.would_be, book=self.question[0]))


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
    return engine.answer_question(law, *_ask_again(parse_working(working), law, changed))


def _ask_again(question: WorkingQuestion, law: Rulebook, changed: Mapping[str, Any]) -> tuple[str, inputs.Inputs]:
    """Return a stored question as the engine takes it, with the closures and standing orders of the current book."""
    rule_id, asked = question.rule_id, question.asked
    if "asked" not in question.stored and asked is not None and not _is_variant(law, rule_id, asked):
        asked = None  # a position: the book or the office's selection provides it again
    events, options = serialise.question_from_json(question.stored)
    if changed:
        options = replace(options, **changed)
    if options.closures or law.office is not None:
        own = (item for item in inputs.normalise_closures(options.closures) if not item.id)
        options = replace(options, closures=(*own, *law.closed_days_for(options.court, options.region)))
    orders = law.standing_orders_for(rule_id, options.court, options.judge)
    current = inputs.gather(events, options, asked=asked, orders=orders)
    return f"{rule_id}@{asked}" if asked else rule_id, current


def compare(
    working: Mapping[str, Any], *, book: Rulebook | None = None, changed: Mapping[str, Any] = NOTHING
) -> Comparison:
    """Compare a stored working with the current law; nothing is moved. Raises RuleError only for a damaged working."""
    was = {name: str(working[name]) for name in DATE_FIELDS if working.get(name)}
    parsed, law = parse_working(working), book or standard()
    try:
        question = (law, *_ask_again(parsed, law, changed))
        return Comparison(was, engine.answer_with_dates(*question), None, question, working)
    except RuleError as exc:
        reason = Sentence("difference.impossible", {"reason": PackTextValue(str(exc))})
        return Comparison(was, None, reason, None, working)


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
