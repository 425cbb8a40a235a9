"""Deadlines that given dates would produce: computed and not saved."""

from collections.abc import Mapping, Sequence, Set

from caseapp import rules
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import office_law
from caseapp.deadlines.services import starts as clocks
from caseapp.deadlines.services.triggers import DeadlineStart
from caseapp.records.deadline import Deadline


def office_settings(staff: Staff) -> tuple[rules.Rulebook, bool]:
    """Return the rules this office computes with, and True when it files electronically."""
    law = office_law.law_of(staff.keys)
    return law.book, law.files_electronically("")


def packs_in_use(staff: Staff) -> frozenset[str]:
    """Return the ids of the standard packs this office works with."""
    return office_law.packs_in_use(office_law.law_of(staff.keys).office)


def has_arrival_clock(packs: Set[str]) -> bool:
    """Return whether a rule of these packs counts from the last arrival; without one no page asks for it."""
    return rules.catalogue().pack_of["last_arrival"] in packs


def compute_dates(
    staff: Staff,
    starts: Sequence[DeadlineStart],
    dates: Mapping[str, clocks.Moment],
    circumstances: clocks.Circumstances,
) -> tuple[Deadline, ...]:
    """Return the deadlines that these dates would produce under each rule; needs no case and stores nothing.

    starts  rules; "id@position" for one reading, else the office's own choice. Without an event all dates are
            passed to the rule, else only the event's own
    Raises  Refused with the engine's sentence
    """
    law = office_law.law_of(staff.keys)
    return tuple(
        clocks.compute_for_office(
            law, start, {start.event: dates[start.event]} if start.event else dates, circumstances
        )
        for start in starts
    )
