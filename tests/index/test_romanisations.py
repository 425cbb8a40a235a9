"""Names in the romanisations of their languages are the same name, and other names are not."""

import pytest

from caseapp.index.spellings.romanisation import romanisation_keys, spelling_variants
from tests.index.test_spellings import COMMON, names, view_of


@pytest.mark.parametrize(
    ("language", "spellings"),
    [
        ("slavic", "shevchenko szewczenko schewtschenko"),
        ("slavic", "volodymyr wolodymyr"),
        ("slavic", "khrushchev hruscev"),
        ("slavic", "orlov orlova orloff orlow"),
        ("semitic", "mahmud mahmoud mahmood"),
        ("semitic", "khalid chalid"),
        ("semitic", "yaqoub yakub"),
        ("semitic", "sharif shareef"),
        ("semitic", "yitzchak yitzhak"),
        ("ethiopic", "mehret mihret mihiret"),
        ("ethiopic", "tesfaye tesfay"),
        ("ethiopic", "getnet getinet getenet"),
        ("korean", "sunghyun seonghyeon songhyon"),
        ("korean", "youngmi yeongmi yongmi"),
        ("chinese", "xiaoming hsiaoming"),
        ("chinese", "zhihong chihhung"),
        ("chinese", "jianguo chienkuo"),
    ],
)
def test_romanisations_of_one_name_share_a_key(language: str, spellings: str) -> None:
    keys = [{key for key in romanisation_keys(word) if key.startswith(language)} for word in spellings.split()]
    assert keys[0]
    assert all(key == keys[0] for key in keys), keys


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("ixchel", "ishchel"),
        ("tzoc", "zoc"),
        ("quiche", "kiche"),
        ("xicay", "shicay"),
        ("jozef", "joseph"),
        ("woselor", "roselor"),
        ("jak", "jac"),
        ("thein", "thain"),
        ("kyaw", "gyaw"),
        ("htoo", "tu"),
    ],
)
def test_letters_of_one_sound_are_variants(stored: str, typed: str) -> None:
    if len(typed) > 3:
        assert stored in spelling_variants(typed)
    else:
        assert spelling_variants(typed) == ()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("kovalenko", "kowalski"),
        ("hassan", "hussein"),
        ("jianguo", "jianhua"),
        ("tesfaye", "tsegaye"),
        ("oleg", "olha"),
    ],
)
def test_other_names_share_no_key(first: str, second: str) -> None:
    assert not set(romanisation_keys(first)) & set(romanisation_keys(second))


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("Khrushchov Petro", "Chruschtschow Petro"),
        ("Chienkuo Liu", "jianguo liu"),
        ("Ana Xicay", "ana shicay"),
        ("Nguyễn Thị Phượng", "phuong nguyen"),
    ],
)
def test_a_name_is_found_by_another_romanisation(stored: str, typed: str) -> None:
    assert names(view_of(*COMMON, stored).search_cases(typed))[:1] == [stored]
