"""After any saves, removals, walls, days and members, a kept list is the one made from every row at that moment."""

import datetime as dt
from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from caseapp.index import group_index, rows
from caseapp.index.columns import changes as changes_of_rows
from caseapp.index.group_index import GroupIndex
from caseapp.index.kept import kept_lists
from caseapp.index.kept.definition import KeptList
from caseapp.index.member.kept_items import KeptItems
from caseapp.index.row_parts.contact import ClientRow, ConsentRow, ReachRow, ReplyRow, StopRow, TextRow
from caseapp.index.rows import CaseRow, DeadlineRow, HearingRow, TaskRow
from caseapp.index.view import IndexView
from tests.index.kept_lists.catalogue import ANA, BEN, NUMBER, all_kinds, definitions_at

NOW = dt.datetime(2026, 12, 8, 15, 0, tzinfo=dt.UTC)
ZONES = st.sampled_from(["UTC", "America/New_York", "Pacific/Guam"])
CASES = st.integers(min_value=1, max_value=9).map(lambda number: UUID(int=number << 64))
MEMBERS = st.sampled_from([None, ANA, BEN])
DAYS = st.integers(min_value=-6, max_value=9).map(lambda number: NOW.date() + dt.timedelta(days=number))
STARTS = st.integers(min_value=-50, max_value=200).map(lambda number: NOW + dt.timedelta(hours=number))
IDS = st.uuids()
HEARINGS = st.builds(
    HearingRow, id=IDS, starts_at=STARTS, zone=ZONES, outcome=st.sampled_from(["", "", "reset"]), goes=MEMBERS
)
DEADLINES = st.builds(
    DeadlineRow,
    id=IDS,
    what=st.just("Brief"),
    severity=st.sampled_from(["fatal", "serious", "routine", "other"]),
    act_by=st.none() | DAYS,
    due_on=st.none() | DAYS,
    opens_on=st.none() | DAYS,
    owner=MEMBERS,
    is_watch=st.booleans(),
    reminder_days=st.sampled_from([(), (4,), (-2,)]),
)
TASKS = st.builds(TaskRow, id=IDS, text=st.just("Call"), owner=MEMBERS, due_on=st.none() | DAYS)
TEXTS = st.builds(
    TextRow, step=st.just("week"), first=DAYS, last=DAYS, state=st.sampled_from(["", "sending", "refused"])
)
CLIENTS = st.builds(
    ClientRow,
    party=IDS,
    hearing=IDS,
    starts_at=STARTS,
    zone=ZONES,
    call_on=st.none() | DAYS,
    texts=st.lists(TEXTS, max_size=1).map(tuple),
    blocked=st.sampled_from(["", "no_consent"]),
    answers=st.sampled_from([(), (ReachRow(no_call="", no_text=""),), (ReachRow(no_call="", no_text="no_consent"),)]),
    consent=st.none() | st.builds(ConsentRow, number=st.just(NUMBER), asked_on=DAYS),
)
STOPS = st.builds(StopRow, party=IDS, name=st.just("Rosa Tum"), on=DAYS)
REPLIES = st.builds(
    ReplyRow,
    party=IDS,
    name=st.just("Rosa Tum"),
    numbers=st.just((NUMBER,)),
    newest=STARTS,
    since=st.none() | STARTS,
    call_on=st.none() | DAYS,
)
ROWS = st.builds(
    CaseRow,
    ref=st.text(alphabet="ACD", min_size=2, max_size=3),
    stage=st.just("master"),
    lead=MEMBERS,
    detained=st.booleans(),
    closed=st.booleans(),
    hearings=st.lists(HEARINGS, max_size=2).map(tuple),
    deadlines=st.lists(DEADLINES, max_size=3).map(tuple),
    tasks=st.lists(TASKS, max_size=2).map(tuple),
    clients=st.lists(CLIENTS, max_size=2).map(tuple),
    stops=st.lists(STOPS, max_size=1).map(tuple),
    replies=st.lists(REPLIES, max_size=1).map(tuple),
    head_version=st.integers(min_value=1, max_value=9),
)
CHANGES = st.dictionaries(CASES, st.none() | ROWS, min_size=1, max_size=4)
MEMBERSHIPS = st.sampled_from([(0,), (1,), (0, 1), (1, 0)])
Contents = list[tuple[int, str]]


