"""The results of trying a date without a case, as finished values."""

from dataclasses import dataclass
from datetime import date

from caseapp.deadlines.panels.working import WorkingPanel, format_time, working_of
from caseapp.records.deadline import Deadline
from caseapp.ui.display.rule_names import translate_deadline_name


@dataclass(frozen=True)
class WhatIfAnswer:
    """The result of one rule."""

    what: str
    act_by: date | None
    due_on: date | None
    due_time: str
    opens_on: date | None
    working: WorkingPanel | None


def what_if_answers(deadlines: tuple[Deadline, ...]) -> tuple[WhatIfAnswer, ...]:
    """Return each deadline as a result with its working."""
    return tuple(
        WhatIfAnswer(
            what=translate_deadline_name(deadline.what),
            act_by=deadline.act_by,
            due_on=deadline.due_on,
            due_time=format_time(deadline.due_minute),
            opens_on=deadline.opens_on,
            working=working_of(deadline),
        )
        for deadline in deadlines
    )
