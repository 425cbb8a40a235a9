"""Explanation of why two workings of the same question differ, step by step. Engine texts are English."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from caseapp.rules.explain import serialise
from caseapp.rules.terms import words
from caseapp.rules.terms.errors import RuleError
from caseapp.rules.terms.result import Computation

_DATES = {"due_on": "Last day", "act_by": "Act by", "opens_on": "First day"}
# The order of a working. "Result" is left out because it only repeats the dates.
_STEPS = (
    *("Starts", "Rule", "Position", "Count", "Stop", "Mail", "Franc"),
    *("Opens", "Moved", "Not moved", "Closure", "Paper", "Caution"),
)


def explain_difference(old: Computation | Mapping[str, Any], new: Computation | Mapping[str, Any]) -> list[str]:
    """Return one sentence for each step that differs, then one for each date; [] when nothing differs.

    old, new  results, or stored workings (`Computation.as_json()` or the same fields)
    Raises    RuleError for a value that is not a working
    """
    before, after = _as_mapping(old), _as_mapping(new)
    sentences = []
    if before["version"] != after["version"]:
        sentences.append(f"Version: was {before['version']}, is now {after['version']}.")
    for name in _STEPS:
        sentences += _describe_step_changes(name, _step_texts(before, name), _step_texts(after, name))
    for key, name in _DATES.items():
        was, now = before.get(key) or None, after.get(key) or None
        if was != now:
            sentences.append(f"{name}: was {_format_date(was)}, would be {_format_date(now)}.")
    return sentences


def _as_mapping(working: Computation | Mapping[str, Any]) -> Mapping[str, Any]:
    fields = working.as_json() if isinstance(working, Computation) else working
    if not isinstance(fields, Mapping) or "version" not in fields or "steps" not in fields:
        raise RuleError("this is not a stored working")
    return fields


def _step_texts(working: Mapping[str, Any], name: str) -> list[str]:
    try:
        return [str(step["text"]) for step in working["steps"] if step["name"] == name]
    except (KeyError, TypeError) as exc:
        raise RuleError("this is not a stored working") from exc


def _describe_step_changes(name: str, before: list[str], after: list[str]) -> Iterable[str]:
    """Describe the lines of one kind that only one working has; equally many on both sides are paired as was and is."""
    removed = [text for text in before if text not in after]
    added = [text for text in after if text not in before]
    if len(removed) == len(added):
        return [f"{name}: was “{was}”, is now “{now}”." for was, now in zip(removed, added, strict=True)]
    return [*(f"{name}, no longer: “{text}”." for text in removed), *(f"{name}, new: “{text}”." for text in added)]


def _format_date(text: object) -> str:
    """Return a date like "Mon 7 Dec 2026", or "no date"."""
    if text is None:
        return "no date"
    if isinstance(text, dt.date):
        return words.format_day(text)
    return words.format_day(serialise.parse_moment(text))
