"""The law as data and a pure engine: a date and its working from a trigger. No Django; usable as a library.

Not legal advice: an office's supervising attorney confirms every rule before it is used.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from caseapp.rules import engine, inputs
from caseapp.rules.book import Rulebook, standard
from caseapp.rules.calendars import Closure
from caseapp.rules.errors import RuleError
from caseapp.rules.pack import Follow, Rule, Start
from caseapp.rules.result import Computed, Other, Step

__all__ = [
    "Closure",
    "Computed",
    "Follow",
    "Other",
    "Rule",
    "RuleError",
    "Rulebook",
    "Start",
    "Step",
    "compute",
    "events",
    "follows",
    "replay",
    "rule",
    "rules",
    "starts",
]


def compute(
    rule: str,
    events: Mapping[str, dt.date | dt.datetime],
    *,
    by_mail: bool = False,
    position: str | None = None,
    clock_stops: Iterable[Sequence[dt.date]] = (),
    years: int | None = None,
    electronic: bool = True,
    closures: Iterable[dt.date | Closure] = (),
    zone: str | None = None,
    book: Rulebook | None = None,
) -> Computed:
    """The dates a rule gives, with the working.

    rule         a rule's id, or "id@position": that reading or an error
    events       event name -> date, or instant (aware, or naive in the wall time of `zone`) for rules in hours;
                 `printed_date` is the date a paper itself gives (the only date of a manual rule)
    position     the reading an attorney selected for the office; not in force that day: the earliest, with a warning
    clock_stops  pairs (day the clock stops, day it restarts)
    years        another path of years, where the rule has one
    electronic   False: filed on paper, act_by two business days earlier
    closures     days the receiving office was closed, entered by the office
    zone         IANA name; None: the pack's own
    Raises       RuleError, one clear line
    """
    law = book or standard()
    if not isinstance(rule, str):
        raise RuleError("a rule is named by its id")
    zone = zone or law.pack_of(law.versions(rule.partition("@")[0])[-1].id).zone
    asked = inputs.gather(
        events,
        zone=zone,
        by_mail=by_mail,
        position=position,
        clock_stops=clock_stops,
        years=years,
        electronic=electronic,
        closures=closures,
    )
    return engine.answer(law, rule, asked)


def replay(working: Mapping[str, Any], *, book: Rulebook | None = None) -> Computed:
    """Compute a stored working (`Computed.as_json()`) again from its own inputs and position.

    Raises RuleError when the working is damaged or was made with another version of the rule.
    """
    from caseapp.rules.asking import options_from_json

    try:
        rule_id, position, version = str(working["rule"]), working.get("position"), working["version"]
        options = options_from_json(working["inputs"])
    except (KeyError, TypeError, AttributeError) as exc:
        raise RuleError("this is not a stored working") from exc
    options.pop("position", None)
    if options.get("years") is not None:
        position = None
    again = compute(f"{rule_id}@{position}" if position else rule_id, **options, book=book)
    if again.version != version:
        raise RuleError(f"the working was made with {version}, the rule is now {again.version}")
    return again


def rules(*, state: str | None = None, severity: str | None = None, prefix: str = "") -> tuple[Rule, ...]:
    """The rules in the order of their packs, those wanted."""
    return tuple(
        rule
        for rule in standard().rules()
        if rule.id.startswith(prefix) and state in (None, rule.state) and severity in (None, rule.severity)
    )


def rule(rule_id: str) -> Rule:
    """The newest version. Raises RuleError for an unknown id."""
    return standard().versions(rule_id)[-1]


def follows(event: str) -> tuple[str, ...]:
    """Ids of the rules that something which happened in a case starts; () for an event that starts none."""
    return tuple(dict.fromkeys(start.rule for start in starts(event)))


def starts(event: str) -> tuple[Start, ...]:
    """Like `follows`, with the rule's own event that the date feeds."""
    return standard().starts(event)


def events() -> dict[str, str]:
    """The vocabulary: every trigger event of the packs with what it means."""
    return {name: text for pack in standard().packs for name, text in pack.events.items()}
