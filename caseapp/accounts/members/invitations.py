"""Invitations: a link for three days and one use, a passphrase that only the invited person sees, six words by phone.

The link contains the office and a secret. The row's `offer` opens with the link, so that a copy of the database does
not reveal who was invited; `sealed` opens for the office's members; the `answer`, with the new public keys, is sealed
under the link's key. An attacker between the two could still answer in the invited person's name: the six words, made
from those keys and the office's root, are compared by voice before an admin approves the member. The approval names
what was shown (`fingerprint`), so that an answer or role exchanged after the comparison is not approved.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID, uuid4

import msgspec
from django.db import transaction

from caseapp.accounts.directory import conflict_group, grants, groups, members
from caseapp.accounts.directory.records import Person
from caseapp.accounts.keys import link_tokens
from caseapp.accounts.keys import word_list as words
from caseapp.accounts.keys.link_tokens import LinkToken
from caseapp.accounts.keys.permissions import ROLES
from caseapp.accounts.keys.profile import Profile
from caseapp.accounts.keys.staff import Keys, Staff
from caseapp.accounts.members import enrolment
from caseapp.accounts.models import Destruction, Door, Invitation, Member
from caseapp.accounts.signin import office_codes, sessions
from caseapp.accounts.signin.sign_in import SignedIn
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.vault import shred_keys
from caseapp.vault.core import blob, hybrid, primitives
from caseapp.vault.core.keyring import GroupKey, Keyring, open_with_any
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import NoKey, OpenFailed
from caseapp.vault.tenancy import join_office_transaction, office_transaction

LINK_LIFETIME = dt.timedelta(days=3)
OFFER_LABEL, ANSWER_LABEL = LABELS["invitation offer"], LABELS["invitation answer"]
RECORD_LABEL = LABELS["invitation record"]
SENT, EXPIRED, PENDING = "sent", "expired", "pending"
TAG_LABEL, KEY_LABEL = LABELS["invitation tag"], LABELS["invitation key"]  # of the link


class InvitationOffer(msgspec.Struct, kw_only=True, frozen=True):
    """An invitation as its link shows it, with what the new member's keyring pins."""

    email: str
    name: str
    role: str
    language: str
    zone: str
    office_name: str
    root_public: bytes
    office_file: UUID
    expires_at: dt.datetime
    country: str = ""  # the office's; empty in an offer of an older program


class InvitationRecord(msgspec.Struct, kw_only=True, frozen=True):
    """An invitation as the office stores it."""

    email: str
    name: str
    role: str
    is_admin: bool
    language: str
    zone: str
    groups: tuple[UUID, ...]
    by: UUID
    expires_at: dt.datetime
    link_key: bytes

    def __repr__(self) -> str:
        return "<Asked>"


class _InvitationAnswer(msgspec.Struct, kw_only=True, frozen=True):
    member_id: UUID
    hpke_public: bytes
    sign_public: bytes


@dataclass(frozen=True)
class OpenInvitation:
    """An open invitation as the office lists it. `words` are present once the link was used.

    fingerprint  of the keys behind the words and of everything else that is shown; the approval names it
    """

    id: UUID
    record: InvitationRecord
    state: str
    words: tuple[str, ...] = field(default=(), repr=False)
    fingerprint: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class NewInvitation:
    """The person to invite, and what they will be in the office."""

    email: str
    name: str
    role: str
    is_admin: bool = False
    language: str = "en"
    team_ids: tuple[UUID, ...] = ()


