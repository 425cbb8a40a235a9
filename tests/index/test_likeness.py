"""Two people are compared by names of any script, numbers and births; each reason for and against is named."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caseapp.index.likeness import Identity, Likeness, compare
from caseapp.lib.partial_dates import PartialDate


def person(*names: str, born: str = "", **facts: object) -> Identity:
    """A person; `born` as "1987" or "1987-05-09"."""
    birth = PartialDate.of_text(born) if born else None
    return Identity(names=names, birth=birth, **facts)  # type: ignore[arg-type]  # test


def codes(likeness: Likeness) -> tuple[list[str], list[str]]:
    """The codes of the reasons for and against."""
    return [each.code for each in likeness.reasons_for], [each.code for each in likeness.reasons_against]


@pytest.mark.parametrize(
    ("mine", "theirs", "code"),
    [
        ("Maria Lopez", "MARÍA  LÓPEZ", "same_name"),
        ("Maria Lopez", "Lopez, Maria", "reordered_name"),
        ("Nguyễn Văn An", "Van An Nguyen", "reordered_name"),
        ("De la Cruz, Ana", "Ana Delacruz", "reordered_name"),
        ("Maria Lopez", "Maria Lopes", "name_sounds_alike"),
        ("Mohammed Haddad", "Muhamad Hadad", "name_sounds_alike"),
        ("Tum Ixchell Roza", "Rosa Ixchel Tum", "name_sounds_alike"),
        ("Abdelrahman Hassan", "Abd al-Rahman Hasan", "name_sounds_alike"),
        ("Yusuf Abdi Warsame", "Yousef Cabdi Warsame", "name_spelled_alike"),
        ("محمد حداد", "Mohammed Haddad", "name_in_other_script"),
        ("علی رضا محمدی", "Ali Reza Mohammadi", "name_in_other_script"),
        ("عمر الحسن", "Omar Al-Hassan", "name_in_other_script"),
        ("محمد الأحمد", "Mohammed Ahmad", "name_in_other_script"),
        ("דוד כהן", "David Cohen", "name_in_other_script"),
        ("Мухаммад Хаддад", "Mohammed Haddad", "name_in_other_script"),
        ("Олександр Коваленко", "Kovalenko Oleksandr", "name_in_other_script"),
        ("王小明", "Xiaoming Wang", "name_in_other_script"),
        ("გიორგი ბერიძე", "Giorgi Beridze", "name_in_other_script"),
        ("ታደሰ በቀለ", "Tadesse Bekele", "name_in_other_script"),
        ("ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ", "Gurpreet Singh", "name_in_other_script"),
        ("김민준", "Kim Min-jun", "part_of_name"),
        ("Maria Lopez", "Maria Fernanda Lopez Garcia", "part_of_name"),
    ],
)
def test_one_name_in_two_spellings_is_asked_about_with_the_reason(mine: str, theirs: str, code: str) -> None:
    likeness = compare(person(mine), person(theirs))
    assert likeness.is_close
    assert [(each.code, each.mine, each.theirs) for each in likeness.reasons_for] == [(code, mine, theirs)]
    assert not likeness.reasons_against


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (person("Ana Ruiz"), person("Ben Ortiz")),
        (person("Jose Luis Perez"), person("Jose Luis Garcia")),
        (person("Maria Lopez"), person("Maria Garcia")),
        (person("Maria"), person("Maria")),  # one word alone is no person
        (person("Maria Lopez", born="1987"), person("Maria Lopez", born="1990")),
        (person("Maria Lopez", a_number="000000417"), person("Maria Lopez", a_number="000999111")),
        (person("Ana Ruiz", born="1987-05-09"), person("Chen Wei", born="1987-05-09")),  # a birth is no name
        (person("Ana Ruiz", countries=("GT",)), person("Chen Wei", countries=("GT",))),
        (person("Ana Ruiz", numbers=("12",)), person("Chen Wei", numbers=("12",))),
    ],
)
def test_two_people_are_not_asked_about(mine: Identity, theirs: Identity) -> None:
    assert not compare(mine, theirs).is_close


@pytest.mark.parametrize(
    ("mine", "theirs", "reasons_for", "reasons_against"),
    [
        (
            person("Maria Lopez", a_number="000000417", born="1990"),
            person("Chen Wei", a_number="000000417", born="1950"),
            ["same_a_number"],
            ["other_birth_year", "other_name"],
        ),
        (
            person("Maria Lopez", a_number="000000417"),
            person("Maria Lopez", a_number="000999111", numbers=("A000-000-417",)),
            ["same_a_number", "same_name"],
            [],
        ),
        (
            person("Maria Lopez", a_number="000000417"),
            person("Maria Lopez", a_number="000000471"),
            ["same_name", "close_a_number"],
            [],
        ),
        (
            person("Rosa Tum", phones=("+1 (862) 555-0101",)),
            person("Diego Tum Ixchel", phones=("862 555 0101",)),
            ["same_phone", "some_names_alike"],
            [],
        ),
        (
            person("Maria Lopez", born="1987-05-09"),
            person("Maria Garcia", born="1987-05-09"),
            ["same_birth_date", "some_names_alike"],
            [],
        ),
        (
            person("Maria Lopez", born="1987-05-09"),
            person("Maria Lopez", born="1987-09-05"),
            ["same_name", "birth_day_and_month_swapped"],
            [],
        ),
        (
            person("Fatima Karimi", born="1987-01-01"),
            person("Fatima Karimi", born="1987-03-17"),
            ["same_name", "same_birth_year"],
            [],
        ),
        (
            person("Fatima Karimi", born="1987-02-11"),
            person("Fatima Karimi", born="1987-03-17"),
            ["same_name", "same_birth_year"],
            ["other_birth_date"],
        ),
        (
            person("Fatima Karimi", born="1987-05"),
            person("Fatima Karimi", born="1987-05-17"),
            ["same_name", "same_birth_month"],
            [],
        ),
        (
            person("Maria Lopes", born="1987", countries=("GT",)),
            person("Maria Lopez", born="1987", countries=("HN", "MX")),
            ["name_sounds_alike", "same_birth_year"],
            ["other_country"],
        ),
        (
            person("Okafor Emeka", numbers=("MSC2190000123",), countries=("NG",)),
            person("Emeka Okafor", numbers=("msc 219-000-0123",), countries=("NG", "FR")),
            ["same_number", "reordered_name", "same_country"],
            [],
        ),
    ],
)
def test_each_reason_for_and_against_is_named(
    mine: Identity, theirs: Identity, reasons_for: list[str], reasons_against: list[str]
) -> None:
    likeness = compare(mine, theirs)
    assert likeness.is_close
    assert codes(likeness) == (reasons_for, reasons_against)


def test_a_reason_has_the_value_of_each_person() -> None:
    likeness = compare(person("Maria Lopes", born="1987"), person("Chen Wei", "Maria Lopez", born="1986-02-03"))
    assert [(each.code, each.mine, each.theirs) for each in likeness.reasons_against] == [
        ("other_birth_year", "1987", "1986-02-03")
    ]
    assert likeness.reasons_for[0].theirs == "Maria Lopez"


def test_the_article_of_an_arabic_name_counts_for_nothing() -> None:
    assert compare(person("محمد الأحمد"), person("Mohammed Ahmad")).score == 0.56


def test_more_reasons_for_give_a_higher_degree_and_reasons_against_a_lower_one() -> None:
    name = compare(person("Maria Lopez"), person("Maria Lopez"))
    birth = compare(person("Maria Lopez", born="1987-05-09"), person("Maria Lopez", born="1987-05-09"))
    number = compare(person("Maria Lopez", a_number="000000417"), person("Maria Lopez", a_number="000000417"))
    doubtful = compare(person("Maria Lopez", born="1987"), person("Maria Lopez", born="1986"))
    assert (number.degree, birth.degree, name.degree, doubtful.degree) == (
        "very_likely",
        "likely",
        "possible",
        "unlikely",
    )


def test_the_same_telephone_is_always_asked_about_but_not_within_one_family() -> None:
    mother = person("Rosa Tum", phones=("8625550101",), born="1987")
    son = person("Diego Ixchel", phones=("8625550101",), born="2015")
    assert compare(mother, son).score == 0.5
    assert compare(mother, son, share_phone=False).score == 0.0


LETTERS = st.sampled_from("aeiouymhklrstz-' ÁñłцхмАя王明محدכהგበ")
NAMES = st.lists(st.text(LETTERS, max_size=14), min_size=1, max_size=3).map(tuple)
BIRTHS = st.one_of(
    st.none(),
    st.builds(PartialDate, st.integers(1985, 1988)),
    st.builds(PartialDate, st.just(1987), st.integers(1, 12), st.integers(1, 12)),
)
PEOPLE = st.builds(
    Identity,
    names=NAMES,
    a_number=st.sampled_from(["", "000000417", "000000471", "000999111"]),
    numbers=st.sampled_from([(), ("MSC2190000123",), ("A000000417",)]),
    phones=st.sampled_from([(), ("8625550101",), ("+18625550101", "2125550199")]),
    birth=BIRTHS,
    countries=st.sampled_from([(), ("GT",), ("HN", "GT")]),
)


CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@CALM
@given(PEOPLE, PEOPLE)
def test_two_people_are_as_alike_in_either_order(mine: Identity, theirs: Identity) -> None:
    one, other = compare(mine, theirs), compare(theirs, mine)
    assert one.score == other.score
    assert [sorted(part) for part in codes(one)] == [sorted(part) for part in codes(other)]
    mirrored = {(each.code, each.theirs, each.mine) for each in (*other.reasons_for, *other.reasons_against)}
    assert {(each.code, each.mine, each.theirs) for each in (*one.reasons_for, *one.reasons_against)} == mirrored


@CALM
@given(PEOPLE, PEOPLE)
def test_a_person_is_like_themselves_and_like_no_other_person_more(mine: Identity, theirs: Identity) -> None:
    own = compare(mine, mine)
    assert not own.reasons_against
    assert 0 <= compare(mine, theirs).score <= 1
    if mine.a_number or any(len(name.split()) > 1 and name.isalpha() for name in mine.names):
        assert own.is_close
    assert compare(mine, theirs).score <= own.score or compare(mine, theirs).score <= compare(theirs, theirs).score
