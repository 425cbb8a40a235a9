"""The reading of a disputed rule that the office chose, as the page of a deadline shows it."""

from dataclasses import dataclass
from datetime import date

from caseapp.casefile import office_law
from caseapp.casefile.office_law import Law
from caseapp.records.deadline import Deadline
from caseapp.ui.display.colleagues import MemberNames
from caseapp.ui.display.law_texts import short_reading


@dataclass(frozen=True)
class ChosenReading:
    """The office's choice behind a deadline. `is_accepted`: the internal deadline of this case follows it too."""

    text: str
    who: str
    on: date
    reason: str
    is_accepted: bool


def chosen_reading(law: Law, deadline: Deadline, names: MemberNames) -> ChosenReading | None:
    """Return the office's reading behind an open deadline; None where the office chose none for its rule."""
    if deadline.working is None or deadline.state != "open":
        return None
    rule_id = deadline.working.rule
    position, choice = law.position_of(rule_id), law.office.position_choices.get(rule_id)
    if position is None or choice is None or deadline.working.inputs.get("position") != position:
        return None
    texts = {reading.id: short_reading(reading) for reading in office_law.disputed_readings(law.book, rule_id)}
    return ChosenReading(
        text=texts[position],
        who=names.get(choice.by, ""),
        on=choice.on,
        reason=choice.reason,
        is_accepted=bool(deadline.working.inputs.get("is_position_accepted")),
    )
