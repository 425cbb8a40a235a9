"""Keys on their way from one member to another: signed by the giver, sealed to the receiver, merged and deleted.

plaintext = signature 64 | signer 8 | MessagePack {keys, root, office_file} padded to 1 KiB. The signature covers
(info | SHA-256 of the padded map); `info` names office, row and recipient, so a grant cannot be passed on or moved. No
group stands in clear. The receiver's public key comes from the directory, which the office's root signed.
"""

from collections.abc import Sequence
from uuid import UUID, uuid4

import msgspec
from msgspec.structs import replace

from caseapp.accounts.directory import members
from caseapp.accounts.directory.records import Directory, Person
from caseapp.accounts.keys import keyrings, profile
from caseapp.accounts.keys.staff import Keys
from caseapp.accounts.models import Grant, Member, OfficeState
from caseapp.lib.errors import Refused
from caseapp.vault.core import hybrid, primitives
from caseapp.vault.core.keyring import GroupKey, Keyring
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office

INBOX = 1  # the purpose in a grant's info; what the keys are for is inside
STEP = 1024
_SIGNATURE, _SIGNER = 64, 8


class Given(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What a grant holds. `root` is the office's signing root, for a new admin."""

    keys: tuple[GroupKey, ...] = ()
    root: bytes = b""
    office_file: UUID | None = None

    def __repr__(self) -> str:
        return f"<Given of {len(self.keys)} keys>"


_encoder = msgspec.msgpack.Encoder(uuid_format="bytes")
_decoder = msgspec.msgpack.Decoder(Given)


def give(
    keys: Keys, recipient: Person, groups: Sequence[GroupKey], *, root: bytes = b"", office_file: UUID | None = None
) -> None:
    """Put keys into a member's inbox. `recipient` is from the directory as it was just read.

    Raises Refused(code="locked_down") while the office is locked down.
    """
    with office(keys.org_id):
        refuse_while_locked_down(keys.org_id)
        row = uuid4()
        body = primitives.padded(_encoder.encode(Given(keys=tuple(groups), root=root, office_file=office_file)), STEP)
        info = _info(keys.org_id, row, recipient.member_id)
        signature = hybrid.sign(keys.keyring.sign_private, info + primitives.digest(body))
        signer = hybrid.signer_id(hybrid.verify_key(keys.keyring.sign_private))
        sealed = hybrid.seal_to(recipient.hpke_public, signature + signer + body, info)
        Grant.objects.create(org_id=keys.org_id, id=row, recipient=recipient.member_id, sealed=sealed)


def refuse_while_locked_down(org_id: UUID) -> None:
    """Raises Refused(code="locked_down")."""
    if OfficeState.objects.filter(org_id=org_id, locked_down=True).exists():
        raise Refused("locked_down", "The office is locked down: nobody is given keys until an admin lifts it.")


def merge(keys: Keys) -> bool:
    """Take what is in one's inbox into the keyring; answers whether there was anything.

    One's own role is taken from the directory at the same time: an empty grant says "look there". A grant that does not
    open, or that nobody of the directory signed, stays where it is and raises OpenFailed.
    """
    with office(keys.org_id):
        rows = list(Grant.objects.filter(org_id=keys.org_id, recipient=keys.member_id).order_by("id"))
        if not rows:
            return False
        letters = [_opened(keys, row) for row in rows]
        people = _directory(keys, [given for given, _, _, _ in letters])
        verifiers = people.verifiers
        for _, signer, signature, said in letters:
            if signer not in verifiers:
                raise OpenFailed("grant: its signer is not in the directory")
            hybrid.verify(verifiers[signer], signature, said)
        me = people.person(keys.member_id)
        keyrings.change(keys, lambda ring: _with(ring, [given for given, _, _, _ in letters], me, people.version))
        _take_role(keys, me)
        Grant.objects.filter(org_id=keys.org_id, id__in=[row.id for row in rows]).delete()
    return True


def _opened(keys: Keys, row: Grant) -> tuple[Given, bytes, bytes, bytes]:
    """(what is given, signer, signature, what was signed); the signature is not verified yet."""
    info = _info(keys.org_id, row.id, keys.member_id)
    plain = hybrid.open_from(keys.keyring.hpke_private, bytes(row.sealed), info)
    signature, signer, body = (
        plain[:_SIGNATURE],
        plain[_SIGNATURE : _SIGNATURE + _SIGNER],
        plain[_SIGNATURE + _SIGNER :],
    )
    try:
        given = _decoder.decode(primitives.unpadded(body, STEP, what="grant"))
    except (msgspec.MsgspecError, ValueError) as exc:
        raise OpenFailed("grant does not read") from exc
    return given, signer, signature, info + primitives.digest(body)


def _directory(keys: Keys, given: Sequence[Given]) -> Directory:
    # Right after the office group changed its key, the directory opens only with the key that lies in the inbox. It is
    # safe to try that: the directory itself is signed by the root, which is pinned in the bundle.
    wider = keys.plus(*(group for one in given for group in one.keys))
    return members.read(wider)


def _take_role(keys: Keys, me: Person) -> None:
    """The role the directory gives, into one's own profile, which only oneself can seal."""
    row = Member.objects.select_for_update().get(org_id=keys.org_id, id=keys.member_id)
    told = profile.open_profile(keys.bundle_key, keys.org_id, keys.member_id, bytes(row.profile))
    told = replace(told, role=me.role, is_admin=me.is_admin)
    sealed = profile.seal_profile(keys.bundle_key, keys.org_id, keys.member_id, told)
    Member.objects.filter(org_id=row.org_id, id=row.id).update(profile=sealed)


def _with(ring: Keyring, given: Sequence[Given], me: Person, version: int) -> Keyring:
    for one in given:
        ring = replace(
            ring,
            groups=keyrings.with_groups(ring, one.keys),
            org_root_private=one.root or ring.org_root_private,
            office_file=one.office_file or ring.office_file,
        )
    if not me.is_admin:
        ring = replace(ring, org_root_private=b"")
    ring = replace(ring, roster_version=max(version, ring.roster_version))
    if ring.org_root_private and hybrid.verify_key(ring.org_root_private) != ring.org_root_public:
        raise OpenFailed("grant: that is not the office's root")
    return ring


def _info(org_id: UUID, row: UUID, recipient: UUID) -> bytes:
    return hybrid.grant_info(org_id, INBOX, row, recipient, 0)
