"""Courts, judges, languages, relief and members of cases: found and filtered by, also in rows of an older program."""

import datetime as dt
from uuid import UUID, uuid4

import msgspec
import pytest

from caseapp.index import rows, text_keys
from caseapp.index.group_index import GroupIndex
from caseapp.index.lookup import facets
from caseapp.index.results import CaseConditions
from caseapp.index.rows import CaseRow, DocumentRow
from caseapp.index.view import IndexView
from tests.index.factories import hearing, row

ANA, BEN = UUID(int=901), UUID(int=902)
SOON = dt.datetime(2099, 1, 5, 14, 0, tzinfo=dt.UTC)


def group_of(*cases: CaseRow) -> GroupIndex:
    group = GroupIndex()
    entries = [(UUID(int=number + 1).bytes, rows.encode(case)) for number, case in enumerate(cases)]
    group.apply_part(entries, whole=True, seq=1)
    return group


def view_of(*cases: CaseRow) -> IndexView:
    return IndexView((group_of(*cases),), member_id=ANA)


def listed(view: IndexView, *wanted: tuple[str, str]) -> list[str]:
    return [line.row.ref for line in view.list_cases(CaseConditions(facets=wanted)).rows]


def found(view: IndexView, text: str, *members: UUID) -> list[tuple[str, str]]:
    return [(hit.row.ref, hit.why) for hit in view.search_cases(text, members=frozenset(members))]


def test_a_list_is_filtered_by_court_judge_language_and_relief_and_each_narrows() -> None:
    view = view_of(
        row(ref="AAAAA", languages=("Mam",), relief=("asylum",), hearings=(hearing(SOON, court="Court North"),)),
        row(ref="CCCCC", languages=("Dari",), hearings=(hearing(SOON, court="court  north", judge="A. Stone"),)),
        row(ref="DDDDD", languages=("Mam",), hearings=(hearing(SOON, court="Court South", judge="B. Reyes"),)),
    )
    assert listed(view, (facets.COURT, "court north")) == ["AAAAA", "CCCCC"]
    assert listed(view, (facets.COURT, "court north"), (facets.LANGUAGE, "mam")) == ["AAAAA"]
    assert listed(view, (facets.JUDGE, "b reyes")) == ["DDDDD"]
    assert listed(view, (facets.RELIEF, "asylum")) == ["AAAAA"]
    assert listed(view, (facets.COURT, "court west")) == []
    assert [value.text for value in view.facet_values(facets.COURT)] == ["Court North", "Court South"]


def test_the_court_of_a_case_is_that_of_its_hearings_to_come() -> None:
    past = SOON - dt.timedelta(days=300)
    moved = row(hearings=(hearing(past, court="Court North", outcome="venue"), hearing(SOON, court="Court South")))
    done = row(ref="DDDDD", hearings=(hearing(past, court="Court North", outcome="decided"),))
    assert rows.summary_of(moved).courts == ("Court South",)
    assert rows.summary_of(done).courts == ("Court North",)


def test_the_facets_follow_each_save() -> None:
    group = group_of(row(hearings=(hearing(SOON, court="Court North"),)), row(ref="DDDDD", languages=("Mam", "mam")))
    view = IndexView((group,), member_id=ANA)
    assert [value.text for value in view.facet_values(facets.COURT)] == ["Court North"]
    moved = rows.encode(row(hearings=(hearing(SOON, court="Court South"),)))
    group.apply_part([(UUID(int=1).bytes, moved), (UUID(int=2).bytes, None)], whole=False, seq=2)
    assert [value.text for value in view.facet_values(facets.COURT)] == ["Court South"]
    assert view.facet_values(facets.LANGUAGE) == []


def test_a_court_is_found_by_the_beginnings_of_its_words_after_every_name() -> None:
    view = view_of(
        row("Newark Johnson", ref="AAAAA"),
        row(ref="CCCCC", hearings=(hearing(SOON, court="Newark Immigration Court"),)),
        row(ref="DDDDD", hearings=(hearing(SOON, court="Elizabeth"),)),
    )
    assert found(view, "newark") == [("AAAAA", "name"), ("CCCCC", "court")]
    assert found(view, "immigration newa") == [("CCCCC", "court")]
    assert found(view, "ne") == [("AAAAA", "name")]
    assert [court.text for court in view.courts_named("newark")] == ["Newark Immigration Court"]


def test_a_member_is_found_as_lead_in_the_team_and_where_they_appear() -> None:
    view = view_of(
        row(ref="AAAAA", lead=BEN),
        row(ref="CCCCC", lead=ANA, team=(ANA, BEN)),
        row(ref="DDDDD", lead=ANA, hearings=(hearing(SOON, goes=BEN),)),
        row(ref="EEEEE", lead=ANA, hearings=(hearing(SOON, goes=BEN, outcome="reset"),)),
        row(ref="FFFFF", lead=BEN, closed=True, stage="closed"),
    )
    found_of_ben = ["AAAAA", "CCCCC", "DDDDD", "FFFFF"]
    assert found(view, "ben okafor", BEN) == [(ref, "member") for ref in found_of_ben]
    assert found(view, "ben okafor") == []


