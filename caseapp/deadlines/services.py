"""Deadline records: made from a rule's computation or by hand, checked, done, waived, superseded.

These functions answer new records; putting them into a case is casework's part.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from msgspec.structs import replace

from caseapp import rules
from caseapp.deadlines.records import Check, Deadline, Seen, Step, Working
from caseapp.lib.errors import Refused

Moment = dt.date | dt.datetime


def compute(
    rule: str,
    events: Mapping[str, Moment],
    *,
    by_mail: bool = False,
    electronic: bool = True,
    position: str | None = None,
    closures: Sequence[dt.date] = (),
    clock_stops: Sequence[tuple[dt.date, dt.date]] = (),
    zone: str,
    caution: str = "",
    court: str = "",
    judge: str = "",
    book: rules.Rulebook | None = None,
) -> Deadline:
    """A deadline with its whole working. Raises Refused with the rule engine's sentence on bad input.

    rule          a rule's id, or "id@position"
    court, judge  where the act is due: closures and standing orders of `book` that fit are used
    book          the office's law; None: the packs as they come
    """
    try:
        computed = rules.compute(
            rule,
            events,
            by_mail=by_mail,
            electronic=electronic,
            position=position,
            closures=tuple(closures),
            clock_stops=tuple(clock_stops),
            zone=zone,
            court=court,
            judge=judge,
            book=book,
        )
    except rules.RuleError as exc:
        raise Refused("rule", str(exc)) from exc
    return of_computed(computed, caution=caution)


def of_computed(computed: rules.Computed, *, caution: str = "") -> Deadline:
    """What the engine answered, as a record; `caution` is said before its own warnings."""
    working = Working(
        rule=computed.rule,
        version=computed.version,
        what=computed.what,
        citation=computed.citation,
        state=computed.state,
        events={name: _iso(moment) for name, moment in computed.inputs.events.items()},
        inputs=computed.as_json()["inputs"],
        position=computed.position or "",
        due_on=_iso(computed.due_on),
        act_by=_iso(computed.act_by),
        opens_on=_iso(computed.opens_on),
        steps=tuple(
            Step(name=step.name, text=step.text, on=_iso(step.on), citation=step.citation) for step in computed.steps
        ),
        warnings=(*((caution,) if caution else ()), *computed.warnings),
        others=tuple((o.position, _iso(o.due_on), o.citation, o.text) for o in computed.others),
    )
    return Deadline(
        what=computed.what,
        severity=computed.severity,
        due_on=_day(computed.due_on),
        act_by=_day(computed.act_by),
        opens_on=_day(computed.opens_on),
        due_minute=_iso(computed.due_on) if isinstance(computed.due_on, dt.datetime) else "",
        working=working,
    )


def by_hand(*, what: str, due_on: dt.date, severity: str, reason: str) -> Deadline:
    """A date that somebody read from a paper or set; `reason` says which. Raises Refused without a reason."""
    if not reason.strip():
        raise Refused("reason", "Say where this date comes from, for example the order or the notice.")
    return Deadline(what=what, severity=severity, due_on=due_on, act_by=due_on, reason=reason)


def done(deadline: Deadline, *, by: UUID, on: dt.date, document: UUID | None = None, note: str = "") -> Deadline:
    """It was done; a paper of the case or a note shows it. Raises Refused unless open; a fatal one needs the proof."""
    if deadline.severity == "fatal" and document is None and not note.strip():
        raise Refused(
            "proof_note", "Rights are lost if this date passes: choose the paper that shows it was done, or say how."
        )
    closed = _closed(deadline, "done", by=by, on=on)
    return replace(closed, proof_document=document, proof_note=note.strip())


def waived(deadline: Deadline, *, by: UUID, on: dt.date, reason: str) -> Deadline:
    """Raises Refused without a reason or unless it is open."""
    if not reason.strip():
        raise Refused("reason", "Say why this deadline no longer binds.")
    return replace(_closed(deadline, "waived", by=by, on=on), closed_reason=reason.strip())


def superseded(deadline: Deadline, *, by: UUID, on: dt.date, instead: UUID | None) -> Deadline:
    """The start of this deadline was replaced; it stays visible."""
    return replace(deadline, state="superseded", closed_by=by, closed_on=on, superseded_by=instead)


def reopened(deadline: Deadline) -> Deadline:
    """It binds after all. Raises Refused unless it was done or waived: a newer date stands for a replaced one."""
    if deadline.state not in {"done", "waived"}:
        raise Refused("state", "Only a deadline that was done or waived can be opened again.")
    return replace(
        deadline, state="open", closed_by=None, closed_on=None, closed_reason="", proof_document=None, proof_note=""
    )


def moved(
    deadline: Deadline, *, to: dt.date | None, target: dt.date | None, reason: str, by: UUID | None = None
) -> Deadline:
    """Our own date beside the computed one, which stays visible; `to` None goes back to it.

    by      who chose it; None where a paper's printed date did
    Raises  Refused without a reason, or unless it is open
    """
    if deadline.state != "open":
        raise Refused("state", "This deadline is already closed.")
    if to is not None and not reason.strip():
        raise Refused("reason", "Say why the date changes. The computed date stays in view.")
    changed = to is not None
    return replace(
        deadline,
        moved_to=to,
        own_target_on=target,
        moved_by=by if changed else None,
        moved_reason=reason.strip() if changed else "",
    )


def day_to_act(deadline: Deadline) -> dt.date | None:
    """The day it is listed under: a person's own date, else our safe day or the rule's last day.

    Where no period runs (act at once) it is our own target. None for a window that merely opens.
    """
    return deadline.moved_to or deadline.act_by or deadline.due_on or deadline.own_target_on


def days_of(deadline: Deadline) -> tuple[dt.date, ...]:
    """The days that stand for it: our safe day, the last day by the rule, for a window its first day."""
    days = tuple(day for day in (deadline.act_by, deadline.due_on) if day)
    return tuple(dict.fromkeys(days)) or ((deadline.opens_on,) if deadline.opens_on else ())


def checked(deadline: Deadline, *, by: UUID, at: dt.datetime, on: dt.date | None = None) -> Deadline:
    """A second person worked it out too and came to `on` (None: the same date). A differing date is kept.

    Raises Refused for whoever entered it, or for a deadline that has no date to compare.
    """
    if by == deadline.entered_by:
        raise Refused("second_person", "A second person checks a date, not the one who entered it.")
    days = days_of(deadline)
    if not days:
        raise Refused("on", "This deadline has no date to compare with.")
    others = tuple(check for check in deadline.checks if check.by != by)
    told = Check(by=by, at=at, same=on is None or on in days, on=on or days[0])
    return replace(deadline, checks=(*others, told))


def differing(deadline: Deadline) -> tuple[Check, ...]:
    """Checks that came to another date than the one that stands."""
    return tuple(check for check in deadline.checks if not _agrees(deadline, check))


def is_checked(deadline: Deadline) -> bool:
    """Somebody else came to the date that stands, and nobody to another one."""
    return bool(deadline.checks) and not differing(deadline)


def _agrees(deadline: Deadline, check: Check) -> bool:
    # The date may have been computed anew since: what counts is the day the person came to.
    return check.same if check.on is None else check.on in days_of(deadline)


def saw(deadline: Deadline, *, by: UUID, on: dt.date) -> Deadline:
    """This person knows of it since `on`. Seen is not done: escalation goes on."""
    if any(seen.by == by for seen in deadline.seen):
        return deadline
    return replace(deadline, seen=(*deadline.seen, Seen(by=by, on=on)))


def _closed(deadline: Deadline, state: str, *, by: UUID, on: dt.date) -> Deadline:
    if deadline.state != "open":
        raise Refused("closed", "This deadline is already closed.")
    return replace(deadline, state=state, closed_by=by, closed_on=on)


def _iso(moment: Moment | None) -> str:
    if moment is None:
        return ""
    return moment.isoformat(timespec="minutes") if isinstance(moment, dt.datetime) else moment.isoformat()


def _day(moment: Moment | None) -> dt.date | None:
    return moment.date() if isinstance(moment, dt.datetime) else moment
