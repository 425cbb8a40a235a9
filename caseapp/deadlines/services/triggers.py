"""The rules that each event of a case starts, by the case's own words. The rules are defined in the packs only."""

from typing import NamedTuple

from caseapp import rules


class Start(NamedTuple):
    """A rule to compute, the rule's event that the date feeds, a caution to show, and the event's name in the packs."""

    rule: str
    event: str
    caution: str = ""
    of: str = ""


def _of(event: str, *only: str) -> tuple[Start, ...]:
    """Return the rules that an event of the packs starts, or only the named ones.

    An event missing from the packs raises LookupError when the program starts: better than a deadline that never
    begins.
    """
    started = tuple(Start(start.rule, start.on, start.caution, event) for start in rules.starts(event))
    wanted = tuple(start for start in started if not only or start.rule in only)
    if not wanted:
        raise LookupError(f"the packs start nothing on {event}")
    return wanted


LAST_ARRIVAL = _of("last_arrival")

BOOKED = {
    "master": _of("hearing_master"),
    "individual": _of("hearing_individual"),
    "bond": (),
    "other": (),
}

DECIDED = {
    "denied": _of("oral_decision_denied"),
    "in_absentia": _of("in_absentia_order"),
    "voluntary_departure": _of("voluntary_departure_at_end"),
    "bond_denied": _of("bond_denied"),
    "bond_granted": _of("bond_granted"),
    "granted": _of("relief_granted"),
    "terminated": (),
    "other": (),
}

NOTICES = {
    "rfe": _of("rfe_notice"),
    "noid": _of("noid_notice"),
    "uscis_denial": _of("uscis_denial"),
    "judge_decision_mailed": _of("decision_mailed_denied"),
    "judge_decision_electronic": _of("decision_electronic_denied"),
    "board_decision": _of("board_decision"),
    "opponent_filing": _of("opponent_filing"),
    "detained": _of("detention"),
    "released": _of("release"),
    "asylum_filed": _of("asylum_filed"),
    "asylum_granted": _of("asylum_granted"),
    "other": (),
}

# A change of address is filed with every authority where something is pending, which depends on the case's stage.
ADDRESS = {
    "in_court": _of("address_change", "us.eoir.address.court"),
    "on_appeal": _of("address_change", "us.eoir.address.court", "us.eoir.address.board"),
}
ADDRESS_ALWAYS = _of("address_change", "us.uscis.ar11")
