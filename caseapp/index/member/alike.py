"""People of other cases who may be the same person, over all groups of a member."""

import heapq
import math
from collections.abc import Iterable, Set
from typing import Final
from uuid import UUID

from caseapp.index import rows
from caseapp.index.group_index import GroupIndex
from caseapp.index.likeness.compare import Likeness, compare
from caseapp.index.likeness.identity import Identity
from caseapp.index.likeness.person_row import PersonRow, identities_of
from caseapp.index.lookup.search import MAX_WORDS
from caseapp.index.member.lists import FacetQueries
from caseapp.index.results import Alike
from caseapp.index.rows import CaseRow

MOST_SHOWN: Final = 15
MAX_COMPARED: Final = 150  # cases whose people are compared, of those with the rarest words in common
MAX_NAMES_LOOKED_UP: Final = 6


class AlikeQueries(FacetQueries):
    """People who look alike; part of `view.IndexView`."""

    def find_alike(
        self,
        identity: Identity,
        *,
        limit: int = MOST_SHOWN,
        person: UUID | None = None,
        case: UUID | None = None,
        decided: Set[UUID] = frozenset(),
    ) -> list[Alike]:
        """Return the people who may be this person, the likeliest first, at most 15.

        person   their id, where they are saved already: they are left out, and who was decided to be another
        case     their case: its people often share a telephone, so that is no reason there
        decided  people about whom a member decided, left out too
        """
        alike = [
            Alike(case_id, row, other, names, likeness)
            for case_id, row in self._rows_alike(identity)
            for other, names, likeness in _people_alike(identity, row, share_phone=case_id != case)
            if other.id != person and other.id not in decided and (person is None or person not in other.decided)
        ]
        alike.sort(key=lambda each: (-each.likeness.score, each.row.closed, each.row.ref, each.person.id))
        return alike[: min(limit, MOST_SHOWN)]

    def _rows_alike(self, identity: Identity) -> list[tuple[UUID, CaseRow]]:
        """Return the cases with a fact in common, and those with most and rarest words in common."""
        entries = []
        with self._locked():
            for group in self._groups:
                entries += [
                    (UUID(bytes=case_id), rows.decode(group.raw[case_id]))
                    for case_id in map(group.raw.id_of, _candidates_of(group, identity))
                    if self._newest_group(case_id) is group
                ]
        return entries


def _candidates_of(group: GroupIndex, identity: Identity) -> Set[int]:
    numbers = identity.number_keys | ({identity.a_number} if identity.a_number else set())
    born = str(identity.birth) if identity.birth and identity.birth.day else ""
    vocabulary = group.vocabulary
    sure = vocabulary.cases_with_fact(numbers, identity.phone_keys, "")
    weights: dict[int, float] = {}
    total = len(group.raw) + 1
    for words in list(dict.fromkeys(name.words for name in identity.prepared_names))[:MAX_NAMES_LOOKED_UP]:
        own: dict[int, float] = {}
        for word in words[:MAX_WORDS]:
            cases = vocabulary.cases_with_word(word)
            rarity = math.log(total / (len(cases) + 1)) + 0.1
            for slot, (score, _) in cases.items():
                own[slot] = own.get(slot, 0.0) + rarity * score
        weights |= {slot: max(weight, weights.get(slot, 0.0)) for slot, weight in own.items()}
    best = heapq.nlargest(MAX_COMPARED, weights, key=weights.__getitem__)
    # Many have the first of January, which authorities write where the day is not known: those with a name in common.
    born_then = vocabulary.cases_with_fact((), (), born)
    return {*sure, *best, *heapq.nlargest(MAX_COMPARED, born_then, key=lambda slot: weights.get(slot, 0.0))}


def _people_alike(
    identity: Identity, row: CaseRow, *, share_phone: bool
) -> Iterable[tuple[PersonRow, tuple[str, ...], Likeness]]:
    for person, theirs in identities_of(row.people or _people_of_older_row(row), row.names):
        likeness = compare(identity, theirs, share_phone=share_phone)
        if likeness.is_close:
            yield person, theirs.names, likeness


def _people_of_older_row(row: CaseRow) -> tuple[PersonRow, ...]:
    """Return the people of a row that an older program wrote: the lead with the numbers of all, others by name."""
    leads = sum(role == "lead" for _, role in row.names)
    lead = PersonRow(
        id=UUID(int=0),
        role="lead",
        names=leads,
        a_number=row.a_numbers[0] if row.a_numbers else "",
        numbers=(*row.a_numbers[1:], *row.other_numbers),
        phones=row.contact_phones,
        born=str(row.birth or ""),
        countries=row.citizenships,
    )
    return (lead, *(PersonRow(id=UUID(int=0), role=role, names=1) for _, role in row.names[leads:]))
