"""Names are found in other spellings, divisions, orders and scripts, and numbers by a part."""

from uuid import UUID

import pytest
from msgspec.structs import replace

from caseapp.index import rows, text_keys
from caseapp.index.group_index import GroupIndex
from caseapp.index.results import Hit
from caseapp.index.spellings.sounds import sound_codes
from caseapp.index.view import IndexView
from tests.index.factories import row

COMMON = [f"Maria {family}" for family in ("Santos", "Reyes", "Morales", "Castro", "Vega", "Rojas", "Silva", "Ortiz")]


def view_of(*names: str, numbers: tuple[str, ...] = ()) -> IndexView:
    group = GroupIndex()
    listed = [
        (UUID(int=at + 1).bytes, rows.encode(row(name, ref=f"R{at:04}", a_numbers=(), other_numbers=numbers)))
        for at, name in enumerate(names)
    ]
    group.apply_part(listed, whole=True, seq=1)
    return IndexView((group,), member_id=UUID(int=99))


def names(hits: list[Hit]) -> list[str]:
    return [hit.row.names[0][0] for hit in hits]


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("Yusuf Rahmani", "يوسف رحماني"),
        ("Khaled Al-Masri", "خالد المصري"),
        ("Obaid Nazari", "عبید نظری"),
        ("Fatima Qazi", "فاطمه قاضی"),
        ("Avital Horowitz", "אביטל הורוביץ"),
        ("Elias Cohen", "אליאס כהן"),
        ("Olha Shcherbak", "Ольга Щербак"),
        ("Tsegaye Hailu", "ፀጋዬ ኃይሉ"),
        ("Lee Min-Ho", "이민호"),
        ("Park Jisoo", "박지수"),
        ("Wong Siu Ming", "黃小明"),
        ("Zhang Wei", "張偉"),
        ("李娜", "Lee Na"),
        ("خالد المصري", "Chalid Masri"),
    ],
)
def test_a_name_is_found_in_its_own_script_and_in_latin_letters(stored: str, typed: str) -> None:
    assert names(view_of(*COMMON, stored).search_cases(typed))[:1] == [stored]


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("Hsu Mei-Ling", "xu meiling"),
        ("Ch'iu Kuo", "Qiu Guo"),
        ("Volodymyr Shevchenko", "Wolodymyr Schewtschenko"),
        ("Jelena Petrova", "Yelena Petrowa"),
        ("Gebremichael Tesfay", "Gebre Michael Tesfay"),
        ("Maria Jose Cruz", "mariajose cruz"),
        ("Karim Haidari", "K Haidari"),
        ("Karim Haidari", "Dr Kareem Haydari"),
        ("Nguyễn Thị Hương", "huong nguyen thi"),
        ("Ixchel Tzoc", "Ishchel Zoc"),
    ],
)
def test_a_name_is_found_in_another_spelling_division_or_order(stored: str, typed: str) -> None:
    assert names(view_of(*COMMON, stored).search_cases(typed))[:1] == [stored]


def test_rare_words_of_a_search_count_more_than_common_ones() -> None:
    view = view_of(*COMMON, "Olena Kovalenko")
    assert names(view.search_cases("Maria Olena Kovalenko"))[:1] == ["Olena Kovalenko"]
    assert names(view.search_cases("Maria Kovalenko")) == ["Olena Kovalenko"]


def test_the_whole_name_comes_before_a_longer_one() -> None:
    view = view_of("Naeem Nabil Mahmoud", "Naeem Mahmud", "Mahmud Naeem")
    assert names(view.search_cases("naeem mahmoud")) == [
        "Naeem Mahmud",
        "Mahmud Naeem",
        "Naeem Nabil Mahmoud",
    ]


def test_a_number_is_found_by_any_part_of_four_digits() -> None:
    view = view_of("Ana Petrenko", numbers=("MSC2190000123",))
    assert [hit.why for hit in view.search_cases("2190")] == ["number"]
    assert [hit.why for hit in view.search_cases("190000")] == ["number"]
    assert view.search_cases("219") == []
    assert view.search_cases("2191") == []


def test_parts_of_numbers_follow_saves_and_removals() -> None:
    group = GroupIndex()
    _ = group.vocabulary
    view = IndexView((group,), member_id=UUID(int=9))
    for at in range(1200):
        saved = row("Ana Petrenko", ref=f"R{at:04}", a_numbers=(f"{at:05}7777",))
        group.apply_part([(UUID(int=at + 1).bytes, rows.encode(saved))], whole=False, seq=at + 1)
        if at in {3, 700}:
            assert len(view.search_cases(f"{at:05}", limit=5)) == 1
    for at in range(600):
        group.apply_part([(UUID(int=at + 1).bytes, None)], whole=False, seq=2000 + at)
    assert view.search_cases("00003") == []
    assert len(view.search_cases("00900")) == 1


def test_a_row_has_each_reading_of_a_name_and_an_older_row_is_read_anew() -> None:
    saved = row("이민호")
    assert {"lee minho", "yi minho"} <= set(rows.decode_summary(rows.encode(saved)).names)
    older = rows._encoder.encode(
        (replace(rows.summary_of(saved), names=("i minho",), schema=5), replace(saved, schema=5))
    )
    assert "lee minho" in rows.decode_summary(older).names
    assert text_keys.name_readings("Ana Ruiz") == ("ana ruiz",)


def test_spellings_of_one_sound_share_a_code_and_others_do_not() -> None:
    for first, second in (("mohammed", "mhmd"), ("hernandez", "ernandes"), ("xu", "hsu"), ("volkova", "wolkowa")):
        assert set(sound_codes(first)) & set(sound_codes(second))
    for first, second in (("wang", "wu"), ("smith", "singh"), ("kowalski", "kovalenko")):
        assert not set(sound_codes(first)) & set(sound_codes(second))
