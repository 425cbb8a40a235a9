"""`python -m tests.stack.settle FILE`: let colleagues into the offices of a running stack, as a demo office is filled.

FILE has JSON: the words of each founder by e-mail, and for each colleague what is in `Settler`. It runs as the web's
role on the stack's own environment. Everything after this goes through pages.
"""

import json
import sys
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import django
import msgspec

django.setup()

from caseapp.account.services import new_office  # noqa: E402
from caseapp.accounts.keys.profile import Profile  # noqa: E402
from caseapp.accounts.keys.staff import Staff  # noqa: E402
from caseapp.accounts.members.new_office import Hosting  # noqa: E402
from caseapp.accounts.signin import sessions, sign_in  # noqa: E402
from caseapp.reminders import recipients  # noqa: E402
from caseapp.reminders.recipients import (  # noqa: E402
    RecipientSettings,
    ReminderAddress,
)
from caseapp.team.services import enrolment  # noqa: E402
from caseapp.vault.tenancy import office_transaction as office_sight  # noqa: E402


class Settler(msgspec.Struct, kw_only=True):
    """A colleague. `phone` is the address of a text gateway or empty; `quiet` minutes from and to, or None.

    `founds`: they found another office on the same server; `founder` is the e-mail of who lets them in.
    """

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
    founds: bool = False
    founder: str = ""


def main(path: str) -> None:
    """Print e-mail and member id of each, as JSON."""
    given = json.loads(Path(path).read_text())
    founders: dict[str, Staff] = {}
    ids = {}
    for settler in msgspec.convert(given["settlers"], list[Settler]):
        if settler.founder not in founders:
            founders[settler.founder] = (
                _found_office(settler) if settler.founds else _signed_in(settler.founder, given["words"])
            )
        founder = founders[settler.founder]
        member_id = founder.member_id if settler.founds else _admit(founder, settler)
        others = (ReminderAddress(kind="text", address=settler.phone, shown="json"),) if settler.phone else ()
        chosen: dict[str, Any] = {"others": others, "quiet": settler.quiet, "digest": settler.digest}
        with office_sight(founder.org_id):
            recipients.change_settings(founder.org_id, member_id, partial(_chosen, chosen))
        ids[settler.email] = str(member_id)
    print(json.dumps(ids))


def _signed_in(email: str, words: dict[str, str]) -> Staff:
    return sessions.open(sign_in.sign_in(email, words[email]).token)


def _found_office(settler: Settler) -> Staff:
    return new_office.found_office(
        office_name="Cabinet du Port", zone=settler.zone, language=settler.language, member_name=settler.name,
        email=settler.email, passphrase=settler.words, hosting=Hosting(is_first=False),
    ).staff  # fmt: skip


def _admit(founder: Staff, settler: Settler) -> UUID:
    profile = Profile(
        name=settler.name, role=settler.role, language=settler.language, zone=settler.zone,
        is_admin=settler.is_admin, office_name=founder.office_name,
    )  # fmt: skip
    return enrolment.admit_member(founder, profile=profile, email=settler.email, passphrase=settler.words)


def _chosen(chosen: dict[str, Any], ways: RecipientSettings) -> RecipientSettings:
    return msgspec.structs.replace(ways, **chosen)


if __name__ == "__main__":
    main(sys.argv[1])
