"""`python -m tests.stack.endings STEP FILE`: end a case and a member of a running stack, in two steps.

FILE has JSON: e-mail and words of an admin, the member to remove, and after the first step the case. It runs as the
web's role on the stack's own environment. `close` closes a case that is kept until today; `destroy`, a day later,
destroys it and removes the member.
"""

import json
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import django

django.setup()

from caseapp.accounts.keys.staff import Staff  # noqa: E402
from caseapp.accounts.signin import sessions, sign_in  # noqa: E402
from caseapp.casefile import case_access  # noqa: E402
from caseapp.cases.services import cases, closing  # noqa: E402
from caseapp.lib import clock  # noqa: E402
from caseapp.records.case import Case  # noqa: E402
from caseapp.team.services import removal  # noqa: E402
from caseapp.vault.tenancy import office_transaction  # noqa: E402


def main(step: str, path: str) -> None:
    """Do the step, and add what it made to FILE."""
    given = json.loads(Path(path).read_text())
    staff = sessions.open(sign_in.sign_in(given["email"], given["words"]).token)
    made = close(staff) if step == "close" else destroy(staff, UUID(given["case"]), UUID(given["member"]))
    Path(path).write_text(json.dumps(given | made))


def close(staff: Staff) -> dict[str, Any]:
    """Open two cases and close one; return its id and the reference of the other."""
    kept = cases.open_case(staff, cases.NewCase(name="Olena Kovalenko"))
    ended = cases.open_case(staff, cases.NewCase(name="Nadezhda Sultanbekova"))
    version = _case(staff, ended).version
    closing.close_case(staff, ended, code="granted", retain_until=clock.today(staff.zone), version=version)
    return {"case": str(ended), "kept": _case(staff, kept).record.ref}


def destroy(staff: Staff, case_id: UUID, member_id: UUID) -> dict[str, Any]:
    """Destroy the closed case, and remove the member."""
    ref = _case(staff, case_id).record.ref
    closing.shred_case(staff, case_id, typed_ref=ref, reason="The time is over.")
    removal.remove_member(staff, member_id)
    return {"destroyed": ref}


def _case(staff: Staff, case_id: UUID) -> Any:
    with office_transaction(staff.org_id):
        return case_access.open_case(staff.keys, case_id).get_only(Case)


if __name__ == "__main__":
    main(*sys.argv[1:])
