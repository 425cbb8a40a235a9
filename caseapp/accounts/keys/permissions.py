"""Permissions in one table, from which `docs/permissions.md` and the tests of every URL are made.

Reading and writing a case needs no role: every member with its key may, and no other member can. Roles limit acts on
top of that. An act that a member may not do looks as if it did not exist (404).
"""

import sys
from dataclasses import dataclass

from caseapp.accounts.keys.staff import Staff
from caseapp.lib.errors import NotFound

ATTORNEY, REPRESENTATIVE, CASEWORKER = "attorney", "accredited_representative", "caseworker"
VOLUNTEER, INTERPRETER = "volunteer", "interpreter"
SUPERVISOR, CONFLICT_OFFICER = "supervisor", "conflict_officer"
ROLES = (ATTORNEY, REPRESENTATIVE, CASEWORKER, VOLUNTEER, INTERPRETER, SUPERVISOR, CONFLICT_OFFICER)
ALL_ROLES = frozenset(ROLES)
LEGAL = frozenset({ATTORNEY, REPRESENTATIVE})
STAFF = ALL_ROLES - {VOLUNTEER, INTERPRETER}


@dataclass(frozen=True)
class Action:
    """A permitted act: `roles` may do it.

    by_admin     an admin of any role may do it too
    needs_key    only on a case whose key the member has
    supervising  of these roles only a member whom the signed directory marks as a supervising attorney: the roles are
                 checked here, the mark where the act is done (`casefile.office_law`)
    """

    description: str
    roles: frozenset[str]
    by_admin: bool = False
    needs_key: bool = False
    supervising: bool = False


NO_ROLES: frozenset[str] = frozenset()
ACTIONS: dict[str, Action] = {
    "see_own": Action("Own account: passphrase, factors, devices, language", ALL_ROLES),
    "see_lists": Action("Today, case list, calendar and search, over the cases the member has a key for", ALL_ROLES),
    "open_case": Action("Read a case, its documents and its dates", ALL_ROLES, needs_key=True),
    "write_case": Action(
        "Write in a case: people, notes, tasks, hearings, documents, notices", ALL_ROLES, needs_key=True
    ),
    "call_client": Action(
        "Call a client about a hearing, hand over a reminder sheet, and record it", ALL_ROLES, needs_key=True
    ),
    "text_client": Action("Record a client's consent to texts, end it, send a text", ALL_ROLES, needs_key=True),
    "client_gateway": Action("Set the gateway for texts to clients and the STOP webhook", NO_ROLES, by_admin=True),
    "new_case": Action("Open a case in a team the member is in", STAFF),
    "import_cases": Action(
        "Import cases from another system into a team the member is in, undo an import",
        frozenset({SUPERVISOR}),
        by_admin=True,
    ),
    "decide_intake": Action(
        "Decide an intake, or confirm a provisional decision", LEGAL | {SUPERVISOR}, needs_key=True
    ),
    "confirm_deadline": Action("Confirm a deadline as the second person", LEGAL, needs_key=True),
    "waive_deadline": Action("Record that a deadline is not required, with a reason", LEGAL, needs_key=True),
    "see_access": Action("See who has access to a case", ALL_ROLES, needs_key=True),
    "ask_conflict": Action(
        "Ask the conflict officer and read the answers; answer checks as a conflict officer", ALL_ROLES
    ),
    "share_case": Action(
        "Share a case with a colleague or a team, and end it (volunteers: never)", STAFF, needs_key=True
    ),
    "wall_case": Action("Restrict a case (ethical wall), or widen it again", STAFF, needs_key=True),
    "mark_case": Action("Mark a case as a decoy", NO_ROLES, by_admin=True, needs_key=True),
    "see_people": Action("See the members of the office", STAFF, by_admin=True),
    "make_team": Action("Make a team, add people to a team the member is in", STAFF, by_admin=True),
    "invite": Action("Invite a person, approve them, revoke an invitation", NO_ROLES, by_admin=True),
    "change_role": Action("Change a member's role", NO_ROLES, by_admin=True),
    "remove_member": Action("Remove a member", NO_ROLES, by_admin=True),
    "set_up_recovery": Action("Set up and test the office's recovery", NO_ROLES, by_admin=True),
    "set_country": Action("Set the country in whose order dates are entered", NO_ROLES, by_admin=True),
    "read_audit": Action("Read the audit trail of the office", frozenset({SUPERVISOR}), by_admin=True),
    "read_case_audit": Action("Read the audit trail of a case", STAFF, needs_key=True),
    "lock_down": Action("Lock the office down, and lift it", NO_ROLES, by_admin=True),
    "export_case": Action("Download a client's whole file, or give it to the person", STAFF, needs_key=True),
    "export_office": Action("Export the office: ask, approve, download", NO_ROLES, by_admin=True),
    "close_case": Action("Close a case with its retention date; legal hold", LEGAL | {SUPERVISOR}, needs_key=True),
    "shred_case": Action("Destroy a closed case permanently", frozenset({SUPERVISOR}), by_admin=True, needs_key=True),
    "restore_case": Action(
        "Restore a case that was put back, or accept it: its lead, a supervisor, an admin if the lead has left",
        STAFF,
        needs_key=True,
    ),
    "office_rules": Action("Add an office's own rule or closure", STAFF - {CONFLICT_OFFICER}),
    "choose_packs": Action("Choose the packs of rules in use", LEGAL, by_admin=True, supervising=True),
    "choose_positions": Action(
        "Choose how the office reads a disputed rule and files with a court", LEGAL, supervising=True
    ),
    "confirm_rules": Action("Confirm a rule for the office", LEGAL, supervising=True),
}


def is_permitted(staff: Staff, action: str) -> bool:
    """Return whether a member's role allows an act. Raises KeyError for an act that is not in the table."""
    return role_allows(action, staff.role, is_admin=staff.is_admin)


def role_allows(action: str, role: str, *, is_admin: bool) -> bool:
    """Return whether a role, with or without admin rights, allows an act. Raises KeyError."""
    row = ACTIONS[action]
    return role in row.roles or (row.by_admin and is_admin)


def require(staff: Staff, action: str) -> None:
    """Raise NotFound unless the member may do this act, as if the act did not exist."""
    if not is_permitted(staff, action):
        raise NotFound(f"not for role {staff.role}: {action}")


def as_markdown() -> str:
    """Return the table for `docs/permissions.md`: one row an act, one column a role."""
    heads = [role.replace("_", " ") for role in ROLES]
    lines = [f"| Act | {' | '.join(heads)} | admin | case key | marked as supervising |"]
    lines.append("|---" * (len(ROLES) + 4) + "|")
    for row in ACTIONS.values():
        marks = ["yes" if role in row.roles else "" for role in ROLES]
        marks += ["yes" if row.by_admin else "", "needed" if row.needs_key else ""]
        marks.append("needed" if row.supervising else "")
        lines.append(f"| {row.description} | {' | '.join(marks)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(as_markdown())


def audit_reason(role: str, *, is_admin: bool, is_supervising: bool = False, is_conflict_officer: bool = False) -> str:
    """Return a role as audit entries record it."""
    marks = {"admin": is_admin, "supervising": is_supervising, "conflict officer": is_conflict_officer}
    return ", ".join((role, *(mark for mark, is_set in marks.items() if is_set)))
