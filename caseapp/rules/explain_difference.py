"""Why two workings of the same question end differently, step by step. Engine texts are English."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from caseapp.rules import serialise, words
from caseapp.rules.errors import RuleError
from caseapp.rules.result import Computed

_DATES = {"due_on": "Last day", "act_by": "Act by", "opens_on": "First day"}
# The order of a working. "Result" only says the dates again.
_STEPS = (
    "Starts", "Rule", "Position", "Count", "Stop", "Mail", "Franc", "Opens", "Moved", "Not moved", "Closure", "Paper",
    "Caution",
)  # fmt: skip


def explain_difference(old: Computed | Mapping[str, Any], new: Computed | Mapping[str, Any]) -> list[str]:
    """One sentence for each step that differs, the dates last; [] when nothing does.

    old, new  results, or stored workings (`Computed.as_json()` or the same fields)
    Raises    RuleError for what is not a working
    """
    before, after = _plain(old), _plain(new)
    said = []
    if before["version"] != after["version"]:
        said.append(f"Version: was {before['version']}, is now {after['version']}.")
    for name in _STEPS:
        said += _step(name, _texts(before, name), _texts(after, name))
    for key, name in _DATES.items():
        was, now = before.get(key) or None, after.get(key) or None
        if was != now:
            said.append(f"{name}: was {_day(was)}, would be {_day(now)}.")
    return said


def _plain(working: Computed | Mapping[str, Any]) -> Mapping[str, Any]:
    found = working.as_json() if isinstance(working, Computed) else working
    if not isinstance(found, Mapping) or "version" not in found or "steps" not in found:
        raise RuleError("this is not a stored working")
    return found


def _texts(working: Mapping[str, Any], name: str) -> list[str]:
    try:
        return [str(step["text"]) for step in working["steps"] if step["name"] == name]
    except (KeyError, TypeError) as exc:
        raise RuleError("this is not a stored working") from exc


def _step(name: str, before: list[str], after: list[str]) -> Iterable[str]:
    """The lines of one kind that only one of the two has; those that changed one for one are told together."""
    gone = [text for text in before if text not in after]
    came = [text for text in after if text not in before]
    if len(gone) == len(came):
        return [f"{name}: was “{was}”, is now “{now}”." for was, now in zip(gone, came, strict=True)]
    return [*(f"{name}, no longer: “{text}”." for text in gone), *(f"{name}, new: “{text}”." for text in came)]


def _day(text: object) -> str:
    """ "Mon 7 Dec 2026", or "no date"."""
    if text is None:
        return "no date"
    if isinstance(text, dt.date):
        return words.day(text)
    return words.day(serialise.moment(text))
