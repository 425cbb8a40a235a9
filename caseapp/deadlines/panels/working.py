"""The numbered working of a deadline as finished values."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from caseapp.records.deadline import Deadline, Step
from caseapp.ui.display import labels, tags


@dataclass(frozen=True)
class WorkingStep:
    """One numbered line of `components/working.html`."""

    name: str
    what: str
    because: str
    on: date | None


@dataclass(frozen=True)
class ArguableDate:
    """A date that could also be argued."""

    on: date | None
    text: str
    citation: str


@dataclass(frozen=True)
class WorkingPanel:
    """The computation, with the version of the rule that applied when it was made."""

    steps: tuple[WorkingStep, ...]
    result: date | None
    result_note: str
    source: str
    warnings: tuple[str, ...]
    others: tuple[ArguableDate, ...]
    is_flux: bool
    is_manual: bool


def working_of(deadline: Deadline) -> WorkingPanel | None:
    """Return the numbered working, or None for a date set by hand."""
    kept = deadline.working
    if kept is None:
        return None
    act_by = parse_day(kept.act_by)
    due_on = parse_day(kept.due_on)
    note = ""
    if act_by and due_on and act_by != due_on:
        note = _("our safe day; the last day by the rule is %(date)s") % {"date": tags.day(due_on)}
    return WorkingPanel(
        steps=tuple(_working_step(step) for step in kept.steps),
        result=act_by or due_on or parse_day(kept.opens_on),
        result_note=note,
        source=f"{kept.citation} ({kept.rule}, {kept.version})",
        warnings=kept.warnings,
        others=tuple(ArguableDate(parse_day(due), text, citation) for _position, due, citation, text in kept.others),
        is_flux=kept.state == "flux",
        is_manual=kept.state == "manual",
    )


def _working_step(step: Step) -> WorkingStep:
    # The sentence already names its day.
    """Return a step without its date, because its sentence names the day already."""
    return WorkingStep(labels.label_of(labels.WORKING_STEPS, step.name), step.text, step.citation, None)


def parse_day(text: str) -> date | None:
    """Return the date of an ISO date or minute; None for an empty text."""
    return datetime.fromisoformat(text).date() if text else None


def format_time(minute: str) -> str:
    """Return `18:30` of an ISO minute; empty for an empty text."""
    return datetime.fromisoformat(minute).strftime("%-H:%M") if minute else ""
