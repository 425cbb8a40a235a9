"""A deadline that a member adds from a rule: the rule, its dates, who is responsible, and where the dates come from."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import office_law
from caseapp.casefile.transaction import case_transaction
from caseapp.deadlines.services import starts as clocks
from caseapp.deadlines.services.triggers import DeadlineStart
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.records.deadline import Deadline
from caseapp.records.party import Party


@dataclass(frozen=True, kw_only=True)
class RuleDeadline:
    """A rule ("id" or "id@position") with its dates by event name, and to whom the new deadline belongs."""

    rule: str
    dates: Mapping[str, clocks.Moment]
    circumstances: clocks.Circumstances = clocks.ORDINARY
    owner: UUID | None = None
    parties: tuple[UUID, ...] = ()
    source: str = ""


def preview_rule_deadline(staff: Staff, wanted: RuleDeadline) -> Deadline:
    """Return the deadline as it would be saved, and store nothing. Raises Refused with the engine's sentence."""
    law = office_law.law_of(staff.keys)
    computed = clocks.compute_for_office(law, DeadlineStart(wanted.rule, ""), wanted.dates, wanted.circumstances)
    urgent = clocks.with_target_if_urgent(law, computed, wanted.rule, clock.today(staff.zone))
    return replace(urgent, owner=wanted.owner, parties=wanted.parties, reason=wanted.source.strip())


def add_rule_deadline(staff: Staff, case_id: UUID, wanted: RuleDeadline) -> UUID:
    """Add the deadline to the case and return its id. It follows changes of the law like any computed deadline.

    Raises Refused for dates that the rule cannot use, an owner outside the case's team, or a person of another case.
    """
    with case_transaction(staff, case_id) as draft:
        clocks.refuse_unknown_owner(staff, draft, wanted.owner)
        known = {entry.id for entry in draft.file.entries_of(Party)}
        if not known.issuperset(wanted.parties):
            raise Refused("parties", "Choose people of this case.")
        return draft.add(preview_rule_deadline(staff, wanted))
