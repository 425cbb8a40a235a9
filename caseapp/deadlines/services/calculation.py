"""Deadline records made from the rule engine's computation.

These functions return new records; the callers add them to a case.
"""

import datetime as dt
from collections.abc import Iterable, Mapping

import msgspec

from caseapp import rules
from caseapp.casefile.reminder_plans import reminder_ladder
from caseapp.lib.errors import Refused
from caseapp.records.deadline import Deadline, Step, StoredSentence, Working

Moment = dt.date | dt.datetime


def compute_deadline(
    rule: str,
    events: Mapping[str, Moment],
    options: rules.Options,
    *,
    cautions: Iterable[rules.Sentence] = (),
    book: rules.Rulebook | None = None,
) -> Deadline:
    """Return a deadline with its whole working. Raises Refused with the rule engine's sentence on bad input.

    rule     a rule's id, or "id@position"
    options  with the zone, and the court and judge that receive the filing: their closures and standing orders in
             `book` are used
    book     the office's law; None: the standard packs
    """
    try:
        computed = rules.compute(rule, events, options, book=book)
    except rules.RuleError as exc:
        raise Refused("rule", str(exc)) from exc
    return deadline_from_computed(computed, cautions=cautions)


def deadline_from_computed(computed: rules.Computation, *, cautions: Iterable[rules.Sentence] = ()) -> Deadline:
    """Return the deadline record of an engine result; `cautions` are placed before the engine's own warnings."""
    warnings = (*cautions, *computed.warnings)
    working = Working(
        rule=computed.rule,
        version=computed.version,
        what=computed.what,
        citation=computed.citation,
        state=computed.state,
        events={name: _iso_text(moment) for name, moment in computed.inputs.events.items()},
        inputs=computed.inputs.as_json(),
        position=computed.position or "",
        due_on=_iso_text(computed.due_on),
        act_by=_iso_text(computed.act_by),
        opens_on=_iso_text(computed.opens_on),
        steps=tuple(map(_stored_step, computed.steps)),
        warnings=tuple(map(rules.render_english, warnings)),
        warning_sentences=stored_sentences(warnings),
        others=tuple(
            (o.position, _iso_text(o.due_on), o.citation, rules.render_english(o.sentence)) for o in computed.others
        ),
        other_sentences=stored_sentences(other.sentence for other in computed.others),
    )
    return Deadline(
        what=computed.what,
        severity=computed.severity,
        duty=stored_duty(computed.duty),
        reminder_days=own_reminder_days(computed.reminder_days, computed.severity, computed.duty),
        due_on=_date_part(computed.due_on),
        act_by=_date_part(computed.act_by),
        opens_on=_date_part(computed.opens_on),
        due_minute=_iso_text(computed.due_on) if isinstance(computed.due_on, dt.datetime) else "",
        working=working,
    )


def stored_dates(dates: rules.ComputedDates) -> tuple[str, str, str]:
    """Return legal deadline, internal deadline and first day as a deadline stores them; "" for a missing one."""
    act_by, opens_on = _date_part(dates.act_by), _date_part(dates.opens_on)
    return (
        _iso_text(dates.due_on),
        act_by.isoformat() if act_by else "",
        opens_on.isoformat() if opens_on else "",
    )


def stored_duty(duty: str) -> str:
    """Return a rule's duty as a record stores it: "" for our own."""
    return "" if duty == "ours" else duty


def own_reminder_days(days: tuple[int, ...], severity: str, duty: str) -> tuple[int, ...]:
    """Return the reminder days of a rule or an office's pack as a record stores them: () for those of the ladder."""
    is_default = days == reminder_ladder.rungs_for(severity, duty=duty)["owner"].days
    return () if is_default else days


def stored_sentences(sentences: Iterable[rules.Sentence]) -> tuple[StoredSentence, ...]:
    """Return sentences of the engine as a record stores them."""
    return tuple(
        StoredSentence(code=sentence.code, values=msgspec.to_builtins(sentence.values)) for sentence in sentences
    )


def _stored_step(step: rules.ComputationStep) -> Step:
    return Step(
        name=step.name,
        text=rules.render_english(step),
        on=_iso_text(step.on),
        citation=step.citation,
        code=step.code,
        values=msgspec.to_builtins(step.values),
    )


def _iso_text(moment: Moment | None) -> str:
    """Return a date, or an instant to the minute, as ISO text; empty for None."""
    if moment is None:
        return ""
    return moment.isoformat(timespec="minutes") if isinstance(moment, dt.datetime) else moment.isoformat()


def _date_part(moment: Moment | None) -> dt.date | None:
    """Return the date of a date or instant; None for None."""
    return moment.date() if isinstance(moment, dt.datetime) else moment
