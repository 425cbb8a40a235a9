"""A member whose passphrase is typed at a command; it lives in this process only, and is in no argument or file."""

import getpass
import sys
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING

from caseapp.cli.stack.data_folder import CannotStart

if TYPE_CHECKING:
    from caseapp.accounts.keys.staff import Staff


@dataclass(frozen=True)
class TypedMember:
    """A member as typed. `office_code`: of a further office of the server; empty for its first one."""

    email: str
    office_code: str
    passphrase: str = field(repr=False)


def ask_for_member() -> TypedMember:
    """Ask for the member; from standard input, one a line, where there is no terminal. Raises CannotStart."""
    if sys.stdin.isatty():
        email = input("E-mail address of a member: ")
        office_code = input("Office code (empty: the first office of the server): ")
        passphrase = getpass.getpass("Passphrase (not shown, not stored): ")
    else:
        email, passphrase, office_code = (sys.stdin.readline().rstrip("\n") for _ in range(3))
    if not email or not passphrase:
        raise CannotStart("Type the address and the passphrase of a member: only they can open cases.")
    return TypedMember(email, office_code, passphrase)


def open_member(typed: TypedMember) -> "Staff":
    """Return the member with their keys. Needs Django. Raises CannotStart."""
    from django.conf import settings

    from caseapp.accounts.errors import OfficeLockedDown, SessionGone
    from caseapp.accounts.signin import sessions, sign_in, unlock_bundle
    from caseapp.lib.errors import NotFound, TooMany
    from caseapp.vault.errors import OpenFailed

    import_module(settings.ROOT_URLCONF)  # loads every feature, and so every kind of record
    try:
        ids = sign_in.find_member(typed.email, typed.office_code)
        row = unlock_bundle.find_member(*ids) if ids else None
        if row is None:
            raise NotFound("member")
        return sessions.load_staff(row.org_id, row.id, unlock_bundle.by_passphrase(row, typed.passphrase))
    except (NotFound, OpenFailed, TooMany, SessionGone, OfficeLockedDown):
        raise CannotStart(
            "The address, the office code or the passphrase is wrong, or the office is locked down."
        ) from None
