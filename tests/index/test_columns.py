"""Compact columns answer what a look at every row answers, after any saves, removals, merges and reloads."""

import datetime as dt
from collections import Counter
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from caseapp.index import group_index, rows
from caseapp.index.columns.case_sets import MOST_IN_ARRAY, CaseSet, bits_of, slots_in
from caseapp.index.columns.orders import NumberOrder
from caseapp.index.group_index import GroupIndex
from caseapp.index.likeness.person_row import PersonRow
from caseapp.index.lookup import facts
from caseapp.index.member import case_list
from caseapp.index.results import CaseConditions
from caseapp.index.row_parts.contact import ReplyRow
from caseapp.index.row_parts.intake import IntakeRow
from caseapp.index.rows import CaseRow, DeadlineRow, HearingRow, RowSummary, TaskRow
from caseapp.index.view import IndexView
from caseapp.lib import clock
from tests.index.plain_model import PlainModel

NOW = dt.datetime(2026, 12, 8, 15, 0, tzinfo=dt.UTC)
ANA, BEN = UUID(int=901), UUID(int=902)
CASES = st.integers(min_value=1, max_value=14).map(lambda number: UUID(int=number << 64))
MEMBERS = st.sampled_from([ANA, BEN])
DAYS = st.integers(min_value=-9, max_value=9).map(lambda number: NOW.date() + dt.timedelta(days=number))
STARTS = st.integers(min_value=-90, max_value=90).map(lambda number: NOW + dt.timedelta(hours=number))
IDS = st.uuids()
HEARINGS = st.builds(HearingRow, id=IDS, starts_at=STARTS, zone=st.just("UTC"), outcome=st.sampled_from(["", "reset"]))
DEADLINES = st.builds(
    DeadlineRow,
    id=IDS,
    what=st.just("Brief"),
    severity=st.just("fatal"),
    act_by=st.none() | DAYS,
    opens_on=st.none() | DAYS,
    owner=st.none() | MEMBERS,
    proposed=st.booleans(),
    is_watch=st.booleans(),
)
TASKS = st.builds(TaskRow, id=IDS, text=st.just("Call"), owner=st.none() | MEMBERS)
REPLIES = st.builds(
    ReplyRow,
    party=IDS,
    name=st.just("Rosa Tum"),
    numbers=st.just(("12025550101",)),
    newest=STARTS,
    since=st.none() | st.integers(min_value=-90, max_value=-31).map(lambda hours: NOW + dt.timedelta(hours=hours)),
    call_on=st.none() | DAYS,
)
A_NUMBERS, BIRTHS = ("087654321", "200300400"), ("1987-05-09", "1990-01-01")
PEOPLE = st.builds(PersonRow, id=IDS, role=st.just("lead"), names=st.just(1), born=st.sampled_from(["1987", *BIRTHS]))
ROWS = st.builds(
    CaseRow,
    schema=st.sampled_from([rows.SCHEMA - 1, rows.SCHEMA]),
    ref=st.text(alphabet="ACD", min_size=2, max_size=3),
    stage=st.sampled_from(["intake", "master", "post_order", "closed"]),
    names=st.sampled_from(
        [(), (("Rosa Tum", "lead"), ("Rosa de la Paz", "rider")), (("Ahmed Noori", "lead"),), (("Álvaro Paz", "lead"),)]
    ),
    languages=st.sampled_from([(), ("Mam",), ("mam", "Mam"), ("Dari",)]),
    relief=st.sampled_from([(), ("asylum",), ("asylum", "tps")]),
    lead=st.none() | MEMBERS,
    team=st.sampled_from([(), (ANA,), (ANA, BEN)]),
    detained=st.booleans(),
    closed=st.booleans(),
    hearings=st.lists(HEARINGS, max_size=2).map(tuple),
    deadlines=st.lists(DEADLINES, max_size=2).map(tuple),
    tasks=st.lists(TASKS, max_size=2).map(tuple),
    opened_on=st.none() | DAYS,
    last_contact_on=st.none() | DAYS,
    head_version=st.integers(min_value=1, max_value=9),
    unsorted=st.integers(min_value=0, max_value=2),
    phones=st.sampled_from([(), ("12025550101",)]),
    replies=st.lists(REPLIES, max_size=1).map(tuple),
    intake=st.none() | st.builds(IntakeRow, state=st.sampled_from(["open", "waiting"]), since=DAYS),
    conflict_since=st.integers(min_value=0, max_value=1),
    a_numbers=st.lists(st.sampled_from(A_NUMBERS), max_size=2).map(tuple),
    people=st.lists(PEOPLE, max_size=2).map(tuple),
)
CHANGES = st.dictionaries(CASES, st.none() | ROWS, min_size=1, max_size=6)
CONDITIONS = (
    CaseConditions(),
    CaseConditions(closed=None),
    CaseConditions(closed=True),
    CaseConditions(stage="closed"),
    CaseConditions(lead=ANA, detained=False),
    CaseConditions(team=BEN, closed=None),
    CaseConditions(detained=True, closed=None),
    CaseConditions(without_date=True),
    CaseConditions(opened_since=NOW.date() - dt.timedelta(days=3), closed=None),
    CaseConditions(facets=(("language", "mam"), ("relief", "asylum")), closed=None),
)


