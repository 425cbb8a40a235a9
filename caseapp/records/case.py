"""Record shape of a case and the codes its fields use. Labels are translated where they are shown."""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from caseapp.vault.registry import Record, keep_fields, record_kind

# Stored codes. `uscis`: affirmative, before USCIS; `on_appeal`: before the BIA; `in_court`: older cases, whose hearing
# is not known to be a master or an individual one.
STAGES = (
    "intake", "advice", "nta_not_filed", "uscis", "in_court", "master", "individual", "decision_reserved", "on_appeal",
    "petition_for_review", "final_order", "post_order", "admin_closed", "closed",
    "prefecture", "administrative_court", "ofpra", "cnda",
)  # fmt: skip
# Stages and relief that belong to the law of one pack; the others are for every office.
STAGES_OF_PACK = {
    "us-federal": frozenset(STAGES[STAGES.index("nta_not_filed") : STAGES.index("closed")]),
    "france": frozenset(("prefecture", "administrative_court", "ofpra", "cnda")),
}
RELIEF_OF_PACK = {
    "us-federal": frozenset(
        ("withholding", "cat", "cancellation", "sij", "u", "t", "vawa", "family", "tps", "daca"),
    ),
}
# Relief of which others must not learn: VAWA, T and U (8 USC 1367), asylum (8 CFR 208.6).
RESTRICTED_RELIEF = frozenset(("vawa", "t", "u", "asylum"))
BEFORE_COURT = ("intake", "advice", "nta_not_filed", "uscis")
IN_COURT = ("in_court", "master", "individual")  # the court owes the case a next date
# No date is expected: the list "No next date" leaves these out.
WITHOUT_DATE = ("decision_reserved", "final_order", "post_order", "admin_closed")
STAGE_QUESTIONS = ("granted", "denied", "terminated", "final_order", "other_decision")
CLOSE_CODES = ("granted", "denied", "advised", "referred", "withdrew", "moved", "lost_contact", "died", "other")


@record_kind(1, schema=3, upgrades={1: keep_fields, 2: keep_fields})
class Case(Record, kw_only=True, frozen=True, omit_defaults=True):
    """Facts about a case as a whole. `ref` is five characters without look-alikes, safe to say aloud."""

    ref: str
    stage: str = "intake"  # one of STAGES
    relief: tuple[str, ...] = ()  # asylum, withholding, cat, cancellation, sij, u, t, vawa, family, tps, daca, other
    programme: str = ""
    funder: str = ""
    service_level: str = ""
    lead: UUID | None = None  # member
    team: tuple[UUID, ...] = ()
    review_on: dt.date | None = None
    retain_until: dt.date | None = None
    close_code: str = ""
    closed_on: dt.date | None = None
    opened_on: dt.date | None = None
    # Added later: each has a default, so that older records still decode.
    hold_reason: str = ""  # legal hold: the case is not destroyed while this is set
    held_by: UUID | None = None
    held_on: dt.date | None = None
    stage_question: str = ""  # one of STAGE_QUESTIONS, until a person chooses the stage
    # Added in schema 3.
    title: str = ""  # the name of the matter in another system
    status_text: str = ""  # the office's own word for the state of the case
    court_numbers: tuple[str, ...] = ()  # docket and cause numbers
    receipts: tuple[str, ...] = ()  # receipt numbers of filings: three letters and ten digits, or as typed
    referred_by: str = ""
    declined_on: dt.date | None = None
    decline_reason: str = ""
    other_facts: tuple[tuple[str, str], ...] = ()  # (heading, value) of an import's columns without a field


def is_restricted(relief: Iterable[str]) -> bool:
    """Return whether a case with this relief opens restricted to its own team, until a member widens it."""
    return not RESTRICTED_RELIEF.isdisjoint(relief)
