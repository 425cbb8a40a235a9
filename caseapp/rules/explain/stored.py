"""Stored workings: a computation as JSON, and the sentences of a stored one.

A working stores each sentence as code and values and also as English text. Older ones have the text only: it is
recognised by computing the working again from its own inputs, and what differs stays the English text it is.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from caseapp.rules.engine import computation as engine
from caseapp.rules.explain import sentences, serialise
from caseapp.rules.explain.rendering import render_english, render_former_english
from caseapp.rules.packs.rulebook import Rulebook, standard
from caseapp.rules.terms import inputs
from caseapp.rules.terms.errors import RuleError
from caseapp.rules.terms.inputs import Inputs
from caseapp.rules.terms.result import Computation
from caseapp.rules.terms.sentence import Sentence, Value, pack_sentence
from caseapp.rules.terms.words import to_iso

NO_VALUES: Mapping[str, Any] = MappingProxyType({})


class StoredText(NamedTuple):
    """A sentence as stored: English text, and code and values as JSON; "" and {} in an older working."""

    text: str
    code: str = ""
    values: Mapping[str, Any] = NO_VALUES


class WorkingQuestion(NamedTuple):
    """The question of a stored working: rule id, reading that was used or asked for by name, inputs as JSON."""

    rule_id: str
    asked: str | None
    stored: Mapping[str, Any]


def computation_as_json(computation: Computation) -> dict[str, Any]:
    """Return plain JSON values, the dates first. `replay` recomputes it from `inputs`."""
    return {
        **computation.dates_as_text(),
        "rule": computation.rule,
        "version": computation.version,
        "what": computation.what,
        "citation": computation.citation,
        "severity": computation.severity,
        "duty": computation.duty,
        "state": computation.state,
        "chk": computation.chk,
        "last_checked": computation.last_checked.isoformat(),
        "position": computation.position,
        "steps": [
            {"name": step.name, "on": to_iso(step.on), "citation": step.citation, **sentence_as_json(step.sentence)}
            for step in computation.steps
        ],
        "warnings": [render_english(warning) for warning in computation.warnings],
        "warning_sentences": [_code_and_values(warning) for warning in computation.warnings],
        "others": [
            {
                "position": other.position,
                "due_on": to_iso(other.due_on),
                "citation": other.citation,
                **sentence_as_json(other.sentence),
            }
            for other in computation.others
        ],
        "reminder_days": list(computation.reminder_days),
        "confirmed": computation.is_confirmed,
        "to_check": list(computation.to_check),
        "inputs": computation.inputs.as_json(),
    }


def sentence_as_json(sentence: Sentence) -> dict[str, Any]:
    """Return the English text, the code and the values of a sentence."""
    return {"text": render_english(sentence), **_code_and_values(sentence)}


def _code_and_values(sentence: Sentence) -> dict[str, Any]:
    return {"code": sentence.code, "values": msgspec.to_builtins(sentence.values)}


def read_sentences(
    stored: Iterable[StoredText], find_candidates: Callable[[], Iterable[Sentence]]
) -> tuple[Sentence, ...]:
    """Return stored texts as sentences.

    A text without a usable code is recognised where one of the candidates has the same English text, or where it is one
    of our sentences without places. Any other becomes a text of its own, which is English unless a pack has it.

    find_candidates  called only when a text has no usable code
    """
    texts = tuple(stored)
    read = [_parse_sentence(item) for item in texts]
    if None not in read:
        return tuple(sentence for sentence in read if sentence is not None)
    known = {**_fixed_sentences()}
    for candidate in find_candidates():
        known |= dict.fromkeys([*render_former_english(candidate), render_english(candidate)], candidate)
    return tuple(
        known.get(item.text) or pack_sentence(item.text) if sentence is None else sentence
        for item, sentence in zip(texts, read, strict=True)
    )


def find_sentences_again(working: Mapping[str, Any], *, book: Rulebook | None = None) -> tuple[Sentence, ...]:
    """Return every sentence of a stored working, computed again from its own inputs; () where that is impossible.

    The rule may have another version now: only a text that comes out the same is recognised by its sentence.
    """
    try:
        computed = answer_again(working, book or standard())
    except RuleError:
        return ()
    return (
        *(step.sentence for step in computed.steps),
        *computed.warnings,
        *(other.sentence for other in computed.others),
    )


def answer_again(working: Mapping[str, Any], book: Rulebook) -> Computation:
    """Compute a stored working again from its own inputs, closures and standing orders. Raises RuleError."""
    question = parse_working(working)
    kept = gather_stored_inputs(question.stored, question.asked)
    return engine.answer_question(book, format_question(question), kept)


def parse_working(working: Mapping[str, Any]) -> WorkingQuestion:
    """Return the question of a stored working. Raises RuleError when it is damaged."""
    try:
        rule_id, position, stored = str(working["rule"]), working.get("position") or None, working["inputs"]
        working["version"], stored["events"]
    except (KeyError, TypeError, AttributeError) as exc:
        raise RuleError("this is not a stored working") from exc
    if not isinstance(stored, Mapping) or not isinstance(position, str | None):
        raise RuleError("this is not a stored working")
    return WorkingQuestion(rule_id, stored.get("asked", position), stored)


def format_question(question: WorkingQuestion) -> str:
    """Return the question as the engine takes it: a rule's id, or "id@reading"."""
    return f"{question.rule_id}@{question.asked}" if question.asked else question.rule_id


def gather_stored_inputs(stored: Mapping[str, Any], asked: str | None = None) -> Inputs:
    """Return the inputs of a stored working with the closures and standing orders of its day. Raises RuleError."""
    events, options = serialise.question_from_json(stored)
    return inputs.gather(events, options, asked=asked, orders=serialise.orders_from_json(stored))


def _parse_sentence(item: StoredText) -> Sentence | None:
    """Return the sentence of a stored code and its values; None where this program does not know them."""
    if not item.code:
        return None
    try:
        sentence = Sentence(item.code, msgspec.convert(item.values, dict[str, Value]))
        render_english(sentence)
    except (msgspec.ValidationError, KeyError, RuleError):
        return None  # stored by a newer program, or damaged
    return sentence


@lru_cache(maxsize=1)
def _fixed_sentences() -> Mapping[str, Sentence]:
    """Return our sentences without places by their English text."""
    return {message: Sentence(code) for code, message in sentences.SENTENCES.items() if "%(" not in message}