class ListsMachine(RuleBasedStateMachine):
    """Two groups. Members of one or of both read lists now and then, and some pages are made slowly."""

    pages = Bundle("pages")

    def __init__(self) -> None:
        super().__init__()
        self.groups = [GroupIndex(), GroupIndex()]
        self.stored: list[dict[UUID, CaseRow]] = [{}, {}]
        self.now = NOW

    @initialize(first=CHANGES, second=CHANGES)
    def begin(self, first: dict[UUID, CaseRow | None], second: dict[UUID, CaseRow | None]) -> None:
        self.save(0, first)
        self.save(1, second)
        self.read((0, 1), list(range(99)))

    @rule(at=st.integers(min_value=0, max_value=1), changes=CHANGES)
    def save(self, at: int, changes: dict[UUID, CaseRow | None]) -> None:
        entries = [(case_id.bytes, rows.encode(row) if row else None) for case_id, row in changes.items()]
        self.groups[at].apply_part(entries, whole=False, seq=self.groups[at].seq + 1)
        for case_id, row in changes.items():
            self.stored[at].pop(case_id, None)
            if row is not None:
                self.stored[at][case_id] = row

    @rule(case_id=CASES)
    def remove_a_case(self, case_id: UUID) -> None:
        self.read((0, 1), list(range(99)))
        self.save(0, {case_id: None})
        self.read((0, 1), list(range(99)))

    @rule(row=ROWS, first=CASES, second=CASES)
    def give_the_place_of_a_removed_case_to_another(self, row: CaseRow, first: UUID, second: UUID) -> None:
        self.save(0, {first: None})
        self.save(0, {second: row})

    @rule(at=st.integers(min_value=0, max_value=1), case_id=CASES)
    def move_a_case_behind_a_wall(self, at: int, case_id: UUID) -> None:
        row = self.stored[at].get(case_id)
        if row is not None:
            self.save(at, {case_id: None})
            self.save(1 - at, {case_id: row})

    @rule(at=st.integers(min_value=0, max_value=1), changes=st.dictionaries(CASES, ROWS, min_size=7, max_size=9))
    def save_so_many_that_all_is_laid_out_anew(self, at: int, changes: dict[UUID, CaseRow | None]) -> None:
        self.save(at, changes)

    @rule(at=st.integers(min_value=0, max_value=1))
    def read_a_merged_base(self, at: int) -> None:
        entries = [(case_id.bytes, rows.encode(row)) for case_id, row in self.stored[at].items()]
        self.groups[at].apply_part(entries, whole=True, seq=self.groups[at].seq)

    @rule(at=st.integers(min_value=0, max_value=1))
    def drop_a_group_from_memory(self, at: int) -> None:
        self.groups[at] = GroupIndex()
        self.read_a_merged_base(at)

    @rule(hours=st.integers(min_value=-30, max_value=60))
    def let_time_pass(self, hours: int) -> None:
        self.now = NOW + dt.timedelta(hours=hours)

    @rule(membership=MEMBERSHIPS, chosen=st.lists(st.integers(min_value=0, max_value=98), min_size=9, max_size=40))
    def read(self, membership: tuple[int, ...], chosen: list[int]) -> None:
        view, definitions = self._view(membership), definitions_at(self.now)
        for definition in {definitions[number % len(definitions)] for number in chosen}:
            compare(definition, view.read_kept(definition), self._seen(membership))

    @rule(target=pages, membership=MEMBERSHIPS, number=st.integers(min_value=0, max_value=98))
    def begin_a_page(self, membership: tuple[int, ...], number: int) -> object:
        definitions = definitions_at(self.now)
        definition = definitions[number % len(definitions)]
        return definition, self._view(membership).read_kept(definition), self._seen(membership)

    @rule(page=pages)
    def finish_a_page(self, page: tuple[KeptList[Any], KeptItems[Any], dict[UUID, CaseRow]]) -> None:
        compare(*page)

    @invariant()
    def lists_stay_within_their_bytes(self) -> None:
        for group in self.groups:
            assert group.kept.weight <= kept_lists.MOST_BYTES or len(group.kept._lists) == 1
            assert group.kept.weight == sum(
                kept_lists.LIST_BYTES + kept_lists.ENTRY_BYTES * len(kept.entries)
                for kept in group.kept._lists.values()
            )

    def _view(self, membership: tuple[int, ...]) -> IndexView:
        return IndexView(tuple(self.groups[at] for at in membership), member_id=ANA)

    def _seen(self, membership: tuple[int, ...]) -> dict[UUID, CaseRow]:
        seen = dict[UUID, CaseRow]()
        for at in membership:  # of two groups with the same state, the first
            for case_id, row in self.stored[at].items():
                if case_id not in seen or row.head_version > seen[case_id].head_version:
                    seen[case_id] = row
        return seen


def compare(definition: KeptList[Any], items: KeptItems[Any], seen: dict[UUID, CaseRow]) -> None:
    """Compare a list with the one made by looking at every row that the member sees."""
    wanted = [
        (order, row.ref, case_id, item) for case_id, row in seen.items() for order, item in definition.items_in(row)
    ]
    numbers = {id(item): order for order, _, _, item in wanted}
    read = list(items)
    assert len(items) == len(wanted)
    assert Counter((each.case_id, each.item.__class__, repr(each.item)) for each in read) == Counter(
        (case_id, item.__class__, repr(item)) for _, _, case_id, item in wanted
    )
    order_of = {(case_id, repr(item)): numbers[id(item)] for _, _, case_id, item in wanted}
    order = [(order_of[each.case_id, repr(each.item)], each.row.ref) for each in read]
    assert order == sorted((number, ref) for number, ref, _, _ in wanted)
    assert [each.row for each in read] == [seen[each.case_id] for each in read]
    assert items[1:3] == read[1:3]
    if read:
        middle = order[len(order) // 2][0]
        assert list(items.after(middle)) == [
            each for each, (number, _) in zip(read, order, strict=True) if number > middle
        ]


@pytest.fixture(params=["wide", "tight"])
def _limits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few rows reach what otherwise only large offices reach; `tight`: lists are dropped, and logs begin anew."""
    monkeypatch.setattr(group_index, "REBUILD_ABOVE", 6)
    if request.param == "tight":
        monkeypatch.setattr(changes_of_rows, "MOST_NOTED", 9)
        monkeypatch.setattr(kept_lists, "MOST_BYTES", 5 * kept_lists.LIST_BYTES)
        monkeypatch.setattr(kept_lists, "MANY_CHANGES", 1)


@pytest.mark.usefixtures("_limits")
def test_a_kept_list_is_always_the_one_made_from_nothing() -> None:
    run_state_machine_as_test(
        ListsMachine,
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
        ),
    )


def test_every_kept_list_of_the_program_is_compared() -> None:
    assert {type(definition) for definition in definitions_at(NOW)} == all_kinds()
