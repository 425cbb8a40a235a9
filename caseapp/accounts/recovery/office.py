"""The office's recovery: a key pair whose private part exists only as shares on paper.

Nothing on the server opens what is in escrow. A test proves that the shares do: it is due after a new set and every
90 days.
"""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_noop
from msgspec.structs import replace

from caseapp.accounts.directory import audit_trail, escrow, grants, members
from caseapp.accounts.directory.escrow_rows import EscrowRow
from caseapp.accounts.directory.records import Directory, ProposedRecoverySet, RecoverySet
from caseapp.accounts.keys import word_list
from caseapp.accounts.keys.staff import Keys, Staff
from caseapp.accounts.models import Recovery
from caseapp.accounts.recovery import offline_file
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.vault.core import primitives, shares
from caseapp.vault.core.labels import LABELS
from caseapp.vault.tenancy import office_transaction

TEST_EVERY = timedelta(days=90)
CONFIRM_WITHIN = timedelta(days=3)
WRONG_CODE = gettext_noop("That is not the code of this test. Download the test file again and run the test with it.")


@dataclass(frozen=True)
class RecoveryState:
    """The state of an office's recovery.

    current_set    None before the first set
    live, covered  keys in use, and how many of them are in escrow
    next_set       the set that waits for another admin's confirmation
    """

    current_set: RecoverySet | None
    live: int
    covered: int
    next_set: ProposedRecoverySet | None = None

    @property
    def is_tested(self) -> bool:
        """Return whether the current set was tested."""
        return self.current_set is not None and self.current_set.tested_at is not None

    @property
    def next_test(self) -> datetime | None:
        """Return when the next test is due; None before the first."""
        return (
            self.current_set.tested_at + TEST_EVERY
            if self.current_set is not None and self.current_set.tested_at
            else None
        )

    @property
    def needs_attention(self) -> bool:
        """Return whether an admin should act: no tested set, a test overdue, or a key that is not in escrow."""
        due = self.next_test
        return due is None or due <= clock.now() or self.covered < self.live


def read_state(keys: Keys) -> RecoveryState:
    """Return the state of the office's recovery. Raises OpenFailed."""
    live, covered = escrow.count_covered_keys(keys.org_id)
    people = members.read_directory(keys, accepts_older=True)  # only shown: Today must open with an older directory
    return RecoveryState(people.recovery, live, covered, _proposed_set(people))


def is_tested(keys: Keys) -> bool:
    """Return whether a tested recovery set exists, the condition for opening a second case."""
    current_set = members.read_directory(keys).recovery
    return current_set is not None and current_set.tested_at is not None


def create_set(staff: Staff, needed: int, holders: int) -> tuple[str, ...]:
    """Create a new set of shares, one text of 33 words a holder; shown once, stored nowhere.

    The older set opens nothing then. Only with the root; the caller asked for passphrase and factor again. Keys of
    groups the admin is not in are added to escrow when their members sign in next. Where there is a set and another
    admin, the new set is valid only after that admin has confirmed it (`confirm_set`), and the older set until then.
    Raises Refused(code="scheme", "root" or "locked_down").
    """
    if (needed, holders) not in shares.SCHEMES:
        raise Refused("scheme", "Choose one of the offered values.")
    keys, secret = staff.keys, primitives.new_key()
    with transaction.atomic(), office_transaction(keys.org_id):
        grants.refuse_while_locked_down(keys.org_id)
        proposed = ProposedRecoverySet(
            public=shares.derive_key_pair(secret).public,
            needed=needed,
            holders=holders,
            by=keys.member_id,
            made_at=clock.now(),
        )
        if needs_confirmation(keys):
            members.change_directory(keys, lambda before: replace(before, recovery_next=proposed))
        else:
            _install_set(keys, proposed)
        audit_trail.record_entry(keys, "recovery.make", count=holders)
    return shares.split_secret(secret, needed, holders)


def needs_confirmation(keys: Keys) -> bool:
    """Return whether a new set waits for another admin: there is one already, and more than one admin."""
    people = members.read_directory(keys)
    return people.recovery is not None and sum(person.is_admin for person in people.active_people) > 1


