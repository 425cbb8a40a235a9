"""Facts of people and cases as lines of label and value; those of other systems are shown as they were brought."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from caseapp.lib.country_names import country_name
from caseapp.records.case import Case
from caseapp.records.party import Party
from caseapp.ui.display import labels


@dataclass(frozen=True)
class FactLine:
    """A fact: its label and its value in words."""

    label: str
    value: str


def name_countries(codes: Iterable[str]) -> str:
    """Return the names of countries in the language of the page."""
    return ", ".join(country_name(code, get_language() or "en") for code in codes)


def person_facts(party: Party) -> tuple[FactLine, ...]:
    """Return the facts of a person that are known and have no place of their own on the page."""
    entry = ", ".join(filter(None, (party.entry_place, _optional(labels.ENTRY_MANNERS, party.entry_manner))))
    return known_facts(
        (_("Relation to the client"), party.relation),
        (_("Sex"), _optional(labels.SEXES, party.sex)),
        (_("Gender"), party.gender),
        (_("Country of birth"), name_countries(filter(None, (party.born_in,)))),
        (_("Citizenship"), name_countries(party.citizenships)),
        (_("Last entry"), entry),
        (_("Interpreter needed"), _optional(labels.YES_OR_NO, party.needs_interpreter)),
        *party.other_numbers,
    )


def case_facts(case: Case) -> tuple[FactLine, ...]:
    """Return the facts of a case that are known and have no place of their own on the page."""
    return known_facts(
        (_("Referred by"), case.referred_by),
        (_("Court numbers"), ", ".join(case.court_numbers)),
        (_("Receipt numbers"), ", ".join(case.receipts)),
    )


def brought_facts(record: Party | Case) -> tuple[FactLine, ...]:
    """Return what an import brought without a field of its own, and the ids of other systems."""
    of_case: tuple[tuple[str, str], ...] = ()
    if isinstance(record, Case):
        of_case = ((_("Name of the matter"), record.title), (_("Status"), record.status_text))
    return known_facts(
        *of_case,
        *record.other_facts,
        *(((_("Id in %(system)s") % {"system": system}), number) for system, number in record.external_ids.items()),
    )


def known_facts(*pairs: tuple[str, str]) -> tuple[FactLine, ...]:
    """Return the pairs of label and value that have a value."""
    return tuple(FactLine(label, value) for label, value in pairs if value)


def _optional(choices: labels.Labels, code: str) -> str:
    return labels.label_of(choices, code) if code else ""
