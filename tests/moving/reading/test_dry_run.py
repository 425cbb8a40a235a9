"""The report of a dry run and the file of rejected rows."""

import csv
import io
import time

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caseapp.moving.reading import sentences
from caseapp.moving.reading.plans.dry_run import DryRun, run_dry_run
from caseapp.moving.reading.plans.mapping import suggest_mapping
from caseapp.moving.reading.plans.rejected import RejectedRows, harmless_cell
from caseapp.moving.reading.plans.row_plan import Problem, RowPlan
from caseapp.moving.reading.presets.catalogue import presets
from caseapp.moving.reading.settings import Answers
from tests.moving.reading.files import csv_bytes, errors_of, plans_of, table_of

HEADINGS = ["Case ID#", "Client Name", "Date of Birth", "A Number", "Legal Problem Code", "Mobile Phone", "Notes kept"]
ROWS, EVERY = 20_000, 33  # every 33rd row is broken: 3 %


def large_file() -> bytes:
    rows = [HEADINGS]
    for number in range(ROWS):
        born = "02/30/1990" if number % EVERY == 0 else "05/06/1990"
        rows.append([f"24-{number:07d}", f"Ruiz{number}, Ana", born, f"A{number:09d}", "TPS", "212-555-0100", "x"])
    return csv_bytes(rows)


def test_each_broken_row_of_twenty_thousand_is_named_with_its_reason_and_the_others_are_planned() -> None:
    table = table_of(large_file())
    mapping = suggest_mapping(table.headings, presets()["legalserver-cases"])
    broken: list[int] = []
    done: list[tuple[int, int]] = []
    started = time.process_time()
    report = run_dry_run(
        table,
        mapping,
        Answers(),
        progress=lambda rows, of: done.append((rows, of)),
        see_plan=lambda plan: broken.append(plan.row) if errors_of(plan) == ["no_day"] else None,
    )
    seconds = time.process_time() - started
    # Row 1 has the headings, so row 2 is the first broken one.
    assert broken == list(range(2, ROWS + 2, EVERY))
    assert report.counts == {"new": 19_393, "rejected": 607}
    assert report.creates == {"case": 19_393, "client": 19_393}
    assert (report.errors, len(report.rejected)) == ({"no_day": 607}, 200)
    assert done[-1] == (ROWS, ROWS)
    assert seconds < 20  # some three seconds of one core
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(report), type=DryRun) == report


def test_plans_are_stored_and_read_again_unchanged() -> None:
    plans = plans_of("legalserver-cases", [HEADINGS, ["1", "Ruiz, Ana", "05/06/1990", "A000111222", "Asylum", "", ""]])
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(plans), type=list[RowPlan]) == plans


def test_a_second_reading_gives_the_same_plans() -> None:
    rows = [HEADINGS, *[[str(number), "Ruiz, Ana", "05/06/1990", "", "TPS", "", ""] for number in range(50)]]
    assert plans_of("legalserver-cases", rows) == plans_of("legalserver-cases", rows)


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.text(st.characters(max_codepoint=0x2FFF, exclude_characters="\x00\r"), max_size=15), min_size=2, max_size=4
    )
)
def test_no_cell_of_the_file_of_rejected_rows_is_a_formula_and_no_text_is_lost(cells: list[str]) -> None:
    writer = RejectedRows(["a"] * len(cells), row_label="Row", reason_label="Reason")
    writer.add(3, cells, [Problem(code="no_case")], sentences.describe_problem)
    content = writer.take()
    assert content.startswith(b"\xef\xbb\xbf")
    _head, row = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert row[:2] == ["3", "This row names no case. Enter the number of its case in the file."]
    for written, cell in zip(row[2:], cells, strict=True):
        assert not written.startswith(("=", "+", "-", "@", "\t", "\r"))
        assert written in {cell, f"'{cell}"}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\n=1", "＝1"])
def test_a_cell_that_a_spreadsheet_could_run_gets_an_apostrophe(text: str) -> None:
    assert harmless_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["Ana", "05/06/2024", "", "a=b", "'=1"])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert harmless_cell(text) == text


def test_every_problem_and_question_has_a_sentence_that_fits_its_values() -> None:
    problem = Problem(code="x", column="Born", value="50 %", rows=(2, 3))
    for template in (*sentences.ERRORS.values(), *sentences.REMARKS.values()):
        assert "%(" not in template % sentences.problem_values(problem)
    for template in sentences.UNREADABLE.values():
        assert "%(" not in template % {"encoding": "utf-8", "row": 3, "limit": 5, "size": 9}
    assert not sentences.ERRORS.keys() & sentences.REMARKS.keys()
