"""The law as data and a pure engine that computes a date and its working from a trigger.

No Django; usable as a library.

Not legal advice: an office's supervising attorney confirms every rule before it is used.
"""

import datetime as dt
from collections.abc import Mapping

from msgspec.structs import replace

from caseapp.rules.engine import computation as engine
from caseapp.rules.engine.asylum import CLOCK_STOPS, AsylumClock, ClockEntry, ClockStopReason, asylum_clock
from caseapp.rules.engine.positions import LONGEST_RECURRENCE
from caseapp.rules.explain.differences import explain_difference
from caseapp.rules.explain.recompute import Comparison, compare, find_unconfirmed, recompute, replay
from caseapp.rules.explain.rendering import render_english
from caseapp.rules.explain.stored import StoredText, computation_as_json, find_sentences_again, read_sentences
from caseapp.rules.packs import load_packs
from caseapp.rules.packs.catalogue import Catalogue, standard_catalogue
from caseapp.rules.packs.names import rule_name, short_rule_name, translate_rule_name
from caseapp.rules.packs.rulebook import Rulebook, standard
from caseapp.rules.terms import inputs
from caseapp.rules.terms.calendars import ClosedDay, public_holiday
from caseapp.rules.terms.catalogue import CatalogueEvent, EventQuestion, EventStart, PossibleStart, possible_starts
from caseapp.rules.terms.errors import RuleError
from caseapp.rules.terms.inputs import Options
from caseapp.rules.terms.office import (
    Confirmable,
    Confirmation,
    OfficeClosure,
    OfficePack,
    StandingOrder,
    write_office_pack,
)
from caseapp.rules.terms.pack import Follow, Reading, Rule, RuleStart
from caseapp.rules.terms.refusals import Unanswerable
from caseapp.rules.terms.result import AlternativeDate, Computation, ComputationStep, ComputedDates
from caseapp.rules.terms.sentence import (
    PackTextValue,
    Sentence,
    birth_in_part_sentence,
    pack_sentence,
    watch_sentence,
)
from caseapp.rules.terms.words import Moment

__all__ = [
    "CLOCK_STOPS",
    "LONGEST_RECURRENCE",
    "AlternativeDate",
    "AsylumClock",
    "Catalogue",
    "CatalogueEvent",
    "ClockEntry",
    "ClockStopReason",
    "ClosedDay",
    "Comparison",
    "Computation",
    "ComputationStep",
    "ComputedDates",
    "Confirmable",
    "Confirmation",
    "EventQuestion",
    "EventStart",
    "Follow",
    "Moment",
    "OfficeClosure",
    "OfficePack",
    "Options",
    "PossibleStart",
    "Reading",
    "Rule",
    "RuleError",
    "RuleStart",
    "Rulebook",
    "Sentence",
    "StandingOrder",
    "StoredText",
    "Unanswerable",
    "asylum_clock",
    "birth_in_part_sentence",
    "catalogue",
    "compare",
    "computation_as_json",
    "compute",
    "compute_dates",
    "event_meanings",
    "explain_difference",
    "find_sentences_again",
    "find_unconfirmed",
    "get_rule",
    "list_rules",
    "office_problems",
    "pack_sentence",
    "pack_version",
    "possible_starts",
    "public_holiday",
    "read_office_pack",
    "read_sentences",
    "recompute",
    "render_english",
    "replay",
    "rule_name",
    "rule_starts_for",
    "rules_started_by",
    "short_rule_name",
    "standard",
    "translate_rule_name",
    "unanswered_sentence",
    "watch_sentence",
    "write_office_pack",
]

STANDARD_OPTIONS = Options()


