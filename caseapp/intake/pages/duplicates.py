"""People of the member's own cases who may be the person of an intake, with reasons for and against."""

from caseapp.accounts.keys.staff import Staff
from caseapp.clients.panels.duplicates import AlikeLine, alike_lines
from caseapp.clients.services.duplicates import find_duplicates
from caseapp.intake.services import intakes
from caseapp.vault.store import SealedFile


def duplicate_lines(staff: Staff, file: SealedFile) -> tuple[AlikeLine, ...]:
    """Return who may be the same person, without those about whom a member decided."""
    client = intakes.client_of(file)
    alike = find_duplicates(staff, client.record, case_id=file.id, party_id=client.id)
    return tuple(alike_lines(alike, {}, file.id))
