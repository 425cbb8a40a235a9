"""What is saved is read; what is missing or altered in the tables raises; a new epoch closes the index to old keys."""

import threading
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from pytest_django.fixtures import Settings

from caseapp.accounts.keys.staff import Keys
from caseapp.index import cache, merge, queries, reader, store
from caseapp.index.errors import IndexDamaged, StaleEpoch
from caseapp.index.models import IndexHead, IndexPart
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault.core import primitives
from caseapp.vault.core.keyring import GroupKey
from caseapp.vault.tenancy import office_transaction
from tests.index.factories import group_of, keys_with_index, row, save, with_groups, with_next_epoch

pytestmark = pytest.mark.django_db(transaction=True)
ONE, TWO, THREE = UUID(int=1), UUID(int=2), UUID(int=3)


@pytest.fixture(autouse=True)
def _cold() -> None:
    cache.drop_all()


def refs(keys: Keys) -> dict[UUID, str]:
    return {case_id: found.ref for case_id, found in reader.open_view(keys).all_rows()}


def change_part(keys: Keys, hi: int, assignment: str) -> None:
    with office_transaction(keys.org_id), connection.cursor() as cursor:
        cursor.execute(f"UPDATE index_part SET {assignment} WHERE group_id = %s AND hi = %s", [group_of(keys), hi])


def spans(keys: Keys) -> list[tuple[int, int]]:
    with office_transaction(keys.org_id):
        return [(part.lo, part.hi) for part in queries.part_sizes(keys.org_id, group_of(keys))]


def test_a_new_index_is_empty() -> None:
    assert refs(keys_with_index()) == {}


def test_the_newest_row_of_a_case_wins_and_a_gone_case_is_gone() -> None:
    keys = keys_with_index()
    save(keys, (ONE, row(ref="AAAAA")), (TWO, row(ref="CCCCC")))
    save(keys, (ONE, row(ref="DDDDD")))
    save(keys, (TWO, None))
    assert refs(keys) == {ONE: "DDDDD"}


@pytest.mark.parametrize("warm", [True, False])
def test_each_save_is_seen_by_the_next_view(warm: bool) -> None:
    keys = keys_with_index()
    for number in range(30):
        save(keys, (UUID(int=number), row(ref=f"R{number:04}")))
        if not warm:
            cache.drop_all()
        assert len(refs(keys)) == number + 1


def test_a_save_that_is_rolled_back_leaves_nothing_behind() -> None:
    keys = keys_with_index()
    save(keys, (ONE, row(ref="AAAAA")))
    with office_transaction(keys.org_id):
        save(keys, (ONE, row(ref="CCCCC")))
        assert refs(keys) == {ONE: "CCCCC"}  # its own transaction sees it
        transaction.set_rollback(True)
    assert refs(keys) == {ONE: "AAAAA"}


def test_the_number_a_crashed_save_gave_back_is_taken_by_the_next_and_read_anew() -> None:
    keys = keys_with_index()
    save(keys, (ONE, row(ref="AAAAA")))
    reader.open_view(keys)
    with office_transaction(keys.org_id):
        save(keys, (ONE, row(ref="CCCCC")))
        reader.open_view(keys)
        transaction.set_rollback(True)
    save(keys, (TWO, row(ref="DDDDD")))
    assert refs(keys) == {ONE: "AAAAA", TWO: "DDDDD"}


def test_a_save_of_several_groups_is_one_transaction_and_a_view_joins_them() -> None:
    keys = keys_with_index()
    other = GroupKey(group=uuid4(), epoch=1, key=primitives.new_key())
    both = with_groups(keys, other)
    store.create(keys.org_id, other.group, 1)
    store.save(both, {group_of(keys): [(ONE, row(ref="AAAAA"))], other.group: [(TWO, row(ref="CCCCC"))]})
    assert refs(both) == {ONE: "AAAAA", TWO: "CCCCC"}
    assert refs(keys) == {ONE: "AAAAA"}


