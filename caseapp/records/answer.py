"""Record shapes of an intake and of screening answers, and the codes that they use."""

import datetime as dt
from uuid import UUID

import msgspec

from caseapp.vault.registry import Record, record_kind

INTAKE = "intake"  # the tree of the intake itself; any other is the id of a screening tree
SKIPPED = "skipped"  # stored answer of a question that the person chose to skip
STEPS = ("safety", "who", "conflict", "situation", "dates", "decision")
# Where an intake is in the queue; "provisional": decided while the conflict officer has not answered.
OPEN, WAITING, PROVISIONAL, DECIDED = "open", "waiting", "provisional", "decided"
STATES = (OPEN, WAITING, PROVISIONAL, DECIDED)
PRIORITIES = ("urgent", "soon", "ordinary")
FULL, LIMITED, ADVICE, REFER, DECLINE = "full", "limited", "advice", "refer", "decline"
DECISIONS = (FULL, LIMITED, ADVICE, REFER, DECLINE)
REPRESENTED = (FULL, LIMITED)
WITH_LETTER = (ADVICE, REFER, DECLINE)  # the person is not represented: a letter says so


class Waiting(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A place on the waiting list: since when, why, how urgent, and the day of the next contact."""

    since: dt.date
    reason: str = ""
    priority: str = "ordinary"  # one of PRIORITIES
    next_contact_on: dt.date | None = None


class IntakeDecision(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A decision about an intake. `conflict` is the conflict officer's answer as it was when it was decided.

    confirmed  False while it is provisional: the conflict officer has not answered, or answered after it
    consent    informed written consent is signed, where the conflict is waivable
    """

    what: str  # one of DECISIONS
    reason: str
    by: UUID
    on: dt.date
    scope: str = ""  # what a limited scope includes
    referred_to: str = ""
    conflict: str = ""
    consent: bool = False
    confirmed: bool = False


@record_kind(21, schema=1)
class Answer(Record, kw_only=True, frozen=True, omit_defaults=True):
    """Answers of an intake (`tree` is INTAKE), or of one screening tree.

    version  of the tree: the day that it is dated; `digest` is that of its text, which an attorney signs
    answers  question id to the id of a choice, SKIPPED, an ISO date or text
    stopped  the person chose to stop: no further question is asked
    steps    saved steps of an intake, each of STEPS
    """

    tree: str
    version: str = ""
    digest: str = ""
    party: UUID | None = None
    answers: dict[str, str] = msgspec.field(default_factory=dict)
    stopped: bool = False
    steps: tuple[str, ...] = ()
    began_on: dt.date | None = None
    waiting: Waiting | None = None
    decision: IntakeDecision | None = None

    @property
    def state(self) -> str:
        """Return where an intake is in the queue, one of STATES."""
        if self.decision is not None:
            return DECIDED if self.decision.confirmed else PROVISIONAL
        return WAITING if self.waiting is not None else OPEN
