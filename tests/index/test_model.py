"""Whatever is done to an index, in whatever order, it says what a dict would say."""

from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from caseapp.index import cache, merge, reader, store
from caseapp.index.group_index import GroupIndex
from caseapp.index.results import CaseConditions
from caseapp.vault.tenancy import office_transaction
from tests.index.factories import group_of, keys_with_index, row, with_next_epoch

CASES = st.integers(min_value=1, max_value=12).map(lambda number: UUID(int=number))
REFS = st.text(alphabet="ACDEF", min_size=5, max_size=5)
CHANGES = st.dictionaries(CASES, st.none() | REFS, min_size=1, max_size=5)


class IndexMachine(RuleBasedStateMachine):
    """Two readers of one database: the cache of this process, and one that starts from nothing."""

    def __init__(self) -> None:
        super().__init__()
        cache.drop_all()
        self.keys = keys_with_index()
        self.group = group_of(self.keys)
        self.told: dict[UUID, str] = {}
        self.saves = 0

    def _save(self, changes: dict[UUID, str | None]) -> None:
        changed = [(case_id, row(ref=ref) if ref else None) for case_id, ref in changes.items()]
        store.save(self.keys, {self.group: changed})

    @rule(changes=CHANGES)
    def save(self, changes: dict[UUID, str | None]) -> None:
        self._save(changes)
        self.saves += 1
        self.told = {case: ref for case, ref in (self.told | changes).items() if ref is not None}

    @rule(changes=CHANGES)
    def save_several_times(self, changes: dict[UUID, str | None]) -> None:
        for _ in range(7):
            self.save(changes)

    @rule(changes=CHANGES, read_meanwhile=st.booleans())
    def crash_before_commit(self, changes: dict[UUID, str | None], read_meanwhile: bool) -> None:
        with office_transaction(self.keys.org_id):
            self._save(changes)
            if read_meanwhile:
                reader.open_view(self.keys)
            transaction.set_rollback(True)

    @rule(changes=CHANGES, then=CHANGES)
    def crash_and_save_under_the_same_number(
        self, changes: dict[UUID, str | None], then: dict[UUID, str | None]
    ) -> None:
        self.crash_before_commit(changes, read_meanwhile=True)
        self.save(then)

    @precondition(lambda self: self.saves > 1)
    @rule()
    def merge_now(self) -> None:
        merge.merge_if_due(self.keys, self.group, 8)

    @rule()
    def give_the_group_a_new_key(self) -> None:
        self.keys = with_next_epoch(self.keys)
        store.change_epoch(self.keys, self.group)

    @rule()
    def hold_a_new_key_that_the_next_save_brings_in(self) -> None:
        self.keys = with_next_epoch(self.keys)

    @rule()
    def rebuild(self) -> None:
        store.rebuild(self.keys, self.group, ((case_id, row(ref=ref)) for case_id, ref in self.told.items()))

    @rule()
    def restart(self) -> None:
        cache.drop_all()

    @rule()
    def read_from_nothing(self) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(cache, "get", cache.Cache(GroupIndex).get)  # nothing was loaded yet
            self.the_index_says_what_the_dict_says()

    @invariant()
    def the_index_says_what_the_dict_says(self) -> None:
        view = reader.open_view(self.keys)
        assert {case_id: found.ref for case_id, found in view.all_rows()} == self.told
        assert view.list_cases(CaseConditions(closed=None)).total == len(self.told)
        for case_id, ref in self.told.items():
            assert case_id in {hit.case_id for hit in view.search_cases(ref, limit=50)}


@pytest.mark.django_db(transaction=True)
def test_any_interleaving_of_saves_merges_reads_crashes_and_new_keys_equals_a_dict() -> None:
    run_state_machine_as_test(
        IndexMachine,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
