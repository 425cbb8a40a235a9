"""The reminder ladder: on which days before a date which member is reminded. The only place that says so.

Reminder plans, previews, Today, the settings page and the simulated year ask this module. A rule's own reminder days
take the place of the owner's rung; the other rungs stay.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

Kind = Literal["fatal", "serious", "routine", "opens", "watch", "hearing"]
Role = Literal["owner", "lead", "supervisor", "admin"]


class Rung(NamedTuple):
    """The reminders of one role.

    days         days before the date; a negative number is a day after it
    urgent_from  from how many days before the date on they are urgent; None: they never are
    repeated     on this many working days after the date while it is open, until the next stretch is planned
    """

    days: tuple[int, ...]
    urgent_from: int | None = None
    repeated: int = 0


Rungs = Mapping[Role, Rung]
# Days of a deadline: shared decisions, 16. The owner is the person responsible, of a hearing the person appearing.
LADDER: Mapping[Kind, Rungs] = {
    "fatal": {
        "owner": Rung((60, 30, 14, 7, 3, 1, 0), urgent_from=7),
        "lead": Rung((3,), urgent_from=3),
        "supervisor": Rung((1,), urgent_from=1),
        "admin": Rung((0,), urgent_from=0, repeated=10),
    },
    "serious": {
        "owner": Rung((30, 14, 7, 3, 1), urgent_from=1),
        "lead": Rung((3,), urgent_from=3),
        "supervisor": Rung((1,), urgent_from=1),
        "admin": Rung((0,), urgent_from=0, repeated=10),
    },
    "routine": {"owner": Rung((14, 3), urgent_from=-1)},  # urgent only when it is entered after its day
    "opens": {"owner": Rung((7, 0))},  # the first day of a window
    "watch": {"owner": Rung((0,))},  # a date of the other side: once, and never of more members
    "hearing": {"owner": Rung((14, 7, 3, 1), urgent_from=1), "lead": Rung((14, 7, 3, 1), urgent_from=1)},
}


def rungs_for(severity: str, *, duty: str = "", is_window: bool = False, own_days: tuple[int, ...] = ()) -> Rungs:
    """Return the rungs of a deadline.

    severity   fatal, serious or routine
    duty       "watch" for a date of the other side
    is_window  it only opens: there is no day by which to act
    own_days   the rule's own reminder days; () for those of the ladder
    """
    kind: Kind = "watch" if duty == "watch" else "opens" if is_window else _kind_of(severity)
    rungs = LADDER[kind]
    return {**rungs, "owner": rungs["owner"]._replace(days=own_days)} if own_days else rungs


def is_escalated(rungs: Rungs) -> bool:
    """Return True when more members than the owner are reminded."""
    return len(rungs) > 1


def days_of(rungs: Rungs, *roles: Role) -> frozenset[int]:
    """Return the days before the date on which a member with these roles is reminded."""
    return frozenset(day for role in roles if role in rungs for day in rungs[role].days)


def default_days(severity: str) -> tuple[int, ...]:
    """Return the owner's days for a consequence: what a rule without days of its own has."""
    return LADDER[_kind_of(severity)]["owner"].days


def widest_days() -> frozenset[int]:
    """Return every number of days before a deadline that the ladder knows."""
    deadlines = [rungs for kind, rungs in LADDER.items() if kind != "hearing"]
    return frozenset(day for rungs in deadlines for rung in rungs.values() for day in rung.days)


def _kind_of(severity: str) -> Kind:
    """Return the kind of a consequence; an unknown one counts as serious."""
    match severity:
        case "fatal":
            return "fatal"
        case "routine":
            return "routine"
        case _:
            return "serious"
