"""The rules that a hearing and an asylum filing start; the catalogue says what a notice starts (`rules.catalogue`)."""

from typing import NamedTuple

from caseapp import rules


class DeadlineStart(NamedTuple):
    """A rule to compute, the rule's event that the date feeds, a caution to show, and the event's name in the packs.

    `further` are cautions that follow the first one.
    """

    rule: str
    event: str
    caution: rules.Sentence | None = None
    pack_event: str = ""
    further: tuple[rules.Sentence, ...] = ()

    @property
    def cautions(self) -> tuple[rules.Sentence, ...]:
        """Return the cautions in their order."""
        return (*((self.caution,) if self.caution else ()), *self.further)


def start_from_pack(start: rules.RuleStart, event: str = "") -> DeadlineStart:
    """Return a start as the packs have it; `event` is the event's name in the packs."""
    caution = rules.pack_sentence(start.caution) if start.caution else None
    return DeadlineStart(start.rule, start.on, caution, event)


def _starts_for(event: str) -> tuple[DeadlineStart, ...]:
    """Return the rules that an event of the packs starts.

    An event missing from the packs raises LookupError when the program starts: better than a deadline that never
    begins.
    """
    started = tuple(start_from_pack(start, event) for start in rules.rule_starts_for(event))
    if not started:
        raise LookupError(f"the packs start nothing on {event}")
    return started


BOOKED = {
    "master": _starts_for("hearing_master"),
    "individual": _starts_for("hearing_individual"),
    "bond": (),
    "other": (),
}


def event_of_outcome(decision: str, pack: str) -> rules.CatalogueEvent | None:
    """Return the event of the catalogue that a decision is under the law of a pack; None if it is none there."""
    catalogue = rules.catalogue()
    event = catalogue.by_outcome.get(decision)
    return event if event is not None and catalogue.pack_of[event.id] == pack else None


ASYLUM_FILED = _starts_for("asylum_filed")
