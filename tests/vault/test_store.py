"""The record layer: what is written is read, and what was altered, moved, replayed or left out is seen."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from caseapp.accounts.keys.staff import Keys
from caseapp.lib.errors import EditConflict, NotFound, Refused
from caseapp.records.case import Case
from caseapp.records.note import Note
from caseapp.vault import past_versions, store
from caseapp.vault.errors import OpenFailed
from caseapp.vault.store import Draft
from caseapp.vault.tenancy import office_transaction
from tests.helpers.cast import keys_of_a_new_group

pytestmark = pytest.mark.django_db


@pytest.fixture
def keys() -> Keys:
    return keys_of_a_new_group()


def _new(keys: Keys, *texts: str) -> UUID:
    with office_transaction(keys.org_id):
        draft = store.new_file(keys, keys.groups)
        draft.add(Case(ref="7KQ4D"))
        for text in texts:
            draft.add(Note(text=text))
        store.write_draft(draft)
    return draft.file.id


def _texts(keys: Keys, file_id: UUID) -> list[str]:
    with office_transaction(keys.org_id):
        return sorted(entry.record.text for entry in store.open_file(keys, file_id).entries_of(Note))


def _change(keys: Keys, file_id: UUID, act: Callable[[Draft], object]) -> None:
    with office_transaction(keys.org_id):
        draft = Draft(store.open_file(keys, file_id, lock=True), by=keys.member_id)
        act(draft)
        store.write_draft(draft)


def _note_id(keys: Keys, file_id: UUID) -> UUID:
    with office_transaction(keys.org_id):
        return store.open_file(keys, file_id).get_only(Note).id


def _sql(keys: Keys, statement: str, *values: UUID | bytes) -> None:
    with office_transaction(keys.org_id), connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_a_file_is_read_as_it_was_written(keys: Keys) -> None:
    file_id = _new(keys, "Phoned, will bring the passport", "Пришла с дочерью")
    assert _texts(keys, file_id) == ["Phoned, will bring the passport", "Пришла с дочерью"]


def test_a_case_opens_in_one_query(keys: Keys, django_assert_num_queries: Callable[[int], object]) -> None:
    file_id = _new(keys, *(f"note {number}" for number in range(30)))
    with office_transaction(keys.org_id), django_assert_num_queries(1):  # type: ignore[attr-defined]  # a context manager
        assert len(store.open_file(keys, file_id).entries) == 32


def test_a_change_leaves_the_record_that_was_read_and_the_one_that_was_passed_alone(keys: Keys) -> None:
    file_id = _new(keys, "before")
    passed = Note(text="after")
    with office_transaction(keys.org_id):
        draft = Draft(store.open_file(keys, file_id, lock=True), by=keys.member_id)
        entry = draft.file.get_only(Note)
        draft.change(entry.id, passed)
        assert draft.file.get_only(Note).record.changed_by == keys.member_id
        assert draft.before[entry.id].record.changed_by is None
    assert passed.changed_by is None


def test_nothing_readable_stands_in_the_rows(keys: Keys) -> None:
    _new(keys, "Mirembe told us of her brother")
    with office_transaction(keys.org_id), connection.cursor() as cursor:
        cursor.execute("SELECT sealed FROM vault_record UNION ALL SELECT wraps FROM vault_case")
        everything = b"".join(bytes(row[0]) for row in cursor.fetchall())
    assert b"Mirembe" not in everything
    assert b"7KQ4D" not in everything


def test_somebody_without_the_groups_key_finds_nothing_there(keys: Keys) -> None:
    file_id = _new(keys, "x")
    stranger = keys_of_a_new_group()
    same_office = Keys(keys.org_id, stranger.member_id, stranger.bundle_key, stranger.keyring)
    with office_transaction(keys.org_id), pytest.raises(NotFound):
        store.open_file(same_office, file_id)


def test_another_office_sees_no_row_at_all(keys: Keys) -> None:
    file_id = _new(keys, "x")
    with office_transaction(uuid4()), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM vault_record WHERE case_id = %s", [file_id])
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize("where", [0, 1, 5, 10, 40, -1])
def test_a_flipped_bit_in_a_record_is_named_as_damage(keys: Keys, where: int) -> None:
    file_id = _new(keys, "the true text")
    note = _note_id(keys, file_id)
    with office_transaction(keys.org_id), connection.cursor() as cursor:
        cursor.execute("SELECT sealed FROM vault_record WHERE id = %s", [note])
        row = cursor.fetchone()
        assert row is not None
        sealed = bytearray(row[0])
        sealed[where] ^= 1
        cursor.execute("UPDATE vault_record SET sealed = %s WHERE id = %s", [bytes(sealed), note])
    with office_transaction(keys.org_id):
        file = store.open_file(keys, file_id)
    assert file.damaged == (note,)
    assert file.entries_of(Note) == []


def test_a_damaged_case_is_not_saved_over(keys: Keys) -> None:
    file_id = _new(keys, "x")
    _sql(keys, "UPDATE vault_record SET sealed = sealed || %s WHERE id = %s", b"x", _note_id(keys, file_id))
    with pytest.raises(Refused):
        _change(keys, file_id, lambda draft: None)


def test_an_older_version_put_back_is_named_as_damage(keys: Keys) -> None:
    file_id = _new(keys, "first")
    note = _note_id(keys, file_id)
    _change(keys, file_id, lambda draft: draft.change(note, Note(text="second")))
    _sql(
        keys,
        "UPDATE vault_record r SET sealed = p.sealed, version = p.version FROM vault_past p"
        " WHERE r.id = p.id AND r.id = %s",
        note,
    )
    with office_transaction(keys.org_id):
        assert store.open_file(keys, file_id).damaged == (note,)


def test_a_record_left_out_is_named_as_damage(keys: Keys) -> None:
    file_id = _new(keys, "x")
    note = _note_id(keys, file_id)
    _sql(keys, "DELETE FROM vault_record WHERE id = %s", note)
    with office_transaction(keys.org_id):
        assert store.open_file(keys, file_id).damaged == (note,)


def test_a_record_of_another_case_does_not_pass_here(keys: Keys) -> None:
    one, two = _new(keys, "of one"), _new(keys, "of two")
    note = _note_id(keys, one)
    _sql(keys, "UPDATE vault_record SET case_id = %s WHERE id = %s", two, note)
    with office_transaction(keys.org_id):
        file = store.open_file(keys, two)
    assert file.damaged == (note,)
    assert [entry.record.text for entry in file.entries_of(Note)] == ["of two"]


def test_an_altered_head_raises(keys: Keys) -> None:
    file_id = _new(keys, "x")
    _sql(keys, "UPDATE vault_record SET version = version + 1 WHERE id = %s", file_id)
    with office_transaction(keys.org_id), pytest.raises(OpenFailed):
        store.open_file(keys, file_id)


def test_an_altered_key_wrap_raises_or_hides_but_never_opens(keys: Keys) -> None:
    file_id = _new(keys, "x")
    with office_transaction(keys.org_id), connection.cursor() as cursor:
        cursor.execute("SELECT wraps FROM vault_case WHERE case_id = %s", [file_id])
        row = cursor.fetchone()
        assert row is not None
        blob = bytes(row[0])
    for place in range(0, len(blob), 7):
        altered = bytearray(blob)
        altered[place] ^= 0x80
        _sql(keys, "UPDATE vault_case SET wraps = %s WHERE case_id = %s", bytes(altered), file_id)
        with office_transaction(keys.org_id):
            try:
                assert _texts(keys, file_id) == ["x"]  # an unused slot
            except (NotFound, OpenFailed):
                continue


def test_a_stale_edit_conflicts_only_on_its_own_record(keys: Keys) -> None:
    file_id = _new(keys, "shared")
    note = _note_id(keys, file_id)
    _change(keys, file_id, lambda draft: draft.add(Note(text="somebody else's")))
    _change(keys, file_id, lambda draft: draft.change(note, Note(text="mine"), version=1))
    with pytest.raises(EditConflict) as conflict:
        _change(keys, file_id, lambda draft: draft.change(note, Note(text="late"), version=1))
    assert conflict.value.current_version == 2
    assert _texts(keys, file_id) == ["mine", "somebody else's"]


def test_the_past_can_be_read_for_undo(keys: Keys) -> None:
    file_id = _new(keys, "first")
    note = _note_id(keys, file_id)
    _change(keys, file_id, lambda draft: draft.change(note, Note(text="second")))
    with office_transaction(keys.org_id):
        earlier = past_versions.past_version(store.open_file(keys, file_id), note, 1)
    assert isinstance(earlier, Note)
    assert earlier.text == "first"


def test_a_change_that_fails_leaves_nothing_behind(keys: Keys) -> None:
    file_id = _new(keys, "before")

    def half(draft: Draft) -> None:
        draft.add(Note(text="never"))
        store.write_draft(draft)
        raise RuntimeError

    with pytest.raises(RuntimeError), transaction.atomic():
        _change(keys, file_id, half)
    assert _texts(keys, file_id) == ["before"]
