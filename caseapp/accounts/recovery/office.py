"""The office's recovery: a key pair whose private part exists only as shares on paper, made, tested and kept covered.

Nothing on the server opens what is covered. A test opening proves that the shares do: it is asked for after a new set
and every 90 days.
"""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from msgspec.structs import replace

from caseapp.accounts.directory import audit_trail, escrow, grants, members
from caseapp.accounts.directory.escrow_rows import Row
from caseapp.accounts.directory.records import Directory, NextSet, RecoverySet
from caseapp.accounts.keys import word_list
from caseapp.accounts.keys.staff import Keys, Staff
from caseapp.accounts.models import Recovery
from caseapp.accounts.recovery import offline_file
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.vault.core import primitives, shares
from caseapp.vault.core.labels import LABELS
from caseapp.vault.tenancy import office

TEST_EVERY = timedelta(days=90)
CONFIRM_WITHIN = timedelta(days=3)
WRONG_CODE = "That is not the code of this test. Download the test file again and run the test with it."


@dataclass(frozen=True)
class State:
    """How recovery stands. `told` is None before the first set; live and covered count keys (`covering.coverage`).

    next_set  what waits for another admin's confirmation
    """

    told: RecoverySet | None
    live: int
    covered: int
    next_set: NextSet | None = None

    @property
    def is_tested(self) -> bool:
        """Whether the set that is out was test-opened once."""
        return self.told is not None and self.told.tested_at is not None

    @property
    def next_test(self) -> datetime | None:
        """When the next test is due; None before the first."""
        return self.told.tested_at + TEST_EVERY if self.told is not None and self.told.tested_at else None

    @property
    def needs_care(self) -> bool:
        """Whether an admin should look: no tested set, a test overdue, or a key that is not covered."""
        due = self.next_test
        return due is None or due <= clock.now() or self.covered < self.live


def state(keys: Keys) -> State:
    """How recovery stands. Raises OpenFailed."""
    live, covered = escrow.coverage(keys.org_id)
    people = members.read(keys)
    return State(people.recovery, live, covered, _waiting(people))


def is_tested(keys: Keys) -> bool:
    """Whether the office could come back if everybody lost their passphrase: the gate before the second case."""
    told = members.read(keys).recovery
    return told is not None and told.tested_at is not None


def make(staff: Staff, needed: int, holders: int) -> tuple[str, ...]:
    """A new set of shares, one text of 33 words a holder; shown once, kept nowhere. An older set opens nothing after.

    Holders of the root only; the caller asked for passphrase and factor again. Keys of groups one is not in are covered
    when their members come next. Where there is a set and another admin, it counts only when that one has confirmed it
    (`confirm_set`), and the older set until then. Raises Refused(code="scheme", "root" or "locked_down").
    """
    if (needed, holders) not in shares.SCHEMES:
        raise Refused("scheme", "Choose one of the offered values.")
    keys, secret = staff.keys, primitives.new_key()
    with transaction.atomic(), office(keys.org_id):
        grants.refuse_while_locked_down(keys.org_id)
        proposed = NextSet(
            public=shares.pair_from(secret).public, needed=needed, holders=holders, by=keys.member_id,
            made_at=clock.now(),
        )  # fmt: skip
        if needs_second(keys):
            members.change(keys, lambda before: replace(before, recovery_next=proposed))
        else:
            _install(keys, proposed)
        audit_trail.note(keys, "recovery.make", count=holders)
    return shares.split(secret, needed, holders)


def needs_second(keys: Keys) -> bool:
    """Whether a new set waits for another admin: there is one already, and more than one admin."""
    people = members.read(keys)
    return people.recovery is not None and sum(person.is_admin for person in people.active) > 1


