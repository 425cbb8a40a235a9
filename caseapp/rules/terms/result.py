"""Result of a computation: dates, a working a person can check by hand, and other arguable dates."""

import datetime as dt
from typing import Any

from msgspec import Struct

from caseapp.rules.terms.inputs import Inputs
from caseapp.rules.terms.words import Moment, to_iso


class ComputationStep(Struct, frozen=True):
    """A line of the working.

    `name` is one of Starts, Paper, Rule, Position, Count, Stop, Mail, Franc, Opens, Moved, Not moved, Closure, Caution,
    Result.
    """

    name: str
    text: str
    on: Moment | None = None
    citation: str = ""


class AlternativeDate(Struct, frozen=True):
    """A date that could also be argued. `position` is the id of the reading."""

    position: str
    due_on: Moment
    citation: str
    text: str


class Computation(Struct, frozen=True, kw_only=True):
    """The dates of one computation, with its working.

    due_on    legal deadline: the last timely day under the rule as written
    act_by    internal deadline, never after due_on
    opens_on  first day on which the act is allowed; the only date of a rule that only opens
    Instants are naive, in the zone of `inputs`.
    """

    rule: str
    version: str
    what: str
    citation: str
    severity: str
    state: str
    chk: str
    last_checked: dt.date
    position: str | None
    due_on: Moment | None
    act_by: Moment | None
    opens_on: Moment | None
    steps: tuple[ComputationStep, ...]
    warnings: tuple[str, ...]
    others: tuple[AlternativeDate, ...]
    reminder_days: tuple[int, ...]
    inputs: Inputs
    to_check: tuple[
        str, ...
    ] = ()  # texts no attorney of the office confirmed: "rule:us.ca.pfr", "order:...", "closure:..."

    @property
    def is_confirmed(self) -> bool:
        """Return whether an attorney of the office confirmed every text used."""
        return not self.to_check

    def dates_as_text(self) -> dict[str, str]:
        """Return the known dates as ISO text; a rule that only opens has only `opens_on`."""
        dates = {"due_on": to_iso(self.due_on), "act_by": to_iso(self.act_by), "opens_on": to_iso(self.opens_on)}
        return {name: text for name, text in dates.items() if text is not None}

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON values, the dates first. `replay` recomputes it from `inputs`."""
        return {
            **self.dates_as_text(),
            "rule": self.rule,
            "version": self.version,
            "what": self.what,
            "citation": self.citation,
            "severity": self.severity,
            "state": self.state,
            "chk": self.chk,
            "last_checked": self.last_checked.isoformat(),
            "position": self.position,
            "steps": [{"name": s.name, "text": s.text, "on": to_iso(s.on), "citation": s.citation} for s in self.steps],
            "warnings": list(self.warnings),
            "others": [
                {"position": o.position, "due_on": to_iso(o.due_on), "citation": o.citation, "text": o.text}
                for o in self.others
            ],
            "reminder_days": list(self.reminder_days),
            "confirmed": self.is_confirmed,
            "to_check": list(self.to_check),
            "inputs": self.inputs.as_json(),
        }
