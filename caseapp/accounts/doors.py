"""Coming in: the first run, sign-in, unlock, and the recovery code.

There is no stored verifier: a passphrase is right when it opens the member's bundle. An unknown address costs the same
work as a known one.
"""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, transaction

from caseapp.accounts import bundles, profile, roster, sessions, words
from caseapp.accounts.keys import Keys, Staff
from caseapp.accounts.models import Door, Member
from caseapp.accounts.records import Office
from caseapp.lib.errors import Refused, TooMany
from caseapp.vault import server_keys, store
from caseapp.vault.core import hybrid, primitives
from caseapp.vault.core.keyring import GroupKey, Keyring
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office

# Each derivation takes 64 MiB: no more at once than cores, and a short queue; who comes later is asked to try again.
_deriving = threading.BoundedSemaphore(2)
DERIVE_WAIT = 20  # seconds
NO_MATCH = "That did not match. Nothing is locked yet."
MINIMUM = 15  # characters of a passphrase somebody chose


@dataclass(frozen=True)
class SignedIn:
    """A fresh session: the cookie's value and who it is."""

    token: str = field(repr=False)
    staff: Staff


def needs_setup() -> bool:
    """Whether this installation has no office yet."""
    return not Door.objects.exists()


def propose_passphrase() -> str:
    """Six words for a new member; stored nowhere."""
    return words.new_passphrase()


def found_office(
    *,
    office_name: str,
    zone: str,
    language: str,
    member_name: str,
    email: str,
    passphrase: str,
    role: str = "attorney",
    further: bool = False,
) -> SignedIn:
    """The office, its first member (an admin), its signing root and one group, in one transaction; signs in.

    Raises Refused when an office exists already (unless this is a `further` one of a host of several) or the passphrase
    is too short.
    """
    if not further and not needs_setup():
        raise Refused("exists", "This office is already set up. Sign in instead.")
    org_id, member_id = uuid4(), uuid4()
    root = hybrid.new_signing_key()
    pair = hybrid.new_pair()
    group_pair = hybrid.new_pair()
    group = GroupKey(group=uuid4(), epoch=1, key=primitives.new_key(), role="lead", hpke_private=group_pair.private)
    keyring = Keyring(
        hpke_private=pair.private,
        sign_private=hybrid.new_signing_key(),
        org_root_public=hybrid.verify_key(root),
        org_root_private=root,
        groups=(group,),
    )
    told = profile.Profile(
        name=member_name, role=role, is_admin=True, language=language, zone=zone, office_name=office_name
    )
    with office(org_id):
        keys = Keys(org_id, member_id, primitives.new_key(), keyring)
        draft = store.new_file(keys, [group])
        draft.add(Office(name=office_name, zone=zone, language=language))
        store.write(draft)
        keyring.office_file = draft.file.id
        _admit(keys, told, email=email, passphrase=passphrase)
        roster.write(
            keys, group, name=office_name, public=group_pair.public,
            members=(_colleague(member_id, told, pair.public, keyring.sign_private),),
        )  # fmt: skip
    token = sessions.start(org_id, member_id, keys.bundle_key)
    return SignedIn(token, sessions.open(token))


def enrol(by: Keys, group: GroupKey, *, told: profile.Profile, email: str, passphrase: str) -> UUID:
    """A further member of a group, made by somebody who holds the group's key and the office's root.

    Raises Refused when the address is taken. Used by the demo office; invitations build on it.
    """
    member_id = uuid4()
    pair = hybrid.new_pair()
    keyring = Keyring(
        hpke_private=pair.private,
        sign_private=hybrid.new_signing_key(),
        org_root_public=by.keyring.org_root_public,
        groups=(group,),
        office_file=by.keyring.office_file,
    )
    with office(by.org_id):
        _admit(Keys(by.org_id, member_id, primitives.new_key(), keyring), told, email=email, passphrase=passphrase)
        roster.add_member(by, group, _colleague(member_id, told, pair.public, keyring.sign_private))
    return member_id


def _colleague(member_id: UUID, told: profile.Profile, public: bytes, sign_private: bytes) -> roster.Colleague:
    return roster.Colleague(
        member_id=member_id,
        name=told.name,
        role=told.role,
        is_admin=told.is_admin,
        hpke_public=public,
        sign_public=hybrid.verify_key(sign_private),
    )


