"""Letting groups in and out, new keys and epochs: who opens what afterwards, by the database as it stands."""

from collections.abc import Iterable
from uuid import UUID, uuid4

import msgspec
import pytest
from django.db import connection

from caseapp.accounts.keys.staff import Keys
from caseapp.lib.errors import NotFound
from caseapp.records.note import Note
from caseapp.vault import case_key_access, shred_keys, store
from caseapp.vault.core import primitives
from caseapp.vault.core.envelope import CaseCipher
from caseapp.vault.core.keyring import GroupKey, Keyring
from caseapp.vault.errors import OpenFailed
from caseapp.vault.store import Draft
from caseapp.vault.tenancy import office_transaction

pytestmark = pytest.mark.django_db
ORG = uuid4()


def _group(epoch: int = 1, group: UUID | None = None) -> GroupKey:
    return GroupKey(group=group or uuid4(), epoch=epoch, key=primitives.new_key())


def _holding(*groups: GroupKey) -> Keys:
    ring = Keyring(hpke_private=b"", sign_private=b"", org_root_public=b"", groups=groups)
    return Keys(ORG, uuid4(), primitives.new_key(), ring)


def _new(keys: Keys) -> UUID:
    with office_transaction(ORG):
        draft = store.new_file(keys, [keys.groups[0]])
        draft.add(Note(text="first"))
        store.write_draft(draft)
        return draft.file.id


def _draft(keys: Keys, file_id: UUID) -> Draft:
    return Draft(store.open_file(keys, file_id, lock=True), by=keys.member_id)


def _texts(keys: Keys, file_id: UUID) -> list[str]:
    with office_transaction(ORG):
        return sorted(entry.record.text for entry in store.open_file(keys, file_id).entries_of(Note))


def test_a_group_that_is_let_in_opens_everything_and_one_that_is_taken_out_nothing() -> None:
    team, further = _group(), _group()
    ours, theirs = _holding(team), _holding(further)
    file_id = _new(ours)
    with pytest.raises(NotFound):
        _texts(theirs, file_id)
    with office_transaction(ORG):
        draft = _draft(ours, file_id)
        case_key_access.grant_group(draft, further)
        store.write_draft(draft)
    assert _texts(theirs, file_id) == ["first"]
    with office_transaction(ORG):
        draft = _draft(ours, file_id)
        case_key_access.revoke_group(draft, further.group)
        store.write_draft(draft)
    with pytest.raises(NotFound):
        _texts(theirs, file_id)
    assert _texts(ours, file_id) == ["first"]


def test_five_groups_hold_a_file_whose_set_began_with_four_slots() -> None:
    team, *further = (_group() for _ in range(6))
    ours = _holding(team)
    file_id = _new(ours)
    with office_transaction(ORG):
        draft = _draft(ours, file_id)
        for group in further:
            case_key_access.grant_group(draft, group)
        store.write_draft(draft)
    for group in (team, *further):
        assert _texts(_holding(group), file_id) == ["first"]


def test_what_is_written_under_a_new_key_stays_shut_to_who_held_the_old_one() -> None:
    team, wall = _group(), _group()
    both, old = _holding(team, wall), _holding(team)
    file_id = _new(_holding(team))
    with office_transaction(ORG):
        was = store.open_file(old, file_id).key
        draft = _draft(both, file_id)
        case_key_access.rotate_key(draft, [wall])
        draft.add(Note(text="second"))
        store.write_draft(draft)
    assert _texts(_holding(wall), file_id) == ["first", "second"]
    with pytest.raises(NotFound):
        _texts(old, file_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, version, kver, sealed FROM vault_record WHERE case_id = %s AND kver = 2", [file_id])
        rows = cursor.fetchall()
    assert len(rows) == 3, "the head, who holds it, and the second note"
    for record_id, version, _, sealed in rows:
        with pytest.raises(OpenFailed):
            CaseCipher(was, ORG, file_id).open(record=record_id, version=version, sealed=bytes(sealed))


def _has_stale_wraps(draft: Draft, newest: Iterable[GroupKey]) -> bool:
    """Return True when the key is wrapped under an older epoch of one of these groups."""
    epochs = {group.group: group.epoch for group in newest}
    return any(epoch < epochs.get(group_id, 0) for group_id, epoch, _ in case_key_access.grants_of(draft))


def test_a_file_of_an_older_epoch_opens_until_it_is_wrapped_anew_and_then_only_by_the_new_one() -> None:
    first = _group()
    second = _group(epoch=2, group=first.group)
    file_id = _new(_holding(first))
    ours = _holding(first, second)
    with office_transaction(ORG):
        draft = _draft(ours, file_id)
        assert draft.file.group == second, "what is written next is the newest epoch's"
        assert _has_stale_wraps(draft, ours.groups)
        case_key_access.grant_group(draft, second)
        assert not _has_stale_wraps(draft, ours.groups)
        store.write_draft(draft)
    assert _texts(_holding(second), file_id) == ["first"]
    with pytest.raises(NotFound):
        _texts(_holding(first), file_id)


def test_a_file_without_its_shred_half_is_not_there_for_anybody() -> None:
    team = _group()
    ours = _holding(team)
    file_id = _new(ours)
    shred_keys.destroy("cases", file_id)
    shred_keys.destroy("cases", file_id)
    with pytest.raises(NotFound):
        _texts(ours, file_id)


def test_who_holds_a_file_stands_only_inside_it() -> None:
    team, further = _group(), _group()
    ours = _holding(team)
    file_id = _new(ours)
    with office_transaction(ORG):
        draft = _draft(ours, file_id)
        case_key_access.grant_group(draft, further)
        store.write_draft(draft)
    with connection.cursor() as cursor:
        cursor.execute("SELECT wraps FROM vault_case WHERE case_id = %s", [file_id])
        (blob,) = cursor.fetchone() or (b"",)
    assert team.group.bytes not in bytes(blob)
    assert msgspec.msgpack.encode(further.group) not in bytes(blob)