def create_invitation(staff: Staff, new: NewInvitation) -> str:
    """Create an invitation and return its link's token, which is stored nowhere. The caller sends it.

    Raises Refused for an unknown role, a team the inviter is not in, an address that has an account, or while locked
    down.
    """
    if new.role not in ROLES:
        raise Refused("role", "Choose one of the offered values.")
    if not set(new.team_ids) <= {team.group for team in staff.keys.teams}:
        raise Refused("teams", "Choose teams you are in yourself.")
    token, row, expires = link_tokens.new_token(staff.org_id), uuid4(), clock.now() + LINK_LIFETIME
    link_key, roster_key = token.derive_key(KEY_LABEL), staff.keys.office_group.roster_key()
    offer = msgspec.msgpack.encode(_offer_of(staff, new, expires))
    record = msgspec.msgpack.encode(_record_of(staff, new, expires, link_key))
    with office_transaction(staff.org_id):
        grants.refuse_while_locked_down(staff.org_id)
        tag = office_codes.email_tag(new.email, office_codes.find_code(staff.org_id))
        if Door.objects.filter(tag=tag).exists():
            raise Refused("email", "This e-mail address already has an account here.")
        Invitation.objects.create(
            org_id=staff.org_id,
            id=row,
            tag=token.tag(TAG_LABEL),
            offer=blob.seal_blob(link_key, OFFER_LABEL, (staff.org_id, row), offer),
            sealed=blob.seal_blob(roster_key, RECORD_LABEL, (staff.org_id, row), record, step=1024),
        )
    return token.text


def _offer_of(staff: Staff, new: NewInvitation, expires_at: dt.datetime) -> InvitationOffer:
    return InvitationOffer(
        email=new.email,
        name=new.name,
        role=new.role,
        language=new.language,
        zone=staff.zone,
        office_name=staff.office_name,
        root_public=staff.keys.keyring.org_root_public,
        office_file=staff.keys.office_file,
        expires_at=expires_at,
        country=staff.country,
    )


def _record_of(staff: Staff, new: NewInvitation, expires_at: dt.datetime, link_key: bytes) -> InvitationRecord:
    return InvitationRecord(
        email=new.email,
        name=new.name,
        role=new.role,
        is_admin=new.is_admin,
        language=new.language,
        zone=staff.zone,
        groups=new.team_ids,
        by=staff.member_id,
        expires_at=expires_at,
        link_key=link_key,
    )


class FoundInvitation(NamedTuple):
    """Id of an open invitation and the time when its link ends."""

    id: UUID
    expires_at: dt.datetime


def find_by_token(token: str) -> FoundInvitation:
    """Return the invitation of a link. Raises NotFound."""
    link = link_tokens.parse_token(token)
    with office_transaction(link.org_id):
        row, offer = _find_offer(link)
    return FoundInvitation(row.id, offer.expires_at)


def read_offer(token: str) -> InvitationOffer:
    """Return what a link offers. Raises NotFound: wrong, expired, used and revoked links look the same."""
    link = link_tokens.parse_token(token)
    with office_transaction(link.org_id):
        return _find_offer(link)[1]


def accept(token: str, passphrase: str) -> SignedIn:
    """Create the offered account and sign in. It has no group's key until an admin approves the member.

    Raises NotFound, Refused(code="short" or "taken").
    """
    link = link_tokens.parse_token(token)
    org_id = link.org_id
    with transaction.atomic(), office_transaction(org_id):
        row, offer = _find_offer(link, lock=True)
        keyring = Keyring(
            hpke_private=hybrid.new_key_pair().private,
            sign_private=hybrid.new_signing_key(),
            org_root_public=offer.root_public,
            office_file=offer.office_file,
        )
        keys = Keys(org_id, uuid4(), primitives.new_key(), keyring)
        member_profile = Profile(
            name=offer.name,
            role=offer.role,
            language=offer.language,
            zone=offer.zone,
            office_name=offer.office_name,
            country=offer.country,
        )
        enrolment.create_account(keys, member_profile, email=offer.email, passphrase=passphrase)
        answer = _InvitationAnswer(
            member_id=keys.member_id,
            hpke_public=hybrid.derive_public_key(keyring.hpke_private),
            sign_public=hybrid.derive_verify_key(keyring.sign_private),
        )
        sealed = blob.seal_blob(
            link.derive_key(KEY_LABEL), ANSWER_LABEL, (org_id, row.id), msgspec.msgpack.encode(answer)
        )
        Invitation.objects.filter(org_id=org_id, id=row.id).update(answer=sealed)
    session = sessions.start(org_id, keys.member_id, keys.bundle_key)
    return SignedIn(session, sessions.open(session))


