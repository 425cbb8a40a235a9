"""Result of a computation: dates, a working a person can check by hand, and other arguable dates."""

import datetime as dt

from msgspec import Struct

from caseapp.rules.terms.inputs import Inputs
from caseapp.rules.terms.pack import Duty
from caseapp.rules.terms.sentence import Sentence, Values
from caseapp.rules.terms.words import Moment, to_iso


class ComputationStep(Struct, frozen=True):
    """A line of the working: what happens in it is a code with values, see `explain.sentences`.

    `name` is one of Starts, Paper, Rule, Position, Count, Stop, Mail, Franc, Opens, Moved, Not moved, Closure, Caution,
    Result.
    """

    name: str
    code: str
    values: Values = {}
    on: Moment | None = None
    citation: str = ""

    @property
    def sentence(self) -> Sentence:
        return Sentence(self.code, self.values)


class AlternativeDate(Struct, frozen=True):
    """A date that could also be argued, and why. `position` is the id of the reading."""

    position: str
    due_on: Moment
    citation: str
    sentence: Sentence


class ComputedDates(Struct, frozen=True):
    """The dates of one computation, as those of `Computation`, without its working."""

    due_on: Moment | None
    act_by: Moment | None
    opens_on: dt.date | None

    def as_text(self) -> dict[str, str]:
        """Return the known dates as ISO text; a rule that only opens has only `opens_on`."""
        return _dates_as_text(self)


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
    warnings: tuple[Sentence, ...]
    others: tuple[AlternativeDate, ...]
    reminder_days: tuple[int, ...]
    inputs: Inputs
    duty: Duty = "ours"
    to_check: tuple[
        str, ...
    ] = ()  # texts no attorney of the office confirmed: "rule:us.ca.pfr", "order:...", "closure:..."

    @property
    def is_confirmed(self) -> bool:
        """Return whether an attorney of the office confirmed every text used."""
        return not self.to_check

    def dates_as_text(self) -> dict[str, str]:
        """Return the known dates as ISO text; a rule that only opens has only `opens_on`."""
        return _dates_as_text(self)


def _dates_as_text(dates: Computation | ComputedDates) -> dict[str, str]:
    texts = {"due_on": to_iso(dates.due_on), "act_by": to_iso(dates.act_by), "opens_on": to_iso(dates.opens_on)}
    return {name: text for name, text in texts.items() if text is not None}