def test_a_case_in_two_groups_is_shown_once_as_its_newest_save_left_it() -> None:
    keys = keys_with_index()
    other = GroupKey(group=uuid4(), epoch=1, key=primitives.new_key())
    both = with_groups(keys, other)
    store.create(keys.org_id, other.group, 1)
    store.save(both, {group_of(keys): [(ONE, row(ref="AAAAA", stage="intake", head_version=4))]})
    store.save(both, {other.group: [(ONE, row(ref="AAAAA", stage="on_appeal", head_version=5))]})
    view = reader.open_view(both)
    assert [line.row.stage for line in view.list_cases().rows] == ["on_appeal"]
    assert [hit.row.stage for hit in view.search_cases("lopez")] == ["on_appeal"]
    assert view.count_cases().open == 1


def test_the_row_locks_of_heads_are_taken_in_order_of_group_id() -> None:
    keys = keys_with_index()
    more = [GroupKey(group=UUID(int=number), epoch=1, key=primitives.new_key()) for number in (9, 3, 6)]
    several = with_groups(keys, *more)
    for group in more:
        store.create(keys.org_id, group.group, 1)
    with office_transaction(keys.org_id), connection.execute_wrapper(log := _Updates()):
        store.save(several, {group.group: [(ONE, row())] for group in more})
    assert log.groups == [UUID(int=3), UUID(int=6), UUID(int=9)]


class _Updates:
    def __init__(self) -> None:
        self.groups: list[UUID] = []

    def __call__(self, execute, sql, params, many, context):  # type: ignore[no-untyped-def]  # Django's wrapper
        if sql.startswith("UPDATE index_head SET seq"):
            self.groups.append(params[1])
        return execute(sql, params, many, context)


def test_the_webs_role_can_do_all_of_it() -> None:
    keys = keys_with_index()
    with acting_as("web"):
        for number in range(16):
            save(keys, (UUID(int=number), row()))
        assert len(refs(keys)) == 16
        store.change_epoch(with_next_epoch(keys), group_of(keys))
    assert spans(keys) == [(0, 17)]


def test_no_other_office_sees_or_changes_the_index() -> None:
    keys = keys_with_index()
    save(keys, (ONE, row()))
    stranger = Keys(uuid4(), uuid4(), keys.bundle_key, keys.keyring)
    with pytest.raises(IndexDamaged):
        reader.open_view(stranger)
    with pytest.raises(IndexDamaged):
        save(stranger, (ONE, row()))


def test_who_names_a_group_without_its_key_gets_nothing_from_the_cache() -> None:
    keys = keys_with_index()
    save(keys, (ONE, row()))
    assert len(refs(keys)) == 1
    forged = with_groups(Keys(keys.org_id, keys.member_id, b"", type(keys.keyring)(hpke_private=b"", sign_private=b"",
                         org_root_public=b"")), GroupKey(group=group_of(keys), epoch=1, key=bytes(32)))  # fmt: skip
    with pytest.raises(IndexDamaged):
        reader.open_view(forged)


def saved_three_times() -> Keys:
    keys = keys_with_index()
    for case_id in (ONE, TWO, THREE):
        save(keys, (case_id, row()))
    return keys


@pytest.mark.parametrize(
    "assignment",
    [
        "sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1)",
        "sealed = substring(sealed from 1 for 1000)",
        "sealed = (SELECT p.sealed FROM index_part p WHERE p.group_id = index_part.group_id AND p.hi = 1)",
        "lo = 0",
        "chunks = 2",
        "epoch = 2",
    ],
    ids=["altered", "cut", "replayed", "stretched", "chunk count", "other epoch"],
)
@pytest.mark.parametrize("warm", [True, False])
def test_an_altered_cut_or_replayed_part_raises(assignment: str, warm: bool) -> None:
    keys = saved_three_times()
    if warm:
        reader.open_view(keys)
        save(keys, (ONE, row(ref="DDDDD")))
        change_part(keys, 4, assignment)
    else:
        change_part(keys, 2, assignment)
    with pytest.raises(IndexDamaged):
        reader.open_view(keys)


def test_parts_that_changed_places_raise() -> None:
    keys = saved_three_times()
    with office_transaction(keys.org_id):
        first, second = IndexPart.objects.filter(org_id=keys.org_id, hi__in=[2, 3]).order_by("hi")
        IndexPart.objects.filter(hi=2).update(sealed=second.sealed)
        IndexPart.objects.filter(hi=3).update(sealed=first.sealed)
    with pytest.raises(IndexDamaged):
        reader.open_view(keys)