def list_open_invitations(staff: Staff) -> tuple[OpenInvitation, ...]:
    """Return the open invitations, by invited name."""
    with join_office_transaction(staff.org_id):
        rows = list(Invitation.objects.filter(org_id=staff.org_id))
        return tuple(sorted((_open_invitation(staff, row) for row in rows), key=lambda w: w.record.name.casefold()))


def list_answered_invitations(staff: Staff, limit: int) -> tuple[OpenInvitation, ...]:
    """Return at most `limit` invitations whose link was used: people who wait to be approved."""
    with join_office_transaction(staff.org_id):
        rows = Invitation.objects.filter(org_id=staff.org_id).exclude(answer=b"")[:limit]
        return tuple(_open_invitation(staff, row) for row in rows)


def find_invitation(staff: Staff, row_id: UUID) -> OpenInvitation:
    """Return an open invitation. Raises NotFound."""
    with join_office_transaction(staff.org_id):
        return _open_invitation(staff, _find_row(staff, row_id))


def approve_member(staff: Staff, row_id: UUID, *, fingerprint: str) -> Person:
    """Approve a new member whose six words matched: directory entry, then the keys of office and teams.

    `fingerprint` is that of the invitation as it was shown with its words. Teams of the invitation that this admin is
    not in are left out. Raises NotFound, Refused(code="root", "waiting", "changed", "key" or "locked_down").
    """
    with transaction.atomic(), office_transaction(staff.org_id):
        row = _find_row(staff, row_id, lock=True)
        asked, answer = _open_record(staff, row), _open_answer(staff, row)
        if answer is None:
            raise Refused("waiting", "They have not used the link yet.")
        if not primitives.is_equal(_compute_fingerprint(staff, row_id, asked, answer).encode(), fingerprint.encode()):
            raise Refused(
                "changed",
                "This invitation changed after the words were shown. It was not approved. Compare the six words again.",
            )
        _require_sound_key(answer)
        person = Person(
            member_id=answer.member_id,
            name=asked.name,
            role=asked.role,
            is_admin=asked.is_admin,
            hpke_public=answer.hpke_public,
            sign_public=answer.sign_public,
        )
        members.add_person(staff.keys, person)
        root = staff.keys.keyring.org_root_private if asked.is_admin else b""
        grants.give_keys(staff.keys, person, staff.keys.office_epochs, root=root, office_file=staff.keys.office_file)
        for team in asked.groups:
            if staff.keys.epochs_of(team):
                groups.add_members(staff.keys, team, {person.member_id: groups.MEMBER})
        conflict_group.follow_officers(staff.keys)
        Invitation.objects.filter(org_id=staff.org_id, id=row_id).delete()
    return person


def revoke(staff: Staff, row_id: UUID) -> None:
    """Revoke an invitation and delete an account that was made with it. Raises NotFound."""
    with transaction.atomic(), office_transaction(staff.org_id):
        row = _find_row(staff, row_id, lock=True)
        answer = _open_answer(staff, row)
        if answer is not None:
            theirs = {"org_id": staff.org_id, "member_id": answer.member_id}
            Destruction.objects.get_or_create(org_id=staff.org_id, subject=answer.member_id)
            Door.objects.filter(**theirs).delete()
            Member.objects.filter(org_id=staff.org_id, id=answer.member_id).delete()
        Invitation.objects.filter(org_id=staff.org_id, id=row_id).delete()
    if answer is not None:
        with office_transaction(staff.org_id):
            shred_keys.destroy("members", answer.member_id)
            Destruction.objects.filter(org_id=staff.org_id, subject=answer.member_id).delete()


