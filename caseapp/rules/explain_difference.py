"""Explanation of why two workings of the same question differ, step by step. Engine texts are English."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from caseapp.rules import serialise, words
from caseapp.rules.errors import RuleError
from caseapp.rules.result import Computed

_DATES = {"due_on": "Last day", "act_by": "Act by", "opens_on": "First day"}
# The order of a working. "Result" is left out because it only repeats the dates.
_STEPS = (
    "Starts", "Rule", "Position", "Count", "Stop", "Mail", "Franc", "Opens", "Moved", "Not moved", "Closure", "Paper",
    "Caution",
)  # fmt: skip


def explain_difference(old: Computed | Mapping[str, Any], new: Computed | Mapping[str, Any]) -> list[str]:
    """Return one sentence for each step that differs, then one for each date; [] when nothing differs.

    old, new  results, or stored workings (`Computation.as_json()` or the same fields)
    Raises    RuleError for a value that is not a working
    """
    before, after = _plain(old), _plain(new)
    sentences = []
    if before["version"] != after["version"]:
        sentences.append(f"Version: was {before['version']}, is now {after['version']}.")
    for name in _STEPS:
        sentences += _step(name, _texts(before, name), _texts(after, name))
    for key, name in _DATES.items():
        was, now = before.get(key) or None, after.get(key) or None
        if was != now:
            sentences.append(f"{name}: was {_day(was)}, would be {_day(now)}.")
    return sentences


def _plain(working: Computed | Mapping[str, Any]) -> Mapping[str, Any]:
    fields = working.as_json() if isinstance(working, Computed) else working
    if not isinstance(fields, Mapping) or "version" not in fields or "steps" not in fields:
        raise RuleError("this is not a stored working")
    return fields


def _texts(working: Mapping[str, Any], name: str) -> list[str]:
    try:
        return [str(step["text"]) for step in working["steps"] if step["name"] == name]
    except (KeyError, TypeError) as exc:
        raise RuleError("this is not a stored working") from exc


def _step(name: str, before: list[str], after: list[str]) -> Iterable[str]:
    """Describe the lines of one kind that only one working has; equally many on both sides are paired as was and is."""
    removed = [text for text in before if text not in after]
    added = [text for text in after if text not in before]
    if len(removed) == len(added):
        return [f"{name}: was “{was}”, is now “{now}”." for was, now in zip(removed, added, strict=True)]
    return [*(f"{name}, no longer: “{text}”." for text in removed), *(f"{name}, new: “{text}”." for text in added)]


def _day(text: object) -> str:
    """Return a date like "Mon 7 Dec 2026", or "no date"."""
    if text is None:
        return "no date"
    if isinstance(text, dt.date):
        return words.day(text)
    return words.day(serialise.moment(text))
