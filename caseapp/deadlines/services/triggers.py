"""The rules that each event of a case starts, by the case's own words. The rules are defined in the packs only."""

from typing import NamedTuple

from caseapp import rules
from caseapp.records.case import IN_COURT


class DeadlineStart(NamedTuple):
    """A rule to compute, the rule's event that the date feeds, a caution to show, and the event's name in the packs."""

    rule: str
    event: str
    caution: rules.Sentence | None = None
    pack_event: str = ""


def start_from_pack(start: rules.RuleStart, event: str = "") -> DeadlineStart:
    """Return a start as the packs have it; `event` is the event's name in the packs."""
    caution = rules.pack_sentence(start.caution) if start.caution else None
    return DeadlineStart(start.rule, start.on, caution, event)


def _starts_for(event: str, *only: str) -> tuple[DeadlineStart, ...]:
    """Return the rules that an event of the packs starts, or only the named ones.

    An event missing from the packs raises LookupError when the program starts: better than a deadline that never
    begins.
    """
    started = tuple(start_from_pack(start, event) for start in rules.rule_starts_for(event))
    wanted = tuple(start for start in started if not only or start.rule in only)
    if not wanted:
        raise LookupError(f"the packs start nothing on {event}")
    return wanted


LAST_ARRIVAL = _starts_for("last_arrival")

BOOKED = {
    "master": _starts_for("hearing_master"),
    "individual": _starts_for("hearing_individual"),
    "bond": (),
    "other": (),
}

DECIDED = {
    "denied": _starts_for("oral_decision_denied"),
    "in_absentia": _starts_for("in_absentia_order"),
    "voluntary_departure": _starts_for("voluntary_departure_at_end"),
    "bond_denied": _starts_for("bond_denied"),
    "bond_granted": _starts_for("bond_granted"),
    "granted": _starts_for("relief_granted"),
    "terminated": (),
    "other": (),
}

NOTICES = {
    "rfe": _starts_for("rfe_notice"),
    "noid": _starts_for("noid_notice"),
    "asylum_noid": _starts_for("asylum_noid_notice"),
    "noir": _starts_for("noid_notice"),
    "uscis_denial": _starts_for("uscis_denial"),
    "uscis_revocation": _starts_for("uscis_revocation"),
    "judge_decision_mailed": _starts_for("decision_mailed_denied"),
    "judge_decision_electronic": _starts_for("decision_electronic_denied"),
    "board_decision": _starts_for("board_decision"),
    "opponent_filing": _starts_for("opponent_filing"),
    "detained": _starts_for("detention"),
    "released": _starts_for("release"),
    "asylum_filed": _starts_for("asylum_filed"),
    "asylum_granted": _starts_for("asylum_granted"),
    "other": (),
}

# A change of address is filed with every authority where something is pending, which depends on the case's stage.
_COURT_ADDRESS = _starts_for("address_change", "us.eoir.address.court")
ADDRESS = {
    **dict.fromkeys((*IN_COURT, "decision_reserved", "admin_closed"), _COURT_ADDRESS),
    "on_appeal": _starts_for("address_change", "us.eoir.address.court", "us.eoir.address.board"),
}
ADDRESS_ALWAYS = _starts_for("address_change", "us.uscis.ar11")
