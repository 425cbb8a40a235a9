"""A group's next key rewrites its list: what was lost before is not hidden by that."""

from collections.abc import Callable

import pytest

from caseapp.accounts.keys.staff import Keys
from caseapp.index import cache, health, queries, reader, store
from caseapp.index.errors import IndexDamaged
from caseapp.index.models import IndexPart
from caseapp.vault.tenancy import office_transaction
from tests.index.factories import group_of, row, save, with_next_epoch
from tests.index.test_save_and_read import ONE, THREE, TWO, put_back, saved_three_times

pytestmark = pytest.mark.django_db(transaction=True)


def give_key(keys: Keys) -> None:
    store.change_epoch(keys, group_of(keys))


def save_first(keys: Keys) -> None:
    save(keys, (THREE, row(ref="DDDDD")))


def delete_all_parts(keys: Keys) -> None:
    with office_transaction(keys.org_id):
        IndexPart.objects.filter(org_id=keys.org_id).delete()


def state_of(keys: Keys) -> str:
    with office_transaction(keys.org_id):
        states = queries.health_of(keys.org_id, [group_of(keys)])
    return states[group_of(keys)].state if states else health.WHOLE


@pytest.mark.parametrize("write", [give_key, save_first])
@pytest.mark.parametrize("damage", [put_back, delete_all_parts])
def test_the_next_key_does_not_make_a_list_whole_that_was_put_back_or_emptied(
    damage: Callable[[Keys], None], write: Callable[[Keys], None]
) -> None:
    old = saved_three_times()
    damage(old)
    new = with_next_epoch(old)
    write(new)
    cache.drop_all()
    assert state_of(new) == health.DAMAGED
    with pytest.raises(IndexDamaged):
        reader.open_view(new)
    assert not reader.open_readable_view(new).is_whole


@pytest.mark.parametrize("write", [give_key, save_first])
def test_the_next_key_of_a_whole_list_leaves_it_whole(write: Callable[[Keys], None]) -> None:
    new = with_next_epoch(saved_three_times())
    write(new)
    cache.drop_all()
    assert state_of(new) == health.WHOLE
    assert {case_id for case_id, _ in reader.open_view(new).all_rows()} == {ONE, TWO, THREE}
