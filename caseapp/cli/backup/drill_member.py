"""The member whose passphrase opens a case in a drill. It is typed, and not stored anywhere."""

import getpass
import sys
from dataclasses import dataclass, field

from caseapp.cli.backup.archive.errors import BackupRefused


@dataclass(frozen=True)
class DrillMember:
    """The member who opens a case. `ref`: of the case, empty for any; `office_code`: of a further office."""

    email: str
    passphrase: str = field(repr=False)
    ref: str = ""
    office_code: str = ""


def ask_for_member() -> DrillMember:
    """Ask for a member and a case; from standard input, one a line, where there is no terminal."""
    if sys.stdin.isatty():
        email = input("E-mail address of a member: ")
        office_code = input("Office code (empty: the first office of the server): ")
        passphrase = getpass.getpass("Passphrase (not shown, not stored): ")
        ref = input("Reference of a case to open (empty: any): ")
    else:
        email, passphrase, ref, office_code = (sys.stdin.readline().rstrip("\n") for _ in range(4))
    if not email or not passphrase:
        raise BackupRefused("The drill opens a case with a member's own passphrase: type address and passphrase.")
    return DrillMember(email, passphrase, ref, office_code)
