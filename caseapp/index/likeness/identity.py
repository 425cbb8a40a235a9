"""The facts that a person is recognised by: names in any script, numbers, telephones, birth and countries."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from caseapp.index import text_keys
from caseapp.index.likeness.names import PreparedName, prepare_names
from caseapp.lib.partial_dates import PartialDate
from caseapp.records.party import Party

MIN_NUMBER: Final = 5  # letters and digits: shorter numbers are the same by chance


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Facts about one person. `a_number` has nine digits; numbers and phones may be as typed."""

    names: tuple[str, ...]  # as written, in any script; the main one first
    a_number: str = ""
    numbers: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    birth: PartialDate | None = None
    countries: tuple[str, ...] = ()  # of birth and citizenship, ISO 3166 alpha-2

    @cached_property
    def prepared_names(self) -> tuple[PreparedName, ...]:
        """Return the names in the form that is compared."""
        return prepare_names(self.names)

    @cached_property
    def number_keys(self) -> frozenset[str]:
        """Return the other numbers in the form that is compared."""
        return frozenset(key for key in map(text_keys.normalise_number, self.numbers) if len(key) >= MIN_NUMBER)

    @cached_property
    def phone_keys(self) -> frozenset[str]:
        """Return the digits of the telephone numbers."""
        return frozenset(digits for phone in self.phones for digits in text_keys.phone_digits(phone))


def identity_of(party: Party) -> Identity:
    """Return what a person of a case is recognised by."""
    return Identity(
        names=_different((party.name.full, *(name.full for name in party.other_names))),
        a_number=party.a_number,
        # Not the ids of other systems: two systems count from one, too.
        numbers=_different(number for _, number in party.other_numbers),
        phones=_different(contact.text for contact in party.contacts if contact.way == "phone"),
        birth=party.birth,
        countries=_different((party.born_in, *party.citizenships)),
    )


def _different(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, texts)))
