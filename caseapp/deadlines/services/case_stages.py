"""The stage of a case follows facts: a court hearing sets it, and a decision asks a person for it."""

from msgspec.structs import replace

from caseapp.records.case import BEFORE_COURT, IN_COURT, Case
from caseapp.vault.store import Draft

HEARING_STAGES = {"master": "master", "individual": "individual"}
_AFTER_DECISION = {
    "granted": "granted",
    "asylum_granted": "granted",
    "relief_granted": "granted",
    "denied": "denied",
    "in_absentia": "final_order",
    "voluntary_departure": "final_order",
    "voluntary_departure_before": "final_order",
    "terminated": "terminated",
}
_AFTER_NOTICE = {
    "judge_decision_mailed": "denied",
    "judge_decision_electronic": "denied",
    "board_decision": "final_order",
    "board_dismissed": "final_order",
    "board_departure_reinstated": "final_order",
    "board_remanded": "other_decision",
    "board_sustained": "other_decision",
    "board_motion_granted": "other_decision",
    "order_final": "final_order",
    "reinstatement_order": "final_order",
    "administrative_removal_order": "final_order",
    "withholding_ended": "other_decision",
    "circuit_judgment": "other_decision",
    "asylum_granted": "granted",
    "asylum_referral": "other_decision",
    "u_granted": "granted",
    "t_granted": "granted",
}
COURT_KINDS = ("master", "individual", "bond", "other", "credible_fear_review", "reasonable_fear_review")
UNITED_STATES = "us-federal"  # the pack under which an immigration court decides


def is_before_court(kind: str, pack: str = UNITED_STATES) -> bool:
    """Return True for a kind of hearing before an immigration judge; False for interviews and appointments.

    pack  the pack whose law decides at the hearing: France has no immigration court
    """
    return kind in COURT_KINDS and pack == UNITED_STATES


def follow_hearing(draft: Draft, kind: str, pack: str = UNITED_STATES) -> None:
    """Set the stage that a booked hearing shows. A case past the court's decision keeps its own.

    A bond hearing or a fear review says nothing about the stage, and an appointment is not before the court.
    """
    entry = draft.file.get_only(Case)
    now, stage = entry.record.stage, HEARING_STAGES.get(kind)
    if kind == "other" and pack == UNITED_STATES:  # it tells that the case is before the court, not how far
        stage = "in_court" if now in BEFORE_COURT else None
    if stage and now in (*BEFORE_COURT, *IN_COURT) and now != stage:
        draft.change(entry.id, replace(entry.record, stage=stage))


def ask_for_stage(draft: Draft, what: str) -> None:
    """Ask the team which stage the case has now, after `what` (one of STAGE_QUESTIONS) was recorded."""
    entry = draft.file.get_only(Case)
    if entry.record.stage != "closed":
        draft.change(entry.id, replace(entry.record, stage_question=what))


def question_after_decision(decision: str) -> str:
    """Return the stage question (one of STAGE_QUESTIONS) that a judge's decision raises."""
    return _AFTER_DECISION.get(decision, "other_decision")


def ask_after_notice(draft: Draft, what: str) -> None:
    """Ask for the stage after a notice or event that may end one; nothing after any other."""
    if what in _AFTER_NOTICE:
        ask_for_stage(draft, _AFTER_NOTICE[what])