@pytest.mark.parametrize("missing", [1, 2, 3])
def test_a_part_that_is_missing_raises_also_at_either_end(missing: int) -> None:
    keys = saved_three_times()
    with office_transaction(keys.org_id):
        IndexPart.objects.filter(org_id=keys.org_id, hi=missing).delete()
    with pytest.raises(IndexDamaged):
        reader.open_view(keys)


def test_a_part_of_another_group_of_the_office_raises() -> None:
    keys = saved_three_times()
    other = GroupKey(group=uuid4(), epoch=1, key=primitives.new_key())
    both = with_groups(keys, other)
    store.create(keys.org_id, other.group, 1)
    store.save(both, {other.group: [(ONE, row())]})
    with office_transaction(keys.org_id):
        theirs = IndexPart.objects.get(group_id=other.group)
        IndexPart.objects.filter(group_id=group_of(keys), hi=1).update(sealed=theirs.sealed)
    with pytest.raises(IndexDamaged):
        reader.open_view(keys)


def put_back(keys: Keys) -> None:
    """The parts and the head as they were before the last save."""
    with office_transaction(keys.org_id):
        IndexPart.objects.filter(org_id=keys.org_id, hi=3).delete()
        IndexHead.objects.filter(org_id=keys.org_id).update(seq=2)


def test_a_reader_ahead_of_a_restored_database_starts_again_from_nothing(settings: Settings, tmp_path: Path) -> None:
    keys = saved_three_times()
    assert len(refs(keys)) == 3
    put_back(keys)
    settings.SESSION_EPOCH_FILE = tmp_path / "session.epoch"  # raised after a restore, as docs/operations.md says
    settings.SESSION_EPOCH_FILE.write_text("1700000001")
    assert set(refs(keys)) == {ONE, TWO}


@pytest.mark.parametrize("warm", [True, False])
def test_parts_and_head_put_back_together_are_noticed(warm: bool) -> None:
    keys = saved_three_times()
    if warm:
        assert len(refs(keys)) == 3
    put_back(keys)
    with pytest.raises(IndexDamaged):
        reader.open_view(keys)
    view = reader.open_readable_view(keys)
    assert not view.is_whole
    assert {case_id for case_id, _ in view.all_rows()} == {ONE, TWO}, "what is left is still shown"


def test_saves_after_parts_were_put_back_do_not_hide_it() -> None:
    keys = saved_three_times()
    put_back(keys)
    for number in range(5, 9):
        save(keys, (UUID(int=number), row()))
    with pytest.raises(IndexDamaged):
        reader.open_view(keys)
    assert UUID(int=8) in dict(reader.open_readable_view(keys).all_rows())


def test_a_head_put_back_alone_loses_no_row_and_no_later_save() -> None:
    keys = saved_three_times()
    with office_transaction(keys.org_id):
        IndexHead.objects.filter(org_id=keys.org_id).update(seq=1)
    assert set(refs(keys)) == {ONE, TWO, THREE}
    save(keys, (ONE, row(ref="DDDDD")))
    assert refs(keys)[ONE] == "DDDDD"
    assert len(refs(keys)) == 3


def test_what_opens_of_a_damaged_index_is_shown_and_a_later_save_too() -> None:
    keys = saved_three_times()
    change_part(keys, 2, "sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1)")
    view = reader.open_readable_view(keys)
    assert not view.is_whole
    assert {case_id for case_id, _ in view.all_rows()} == {ONE, THREE}
    save(keys, (TWO, row(ref="DDDDD")))
    assert dict(reader.open_readable_view(keys).all_rows())[TWO].ref == "DDDDD"


def test_an_index_without_its_head_shows_what_its_parts_hold() -> None:
    keys = saved_three_times()
    with office_transaction(keys.org_id):
        IndexHead.objects.filter(org_id=keys.org_id).delete()
    view = reader.open_readable_view(keys)
    assert not view.is_whole
    assert len(list(view.all_rows())) == 3


