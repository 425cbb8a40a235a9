"""The facts that a person of a case is recognised by, as a part of the case's row in the index."""

from collections.abc import Iterable, Iterator
from uuid import UUID

import msgspec

from caseapp.index.likeness.identity import Identity
from caseapp.lib.partial_dates import PartialDate


class PersonRow(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A person of a case. `names` is how many of the row's names are theirs: they come in the order of the people."""

    id: UUID
    role: str
    names: int
    a_number: str = ""
    numbers: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()  # digits
    born: str = ""  # "1987", "1987-05" or "1987-05-09"
    countries: tuple[str, ...] = ()  # of birth and citizenship
    decided: tuple[UUID, ...] = ()  # people of whom a member said that they are the same, or others

    @property
    def birth(self) -> PartialDate | None:
        """Return the birth, to the day, the month or the year."""
        return PartialDate.of_text(self.born) if self.born else None


def identities_of(
    people: Iterable[PersonRow], names: tuple[tuple[str, str], ...]
) -> Iterator[tuple[PersonRow, Identity]]:
    """Yield each person with what they are recognised by. `names` are the row's (name as written, role)."""
    at = 0
    for person in people:
        theirs = tuple(name for name, _ in names[at : at + person.names])
        at += person.names
        yield (
            person,
            Identity(
                names=theirs,
                a_number=person.a_number,
                numbers=person.numbers,
                phones=person.phones,
                birth=person.birth,
                countries=person.countries,
            ),
        )
