"""Lock-down: ends every session of an office and leaves its keys and documents in place.

While it lasts only admins can sign in, no member is given a key and nothing is exported. Reminders keep running: they
need no session. An admin does it to their own office. The server's operator can do the same to all offices or to one
with `caseapp lockdown`, without being able to open anything.
"""

from collections.abc import Callable
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext_noop

from caseapp.accounts.directory import audit_trail
from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.models import Door, OfficeState, Session
from caseapp.accounts.signin import reauthentication
from caseapp.lib.errors import Refused
from caseapp.vault.tenancy import office_transaction

EXPORT_REFUSED = gettext_noop("The office is locked down: nothing is downloaded until an admin lifts it.")


def is_on(org_id: UUID) -> bool:
    """Return whether an office is locked down. In the office's transaction."""
    return OfficeState.objects.filter(org_id=org_id, locked_down=True).exists()


def begin(staff: Staff) -> None:
    """Lock the office down; the admin's own session ends with all others. Raises NotFound, StepUpNeeded."""
    _require_permission(staff)
    with office_transaction(staff.org_id):
        audit_trail.record_entry_in_transaction(staff.keys, "lockdown.begin")
        _begin_in_office(staff.org_id)


def end(staff: Staff) -> None:
    """Lift the lock-down, so that people can sign in again. Raises NotFound, StepUpNeeded."""
    _require_permission(staff)
    with office_transaction(staff.org_id):
        audit_trail.record_entry_in_transaction(staff.keys, "lockdown.end")
        _end_in_office(staff.org_id)


def begin_all(only: UUID | None = None) -> int:
    """Lock down every office of the server, or one, for its operator. Return how many.

    Not in the audit trail: there is no key.
    """
    return _for_each_office(_begin_in_office, only)


def end_all(only: UUID | None = None) -> int:
    """Lift the lock-down of every office of the server, or of one. Return how many."""
    return _for_each_office(_end_in_office, only)


def refuse_export(staff: Staff) -> None:
    """Raise Refused(code="locked_down") for any export during a lock-down. In the office's transaction."""
    if is_on(staff.org_id):
        raise Refused("locked_down", EXPORT_REFUSED)


def _require_permission(staff: Staff) -> None:
    permissions.require(staff, "lock_down")
    reauthentication.require(staff)


def _begin_in_office(org_id: UUID) -> None:
    OfficeState.objects.get_or_create(org_id=org_id)
    # The raised epoch also ends a session whose row is restored later or created at this very moment.
    OfficeState.objects.filter(org_id=org_id).update(locked_down=True, session_epoch=F("session_epoch") + 1)
    Session.objects.filter(org_id=org_id).delete()


def _end_in_office(org_id: UUID) -> None:
    OfficeState.objects.filter(org_id=org_id).update(locked_down=False)


def _for_each_office(act: Callable[[UUID], None], only: UUID | None) -> int:
    offices = set(Door.objects.values_list("org_id", flat=True))
    if only is not None:
        offices &= {only}
    for org_id in sorted(offices):
        with office_transaction(org_id):
            act(org_id)
    return len(offices)