def _admit(keys: Keys, told: profile.Profile, *, email: str, passphrase: str) -> None:
    typed = words.as_typed(passphrase)
    if len(typed) < MINIMUM:
        raise Refused("short", f"A passphrase has at least {MINIMUM} characters. The six words are best.")
    half = _new_shred_half(keys.member_id)
    with _one_derivation():
        sealed = bundles.create(keys.keyring, keys.member_id, keys.bundle_key, typed, half)
    try:
        with transaction.atomic():
            Door.objects.create(tag=_tag(email), org_id=keys.org_id, member_id=keys.member_id)
    except IntegrityError as exc:
        raise Refused("taken", "This e-mail address already has an account here.") from exc
    Member.objects.create(
        org_id=keys.org_id,
        id=keys.member_id,
        bundle=sealed,
        profile=profile.seal_profile(keys.bundle_key, keys.org_id, keys.member_id, told),
    )


def sign_in(email: str, passphrase: str, *, address: str = "") -> SignedIn:
    """Open the bundle of this address by passphrase, or by the recovery code in its place.

    Raises Refused(code="no_match"), TooMany when too many try at once.
    """
    door = Door.objects.filter(tag=_tag(email)).first()
    row = None
    if door is not None:
        with office(door.org_id):
            row = Member.objects.filter(org_id=door.org_id, id=door.member_id, is_active=True).first()
    if row is None:
        if not _is_code(passphrase):  # a code costs no derivation, for a known address as for an unknown one
            with _one_derivation():
                bundles.pretend(words.as_typed(passphrase))
        raise Refused("no_match", NO_MATCH)
    bundle_key = _unlock(row, passphrase)
    token = sessions.start(row.org_id, row.id, bundle_key)
    return SignedIn(token, sessions.open(token))


def unlock(token: str, passphrase: str, *, address: str = "") -> SignedIn:
    """Open a locked session again, under a new cookie. Raises SessionGone, Refused(code="no_match"), TooMany."""
    org_id, member_id = sessions.locked_member(token)
    with office(org_id):
        row = Member.objects.filter(org_id=org_id, id=member_id, is_active=True).first()
    if row is None:
        raise Refused("no_match", NO_MATCH)
    bundle_key = _unlock(row, passphrase)
    sessions.end(token)
    fresh = sessions.start(org_id, member_id, bundle_key)
    return SignedIn(fresh, sessions.open(fresh))


def _is_code(text: str) -> bool:
    """Whether this is a whole recovery code with a right checksum; six words never are."""
    try:
        bundles.normal_code(text)
    except OpenFailed:
        return False
    return True


def _unlock(row: Member, passphrase: str) -> bytes:
    try:
        if _is_code(passphrase):
            return bundles.unlock_with_code(bytes(row.bundle), row.id, passphrase, _shred_half(row.id))
        with _one_derivation():
            return bundles.unlock(bytes(row.bundle), row.id, words.as_typed(passphrase), _shred_half(row.id))
    except OpenFailed as exc:
        raise Refused("no_match", NO_MATCH) from exc


@contextmanager
def _one_derivation() -> Iterator[None]:
    if not _deriving.acquire(timeout=DERIVE_WAIT):
        raise TooMany("busy", "Many people are signing in just now. Try again in a minute.")
    try:
        yield
    finally:
        _deriving.release()


def propose_recovery_code(staff: Staff) -> str:
    """A code for the printed sheet; it opens nothing until it was typed back."""
    return bundles.new_code()


def confirm_recovery_code(staff: Staff, shown: str, typed: str) -> None:
    """Make the code a way into the bundle. Raises Refused(code="differs") when what was typed is not what was shown."""
    try:
        code, again = bundles.normal_code(shown), bundles.normal_code(typed)
    except OpenFailed as exc:
        raise Refused("differs", "That is not the code on the sheet. Check each group and type it again.") from exc
    if not secrets.compare_digest(code, again):
        raise Refused("differs", "That is not the code on the sheet. Check each group and type it again.")
    with office(staff.org_id):
        row = Member.objects.select_for_update().get(org_id=staff.org_id, id=staff.member_id)
        sealed = bundles.with_code(bytes(row.bundle), row.id, staff.keys.bundle_key, code, _shred_half(staff.member_id))
        Member.objects.filter(org_id=row.org_id, id=row.id, bundle_version=row.bundle_version).update(
            bundle=sealed, bundle_version=row.bundle_version + 1
        )


def _tag(email: str) -> bytes:
    return primitives.mac(server_keys.operational_key(), b"door/1", email.strip().lower().encode())


def _new_shred_half(member_id: UUID) -> bytes:
    """32 bytes kept outside the database and its backups; destroying them ends every wrap of this member."""
    folder = settings.SHRED_FOLDER / "members"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = primitives.new_key()
    path = folder / member_id.hex
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(half)
    return half


def _shred_half(member_id: UUID) -> bytes:
    try:
        return (settings.SHRED_FOLDER / "members" / member_id.hex).read_bytes()
    except FileNotFoundError as exc:
        raise OpenFailed(f"shred half of member {member_id} is gone") from exc