def own_verification_words(staff: Staff) -> tuple[str, ...]:
    """Return the six words of a member who is not approved yet, from their own keys and the root they were given."""
    ring = staff.keys.keyring
    return _verification_words(
        staff.org_id,
        ring.org_root_public,
        hybrid.derive_public_key(ring.hpke_private),
        hybrid.derive_verify_key(ring.sign_private),
    )


def _verification_words(org_id: UUID, root_public: bytes, hpke_public: bytes, sign_public: bytes) -> tuple[str, ...]:
    content = LABELS["invitation words"] + org_id.bytes + root_public + primitives.digest(hpke_public) + sign_public
    return words.spoken_words_for_digest(primitives.digest(content))


def _compute_fingerprint(staff: Staff, row_id: UUID, asked: InvitationRecord, answer: _InvitationAnswer) -> str:
    content = b"".join(primitives.digest(msgspec.msgpack.encode(part)) for part in (asked, answer))
    return primitives.digest(LABELS["invitation shown"] + staff.org_id.bytes + row_id.bytes + content).hex()


def _require_sound_key(answer: _InvitationAnswer) -> None:
    try:
        hybrid.require_sound_verify_key(answer.sign_public)
    except OpenFailed as exc:
        raise Refused(
            "key", "Their key is not usable. Revoke the invitation, invite them again, and tell another admin."
        ) from exc


def _open_invitation(staff: Staff, row: Invitation) -> OpenInvitation:
    asked, answer = _open_record(staff, row), _open_answer(staff, row)
    if answer is None:
        return OpenInvitation(row.id, asked, SENT if clock.now() < asked.expires_at else EXPIRED)
    root = staff.keys.keyring.org_root_public
    return OpenInvitation(
        row.id,
        asked,
        PENDING,
        _verification_words(staff.org_id, root, answer.hpke_public, answer.sign_public),
        _compute_fingerprint(staff, row.id, asked, answer),
    )


def _find_row(staff: Staff, row_id: UUID, *, lock: bool = False) -> Invitation:
    rows = Invitation.objects.select_for_update() if lock else Invitation.objects.all()
    row = rows.filter(org_id=staff.org_id, id=row_id).first()
    if row is None:
        raise NotFound(f"invitation {row_id}")
    return row


def _open_record(staff: Staff, row: Invitation) -> InvitationRecord:
    def open_with(held: GroupKey) -> bytes:
        return blob.open_blob(held.roster_key(), RECORD_LABEL, (row.org_id, row.id), bytes(row.sealed), step=1024)

    try:
        plain = open_with_any(staff.keys.office_epochs, open_with, what="invitation")
    except OpenFailed as exc:
        raise NoKey(f"invitation {row.id}") from exc
    return msgspec.msgpack.decode(plain, type=InvitationRecord)


def _open_answer(staff: Staff, row: Invitation) -> _InvitationAnswer | None:
    if not row.answer:
        return None
    plain = blob.open_blob(_open_record(staff, row).link_key, ANSWER_LABEL, (row.org_id, row.id), bytes(row.answer))
    return msgspec.msgpack.decode(plain, type=_InvitationAnswer)


def _find_offer(link: LinkToken, *, lock: bool = False) -> tuple[Invitation, InvitationOffer]:
    rows = Invitation.objects.select_for_update() if lock else Invitation.objects.all()
    row = rows.filter(org_id=link.org_id, tag=link.tag(TAG_LABEL)).first()
    if row is None or row.answer:
        raise NotFound("invitation")
    try:
        plain = blob.open_blob(link.derive_key(KEY_LABEL), OFFER_LABEL, (link.org_id, row.id), bytes(row.offer))
    except OpenFailed as exc:
        raise NotFound("invitation does not open") from exc
    offer = msgspec.msgpack.decode(plain, type=InvitationOffer)
    if offer.expires_at <= clock.now():
        raise NotFound("invitation expired")
    return row, offer