class ColumnsMachine(RuleBasedStateMachine):
    """Two groups of one member, with cases in both. Columns are read after each step, so they are kept row by row."""

    def __init__(self) -> None:
        super().__init__()
        self.groups = (GroupIndex(), GroupIndex())
        self.held: tuple[dict[UUID, CaseRow], ...] = ({}, {})
        self.now = NOW

    def _apply(self, at: int, changes: dict[UUID, CaseRow | None]) -> None:
        entries = [(case_id.bytes, rows.encode(row) if row else None) for case_id, row in changes.items()]
        self.groups[at].apply_part(entries, whole=False, seq=self.groups[at].seq + 1)
        for case_id, row in changes.items():
            self.held[at].pop(case_id, None)
            if row is not None:
                self.held[at][case_id] = row

    @rule(changes=CHANGES)
    def save(self, changes: dict[UUID, CaseRow | None]) -> None:
        self._apply(0, changes)

    @rule(changes=CHANGES)
    def save_in_the_second_group(self, changes: dict[UUID, CaseRow | None]) -> None:
        self._apply(1, changes)

    @rule(changes=st.dictionaries(CASES, st.none() | ROWS, min_size=9, max_size=12))
    def save_so_many_that_all_is_laid_out_anew(self, changes: dict[UUID, CaseRow | None]) -> None:
        self._apply(0, changes)

    @rule(at=st.integers(min_value=0, max_value=1))
    def read_a_merged_base(self, at: int) -> None:
        entries = [(case_id.bytes, rows.encode(row)) for case_id, row in self.held[at].items()]
        self.groups[at].apply_part(entries, whole=True, seq=self.groups[at].seq)

    @rule(hours=st.integers(min_value=-30, max_value=60))
    def let_time_pass(self, hours: int) -> None:
        self.now = NOW + dt.timedelta(hours=hours)

    def _seen(self) -> dict[UUID, CaseRow]:
        first, second = self.held
        seen = {**second, **first}
        for case_id in first.keys() & second.keys():
            if second[case_id].head_version > first[case_id].head_version:
                seen[case_id] = second[case_id]
        return seen

    @invariant()
    def columns_answer_as_a_look_at_every_row(self) -> None:
        clock_now, clock.now = clock.now, lambda: self.now
        try:
            self._compare(IndexView(self.groups, member_id=ANA), PlainModel(self._seen(), self.now))
        finally:
            clock.now = clock_now

    @invariant()
    def columns_kept_row_by_row_are_those_of_one_reading(self) -> None:
        for group, held in zip(self.groups, self.held, strict=True):
            anew = GroupIndex()
            anew.apply_part([(case_id.bytes, rows.encode(row)) for case_id, row in held.items()], whole=True, seq=1)
            assert contents_of(group) == contents_of(anew)

    def _compare(self, view: IndexView, model: PlainModel) -> None:
        today, day = self.now.date(), dt.timedelta(days=1)
        for conditions in CONDITIONS:
            assert view.count_of(conditions) == len(model.listed(conditions, "ref"))
            for sort in case_list.SORTS:
                wanted = model.listed(conditions, sort)
                pages = [view.list_cases(conditions, sort=sort, page=page, size=5) for page in (1, 2, 3, 4)]
                shown = [line.case_id for page in pages[: pages[0].pages] for line in page.rows]
                assert (shown, pages[0].total) == (wanted, len(wanted))
        counts = view.count_cases()
        assert {name: getattr(counts, name) for name in counts.__slots__} == model.counts(ANA)
        assert view.case_ids() == sorted(model.seen)
        assert dict(view.all_rows()) == model.seen
        assert view.has_cases == bool(model.seen)
        for first, owner in ((None, None), (today - 3 * day, None), (today - 3 * day, BEN)):
            items = view.deadlines_between(first, today + 3 * day, owner=owner)
            assert {item.item.id for item in items} == model.deadlines(first, today + 3 * day, owner)
        held = view.hearings_between(self.now - day, self.now + day)
        assert {item.item.id for item in held} == model.hearings(self.now - day, self.now + day)
        coming = view.next_hearing(self.now)
        assert (coming.item.starts_at if coming else None) == model.next_hearing_at()
        for owner in (ANA, BEN, None):
            assert {item.item.id for item in view.tasks_of(owner)} == model.tasks(owner)
        assert {item.item.id for item in view.tasks_awaited_by(ANA)} == model.awaited_tasks(ANA)
        assert view.cases_with_proposals(2)[1] == model.proposals()
        assert view.unsorted_documents(2).total == model.unsorted()
        assert view.intake_counts() == model.intakes()
        assert len(view.intakes_in("open", 9)) == min(9, model.intakes()["open"])
        assert {item.item.party for item in view.clients_who_replied()} == model.waiting_replies()
        assert set(view.consented_phones()) == model.numbers()
        old = {case_id for case_id, row in model.seen.items() if row.schema < rows.SCHEMA}
        assert set(view.outdated_case_ids(99)) == old
        waiting = {case_id for case_id, row in model.seen.items() if row.conflict_since != 1}
        assert set(view.case_ids_to_file(1, 99)) == waiting
        assert len(view.case_ids_to_file(1, 2)) == min(2, len(waiting))
        languages = {value.normal for value in view.facet_values("language")}
        assert languages >= {each.lower() for row in model.seen.values() for each in row.languages}
        assert [group.open_cases() for group in self.groups] == [
            {case_id.bytes: row.head_version for case_id, row in held.items() if not row.closed} for held in self.held
        ]
        dated = sorted(case_id.bytes for case_id, row in self.held[0].items() if row.deadlines)
        assert self.groups[0].ids_with(facts.DATED) == dated


