"""Files of other systems become rows of text, or a clear reason why not."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caseapp.moving.reading.errors import UnreadableFile
from caseapp.moving.reading.files import table as table_module
from caseapp.moving.reading.files import xlsx_check
from caseapp.moving.reading.files.table import open_table
from tests.moving.reading.files import csv_bytes, table_of, xlsx_bytes

HEADINGS = ["Case ID#", "Client Name", "Date of Birth"]
ARABIC, GEEZ = "فريد كريمي", "አበበ በቀለ"


def code_of(content: bytes, **settings: str | int) -> str:
    with pytest.raises(UnreadableFile) as refused:
        list(table_of(content, **settings).rows())
    return refused.value.code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_names_in_every_script_are_read_in_every_encoding(encoding: str, separator: str) -> None:
    content = csv_bytes([HEADINGS, ["1", ARABIC, ""], ["2", GEEZ, ""]], encoding=encoding, separator=separator)
    table = table_of(content)
    assert table.headings == tuple(HEADINGS)
    assert [row.cells[1] for row in table.rows()] == [ARABIC, GEEZ]
    assert table.questions == ()


def test_western_letters_of_an_old_windows_file_are_read_without_a_question() -> None:
    table = table_of(csv_bytes([HEADINGS, ["1", "Begoña Núñez", ""], ["2", "François", ""]], encoding="windows-1252"))
    assert [row.cells[1] for row in table.rows()] == ["Begoña Núñez", "François"]
    assert table.questions == ()


def test_an_old_file_whose_letters_could_be_of_several_alphabets_is_asked_about() -> None:
    content = csv_bytes([HEADINGS, ["1", "Иван Петров", ""], ["2", "Ольга", ""]], encoding="windows-1251")
    (question,) = table_of(content).questions
    assert question.code == "encoding"
    assert question.examples[question.choices.index("windows-1251")] == "Петров"
    answered = table_of(content, encoding="windows-1251")
    assert answered.questions == ()
    assert next(answered.rows()).cells[1] == "Иван Петров"


def test_the_row_of_headings_is_found_below_a_title_and_blank_rows() -> None:
    table = table_of(csv_bytes([["Active cases, 2026"], [], HEADINGS, ["1", "Ana", ""]]))
    assert table.settings.heading_row == 3
    assert [(row.number, row.cells) for row in table.rows()] == [(4, ("1", "Ana", ""))]


def test_headings_lose_blanks_and_repeated_ones_get_a_number() -> None:
    table = table_of(csv_bytes([["Case ID# ", "Phone", "Phone", "phone ", "", ""], ["1", "a", "b", "c", "", ""]]))
    assert table.headings == ("Case ID#", "Phone", "Phone 2", "phone 3")


def test_line_breaks_in_quotation_marks_stay_in_their_cell_and_rows_keep_their_numbers() -> None:
    table = table_of(b'Case ID#,Note\r\n1,"one\r\ntwo"\r\n\r\n2,x\r\n')
    assert [(row.number, row.cells) for row in table.rows()] == [(2, ("1", "one\ntwo")), (4, ("2", "x"))]


def test_a_formula_in_a_text_file_is_text() -> None:
    table = table_of(csv_bytes([HEADINGS, ["1", '=HYPERLINK("http://x","Ana")', "=1+1"]]))
    assert next(table.rows()).cells == ("1", '=HYPERLINK("http://x","Ana")', "=1+1")


def test_three_hundred_columns_are_read() -> None:
    headings = [f"Column {number}" for number in range(300)]
    table = table_of(csv_bytes([headings, [str(number) for number in range(300)]]))
    assert len(table.headings) == 300
    assert next(table.rows()).cells[299] == "299"


@pytest.mark.parametrize(
    ("content", "settings", "code"),
    [
        (b"", {}, "empty"),
        (b"\r\n\r\n", {}, "one_column"),
        (b"Name:Born\nAna:1\n", {}, "one_column"),
        (b"Name,Born\nAna,1\n", {"separator": ";"}, "one_column"),
        (b"Name,Born\n\xff\xfe\x00\x01Ana,1\n", {}, "no_text"),
        (b"Name,Born\nP\xe9rez,1\n", {"encoding": "utf-8"}, "encoding_wrong"),
        (b'Name,Born\nAna,1\n"Luis,2\nEva,3\n', {}, "open_quote"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more", {}, "old_workbook"),
        (b"PK\x03\x04 and more", {}, "no_workbook"),
        (b"1,2\n3,4\n5,6\n", {}, "no_headings"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(content: bytes, settings: dict[str, str], code: str) -> None:
    assert code_of(content, **settings) == code


def test_a_quotation_mark_that_is_never_closed_names_its_row() -> None:
    with pytest.raises(UnreadableFile) as refused:
        list(table_of(b'Name,Born\nAna,1\n"Luis,2\nEva,3\n').rows())
    assert refused.value.values == {"row": 3}


def test_a_row_with_a_wrong_quotation_mark_or_too_many_cells_is_named_and_the_others_are_read() -> None:
    rows = list(table_of(b'Name,Born\n"A"na,1\nLuis,2,3\nEva,4,,\n').rows())
    assert [(row.number, row.problem) for row in rows] == [(2, "quotes"), (3, "too_many_cells"), (4, "")]
    assert rows[0].cells[0] == '"A"na,1'  # the text is not lost: it goes into the file of rejected rows
    assert rows[1].cells == ("Luis", "2", "3")


def test_a_file_of_two_hundred_megabytes_is_refused_before_it_is_read(tmp_path: Path) -> None:
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.write(b"Name,Born\n")
        file.truncate(200 << 20)
    with large.open("rb") as stream, pytest.raises(UnreadableFile) as refused:
        open_table(stream)
    assert (refused.value.code, refused.value.values) == ("file_too_large", {"size": 200, "limit": 100})


def test_a_file_with_too_many_rows_or_columns_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_module, "ROW_LIMIT", 3)
    monkeypatch.setattr(table_module, "COLUMN_LIMIT", 3)
    assert code_of(csv_bytes([HEADINGS, *[["1", "a", "b"]] * 3])) == "too_many_rows"
    assert code_of(csv_bytes([[*HEADINGS, "More"], ["1", "a", "b", "c"]])) == "too_many_columns"


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.lists(
            st.text(st.characters(max_codepoint=0x2FFF, exclude_characters="\x00\r"), max_size=20),
            min_size=3,
            max_size=3,
        ),
        max_size=8,
    ),
    st.sampled_from(",;\t"),
)
def test_what_is_written_as_csv_is_read_again(cells: list[list[str]], separator: str) -> None:
    rows = [["1", *(cell.strip() for cell in row[1:])] for row in cells]
    content = csv_bytes([HEADINGS, *rows], separator=separator)
    assert [list(row.cells) for row in table_of(content, separator=separator).rows()] == rows


def test_a_workbook_gives_dates_numbers_and_texts_as_a_person_types_them() -> None:
    cells = [
        HEADINGS,
        ["<c><v>240000012</v></c>", "Ana", '<c s="1"><v>45448</v></c>'],
        ["<c><v>0.5</v></c>", "Luis", '<c t="b"><v>1</v></c>'],
    ]
    table = table_of(xlsx_bytes([["Report"], [], *cells]))
    assert (table.headings, table.settings.sheet, table.settings.heading_row) == (tuple(HEADINGS), "Cases", 3)
    assert [row.cells for row in table.rows()] == [("240000012", "Ana", "2024-06-05"), ("0.5", "Luis", "true")]


def test_formulas_of_a_workbook_are_the_saved_value_or_their_text_and_are_never_computed() -> None:
    cells = [
        HEADINGS,
        ["<c><f>1+1</f></c>", '<c t="str"><f>A1&amp;B1</f><v>Ana Ruiz</v></c>', '<c t="e"><v>#N/A</v></c>'],
    ]
    assert next(table_of(xlsx_bytes(cells)).rows()).cells == ("=1+1", "Ana Ruiz", "#N/A")


def test_merged_cells_are_asked_about_and_filled_only_when_answered() -> None:
    content = xlsx_bytes([HEADINGS, ["1", "Ana", "x"], ["", "Luis", "y"], ["2", "Eva", "z"]], merged=["A2:A3"])
    asked = table_of(content)
    assert [(question.code, question.rows) for question in asked.questions] == [("merged", 1)]
    assert [row.problem for row in asked.rows()] == ["", "merged", ""]
    filled = table_of(content, merged="fill")
    assert [row.cells[0] for row in filled.rows()] == ["1", "1", "2"]
    assert [row.cells[0] for row in table_of(content, merged="first").rows()] == ["1", "", "2"]
    assert filled.questions == ()


def test_a_title_merged_over_the_headings_is_no_question() -> None:
    content = xlsx_bytes([["Report", "", ""], ["", "", ""], HEADINGS, ["1", "Ana", "x"]], merged=["A1:C2"])
    assert table_of(content).questions == ()


@pytest.mark.parametrize(
    ("sheet", "code"),
    [
        ('<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>', "workbook_declares"),
        (
            '<worksheet><sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>',
            "sheet_too_large",
        ),
        ("<c><v>1</v></c>" * 300_001, "sheet_too_large"),
        ("<worksheet", "no_workbook"),
    ],
    ids=["entities", "a cell far away", "cells without a place", "broken"],
)
def test_a_workbook_that_would_take_all_memory_is_refused_before_it_is_parsed(
    sheet: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert xlsx_check.AREA_LIMIT * 24 < 200 << 20  # bytes that the parser takes for each place
    monkeypatch.setattr(xlsx_check, "AREA_LIMIT", 300_000)
    assert code_of(xlsx_bytes([HEADINGS], parts={"xl/worksheets/sheet1.xml": sheet})) == code


def test_a_zip_bomb_is_refused_whatever_size_it_declares(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_check, "UNPACKED_LIMIT", 3 << 20)
    content = xlsx_bytes([HEADINGS], parts={"xl/media/image1.png": "0" * (4 << 20)})
    assert code_of(content) == "workbook_too_large"
    size = (4 << 20).to_bytes(4, "little")
    assert content.count(size) == 2
    assert code_of(content.replace(size, (10).to_bytes(4, "little"))) == "workbook_too_large"


def test_a_workbook_with_two_parts_of_one_name_is_refused() -> None:
    packed = io.BytesIO(xlsx_bytes([HEADINGS, ["1", "Ana", ""]]))
    with zipfile.ZipFile(packed, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")
    assert code_of(packed.getvalue()) == "no_workbook"
