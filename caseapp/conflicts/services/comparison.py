"""One check compared with everyone in the office's cases, in the memory of an officer's session."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from caseapp.accounts.directory import audit_trail
from caseapp.accounts.keys.staff import Staff
from caseapp.conflicts.services import matching, officer
from caseapp.conflicts.services.content import AskedPerson
from caseapp.conflicts.services.matching import ConflictMatch
from caseapp.conflicts.services.officer import OfficerCheck
from caseapp.index.conflicts import memory


@dataclass(frozen=True)
class PersonMatches:
    """An asked person and the people of cases who may be the same."""

    asked: AskedPerson = field(repr=False)
    matches: Sequence[ConflictMatch] = field(repr=False)


def find_all_matches(staff: Staff, check: OfficerCheck) -> list[PersonMatches]:
    """Return the possible matches of everyone in a check, and audit how many were shown.

    Raises NotFound for anyone but an officer, IndexDamaged.
    """
    officer.require_officer(staff.keys)
    index = memory.load(staff.org_id, officer.officer_keys(staff.keys))
    compared = [
        PersonMatches(asked, matching.find_matches(index, asked, leave_out=check.request.case_id))
        for asked in check.request.people
    ]
    shown = sum(len(each.matches) for each in compared)
    audit_trail.record_entry(staff.keys, "conflict", target=check.id, count=shown)
    return compared
