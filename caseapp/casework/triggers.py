"""Which clocks an event starts (shared law, "Dependent events"). Rule ids only; the law itself is in the packs.

Each item: (rule, the pack's event the date feeds, one sentence when the start needs a caution).
"""

from typing import NamedTuple


class Start(NamedTuple):
    """A rule to compute, the event its date stands for, and what to say about it."""

    rule: str
    event: str
    caution: str = ""


LAST_ARRIVAL = (Start("us.asylum.one_year", "last_arrival"),)

BOOKED = {
    "master": (Start("us.eoir.master.filings", "hearing"),),
    "individual": (Start("us.eoir.individual.filings", "hearing"),),
    "bond": (),
    "other": (),
}

NOT_YET_FINAL = (
    "Counted from the decision itself, the most cautious reading. If an appeal is filed, the order becomes final later."
)

DECIDED = {
    "denied": (
        Start("us.bia.appeal", "oral_decision"),
        Start("us.ij.reconsider", "order_final", NOT_YET_FINAL),
        Start("us.ij.reopen", "order_final", NOT_YET_FINAL),
    ),
    "in_absentia": (
        Start("us.ij.reopen.absentia.exceptional", "in_absentia_order"),
        Start("us.ij.reopen", "order_final"),
        Start("us.ij.reconsider", "order_final"),
    ),
    "voluntary_departure": (
        Start("us.vd.bond", "order"),
        Start("us.vd.post", "order", "The date in the order controls: enter it if it is earlier."),
        Start("us.bia.appeal", "oral_decision"),
    ),
    "bond_denied": (Start("us.eoir.bond.appeal", "oral_decision"),),
    "granted": (Start("us.uscis.i730", "asylum_granted", "Only if asylum was granted."),),
    "bond_granted": (),
    "terminated": (),
    "other": (),
}

NOTICES = {
    "rfe": (Start("us.uscis.rfe", "notice_date"),),
    "noid": (Start("us.uscis.noid", "notice_date"),),
    "uscis_denial": (Start("us.uscis.appeal", "decision_date"),),
    "judge_decision_mailed": (
        Start("us.bia.appeal", "decision_mailed"),
        Start("us.ij.reconsider", "order_final", NOT_YET_FINAL),
        Start("us.ij.reopen", "order_final", NOT_YET_FINAL),
    ),
    "judge_decision_electronic": (
        Start("us.bia.appeal", "decision_received_electronically"),
        Start("us.ij.reconsider", "order_final", NOT_YET_FINAL),
        Start("us.ij.reopen", "order_final", NOT_YET_FINAL),
    ),
    "board_decision": (
        Start("us.ca.pfr", "order_final"),
        Start("us.bia.reconsider", "decision_mailed"),
        Start("us.bia.reopen", "order_final"),
    ),
    "opponent_filing": (Start("us.eoir.response", "filing_received_by_court"),),
    "other": (),
}

# A change of address goes to every body where something is pending; which ones, the case's stage tells.
ADDRESS = {
    "in_court": (Start("us.eoir.address.court", "address_change"),),
    "on_appeal": (
        Start("us.eoir.address.board", "address_change"),
        Start("us.eoir.address.court", "address_change"),
    ),
}
ADDRESS_ALWAYS = (Start("us.uscis.ar11", "address_change"),)