def compute(
    rule: str,
    events: Mapping[str, dt.date | dt.datetime],
    options: Options = STANDARD_OPTIONS,
    *,
    book: Rulebook | None = None,
) -> Computation:
    """Return the dates a rule gives, with the working.

    rule     a rule's id, or "id@position" for that reading only
    events   event name -> date, or instant (aware, or naive in the wall time of `options.zone`) for rules in hours;
             `printed_date` is the date printed on the notice (the only date of a manual rule)
    book     the standard rulebook (None) or `standard().with_office(...)`
    Raises   RuleError with a one-line message
    """
    law = book or standard()
    return engine.answer_question(law, rule, _gather_inputs(law, rule, events, options))


def compute_dates(
    rule: str,
    events: Mapping[str, dt.date | dt.datetime],
    options: Options = STANDARD_OPTIONS,
    *,
    book: Rulebook | None = None,
) -> ComputedDates:
    """Return the dates that `compute` gives for the same question, without the working: in a third of the time.

    Raises RuleError with a one-line message
    """
    law = book or standard()
    return engine.answer_with_dates(law, rule, _gather_inputs(law, rule, events, options))


def _gather_inputs(
    law: Rulebook, rule: str, events: Mapping[str, dt.date | dt.datetime], options: Options
) -> inputs.Inputs:
    if not isinstance(rule, str):
        raise RuleError("a rule is named by its id")
    rule_id, _, asked_for = rule.partition("@")
    if options is STANDARD_OPTIONS and law.office is None:
        return inputs.gather_events(events, law.pack_of(rule_id).zone, asked=asked_for or None)
    closures = (*inputs.normalise_closures(options.closures), *law.closed_days_for(options.court, options.region))
    zone = options.zone or law.pack_of(rule_id).zone
    return inputs.gather(
        events,
        replace(options, zone=zone, closures=closures),
        orders=law.standing_orders_for(rule_id, options.court, options.judge),
        asked=asked_for or None,
    )


def list_rules(*, state: str | None = None, severity: str | None = None, prefix: str = "") -> tuple[Rule, ...]:
    """Return the newest rules that match the filters, in the order of their packs."""
    return tuple(
        rule
        for rule in standard().newest_rules()
        if rule.id.startswith(prefix) and state in (None, rule.state) and severity in (None, rule.severity)
    )


def get_rule(rule_id: str) -> Rule:
    """Return the newest version of a rule. Raises RuleError for an unknown id."""
    return standard().versions_of(rule_id)[-1]


def rules_started_by(event: str) -> tuple[str, ...]:
    """Return the ids of the rules that an event in a case starts; () for an event that starts none."""
    return tuple(dict.fromkeys(start.rule for start in rule_starts_for(event)))


def rule_starts_for(event: str, *, book: Rulebook | None = None) -> tuple[RuleStart, ...]:
    """Return the rules an event starts, each with the rule's own trigger event and a caution to show."""
    return (book or standard()).rule_starts_for(event)


def pack_version() -> str:
    """Return the version of our packs and the engine, for example "2026.11.24-1a2b3c4d5e6f".

    It is not secret: every office has the same.
    """
    return standard().version


def read_office_pack(text: str, book: Rulebook | None = None) -> OfficePack:
    """Read an office's pack from TOML, checked against our rules. Raises RuleError that names line and rule."""
    return load_packs.read_office_pack(text, (book or standard()).known_names)


def office_problems(pack: OfficePack, book: Rulebook | None = None) -> list[str]:
    """Return the problems of an office's pack built from forms, one line each; [] when it is valid."""
    return load_packs.office_problems(pack, (book or standard()).known_names)


def event_meanings() -> dict[str, str]:
    """Return every trigger event of the packs with its meaning."""
    return {name: text for pack in standard().packs for name, text in pack.events.items()}


def catalogue() -> Catalogue:
    """Return the catalogue of events of our packs: what a person records, its questions, and the rules it starts."""
    return standard_catalogue()


def unanswered_sentence(question: str) -> Sentence:
    """Return the warning that a question (its English text) is not answered, so that the earliest rule is used."""
    return Sentence("warning.unanswered", {"question": PackTextValue(question)})
