"""The office's recovery: a key pair whose private part exists only as shares on paper.

Nothing on the server opens what is in escrow. The holders' checks prove that their sheets are on paper: due after a new
set and every 90 days. Opening with real sheets, offline, is the drill.
"""

import base64
import secrets
from collections.abc import Sequence
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
from caseapp.accounts.models import Recovery, Sheet
from caseapp.accounts.recovery import dealing, offline_file, sheet_rows, sheet_status
from caseapp.accounts.recovery.dealing import DealtSet, HolderChoice
from caseapp.accounts.recovery.sheet_status import CHECKED, LOST, SheetStatus
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.vault.core import primitives, shares
from caseapp.vault.core.labels import LABELS
from caseapp.vault.tenancy import office_transaction

TEST_EVERY = timedelta(days=90)
BOTH = (2, 2)  # the scheme of an office of two
COLLECT_WITHIN = timedelta(days=14)  # how long a new set that follows another one waits for its holders
WRONG_CODE = gettext_noop("That is not the code of this test. Download the test file again and run the test with it.")
UNCHECKED = gettext_noop("Not enough holders have checked their sheets yet. Until then the old sheets count.")
TOO_FEW = gettext_noop("Choose other holders: each sheet is for a different member, and only that member sees it.")
SCHEME = gettext_noop("Choose one of the offered values.")


@dataclass(frozen=True)
class RecoveryState:
    """The state of an office's recovery.

    current_set    None before the first set
    live, covered  keys in use, and how many of them are in escrow
    next_set       the set that follows it and waits for its holders and, where there is one, another admin
    sheets         what became of each sheet of the current set; nothing for a set of an older program
    is_outgrown    one member has seen every sheet, and is no longer the only one in the office
    """

    current_set: RecoverySet | None
    live: int
    covered: int
    next_set: ProposedRecoverySet | None = None
    sheets: tuple[SheetStatus, ...] = ()
    next_sheets: tuple[SheetStatus, ...] = ()
    is_outgrown: bool = False

    @property
    def is_old_way(self) -> bool:
        """Return whether an older program made the set in use, and showed all of its sheets to the admin."""
        return self.current_set is not None and not self.current_set.sheets

    @property
    def is_tested(self) -> bool:
        """Return whether the set was proven once: each holder checked their sheet, or a drill opened every key."""
        if self.current_set is None:
            return False
        if self.current_set.tested_at is not None:
            return True
        return bool(self.sheets) and all(status.is_proven for status in self.sheets)

    @property
    def next_test(self) -> datetime | None:
        """Return when the next check is due, or the next drill of a set of an older program; None before the first."""
        if self.current_set is None or not self.is_tested:
            return None
        if not self.sheets:
            return self.current_set.tested_at + TEST_EVERY if self.current_set.tested_at is not None else None
        return min((status.next_check for status in self.sheets if status.next_check is not None), default=None)

    @property
    def checked(self) -> int:
        """Return how many holders have checked their sheet."""
        return sheet_status.count_proven(self.sheets)

    @property
    def lost(self) -> tuple[SheetStatus, ...]:
        """Return the sheets that no holder in the office has or can collect: the set is incomplete."""
        return tuple(status for status in self.sheets if status.state == LOST)

    @property
    def has_usable_next(self) -> bool:
        """Return whether enough holders of the set that waits have checked their sheets."""
        waiting = self.next_set
        return waiting is not None and sheet_status.count_proven(self.next_sheets) >= waiting.needed

    @property
    def needs_new_set(self) -> bool:
        """Return whether only a new set mends what is missing."""
        return self.is_old_way or self.is_outgrown or bool(self.lost)

    @property
    def needs_attention(self) -> bool:
        """Return whether an admin should act: no set, a check missing or overdue, a lost sheet, a key not in escrow."""
        due = self.next_test
        is_late = due is None or due <= clock.now() or any(status.state != CHECKED for status in self.sheets)
        return is_late or self.needs_new_set or self.covered < self.live


def read_state(keys: Keys) -> RecoveryState:
    """Return the state of the office's recovery. Raises OpenFailed."""
    live, covered = escrow.count_covered_keys(keys.org_id)
    people = members.read_directory(keys, accepts_older=True)  # only shown: Today must open with an older directory
    proposed = find_proposed_set(people)
    return RecoveryState(
        people.recovery,
        live,
        covered,
        proposed,
        sheet_status.read_sheets(keys, people, people.recovery),
        sheet_status.read_sheets(keys, people, proposed),
        people.sheet_printer is not None and len(people.active_people) > 1,
    )


def is_usable(keys: Keys) -> bool:
    """Return whether the office has a set that is proven to open it: the condition for many cases.

    As many holders as open it have checked their sheets, or a drill succeeded.
    """
    people = members.read_directory(keys, accepts_older=True)  # a page that says what to do opens with an older one
    chosen = people.recovery
    if chosen is None:
        return False
    proven = sheet_status.count_proven(sheet_status.read_sheets(keys, people, chosen))
    return chosen.tested_at is not None or proven >= chosen.needed


