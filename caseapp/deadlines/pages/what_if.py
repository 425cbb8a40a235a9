"""The results of trying a date without a case, as finished values."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from caseapp.deadlines.panels.expiry import describe_expiry
from caseapp.deadlines.panels.working import WorkingPanel, format_time, working_of
from caseapp.lib.partial_dates import PartialDate
from caseapp.records.deadline import Deadline
from caseapp.ui.display import date_texts
from caseapp.ui.display.rule_names import translate_deadline_name


@dataclass(frozen=True)
class WhatIfAnswer:
    """The result of one rule."""

    what: str
    act_by: date | None
    due_on: date | None
    due_time: str
    expiry: str
    opens_on: date | None
    working: WorkingPanel | None
    note: str = ""


def birth_answers(
    earliest: tuple[Deadline, ...], latest: tuple[Deadline, ...], born: PartialDate
) -> tuple[WhatIfAnswer, ...]:
    """Return the results for the first and for the last possible day of a birth whose day is not known."""
    first = _("If born on the first possible day, %(date)s") % {"date": date_texts.list_date(born.earliest)}
    last = _("If born on the last possible day, %(date)s") % {"date": date_texts.list_date(born.latest)}
    return (*what_if_answers(earliest, first), *what_if_answers(latest, last))


def what_if_answers(deadlines: tuple[Deadline, ...], note: str = "") -> tuple[WhatIfAnswer, ...]:
    """Return each deadline as a result with its working."""
    return tuple(
        WhatIfAnswer(
            what=translate_deadline_name(deadline.what),
            act_by=deadline.act_by,
            due_on=deadline.due_on,
            due_time=format_time(deadline.due_minute),
            expiry=describe_expiry(deadline),
            opens_on=deadline.opens_on,
            working=working_of(deadline),
            note=note,
        )
        for deadline in deadlines
    )
