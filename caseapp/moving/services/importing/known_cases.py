"""The cases of the office that an import may be about, found by the numbers that other systems gave them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import case_access
from caseapp.index import reader
from caseapp.index import store as index
from caseapp.index.view import IndexView
from caseapp.lib.errors import NotFound
from caseapp.records.case import Case
from caseapp.records.party import Party
from caseapp.vault.errors import OpenFailed
from caseapp.vault.store import SealedFile


@dataclass
class KnownCases:
    """The cases by each number that the lists have of them. It is read again when a colleague saved meanwhile."""

    saved: dict[UUID, int] = field(default_factory=dict)
    by_number: dict[str, list[UUID]] = field(default_factory=dict, repr=False)
    by_name: dict[str, list[UUID]] = field(default_factory=dict, repr=False)

    def refresh(self, staff: Staff) -> None:
        """Read the lists again if they have changed, in the caller's transaction."""
        saved = index.saved_numbers(staff.keys)
        if saved == self.saved:
            return
        self.by_number.clear()
        self.by_name.clear()
        for case_id, row in reader.open_readable_view(staff.keys, zone=staff.zone).all_rows():
            for number in row.other_numbers:
                _add(self.by_number, number, case_id)
            for name, role in row.names:
                if role == "lead":
                    _add(self.by_name, _fold(name), case_id)
        self.saved = saved

    def note_saved(self, staff: Staff) -> None:
        """Record that the lists have changed by this import's own save, which is in `by_number` already."""
        self.saved = index.saved_numbers(staff.keys)

    def add_case(self, file: SealedFile) -> None:
        """Add a case that this import saves."""
        for ids in _ids_in(file):
            for number in ids.values():
                _add(self.by_number, number, file.id)
        for entry in file.entries_of(Party):
            if entry.record.role == "lead":
                _add(self.by_name, _fold(entry.record.name.full), file.id)

    def candidates(self, keys: Mapping[str, str]) -> list[UUID]:
        """Return the cases that have one of these numbers in any field."""
        return list(dict.fromkeys(case_id for number in keys.values() for case_id in self.by_number.get(number, ())))

    def cases_of_client(self, name: str) -> list[UUID]:
        """Return the cases of clients with exactly this name, but for capitals and spaces."""
        return list(self.by_name.get(_fold(name), ()))


def _add(cases: dict[str, list[UUID]], key: str, case_id: UUID) -> None:
    known = cases.setdefault(key, [])
    if case_id not in known:
        known.append(case_id)


def _fold(name: str) -> str:
    return " ".join(name.casefold().split())


def has_ids(file: SealedFile, keys: Mapping[str, str]) -> bool:
    """Return whether the case, or a person in it, has one of these numbers from the same other system.

    Lists of one system name a case by any of its numbers: "source" and "source.display" are of the same system.
    """
    wanted = {(kind.partition(".")[0], number) for kind, number in keys.items()}
    return any((kind.partition(".")[0], number) in wanted for ids in _ids_in(file) for kind, number in ids.items())


def open_locked(staff: Staff, case_id: UUID, view: IndexView) -> SealedFile | None:
    """Open a case locked and compare it with the lists; None where it is gone, or does not open."""
    try:
        return case_access.open_case(staff.keys, case_id, lock=True, view=view)
    except (NotFound, OpenFailed):
        return None


def _ids_in(file: SealedFile) -> list[Mapping[str, str]]:
    cases = [entry.record.external_ids for entry in file.entries_of(Case)]
    return [*cases, *(entry.record.external_ids for entry in file.entries_of(Party))]
