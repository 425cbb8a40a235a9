"""Recovery of a member without passphrase and recovery code: new words, new keys, and the holders' shares.

A mailed link (3 days) starts it and opens nothing: with it six new words can be chosen once, which make a new key pair
that is stored next to the account. The account itself is unchanged. The keys return only in an answer that was made
offline with the shares (`offline_file.py`), for exactly these new keys, after six words were compared by voice.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID, uuid4

import msgspec
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext_noop

from caseapp.accounts.directory import audit_trail, departures, grants
from caseapp.accounts.directory import members as directory
from caseapp.accounts.directory.escrow_rows import EscrowRow
from caseapp.accounts.keys import bundles, link_tokens, office_file, profile, word_list
from caseapp.accounts.keys.derivation import derivation_slot
from caseapp.accounts.keys.staff import Keys
from caseapp.accounts.models import Door, Factor, Grant, Group, Member, Recovery, Return, Roster
from caseapp.accounts.recovery import offline_file
from caseapp.accounts.recovery.offline_file import RecoveryAnswer, RecoveryRequest, StoredList
from caseapp.accounts.signin import active_sessions, office_codes, sessions, throttle
from caseapp.accounts.signin.sign_in import SignedIn
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused, TooMany
from caseapp.vault import shred_keys
from caseapp.vault.core import hybrid, primitives
from caseapp.vault.core.bundle import Bundle
from caseapp.vault.core.keyring import Keyring
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction

LINK_LIFETIME = dt.timedelta(days=3)  # how long an unused link is valid
ANSWER_LIFETIME = dt.timedelta(days=30)  # how long the new words wait for the answer
MAX_LINKS = 3  # valid links of one member at a time: limits mail, and no link replaces an earlier one
FACTOR_GRACE_SECONDS = 24 * 3600  # seconds an admin has to set up a new second factor
NO_MATCH = gettext_noop("These are not the six words you chose here.")
NOT_OURS = gettext_noop("This is not the answer to your request. Check that the whole file was copied.")
OTHER_OFFICE = gettext_noop(
    "The words of the office differ from those you typed. Call the holders again: do not go on."
)
CHANGED = gettext_noop(
    "People of the office changed after this answer was made. Download the request again and ask for a new answer."
)
TAG_LABEL = LABELS["return tag"]  # of the link


class _PendingKeys(msgspec.Struct, kw_only=True, frozen=True):
    hpke_public: bytes
    sign_public: bytes
    bundle: bytes

    def __repr__(self) -> str:
        return "<_Pending>"


@dataclass(frozen=True)
class RecoveryLink:
    """A valid recovery link. `is_used`: new words were chosen, and the answer is awaited."""

    org_id: UUID
    id: UUID
    member_id: UUID
    is_used: bool
    pending: bytes = field(repr=False)


class NewRecoveryLink(NamedTuple):
    """A recovery link that was just made. `token` is stored nowhere."""

    org_id: UUID
    id: UUID
    token: str
    expires_at: dt.datetime


def create_link(email: str, *, address: str, office_code: str = "") -> NewRecoveryLink | None:
    """Create a recovery link, or return None where no account has this address; pages do not say which.

    Raises TooMany after too many tries, for any address.
    """
    tag = office_codes.email_tag(email, office_code)
    throttle.count_try(throttle.for_sign_in(b"lost" + tag, address=address))
    door = Door.objects.filter(tag=tag).first()
    if door is None:
        return None
    now, token = clock.now(), link_tokens.new_token(door.org_id)
    with office_transaction(door.org_id):
        mine = Return.objects.filter(org_id=door.org_id, member_id=door.member_id)
        _delete_rows(mine.filter(expires_at__lte=now))
        if not Member.objects.filter(org_id=door.org_id, id=door.member_id, is_active=True).exists():
            return None
        if mine.count() >= MAX_LINKS:
            return None
        link = NewRecoveryLink(door.org_id, uuid4(), token.text, (now + LINK_LIFETIME).replace(second=0, microsecond=0))
        Return.objects.create(
            org_id=link.org_id,
            id=link.id,
            member_id=door.member_id,
            tag=token.tag(TAG_LABEL),
            expires_at=link.expires_at,
        )
    return link


def find_link(token: str) -> RecoveryLink:
    """Return the recovery a link belongs to. Raises NotFound: wrong, expired and finished links look the same."""
    link = link_tokens.parse_token(token)
    org_id = link.org_id
    with office_transaction(org_id):
        row = Return.objects.filter(org_id=org_id, tag=link.tag(TAG_LABEL), expires_at__gt=clock.now()).first()
        if row is None or not Member.objects.filter(org_id=org_id, id=row.member_id, is_active=True).exists():
            raise NotFound("return")
        return RecoveryLink(org_id, row.id, row.member_id, bool(row.pending), bytes(row.pending))


def choose_passphrase(token: str, passphrase: str) -> None:
    """Store new words and a new key pair, once a link. The caller has checked that the words were typed back.

    Raises NotFound, Refused(code="used"), TooMany.
    """
    link = find_link(token)
    ring = Keyring(
        hpke_private=hybrid.new_key_pair().private, sign_private=hybrid.new_signing_key(), org_root_public=b""
    )
    with transaction.atomic(), office_transaction(link.org_id):
        rows = Return.objects.select_for_update().filter(org_id=link.org_id, id=link.id, pending=b"")
        if rows.first() is None:
            raise Refused("used", "This link was used already. Ask for another one.")
        shred_keys.destroy("members", link.id)  # left by an interrupted try
        half = shred_keys.new("members", link.id)
        with derivation_slot():
            sealed = bundles.create(
                ring, link.id, primitives.new_key(), word_list.normalize_passphrase(passphrase), half
            )
        pending = _PendingKeys(
            hpke_public=hybrid.derive_public_key(ring.hpke_private),
            sign_public=hybrid.derive_verify_key(ring.sign_private),
            bundle=sealed,
        )
        rows.update(pending=msgspec.msgpack.encode(pending), expires_at=clock.now() + ANSWER_LIFETIME)


def open_pending_keys(link: RecoveryLink, passphrase: str) -> Keyring:
    """Return the new private keys, opened by the new words. Raises Refused(code="no_match"), TooMany."""
    tries = throttle.for_check(link.id.bytes)
    throttle.count_try(tries)
    try:
        half = shred_keys.read_half("members", link.id)
        sealed = msgspec.msgpack.decode(link.pending, type=_PendingKeys).bundle
        with derivation_slot():
            key = bundles.unlock_with_passphrase(sealed, link.id, word_list.normalize_passphrase(passphrase), half)
        ring = Bundle.parse(sealed, link.id).open_keyring(key)
    except TooMany:
        throttle.refund_try(tries)
        raise
    except (OpenFailed, msgspec.MsgspecError) as exc:
        raise Refused("no_match", NO_MATCH) from exc
    throttle.clear_tries(tries)
    return ring


def own_verification_words(link: RecoveryLink, ring: Keyring) -> tuple[str, ...]:
    """Return six words of the new keys themselves, not of the public keys in the database."""
    public, verify = hybrid.derive_public_key(ring.hpke_private), hybrid.derive_verify_key(ring.sign_private)
    return offline_file.request_words(link.org_id, link.member_id, public, verify)


def build_request_file(link: RecoveryLink) -> bytes:
    """Return the file that the share holders need; all of it is sealed.

    Raises NotFound before new words were chosen.
    """
    if not link.is_used:
        raise NotFound("no words were chosen yet")
    pending = msgspec.msgpack.decode(link.pending, type=_PendingKeys)
    with office_transaction(link.org_id):
        rows = [EscrowRow(id=row.id, sealed=bytes(row.sealed)) for row in Recovery.objects.filter(org_id=link.org_id)]
        rosters = Roster.objects.filter(org_id=link.org_id)
        groups = Group.objects.filter(org_id=link.org_id)
        waiting = Grant.objects.filter(org_id=link.org_id).order_by("id").values_list("sealed", flat=True)
        request = RecoveryRequest(
            org=link.org_id,
            id=link.id,
            member=link.member_id,
            hpke_public=pending.hpke_public,
            sign_public=pending.sign_public,
            rows=tuple(rows),
            rosters=tuple(StoredList(group=r.group_id, version=r.version, sealed=bytes(r.sealed)) for r in rosters),
            groups=tuple(StoredList(group=g.group_id, version=g.version, sealed=bytes(g.sealed)) for g in groups),
            grants=tuple(grants.digest_of_row(bytes(sealed)) for sealed in waiting[: departures.MAX_GRANTS]),
        )
    return msgspec.json.encode(request)


def finish_recovery(
    link: RecoveryLink, *, passphrase: str, code: str, answer: str, office_words: str, language: str
) -> SignedIn:
    """Finish the recovery with the answer: store new keys and a new bundle, end every old session and factor.

    The caller has checked that the code was typed back. Raises Refused(code="no_match", "answer", "office_words",
    "changed" or "locked_down"), TooMany, NotFound.
    """
    ring = open_pending_keys(link, passphrase)
    given = _open_answer(link, ring, answer)
    expected_words = " ".join(offline_file.office_words(link.org_id, given.root_public))
    if not primitives.is_equal(expected_words.encode(), word_list.normalize_passphrase(office_words).lower().encode()):
        raise Refused("office_words", OTHER_OFFICE)
    ring = Keyring(
        hpke_private=ring.hpke_private,
        sign_private=ring.sign_private,
        org_root_public=given.root_public,
        org_root_private=given.root,
        groups=given.keys,
        office_file=given.office_file,
        roster_version=given.version,
    )
    keys = Keys(link.org_id, link.member_id, primitives.new_key(), ring)
    mark, half = shred_keys.begin("members", link.member_id)
    try:
        with derivation_slot():
            sealed = bundles.create(
                ring, link.member_id, keys.bundle_key, word_list.normalize_passphrase(passphrase), half
            )
        sealed = bundles.with_recovery_code(
            sealed, link.member_id, keys.bundle_key, bundles.normalize_recovery_code(code), half
        )
        with transaction.atomic(), office_transaction(link.org_id):
            _install_answer(link, keys, given, sealed, language)
    except BaseException:
        shred_keys.give_up_unless("members", link.member_id, mark, is_committed=lambda: _is_finished(link))
        raise
    shred_keys.finish("members", link.member_id, mark)
    shred_keys.destroy("members", link.id)
    token = sessions.start(link.org_id, link.member_id, keys.bundle_key)
    return SignedIn(token, sessions.open(token))


def _open_answer(link: RecoveryLink, ring: Keyring, answer: str) -> RecoveryAnswer:
    try:
        return offline_file.open_answer(
            answer.strip().encode(), org=link.org_id, row=link.id, member=link.member_id, hpke_private=ring.hpke_private
        )
    except OpenFailed as exc:
        raise Refused("answer", NOT_OURS) from exc


def _install_answer(link: RecoveryLink, keys: Keys, given: RecoveryAnswer, sealed: bytes, language: str) -> None:
    grants.refuse_while_locked_down(link.org_id)
    of_member = {"org_id": link.org_id, "member_id": link.member_id}
    row = Roster.objects.select_for_update().filter(org_id=link.org_id, group_id=given.office_group).first()
    follows = row is not None and given.version == row.version + 1
    if row is None or not follows or not primitives.is_equal(primitives.digest(bytes(row.sealed)), given.based_on):
        raise Refused("changed", CHANGED)
    row.version, row.sealed = given.version, given.directory
    me = directory.open_directory_row(keys, row).find_person(link.member_id)
    mine = (hybrid.derive_public_key(keys.keyring.hpke_private), hybrid.derive_verify_key(keys.keyring.sign_private))
    if (me.hpke_public, me.sign_public) != mine:
        raise Refused("answer", NOT_OURS)
    Roster.objects.filter(org_id=link.org_id, group_id=given.office_group).update(
        version=given.version, sealed=given.directory
    )
    _store_handed_over(link, given)
    office_record = office_file.read_office(keys)
    member_profile = profile.Profile(
        name=me.name,
        role=me.role,
        is_admin=me.is_admin,
        language=language,
        zone=office_record.zone,
        country=office_record.country_code,
        office_name=office_record.name,
        factor_from=int(clock.now().timestamp()) + FACTOR_GRACE_SECONDS,
    )
    members = Member.objects.filter(org_id=link.org_id, id=link.member_id, is_active=True)
    if not members.update(
        bundle=sealed,
        bundle_version=F("bundle_version") + 1,
        profile=profile.seal_profile(keys.bundle_key, link.org_id, link.member_id, member_profile),
    ):
        raise NotFound("member is gone")
    # Factors are sealed under the old bundle's key, grants to the old public key: neither can be opened again.
    active_sessions.end_without_keys(link.org_id, link.member_id)
    Factor.objects.filter(**of_member).delete()
    Grant.objects.filter(org_id=link.org_id, recipient=link.member_id).delete()
    if not Return.objects.filter(org_id=link.org_id, id=link.id).delete()[0]:
        raise NotFound("return")  # sent twice: the first request finished it
    audit_trail.record_entry(keys, "recovery.use")


def _store_handed_over(link: RecoveryLink, given: RecoveryAnswer) -> None:
    """Store the chains of groups that are handed to this admin. Raises Refused(code="changed")."""
    for stored in given.groups:
        rows = Group.objects.filter(org_id=link.org_id, group_id=stored.group, version=stored.version - 1)
        if not rows.update(version=stored.version, sealed=stored.sealed):
            raise Refused("changed", CHANGED)


def _is_finished(link: RecoveryLink) -> bool:
    with office_transaction(link.org_id):
        return not Return.objects.filter(org_id=link.org_id, id=link.id).exists()


def delete_expired() -> None:
    """Delete links not used in time and new words never answered, of every office. Run on a schedule."""
    _delete_rows(Return.objects.filter(expires_at__lte=clock.now()))


def _delete_rows(rows: QuerySet[Return]) -> None:
    for org_id, row in list(rows.values_list("org_id", "id")):
        shred_keys.destroy("members", row)
        Return.objects.filter(org_id=org_id, id=row).delete()