def contents_of(index: GroupIndex) -> tuple[object, ...]:
    """What the columns of an index say of each case."""
    words, known, id_of = index.vocabulary, index.facts, index.raw.id_of
    everything = known.bits(facts.ALL)
    return (
        {(kind, value): set(map(id_of, cases)) for kind, sets in known.sets.items() for value, cases in sets.items()},
        {name: sorted((day, id_of(at)) for day, at in order.walk(everything)) for name, order in known.orders.items()},
        [id_of(slot) for slot in known.by_ref.walk(everything)],
        {name: total for name, total in known.totals.items() if total},
        {known.ref_of(slot): known.version_of(slot) for slot in index.raw.slots()},
        {word: set(map(id_of, cases)) for word, cases in words.cases.items()},
        {number: set(map(id_of, words.cases_with_fact([number], [], ""))) for number in A_NUMBERS},
        {born: set(map(id_of, words.cases_with_fact([], [], born))) for born in BIRTHS},
    )


def test_a_cold_search_and_list_decode_each_summary_once(monkeypatch: pytest.MonkeyPatch) -> None:
    index, read, decode = GroupIndex(), list[bytes](), rows.decode_summary
    entries = [(UUID(int=n).bytes, rows.encode(CaseRow(ref=str(n), stage="master"))) for n in range(5000)]
    index.apply_part(entries, whole=True, seq=1)

    def decode_and_note(raw: bytes) -> RowSummary:
        read.append(raw)
        return decode(raw)

    monkeypatch.setattr(rows, "decode_summary", decode_and_note)
    assert len(index.vocabulary.find_cases("4999", index.by_slot, 9)) == 1
    assert index.facts.bits(facts.ALL).bit_count() == 5000
    assert sorted(read[:5000]) == sorted(raw for _, raw in entries)
    assert len(read) < 5010, "and those of the cases that were found"


@pytest.fixture(params=["walked", "decoded"])
def _both_paths(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list is made by walking orders, or from the summaries of few cases; each is made to answer alone."""
    monkeypatch.setattr(group_index, "REBUILD_ABOVE", 8)
    monkeypatch.setattr(case_list, "DECODED", 10**9 if request.param == "walked" else -1)
    monkeypatch.setattr(facts, "FEW", 10**9 if request.param == "walked" else 0)


@pytest.mark.usefixtures("_both_paths")
def test_after_any_saves_removals_merges_and_reloads_columns_answer_as_a_look_at_every_row() -> None:
    run_state_machine_as_test(
        ColumnsMachine,
        settings=settings(
            max_examples=6,
            stateful_step_count=10,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
        ),
    )


def test_a_set_of_many_cases_is_bits_and_answers_as_a_set_of_few() -> None:
    many, plain = CaseSet(), set()
    for slot in range(0, 3 * MOST_IN_ARRAY, 2):
        many.add(slot)
        plain.add(slot)
        assert (len(many), slot in many, slot + 1 in many) == (len(plain), True, False)
    for slot in range(0, 600, 6):
        many.discard(slot)
        plain.discard(slot)
    assert (list(many), set(slots_in(many.bits)), many.bits) == (sorted(plain), plain, bits_of(list(plain)))
    assert many.weight < 2 * MOST_IN_ARRAY


def test_an_order_knows_the_cases_below_a_number_while_it_changes_and_goes_back() -> None:
    order, plain = NumberOrder(), dict[int, int]()
    for step in range(300):
        slot, number = step % 40, (step * 37) % 50
        if slot in plain:
            order.discard(plain.pop(slot), slot)
        if step % 3:
            order.add(number, slot)
            plain[slot] = number
        asked = (step * 17) % 55
        assert set(slots_in(order.cases_below(asked))) == {each for each, known in plain.items() if known < asked}
        assert Counter(order.walk(bits_of(list(plain)), first=10, last=30)) == Counter(
            (known, each) for each, known in plain.items() if 10 <= known <= 30
        )
