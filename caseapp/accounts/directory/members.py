"""The office's directory: the only authority for its people and their public keys.

Signed by the office's root, which only admins have and whose public part is pinned in each bundle; sealed for every
member of the office. A public key exchanged in the database does not verify, so the next grant fails loudly. The
highest version seen is pinned in the keyring at sign-in and remembered by the server outside the database, so that an
old directory (with a removed member in it) is refused.
"""

from collections.abc import Callable
from uuid import UUID

import msgspec
from django.db import transaction
from msgspec.structs import replace

from caseapp.accounts import queries
from caseapp.accounts.directory import signed_lists
from caseapp.accounts.directory.records import ACTIVE, REMOVED, ConflictGroup, Departure, Directory, Person, RecoverySet
from caseapp.accounts.errors import DirectoryBehind
from caseapp.accounts.keys.staff import Keys
from caseapp.accounts.models import Roster
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.vault import seen_versions
from caseapp.vault.core import hybrid
from caseapp.vault.core.keyring import OFFICE, GroupKey, open_with_any
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import join_office_transaction, office_transaction

LABEL = LABELS["directory"]
Departing = Callable[[Directory], tuple[Departure, ...]]
__all__ = ["ACTIVE", "REMOVED", "Directory", "Person"]


def read_directory(keys: Keys, *, accepts_older: bool = False) -> Directory:
    """Return the current directory.

    accepts_older  return a directory that was put back too, to show names; nothing may be given or sealed by it
    Raises         DirectoryBehind for one older than one seen before, OpenFailed when missing, altered or unsigned
    """
    with join_office_transaction(keys.org_id):
        row = keys.read_once("directory", lambda: _read_row(keys))
        return open_directory_row(keys, row, accepts_older=accepts_older)


def _read_row(keys: Keys) -> Roster | None:
    return Roster.objects.filter(org_id=keys.org_id, group_id=keys.office_group.group).first()


def open_directory_row(keys: Keys, row: Roster | None, *, accepts_older: bool = False) -> Directory:
    """Return the directory in a row that was already read. Raises as `read_directory`.

    Its version is compared each time; the same row is opened once by these keys.
    """
    group = keys.office_group
    if row is None:
        raise OpenFailed("the office's directory is missing")
    seen = seen_versions.newest_seen("directory", keys.org_id, group.group)
    if row.version < seen:
        row = _read_row(keys) or row  # the version seen may have been stored after the row was read
    if row.version < max(seen, keys.keyring.roster_version):
        keys.note_older_directory()
        if not accepts_older:
            raise DirectoryBehind(f"the office's directory went back to version {row.version}")
    newest = row
    directory = keys.open_once(
        "directory", (newest.version, bytes(newest.sealed)), lambda: _open_directory(keys, newest)
    )
    if directory.version > seen:
        seen_versions.remember_on_commit("directory", keys.org_id, group.group, directory.version)
    return directory


def version_just_read(keys: Keys) -> int | None:
    """Return the version of the directory that these keys opened last; None if they opened none.

    Only for keys of one request, which end with it.
    """
    state = keys.opened_state("directory")
    return state[0] if isinstance(state, tuple) else None


def _open_directory(keys: Keys, row: Roster) -> Directory:
    body = _open_row_body(keys, row)
    try:
        directory = msgspec.msgpack.decode(body, type=Directory)
    except msgspec.MsgspecError as exc:
        raise OpenFailed("the office's directory does not read") from exc
    if directory.version != row.version:
        raise OpenFailed("the office's directory says another version")
    return directory


def _open_row_body(keys: Keys, row: Roster) -> bytes:
    def open_with(held: GroupKey) -> bytes:
        return signed_lists.open_by_root(
            held.roster_key(),
            LABEL,
            keys.org_id,
            held.group,
            row.version,
            bytes(row.sealed),
            root_public=keys.keyring.org_root_public,
        )

    return open_with_any(keys.office_epochs, open_with, what="the office's directory")


def change_directory(keys: Keys, edit: Callable[[Directory], Directory]) -> Directory:
    """Edit, sign and store the directory; only with the root. Raises Refused(code="root"), OpenFailed.

    The row is locked meanwhile, so that changes of two admins at the same time are both kept.
    """
    _require_root(keys)
    with transaction.atomic(), office_transaction(keys.org_id):
        group = keys.office_group
        row = Roster.objects.select_for_update().filter(org_id=keys.org_id, group_id=group.group).first()
        before = open_directory_row(keys, row)
        after = replace(edit(before), version=before.version + 1)
        _store_directory(keys, group, after)
    return after


def accept_older_directory(keys: Keys) -> Directory:
    """Sign a directory that was put back as the newest version. The caller is an admin who has looked at its people.

    Raises Refused(code="root" or "settled").
    """
    _require_root(keys)
    with transaction.atomic(), office_transaction(keys.org_id):
        group = keys.office_group
        newest = max(seen_versions.newest_seen("directory", keys.org_id, group.group), keys.keyring.roster_version)
        row = Roster.objects.select_for_update().filter(org_id=keys.org_id, group_id=group.group).first()
        before = open_directory_row(keys, row, accepts_older=True)
        if before.version >= newest:
            raise Refused("settled", "This list of people is the newest one. A decision was made already.")
        after = replace(before, version=newest + 1)
        _store_directory(keys, group, after)
    return after