@pytest.mark.parametrize(
    "typed",
    ["+1 862 555 0101", "(862) 555-0101", "862.555.0101", "555-0101", "0101", "0018625550101", "٨٦٢ ٥٥٥ ٠١٠١"],
)
def test_a_case_is_found_by_a_telephone_number_however_it_is_written(typed: str) -> None:
    view = view_of(row(ref="AAAAA", contact_phones=text_keys.phone_digits("+1 862 555 0101")), row(ref="CCCCC"))
    assert found(view, typed) == [("AAAAA", "phone")]


def test_a_number_of_another_country_is_found_with_and_without_its_zero() -> None:
    view = view_of(row(ref="AAAAA", contact_phones=text_keys.phone_digits("+33 (0)6 12 34 56 78")))
    for typed in ("06 12 34 56 78", "+33 6 12 34 56 78", "0033612345678"):
        assert found(view, typed) == [("AAAAA", "phone")]
    assert found(view, "06 12 34 56 79") == []


def test_two_numbers_in_one_text_are_two_numbers_and_a_remark_is_none() -> None:
    assert text_keys.phone_digits("862 555 0101 (sister), work 862-555-0102") == ("8625550101", "8625550102")
    assert text_keys.phone_digits("ask Rosa after 17:00") == ()


def as_written_before(case: CaseRow) -> bytes:
    """The bytes that the program wrote for this row before it had courts and telephone numbers in the summary."""
    keys, values = msgspec.msgpack.decode(rows.encode(case))
    of_keys, of_row = rows.RowSummary.__struct_fields__, CaseRow.__struct_fields__
    values[of_row.index("schema")] = keys[of_keys.index("schema")] = 2
    return msgspec.msgpack.encode((keys[: of_keys.index("relief")], values[: of_row.index("contact_phones")]))


def test_a_row_of_an_older_program_is_filtered_by_all_that_it_has() -> None:
    old = as_written_before(
        row(ref="AAAAA", lead=BEN, languages=("Mam",), relief=("asylum",), hearings=(hearing(SOON, court="North"),))
    )
    group = GroupIndex()
    group.apply_part([(UUID(int=1).bytes, old)], whole=True, seq=1)
    view = IndexView((group,), member_id=ANA)
    wanted = ((facets.COURT, "north"), (facets.LANGUAGE, "mam"), (facets.RELIEF, "asylum"))
    assert listed(view, *wanted) == ["AAAAA"]
    assert found(view, "ben okafor", BEN) == [("AAAAA", "member")]
    assert view.outdated_case_ids(5) == [UUID(int=1)]
    assert view.unsorted_documents(9).total == 0


def test_rows_of_an_older_program_are_renewed_nearest_hearing_first_and_closed_cases_last() -> None:
    near, far = hearing(SOON), hearing(SOON + dt.timedelta(days=9))
    cases = (row(ref="AAAAA", closed=True), row(ref="CCCCC"), row(ref="DDDDD", hearings=(far,)), row(hearings=(near,)))
    group = GroupIndex()
    entries = [(UUID(int=number + 1).bytes, as_written_before(case)) for number, case in enumerate(cases)]
    group.apply_part(entries, whole=True, seq=1)
    view = IndexView((group,), member_id=ANA)
    assert [case_id.int for case_id in view.outdated_case_ids(9)] == [4, 3, 2, 1]
    assert [case_id.int for case_id in view.outdated_case_ids(1)] == [4]


def paper(title: str, day: int, kind: str = "") -> DocumentRow:
    return DocumentRow(id=uuid4(), title=title, kind=kind, added_at=dt.datetime(2026, 11, day, 12, tzinfo=dt.UTC))


def test_documents_of_all_cases_are_listed_newest_first() -> None:
    view = view_of(
        row(ref="AAAAA", documents=(paper("Passport", 20), paper("Letter", 3, "letter")), unsorted=7),
        row(ref="CCCCC", documents=(paper("Birth record", 21),), unsorted=1),
        row(ref="DDDDD", closed=True, documents=(paper("Old scan", 22),), unsorted=1),
    )
    since = dt.datetime(2026, 11, 10, tzinfo=dt.UTC)
    recent = view.recent_documents(since, 9)
    assert [item.item.title for item in recent.documents] == ["Old scan", "Birth record", "Passport"]
    assert [item.item.title for item in view.recent_documents(since, 2).documents] == ["Old scan", "Birth record"]
    waiting = view.unsorted_documents(9)
    assert [(item.row.ref, item.item.title) for item in waiting.documents] == [
        ("CCCCC", "Birth record"),
        ("AAAAA", "Passport"),
    ]
    assert waiting.total == 8
