"""The results of trying a date without a case, as finished values."""

from dataclasses import dataclass
from datetime import date

from caseapp.deadlines.panels.working import Working, clock_of, working_of
from caseapp.records.deadline import Deadline
from caseapp.ui.display.rule_names import named


@dataclass(frozen=True)
class Answer:
    """The result of one rule."""

    what: str
    act_by: date | None
    due_on: date | None
    due_time: str
    opens_on: date | None
    working: Working | None


def answers_of(found: tuple[Deadline, ...]) -> tuple[Answer, ...]:
    """Return each deadline as a result with its working."""
    return tuple(
        Answer(
            what=named(deadline.what),
            act_by=deadline.act_by,
            due_on=deadline.due_on,
            due_time=clock_of(deadline.due_minute),
            opens_on=deadline.opens_on,
            working=working_of(deadline),
        )
        for deadline in found
    )
