"""The duplicate check: who of the member's cases may be the same person. Callers ask before they save.

A decision is kept in the person who is saved: `same_as` or `not_the_same`. The same pair is not asked about again, from
either side.
"""

from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext_noop
from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.index.likeness import identity_of
from caseapp.index.reader import open_readable_view
from caseapp.index.results import Alike
from caseapp.lib.errors import Refused
from caseapp.records.party import Party

SAME, OTHER = "same", "other"  # answers
NOT_ANSWERED = gettext_noop("This person may already have a file here. Answer below, then save again.")


class PossibleDuplicates(Refused):
    """People who may be the same, about whom no member decided; nothing was saved."""

    def __init__(self, alike: list[Alike]) -> None:
        super().__init__("alike", NOT_ANSWERED)
        self.alike = alike


def find_duplicates(
    staff: Staff, party: Party, *, case_id: UUID | None = None, party_id: UUID | None = None
) -> list[Alike]:
    """Return the people of the member's cases who may be this person, without those decided about; at most 15.

    case_id   the person's case, where there is one
    party_id  the person, where they are saved already
    """
    view = open_readable_view(staff.keys, zone=staff.zone)
    decided = frozenset((*party.not_the_same, *(other for _, other in party.same_as)))
    return view.find_alike(identity_of(party), person=party_id, case=case_id, decided=decided)


def needs_check(before: Party | None, after: Party) -> bool:
    """Return whether a person is new or has another name, number, telephone or birth than before."""
    return before is None or identity_of(before) != identity_of(after)


def require_decisions(
    staff: Staff,
    party: Party,
    answers: Mapping[UUID, str],
    *,
    before: Party | None = None,
    case_id: UUID | None = None,
    party_id: UUID | None = None,
) -> Party:
    """Return the person with what a member decided about each one who may be the same.

    answers  to the ids of those people: SAME or OTHER
    before   the person as saved; without a changed name or number nothing is asked
    Raises   PossibleDuplicates while one of them has no answer
    """
    if not needs_check(before, party):
        return party
    alike = find_duplicates(staff, party, case_id=case_id, party_id=party_id)
    if any(answers.get(each.person.id) not in _answers_to(each, case_id) for each in alike):
        raise PossibleDuplicates(alike)
    same = tuple((each.case_id, each.person.id) for each in alike if answers[each.person.id] == SAME)
    others = tuple(each.person.id for each in alike if answers[each.person.id] == OTHER)
    return replace(party, same_as=(*party.same_as, *same), not_the_same=(*party.not_the_same, *others))


def _answers_to(alike: Alike, case_id: UUID | None) -> tuple[str, ...]:
    """Return the answers that are taken: a person is in a case once."""
    return (OTHER,) if alike.case_id == case_id else (SAME, OTHER)
