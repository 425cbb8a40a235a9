"""Deadline records: made from a rule's computation or by hand, checked, done, waived, superseded.

These functions answer new records; putting them into a case is casework's part.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from msgspec.structs import replace

from caseapp import rules
from caseapp.deadlines.records import Check, Deadline, Step, Working
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
    zone: str,
    caution: str = "",
) -> Deadline:
    """A deadline with its whole working. Raises Refused with the rule engine's sentence on bad input."""
    try:
        computed = rules.compute(
            rule,
            events,
            by_mail=by_mail,
            electronic=electronic,
            position=position,
            closures=tuple(closures),
            zone=zone,
        )
    except rules.RuleError as exc:
        raise Refused("rule", str(exc)) from exc
    working = Working(
        rule=computed.rule,
        version=computed.version,
        what=computed.what,
        citation=computed.citation,
        state=computed.state,
        events={name: _iso(moment) for name, moment in events.items()},
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


def done(deadline: Deadline, *, by: UUID, on: dt.date) -> Deadline:
    """Raises Refused unless it is open."""
    return _closed(deadline, "done", by=by, on=on, reason=deadline.reason)


def waived(deadline: Deadline, *, by: UUID, on: dt.date, reason: str) -> Deadline:
    """Raises Refused without a reason or unless it is open."""
    if not reason.strip():
        raise Refused("reason", "Say why this deadline no longer binds.")
    return _closed(deadline, "waived", by=by, on=on, reason=reason)


def superseded(deadline: Deadline, *, by: UUID, on: dt.date, instead: UUID | None) -> Deadline:
    """The start of this deadline was replaced; it stays visible."""
    return replace(deadline, state="superseded", closed_by=by, closed_on=on, superseded_by=instead)


def reopened(deadline: Deadline) -> Deadline:
    """Undo of done or waived."""
    return replace(deadline, state="open", closed_by=None, closed_on=None, superseded_by=None)


def moved(deadline: Deadline, *, to: dt.date | None, target: dt.date | None, reason: str) -> Deadline:
    """Our own date beside the computed one, which stays visible. Raises Refused without a reason."""
    if to is not None and not reason.strip():
        raise Refused("reason", "Say why the date changes. The computed date stays in view.")
    return replace(deadline, moved_to=to, own_target_on=target, reason=reason or deadline.reason)


def checked(deadline: Deadline, *, by: UUID, at: dt.datetime, same: bool) -> Deadline:
    """A second person worked it out too. Raises Refused for whoever entered it."""
    if by == deadline.entered_by:
        raise Refused("second_person", "A second person checks a date, not the one who entered it.")
    others = tuple(check for check in deadline.checks if check.by != by)
    return replace(deadline, checks=(*others, Check(by=by, at=at, same=same)))


def _closed(deadline: Deadline, state: str, *, by: UUID, on: dt.date, reason: str) -> Deadline:
    if deadline.state != "open":
        raise Refused("closed", "This deadline is already closed.")
    return replace(deadline, state=state, closed_by=by, closed_on=on, reason=reason)


def _iso(moment: Moment | None) -> str:
    if moment is None:
        return ""
    return moment.isoformat(timespec="minutes") if isinstance(moment, dt.datetime) else moment.isoformat()


def _day(moment: Moment | None) -> dt.date | None:
    return moment.date() if isinstance(moment, dt.datetime) else moment