def confirm_set(staff: Staff) -> None:
    """Confirm the six words of another admin's set: from now on that set is valid, and must be tested.

    A rule of the program, not of cryptography: each admin has the root. Raises Refused(code="no_set", "self" or
    "root").
    """
    keys = staff.keys
    with transaction.atomic(), office_transaction(keys.org_id):
        grants.refuse_while_locked_down(keys.org_id)
        waiting = _proposed_set(members.read_directory(keys))
        if waiting is None:
            raise Refused("no_set", "No new set waits to be confirmed. It may be older than 3 days: make another one.")
        if waiting.by == keys.member_id:
            raise Refused("self", "You made this set yourself. Another admin confirms it.")
        _install_set(keys, waiting)
        audit_trail.record_entry(keys, "recovery.make", target=waiting.by, count=waiting.holders)


def discard_set(staff: Staff) -> None:
    """Discard the set that waits for confirmation; its sheets open nothing. Raises Refused(code="root")."""
    members.change_directory(staff.keys, lambda before: replace(before, recovery_next=None))


def set_words(keys: Keys, public: bytes) -> tuple[str, ...]:
    """Return six words of a waiting set, for its sheets and for the admin who confirms it."""
    return word_list.words_for_digest(primitives.digest(LABELS["recovery words"] + keys.org_id.bytes + public))


def _install_set(keys: Keys, chosen: ProposedRecoverySet) -> None:
    new_set = RecoverySet(needed=chosen.needed, holders=chosen.holders, made_at=clock.now())
    members.set_recovery(keys, chosen.public, new_set)
    Recovery.objects.filter(org_id=keys.org_id).delete()
    escrow.add_held_keys(keys)


def _proposed_set(people: Directory) -> ProposedRecoverySet | None:
    proposed = people.recovery_next
    if proposed is None or clock.now() - proposed.made_at > CONFIRM_WITHIN:
        return None
    by = [person for person in people.active_people if person.member_id == proposed.by and person.is_admin]
    return proposed if by else None


def office_words(keys: Keys) -> tuple[str, ...]:
    """Return six words of the office's root, for the holders' sheets."""
    return offline_file.office_words(keys.org_id, keys.keyring.org_root_public)


def build_test_file(staff: Staff) -> bytes:
    """Return the file for `caseapp recover test`: every row, and a code that is shown only if all of them open.

    Raises Refused(code="no_set" or "root").
    """
    keys = staff.keys
    people = members.read_directory(keys)
    code = _next_test_code(keys, people)
    return offline_file.build_test_file(keys.org_id, read_escrow_rows(keys), code, people.recovery_public)


def confirm_test(staff: Staff, typed: str) -> None:
    """Record a successful test by its typed code. Raises Refused(code="code", "no_set" or "root")."""
    keys = staff.keys
    with transaction.atomic(), office_transaction(keys.org_id):
        code = _next_test_code(keys, members.read_directory(keys))
        given = "".join(typed.split()).replace("-", "").upper()
        if not secrets.compare_digest(given.encode(), code.replace("-", "").encode()):
            raise Refused("code", WRONG_CODE)
        members.change_directory(keys, _mark_tested)
        audit_trail.record_entry(keys, "recovery.test")


def create_tested_set(staff: Staff) -> tuple[str, ...]:
    """Create and test a set of 2 of 3, for the demo office and for measurements. Return the shares."""
    given = create_set(staff, 2, 3)
    confirm_test(staff, offline_file.open_test_file(build_test_file(staff), given[:2])[0])
    return given


def read_escrow_rows(keys: Keys) -> list[EscrowRow]:
    """Return all escrow rows of the office."""
    with office_transaction(keys.org_id):
        rows = Recovery.objects.filter(org_id=keys.org_id).order_by("id")
        return [EscrowRow(id=row.id, sealed=bytes(row.sealed)) for row in rows]


def _mark_tested(before: Directory) -> Directory:
    assert before.recovery is not None
    return replace(before, recovery=replace(before.recovery, tested_at=clock.now()))


def _next_test_code(keys: Keys, people: Directory) -> str:
    """Return the ten-character code of the next test, different for each test and set.

    Only a member with the root can compute it.
    """
    if people.recovery is None:
        raise Refused("no_set", "There is no recovery set yet. Make one first.")
    root = keys.keyring.org_root_private
    if not root:
        raise Refused("root", "Only an admin can test the recovery.")
    last = people.recovery.tested_at or people.recovery.made_at
    about = keys.org_id.bytes + primitives.digest(people.recovery_public) + last.isoformat().encode()
    drawn = primitives.mac(primitives.expand(root, LABELS["recovery test"]), LABELS["recovery test code"], about)
    text = base64.b32encode(drawn)[:10].decode("ascii")
    return f"{text[:5]}-{text[5:]}"
