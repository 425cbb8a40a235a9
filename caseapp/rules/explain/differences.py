"""Explanation of why two workings of the same question differ, step by step, as sentences."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from caseapp.rules.explain import serialise
from caseapp.rules.explain.rendering import render_english
from caseapp.rules.explain.stored import StoredText, find_sentences_again, read_sentences
from caseapp.rules.packs.rulebook import Rulebook
from caseapp.rules.terms.errors import RuleError
from caseapp.rules.terms.result import Computation
from caseapp.rules.terms.sentence import CodeValue, NoDayValue, Sentence, StepNameValue, Value, Values, day

DATE_FIELDS = ("due_on", "act_by", "opens_on")
# The order of a working. "Result" is left out because it only repeats the dates.
_STEPS = (
    *("Starts", "Rule", "Position", "Count", "Stop", "Mail", "Franc"),
    *("Opens", "Moved", "Not moved", "Closure", "Paper", "Caution"),
)


class _Account(NamedTuple):
    """The compared parts of a working: its version, its dates, and its steps as (name, sentence, English text)."""

    version: str
    dates: Values
    steps: list[tuple[str, Sentence, str]]


def explain_difference(
    old: Computation | Mapping[str, Any], new: Computation | Mapping[str, Any], *, book: Rulebook | None = None
) -> list[Sentence]:
    """Return one sentence for each step that differs, then one for each date; [] when nothing differs.

    old, new  results, or stored workings (`computation_as_json` or the same fields)
    book      recognises the sentences of an older stored working; None: the standard packs
    Raises    RuleError for a value that is not a working
    """
    before, after = _account_of(old, book), _account_of(new, book)
    sentences = []
    if before.version != after.version:
        versions: Values = {"was": CodeValue(before.version), "now": CodeValue(after.version)}
        sentences.append(Sentence("difference.version", versions))
    for name in _STEPS:
        sentences += _describe_step_changes(name, before, after)
    for key in DATE_FIELDS:
        was, would = before.dates[key], after.dates[key]
        if was != would:
            sentences.append(Sentence(f"difference.{key}", {"was": was, "would": would}))
    return sentences


def _account_of(working: Computation | Mapping[str, Any], book: Rulebook | None) -> _Account:
    if isinstance(working, Computation):
        version, dates = working.version, {key: _date_value(getattr(working, key)) for key in DATE_FIELDS}
        steps = [(step.name, step.sentence) for step in working.steps]
    elif isinstance(working, Mapping) and "version" in working and "steps" in working:
        version, dates = str(working["version"]), {key: _date_value(working.get(key)) for key in DATE_FIELDS}
        steps = _read_steps(working, book)
    else:
        raise RuleError("this is not a stored working")
    return _Account(version, dates, [(name, sentence, render_english(sentence)) for name, sentence in steps])


def _read_steps(working: Mapping[str, Any], book: Rulebook | None) -> list[tuple[str, Sentence]]:
    try:
        names = [str(step["name"]) for step in working["steps"]]
        stored = [
            StoredText(str(step["text"]), str(step.get("code", "")), step.get("values", {}))
            for step in working["steps"]
        ]
    except (KeyError, TypeError, AttributeError) as exc:
        raise RuleError("this is not a stored working") from exc
    return list(zip(names, read_sentences(stored, lambda: find_sentences_again(working, book=book)), strict=True))


def _describe_step_changes(name: str, before: _Account, after: _Account) -> Iterable[Sentence]:
    """Describe the lines of one kind that only one working has; equally many on both sides are paired as was and is."""
    removed = _only_in(before, after, name)
    added = _only_in(after, before, name)
    step = StepNameValue(name)
    if len(removed) == len(added):
        return [
            Sentence("difference.changed", {"step": step, "was": was, "now": now})
            for was, now in zip(removed, added, strict=True)
        ]
    return [
        *(Sentence("difference.gone", {"step": step, "was": was}) for was in removed),
        *(Sentence("difference.new", {"step": step, "now": now}) for now in added),
    ]


def _only_in(account: _Account, other: _Account, name: str) -> list[Sentence]:
    texts = {text for step, _, text in other.steps if step == name}
    return [sentence for step, sentence, text in account.steps if step == name and text not in texts]


def _date_value(moment: object) -> Value:
    """Return a date, or ISO text of one, as a value. Raises RuleError."""
    if not moment:
        return NoDayValue()
    return day(moment if isinstance(moment, dt.date) else serialise.parse_moment(moment))
