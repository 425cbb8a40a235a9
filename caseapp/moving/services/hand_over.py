"""Hand-over of a person's own copy of their file, recorded in the case: who, when, what and how."""

from uuid import UUID

from django.utils.translation import gettext as _

from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.transaction import case_transaction
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.records.contact_attempt import GIVEN, IN_PERSON, ContactAttempt
from caseapp.records.party import Party

PAPER, STICK = "paper", "stick"


def record_hand_over(staff: Staff, case_id: UUID, party_id: UUID, *, how: str, has_receipt: bool) -> UUID:
    """Record that a person of the case got the whole file. Return the record's id. Raises NotFound, Refused."""
    permissions.require(staff, "export_case")
    sentences = {
        PAPER: _("The whole file on paper was given to this person."),
        STICK: _("The whole file on an encrypted stick was given to this person."),
    }
    if how not in sentences:
        raise Refused("how", "Choose how the file is given.")
    receipt = _("The receipt is signed.") if has_receipt else _("There is no signed receipt.")
    with case_transaction(staff, case_id) as draft:
        draft.file.get(party_id, Party)
        return draft.add(
            ContactAttempt(
                party=party_id, way=IN_PERSON, result=GIVEN, at=clock.now(), note=f"{sentences[how]} {receipt}"
            )
        )
