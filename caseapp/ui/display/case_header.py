"""Header of the pages of one case."""

from dataclasses import dataclass
from uuid import UUID

from caseapp.records.case import Case
from caseapp.records.party import Party
from caseapp.ui.display import labels
from caseapp.ui.display.paths import quick_reverse
from caseapp.vault.store import Entry, SealedFile

PersonChoice = tuple[UUID, str]


@dataclass(frozen=True)
class CaseHead:
    """Values of a case that surround a form: reference, client and link."""

    id: UUID
    ref: str
    name: str
    href: str


def case_head(file: SealedFile) -> CaseHead:
    """Return the header of an open case."""
    lead = client_party_of(file)
    return CaseHead(
        file.id,
        file.get_only(Case).record.ref,
        lead.record.name.full if lead else "",
        quick_reverse("cases:case", file.id),
    )


def client_party_of(file: SealedFile) -> Entry[Party] | None:
    """Return the client of the case, or None."""
    return next((entry for entry in file.entries_of(Party) if entry.record.role == "lead"), None)


def is_client_detained(file: SealedFile) -> bool:
    """Return True while a client of the case is recorded as taken into custody."""
    return any(entry.record.detained_since for entry in file.entries_of(Party))


def client_choices(file: SealedFile, *, is_covered: bool) -> tuple[PersonChoice, ...]:
    """Return the clients of the case as choices, the lead first; while names are covered by their role only."""
    clients = [entry for entry in file.entries_of(Party) if entry.record.role in {"lead", "rider"}]
    clients.sort(key=lambda entry: entry.record.role != "lead")
    return tuple(
        (entry.id, labels.label_of(labels.PARTY_ROLES, entry.record.role) if is_covered else entry.record.name.full)
        for entry in clients
    )
