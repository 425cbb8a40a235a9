"""The decision about an intake, and the letter to a person whom the office does not represent."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import case_access, restriction
from caseapp.casefile.transaction import case_transaction
from caseapp.conflicts.panels import check_line
from caseapp.intake.services import intakes
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.records.answer import ADVICE, DECISIONS, DECLINE, FULL, LIMITED, REPRESENTED, IntakeDecision
from caseapp.records.case import Case, is_restricted
from caseapp.records.letter import Letter
from caseapp.records.party import Party
from caseapp.vault.store import Draft, SealedFile
from caseapp.vault.tenancy import office_transaction

NOT_ASKED, WAITING = "not_asked", "waiting"
CLEARED, WAIVABLE, NOT_WAIVABLE = "cleared", "waivable", "not_waivable"
# The office advises or represents the person: not against a conflict, and provisional until the answer is there.
NEEDS_ANSWER = (FULL, LIMITED, ADVICE)
DECIDE = "decide_intake"  # the permission


@dataclass(frozen=True, kw_only=True)
class NewDecision:
    """A decision as entered. `stage` is the case's stage from now on, where the office represents the person."""

    what: str
    reason: str
    stage: str = ""
    lead: UUID | None = None
    scope: str = ""
    referred_to: str = ""
    consent: bool = False


def decide(staff: Staff, case_id: UUID, new: NewDecision) -> None:
    """Decide an intake. The case file stays what it is: nothing is copied.

    A case of VAWA, T, U or asylum is restricted to its team first: if the decision is not saved, the case is narrower
    than before and never wider. Runs outside of a transaction.
    Raises Refused for what a conflict does not allow, NotFound for a member who does not decide intakes.
    """
    permissions.require(staff, DECIDE)
    with office_transaction(staff.org_id):
        file = case_access.open_case(staff.keys, case_id)
        conflict = current_answer(staff, file)
        _refuse_impossible(new, conflict)
        is_narrowed = is_restricted(file.get_only(Case).record.relief)
    if is_narrowed:
        restriction.restrict_to_team(staff, case_id, [new.lead] if new.lead else [])
    with case_transaction(staff, case_id) as draft:
        conflict = current_answer(staff, draft.file)
        _refuse_impossible(new, conflict)
        _store(draft, staff, new, conflict)


def confirm(staff: Staff, case_id: UUID) -> None:
    """Confirm a provisional decision after the conflict officer's answer. Raises Refused where it does not allow it."""
    permissions.require(staff, DECIDE)
    with case_transaction(staff, case_id) as draft:
        entry = intakes.intake_of(draft.file)
        decision = entry.record.decision if entry is not None else None
        if entry is None or decision is None:
            raise Refused("what", "This intake is not decided yet.")
        conflict = current_answer(staff, draft.file)
        new = NewDecision(what=decision.what, reason=decision.reason, consent=decision.consent)
        _refuse_impossible(new, conflict)
        if conflict not in {CLEARED, WAIVABLE}:
            raise Refused("what", "The conflict officer has not answered yet.")
        draft.change(entry.id, replace(entry.record, decision=replace(decision, conflict=conflict, confirmed=True)))


def current_answer(staff: Staff, file: SealedFile) -> str:
    """Return the state of the conflict check that counts: an answer about other names is waited for again.

    "Not waivable" counts in any case: a further name does not take a conflict away.
    """
    line = check_line(staff, file)
    return line.state if line.is_current or line.state in {NOT_ASKED, NOT_WAIVABLE} else WAITING


def record_letter(
    staff: Staff, case_id: UUID, *, template: str, language: str, text: str, how: str, certified_number: str = ""
) -> UUID:
    """Keep the letter as it was sent or handed over today. Return the id of its record.

    Raises Refused("how") for a letter by mail to an address that is not marked as safe.
    """
    with case_transaction(staff, case_id) as draft:
        person = intakes.client_of(draft.file)
        to = "" if how == "by_hand" else _safe_address(person.record)
        return draft.add(
            Letter(
                template=template,
                language=language,
                text=text,
                party=person.id,
                how=how,
                sent_on=clock.today(staff.zone),
                to=to,
                certified_number=certified_number,
            )
        )


def _safe_address(person: Party) -> str:
    addresses = [contact for contact in person.contacts if contact.way == "address" and contact.text.strip()]
    safe = next((contact.text for contact in addresses if contact.safe == "yes"), None)
    if safe is None:
        raise Refused("how", "No address is marked as safe for mail. Ask the person first, or hand the letter over.")
    return safe


def _refuse_impossible(new: NewDecision, conflict: str) -> None:
    if new.what not in DECISIONS:
        raise Refused("what", "Choose the decision.")
    if new.what not in NEEDS_ANSWER:
        return
    if conflict == NOT_WAIVABLE:
        raise Refused(
            "what", "The conflict officer answered: Not waivable. The office can refer or decline, and not represent."
        )
    if conflict == WAIVABLE and not new.consent:
        raise Refused("consent", "The conflict is waivable with informed written consent. Tick when it is signed.")


def _store(draft: Draft, staff: Staff, new: NewDecision, conflict: str) -> None:
    today = clock.today(staff.zone)
    intakes.change_intake(draft, staff, step=intakes.DECISION)
    entry = intakes.intake_of(draft.file)
    assert entry is not None
    decision = IntakeDecision(
        what=new.what,
        reason=new.reason,
        by=staff.member_id,
        on=today,
        scope=new.scope if new.what == LIMITED else "",
        referred_to=new.referred_to,
        conflict=conflict,
        consent=new.consent,
        confirmed=new.what not in NEEDS_ANSWER or conflict in {CLEARED, WAIVABLE},
    )
    draft.change(entry.id, replace(entry.record, decision=decision, waiting=None))
    case = draft.file.get_only(Case)
    draft.change(case.id, _decided_case(case.record, new, today))


def _decided_case(case: Case, new: NewDecision, today: dt.date) -> Case:
    """Return the case after the decision. A stage is chosen only where the office represents the person."""
    declined = {"declined_on": today, "decline_reason": new.reason} if new.what == DECLINE else {}
    kept = replace(case, **{"declined_on": None, "decline_reason": "", **declined})
    if new.what == ADVICE:
        return replace(kept, stage="advice")
    if new.what not in REPRESENTED:
        return replace(kept, stage="intake")
    lead = new.lead or case.lead
    team = case.team if lead is None or lead in case.team else (*case.team, lead)
    return replace(kept, stage=new.stage or case.stage, lead=lead, team=team)