def confirm_set(staff: Staff) -> None:
    """Another admin compared the six words with the sheets: from now on the new set counts, and has to be tested.

    The program's rule, not a cryptographic one: each admin holds the root. Raises Refused(code="no_set", "self" or
    "root").
    """
    keys = staff.keys
    with transaction.atomic(), office(keys.org_id):
        grants.refuse_while_locked_down(keys.org_id)
        waiting = _waiting(members.read(keys))
        if waiting is None:
            raise Refused("no_set", "No new set waits to be confirmed. It may be older than 3 days: make another one.")
        if waiting.by == keys.member_id:
            raise Refused("self", "You made this set yourself. Another admin confirms it.")
        _install(keys, waiting)
        audit_trail.note(keys, "recovery.make", target=waiting.by, count=waiting.holders)


def drop_set(staff: Staff) -> None:
    """The set that waits never counts; its sheets are waste paper. Raises Refused(code="root")."""
    members.change(staff.keys, lambda before: replace(before, recovery_next=None))


def set_words(keys: Keys, public: bytes) -> tuple[str, ...]:
    """Six words of a set that waits, for its sheets and for the admin who confirms it."""
    return word_list.of_digest(primitives.digest(b"recovery-words/1" + keys.org_id.bytes + public))


def _install(keys: Keys, chosen: NextSet) -> None:
    told = RecoverySet(needed=chosen.needed, holders=chosen.holders, made_at=clock.now())
    members.set_recovery(keys, chosen.public, told)
    Recovery.objects.filter(org_id=keys.org_id).delete()
    escrow.cover_held(keys)


def _waiting(people: Directory) -> NextSet | None:
    found = people.recovery_next
    if found is None or clock.now() - found.made_at > CONFIRM_WITHIN:
        return None
    by = [person for person in people.active if person.member_id == found.by and person.is_admin]
    return found if by else None


def office_words(keys: Keys) -> tuple[str, ...]:
    """Six words of the office's root, for the holders' sheets."""
    return offline_file.office_words(keys.org_id, keys.keyring.org_root_public)


def test_file(staff: Staff) -> bytes:
    """What `caseapp recover test` takes: every row, and a code that is told only if all of them open.

    Raises Refused(code="no_set" or "root").
    """
    keys = staff.keys
    people = members.read(keys)
    code = _code(keys, people)
    return offline_file.make_test(keys.org_id, stored_rows(keys), code, people.recovery_public)


def confirm_test(staff: Staff, typed: str) -> None:
    """The code of the test opening, typed back. Raises Refused(code="code", "no_set" or "root")."""
    keys = staff.keys
    with transaction.atomic(), office(keys.org_id):
        code = _code(keys, members.read(keys))
        given = "".join(typed.split()).replace("-", "").upper()
        if not secrets.compare_digest(given.encode(), code.replace("-", "").encode()):
            raise Refused("code", WRONG_CODE)
        members.change(keys, _tested)
        audit_trail.note(keys, "recovery.test")


def make_tested(staff: Staff) -> tuple[str, ...]:
    """A set of 2 of 3 that was test-opened at once, for the demo office and for measurements; answers the shares."""
    given = make(staff, 2, 3)
    confirm_test(staff, offline_file.pass_test(test_file(staff), given[:2])[0])
    return given


def stored_rows(keys: Keys) -> list[Row]:
    """All recovery rows of the office."""
    with office(keys.org_id):
        rows = Recovery.objects.filter(org_id=keys.org_id).order_by("id")
        return [Row(id=row.id, sealed=bytes(row.sealed)) for row in rows]


def _tested(before: Directory) -> Directory:
    assert before.recovery is not None
    return replace(before, recovery=replace(before.recovery, tested_at=clock.now()))


def _code(keys: Keys, people: Directory) -> str:
    """Ten signs, another after each successful test and for each set; only holders of the root can work it out."""
    if people.recovery is None:
        raise Refused("no_set", "There is no recovery set yet. Make one first.")
    root = keys.keyring.org_root_private
    if not root:
        raise Refused("root", "Only an admin can test the recovery.")
    last = people.recovery.tested_at or people.recovery.made_at
    about = keys.org_id.bytes + primitives.digest(people.recovery_public) + last.isoformat().encode()
    drawn = primitives.mac(primitives.expand(root, LABELS["recovery test"]), b"code/1", about)
    text = base64.b32encode(drawn)[:10].decode("ascii")
    return f"{text[:5]}-{text[5:]}"