def create_directory(keys: Keys, people: tuple[Person, ...], *, auditors_public: bytes) -> Directory:
    """Store the first directory of a new office, in the caller's transaction."""
    _require_root(keys)
    first = Directory(
        version=1,
        people=people,
        auditors_public=auditors_public,
        anchored=True,
        office_file=keys.keyring.office_file,
        founded_at=clock.now(),
    )
    _store_directory(keys, keys.office_group, first)
    return first


def reseal_directory(keys: Keys, group: GroupKey) -> Directory:
    """Seal the directory under a new epoch's key of the office group; only with the root."""
    assert group.kind == OFFICE
    return change_directory(keys.with_extra_groups(group), lambda directory: directory)


def _store_directory(keys: Keys, group: GroupKey, directory: Directory) -> None:
    sealed = signed_lists.seal(
        group.roster_key(),
        LABEL,
        keys.org_id,
        group.group,
        directory.version,
        msgspec.msgpack.encode(directory),
        private=keys.keyring.org_root_private,
        root=True,
    )
    queries.save_roster(keys.org_id, group.group, directory.version, sealed)
    seen_versions.remember_on_commit("directory", keys.org_id, group.group, directory.version)


def _require_root(keys: Keys) -> None:
    if not keys.keyring.org_root_private:
        raise Refused("root", "Only an admin can change who belongs to the office.")


def add_person(keys: Keys, person: Person) -> None:
    """Add a person to the directory. For new keys of a listed person use `Directory.with_keys`.

    Raises OpenFailed for a verifying key of low order.
    """
    hybrid.require_sound_verify_key(person.sign_public)
    change_directory(
        keys,
        lambda d: replace(d, people=(*(p for p in d.people if p.member_id != person.member_id), person)),
    )


def mark_removed(keys: Keys, member_id: UUID, departing: Departing | None = None) -> None:
    """Mark a person as removed from the office. Raises NotFound.

    departing  adds what still counts of their signing key (`departures.py`)
    """
    _change_person(keys, member_id, departing, _removed)


def _removed(person: Person) -> Person:
    return replace(person, state=REMOVED, is_admin=False, is_supervising=False, is_conflict_officer=False)


def set_role(
    keys: Keys,
    member_id: UUID,
    departing: Departing | None = None,
    *,
    role: str,
    is_admin: bool,
    is_supervising: bool = False,
    is_conflict_officer: bool = False,
) -> None:
    """Change a person's role. Raises NotFound. A new admin gets the root's private part by a separate grant.

    departing  adds what was signed with rights that the person loses (`departures.py`)
    """
    marks = {"is_supervising": is_supervising, "is_conflict_officer": is_conflict_officer}
    _change_person(keys, member_id, departing, lambda p: replace(p, role=role, is_admin=is_admin, **marks))


def _change_person(
    keys: Keys, member_id: UUID, departing: Departing | None, change: Callable[[Person], Person]
) -> None:
    def edit(directory: Directory) -> Directory:
        directory.find_person(member_id)
        people = (change(p) if p.member_id == member_id and p.state == ACTIVE else p for p in directory.people)
        departures = departing(directory) if departing is not None else directory.departures
        return replace(directory, people=tuple(people), departures=departures)

    change_directory(keys, edit)


def set_auditors(keys: Keys, public: bytes) -> Directory:
    """Set the public key that the audit trail is sealed to, and return the directory."""
    return change_directory(keys, lambda directory: replace(directory, auditors_public=public))


def set_conflict_group(keys: Keys, conflicts: ConflictGroup) -> Directory:
    """Set the group of the conflict officers, and return the directory."""
    return change_directory(keys, lambda directory: replace(directory, conflicts=conflicts))


def set_recovery(keys: Keys, public: bytes, recovery: RecoverySet) -> Directory:
    """Set the office's recovery public key, and how many shares open it."""
    return change_directory(
        keys, lambda directory: replace(directory, recovery_public=public, recovery=recovery, recovery_next=None)
    )


def is_supervising(keys: Keys) -> bool:
    """Return whether the signed directory marks the member as a supervising attorney.

    False while the directory is older than one seen before: an old list may name a person who lost the mark.
    """
    try:
        people = read_directory(keys).supervising_people
    except DirectoryBehind:
        return False
    return any(person.member_id == keys.member_id for person in people)


def own_entry(
    keys: Keys, *, name: str, role: str, is_admin: bool, is_supervising: bool = False, is_conflict_officer: bool = False
) -> Person:
    """Return the member's own directory entry, with the public keys of their keyring."""
    return Person(
        member_id=keys.member_id,
        name=name,
        role=role,
        is_admin=is_admin,
        is_supervising=is_supervising,
        is_conflict_officer=is_conflict_officer,
        hpke_public=hybrid.derive_public_key(keys.keyring.hpke_private),
        sign_public=hybrid.derive_verify_key(keys.keyring.sign_private),
    )