def create_set(staff: Staff, needed: int, holders: Sequence[HolderChoice]) -> None:
    """Deal a new set of sheets, each sealed to its holder; this request shows none of them to anybody.

    Only with the root; the caller asked for passphrase and factor again. A first set counts at once. A set that follows
    another one counts when enough of its holders have checked their sheets and `confirm_set` was called; until then the
    older one counts. Keys of groups the admin is not in are added to escrow when their members sign in next. Raises
    Refused(code="scheme", "holders", "root" or "locked_down").
    """
    keys = staff.keys
    with transaction.atomic(), office_transaction(keys.org_id):
        grants.refuse_while_locked_down(keys.org_id)
        people = members.read_directory(keys)
        _require_holders(people, keys, needed, holders)
        dealt = dealing.deal(keys.org_id, people, needed, holders)
        proposed = ProposedRecoverySet(
            public=dealt.public,
            needed=needed,
            holders=len(holders),
            by=keys.member_id,
            made_at=clock.now(),
            sheets=dealt.sheets,
        )
        if people.recovery is not None:
            members.change_directory(keys, lambda before: replace(before, recovery_next=proposed))
        else:
            _install_set(keys, proposed)
        _store_sheets(keys, dealt)
        audit_trail.record_entry(keys, "recovery.make", count=len(holders))


def offered_schemes(active: int) -> tuple[tuple[int, int], ...]:
    """Return the (sheets needed, sheets in the set) that an office with this many members can choose.

    An office of one hands sheets to people outside; in an office of two each member has one, and both are needed.
    """
    if active == 2:
        return (BOTH,)
    return tuple(scheme for scheme in shares.SCHEMES if active == 1 or scheme[1] <= active)


def _require_holders(people: Directory, keys: Keys, needed: int, holders: Sequence[HolderChoice]) -> None:
    """Raise Refused unless no member would see a sheet that is not theirs, but in an office of one."""
    active = people.active_ids
    if (needed, len(holders)) not in offered_schemes(len(active)):
        raise Refused("scheme", SCHEME)
    chosen = [choice.member for choice in holders]
    if len(active) == 1:
        is_allowed = set(chosen) == active and sum(not choice.is_outside for choice in holders) <= 1
    else:
        is_distinct = len(set(chosen)) == len(chosen) and set(chosen) <= active
        is_allowed = is_distinct and not any(choice.is_outside for choice in holders)
    if not is_allowed:
        raise Refused("holders", TOO_FEW)
    if not keys.keyring.org_root_private:
        raise Refused("root", "Only an admin can change who belongs to the office.")


def _store_sheets(keys: Keys, dealt: DealtSet) -> None:
    """Store the sealed sheets in place of those of sets that count no longer."""
    _delete_old_sheets(keys)
    Sheet.objects.bulk_create(
        [
            Sheet(
                org_id=keys.org_id,
                id=sheet.id,
                sealed=sealed,
                state=sheet_rows.seal_state(keys, sheet.id, sheet_rows.SheetState()),
            )
            for sheet, sealed in zip(dealt.sheets, dealt.sealed, strict=True)
        ]
    )


def _delete_old_sheets(keys: Keys) -> None:
    """Delete the rows of sheets that are in no set of the directory."""
    people = members.read_directory(keys)
    kept = [sheet.id for chosen in (people.recovery, people.recovery_next) if chosen for sheet in chosen.sheets]
    Sheet.objects.filter(org_id=keys.org_id).exclude(id__in=kept).delete()


def has_another_admin(people: Directory) -> bool:
    """Return whether another admin has to confirm a set that follows one."""
    return sum(person.is_admin for person in people.active_people) > 1


def confirm_set(staff: Staff) -> None:
    """Let the new set count from now on, in place of the older one, whose sheets then open nothing new.

    Enough of its holders have checked their sheets; where there is another admin, that admin compared the six words. A
    rule of the program, not of cryptography: each admin has the root. Raises Refused(code="no_set", "self", "unchecked"
    or "root").
    """
    keys = staff.keys
    with transaction.atomic(), office_transaction(keys.org_id):
        grants.refuse_while_locked_down(keys.org_id)
        state = read_state(keys)
        waiting = state.next_set
        if waiting is None:
            raise Refused("no_set", "No new set waits to be confirmed. It may be older than 14 days: make another one.")
        if waiting.by == keys.member_id and has_another_admin(members.read_directory(keys)):
            raise Refused("self", "You made this set yourself. Another admin confirms it.")
        if not state.has_usable_next:
            raise Refused("unchecked", UNCHECKED)
        _install_set(keys, waiting)
        _delete_old_sheets(keys)
        audit_trail.record_entry(keys, "recovery.make", target=waiting.by, count=waiting.holders)


def discard_set(staff: Staff) -> None:
    """Discard the set that waits for confirmation; its sheets open nothing. Raises Refused(code="root")."""
    with transaction.atomic(), office_transaction(staff.org_id):
        members.change_directory(staff.keys, lambda before: replace(before, recovery_next=None))
        _delete_old_sheets(staff.keys)


def set_words(keys: Keys, public: bytes) -> tuple[str, ...]:
    """Return six words of a waiting set, for its sheets and for the admin who confirms it."""
    return word_list.words_for_digest(primitives.digest(LABELS["recovery words"] + keys.org_id.bytes + public))


def _install_set(keys: Keys, chosen: ProposedRecoverySet) -> None:
    new_set = RecoverySet(needed=chosen.needed, holders=chosen.holders, made_at=clock.now(), sheets=chosen.sheets)
    members.set_recovery(keys, chosen.public, new_set)
    Recovery.objects.filter(org_id=keys.org_id).delete()
    escrow.add_held_keys(keys)


def find_proposed_set(people: Directory) -> ProposedRecoverySet | None:
    """Return the set that waits, if the admin who made it still is one and it is not too old.

    A set of an older program is left out: all of its sheets were shown to one admin.
    """
    proposed = people.recovery_next
    if proposed is None or not proposed.sheets or clock.now() - proposed.made_at > COLLECT_WITHIN:
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