def test_a_damaged_index_is_rebuilt_from_the_case_files() -> None:
    keys = saved_three_times()
    change_part(keys, 2, "sealed = 'x'")
    store.rebuild(keys, group_of(keys), iter([(ONE, row(ref="AAAAA")), (TWO, row(ref="CCCCC"))]))
    assert refs(keys) == {ONE: "AAAAA", TWO: "CCCCC"}
    assert spans(keys) == [(0, 4)]
    save(keys, (THREE, row(ref="DDDDD")))
    assert len(refs(keys)) == 3


def test_a_warm_reader_forgets_what_a_rebuild_left_out() -> None:
    keys = saved_three_times()
    assert len(refs(keys)) == 3
    store.rebuild(keys, group_of(keys), [(TWO, row(ref="CCCCC"))])
    assert refs(keys) == {TWO: "CCCCC"}


def test_the_first_save_with_a_new_key_seals_everything_under_it() -> None:
    old = saved_three_times()
    new = with_next_epoch(old)
    save(new, (ONE, row(ref="DDDDD")))
    with office_transaction(old.org_id):
        assert set(IndexPart.objects.filter(org_id=old.org_id).values_list("epoch", flat=True)) == {2}
    assert refs(new)[ONE] == "DDDDD"
    assert len(refs(new)) == 3


def test_who_holds_only_the_old_key_can_neither_read_nor_save_after_the_change() -> None:
    old = saved_three_times()
    reader.open_view(old)
    store.change_epoch(with_next_epoch(old), group_of(old))
    with pytest.raises(StaleEpoch):
        reader.open_view(old)
    with pytest.raises(StaleEpoch):
        save(old, (ONE, row()))
    assert spans(old) == [(0, 4)]


def test_a_new_key_reads_what_stands_under_the_old_one_until_the_change() -> None:
    old = saved_three_times()
    assert len(refs(with_next_epoch(old))) == 3


def test_every_eighth_save_merges_in_the_wake_of_its_commit() -> None:
    keys = keys_with_index()
    for number in range(8):
        with office_transaction(keys.org_id):
            save(keys, (UUID(int=number), row()))
            before = spans(keys)
    assert len(before) == 8
    assert spans(keys) == [(0, 8)]


def test_a_merge_never_waits_for_another() -> None:
    keys = keys_with_index()
    for number in range(7):
        save(keys, (UUID(int=number), row()))
    answers: list[bool] = []

    def merge_elsewhere() -> None:
        answers.append(merge.merge_if_due(keys, group_of(keys), 8))
        connection.close()

    with transaction.atomic():
        assert queries.try_merge_lock(keys.org_id, group_of(keys))
        thread = threading.Thread(target=merge_elsewhere)
        thread.start()
        thread.join(timeout=20)
    assert answers == [False]


def test_a_reader_in_the_middle_of_a_merged_base_forgets_the_cases_gone_meanwhile() -> None:
    keys = keys_with_index()
    for number in range(5):
        save(keys, (UUID(int=number), row()))
    assert len(refs(keys)) == 5
    save(keys, (UUID(int=0), None))
    for number in range(5, 7):
        save(keys, (UUID(int=number), row()))
    assert spans(keys) == [(0, 8)]
    assert set(refs(keys)) == {UUID(int=number) for number in range(1, 7)}


def test_a_merge_above_the_base_still_says_which_cases_are_gone() -> None:
    keys = keys_with_index()
    store.rebuild(keys, group_of(keys), ((UUID(int=number), row()) for number in range(200)))
    assert len(refs(keys)) == 200
    for number in range(15):
        save(keys, (UUID(int=number), None))
    assert spans(keys) == [(0, 1), (1, 16)]
    cache.drop_all()
    assert set(refs(keys)) == {UUID(int=number) for number in range(15, 200)}


def test_a_merge_that_fails_leaves_the_save_standing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError("disk")

    monkeypatch.setattr(merge, "merge_if_due", broken)
    keys = keys_with_index()
    for number in range(merge.EVERY + 1):
        save(keys, (UUID(int=number), row(ref=f"R{number:04}")))
    assert len(refs(keys)) == merge.EVERY + 1
