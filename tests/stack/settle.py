"""`python -m tests.stack.settle FILE`: let colleagues into the office of a running stack, as the demo office is filled.

FILE holds JSON: the founder's e-mail and words, and for each colleague what is in `Settler`. It runs as the web's role
on the stack's own environment. Everything after this goes through pages.
"""

import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

import django
import msgspec

django.setup()

from caseapp.accounts.keys.profile import Profile  # noqa: E402
from caseapp.accounts.signin import sessions, sign_in  # noqa: E402
from caseapp.reminders import recipients  # noqa: E402
from caseapp.reminders.recipients import (  # noqa: E402
    RecipientSettings,
    ReminderAddress,
)
from caseapp.team.services import enrolment  # noqa: E402
from caseapp.vault.tenancy import office_transaction as office_sight  # noqa: E402


class Settler(msgspec.Struct, kw_only=True):
    """A colleague. `phone` is the address of a text gateway or empty; `quiet` minutes from and to, or None."""

    name: str
    email: str
    role: str
    zone: str
    language: str
    words: str
    is_admin: bool = False
    phone: str = ""
    quiet: tuple[int, int] | None = None
    digest: int | None = None


def main(path: str) -> None:
    """Print e-mail and member id of each, as JSON."""
    told = json.loads(Path(path).read_text())
    founder = sessions.open(sign_in.sign_in(told["email"], told["words"]).token)
    ids = {told["email"]: str(founder.member_id)}
    for settler in msgspec.convert(told["settlers"], list[Settler]):
        profile = Profile(
            name=settler.name, role=settler.role, language=settler.language, zone=settler.zone,
            is_admin=settler.is_admin, office_name=founder.office_name,
        )  # fmt: skip
        member_id = enrolment.admit_member(founder, profile=profile, email=settler.email, passphrase=settler.words)
        others = (ReminderAddress(kind="text", address=settler.phone, shown="json"),) if settler.phone else ()
        chosen: dict[str, Any] = {"others": others, "quiet": settler.quiet, "digest": settler.digest}
        with office_sight(founder.org_id):
            recipients.change_settings(founder.org_id, member_id, partial(_chosen, chosen))
        ids[settler.email] = str(member_id)
    print(json.dumps(ids))


def _chosen(chosen: dict[str, Any], ways: RecipientSettings) -> RecipientSettings:
    return msgspec.structs.replace(ways, **chosen)


if __name__ == "__main__":
    main(sys.argv[1])
