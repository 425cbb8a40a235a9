"""People are found across spellings, scripts, orders and numbers; the reasons say why; at most fifteen are shown."""

from uuid import UUID

import pytest

from caseapp.conflicts.services import matching
from caseapp.conflicts.services.content import AskedPerson
from caseapp.index.conflicts.memory import ConflictIndex
from caseapp.index.conflicts.rows import ConflictEntry, ConflictPerson

PEOPLE = (
    ConflictPerson(("Mohammed Karimi",), "000123417", ("p5512x",), ("2125550173",), 1987),
    ConflictPerson(("Olena Kovalenko",), "", (), (), 1990),
    ConflictPerson(("Maria Lopez Garcia",), "", (), (), 1985),
    ConflictPerson(("Nguyễn Văn An",), "", (), (), 1979),
)


def _index() -> ConflictIndex:
    index = ConflictIndex()
    index.apply(ConflictEntry(bytes([at]) * 16, 1, (person,)) for at, person in enumerate(PEOPLE, 1))
    return index


def _case(at: int) -> UUID:
    return UUID(bytes=bytes([at]) * 16)


@pytest.mark.parametrize(
    ("asked", "case", "reason"),
    [
        (AskedPerson(names=("Muhamad Kareemi",)), 1, "name_sounds_alike"),
        (AskedPerson(names=("محمد كريمي",)), 1, "name_in_other_script"),
        (AskedPerson(names=("Олена Коваленко",)), 2, "name_in_other_script"),
        (AskedPerson(names=("Garcia Lopez Maria",)), 3, "reordered_name"),
        (AskedPerson(names=("An Nguyen Van",)), 4, "reordered_name"),
        (AskedPerson(names=("Someone Else",), a_number="000123417"), 1, "same_a_number"),
        (AskedPerson(names=("Someone Else",), numbers=("P-55-12 X",)), 1, "same_number"),
        (AskedPerson(names=("Someone Else",), phones=("+1 (212) 555-0173",)), 1, "same_phone"),
        (AskedPerson(names=("Mohamed Karimi",), born="1987-03-02"), 1, "same_birth_year"),
    ],
    ids=["sound", "Arabic", "Cyrillic", "order", "accents", "A-Number", "number", "phone", "year"],
)
def test_a_person_is_found_with_the_reason(asked: AskedPerson, case: int, reason: str) -> None:
    best = matching.find_matches(_index(), asked)[0]
    assert best.case_id == _case(case)
    assert reason in {each.code for each in best.likeness.reasons_for}


def test_another_year_is_a_reason_against() -> None:
    (match, *_) = matching.find_matches(_index(), AskedPerson(names=("Olena Kovalenko",), born="1951"))
    assert [reason.code for reason in match.likeness.reasons_against] == ["other_birth_year"]


def test_the_case_that_the_check_is_about_is_left_out() -> None:
    asked = AskedPerson(names=("Olena Kovalenko",))
    assert matching.find_matches(_index(), asked, leave_out=_case(2)) == []


def test_at_most_fifteen_cases_are_shown_for_a_person_each_once() -> None:
    index = ConflictIndex()
    person = ConflictPerson(("Maria Lopez",))
    index.apply(ConflictEntry(at.to_bytes(16, "big"), 1, (person, person)) for at in range(1, 101))
    found = matching.find_matches(index, AskedPerson(names=("Maria Lopez",)))
    assert len(found) == len({match.case_id for match in found}) == 15


def test_a_changed_or_destroyed_case_leaves_nothing_of_its_older_names() -> None:
    index = _index()
    index.apply(
        [ConflictEntry(_case(2).bytes, 2, (ConflictPerson(("Iryna Bondar",)),)), ConflictEntry(_case(3).bytes, 2, None)]
    )
    assert matching.find_matches(index, AskedPerson(names=("Olena Kovalenko",))) == []
    assert matching.find_matches(index, AskedPerson(names=("Maria Lopez Garcia",))) == []
    assert matching.find_matches(index, AskedPerson(names=("Iryna Bondar",)))[0].case_id == _case(2)
    index.apply([ConflictEntry(_case(2).bytes, 1, (PEOPLE[1],)), ConflictEntry(_case(3).bytes, 9, (PEOPLE[2],))])
    assert matching.find_matches(index, AskedPerson(names=("Olena Kovalenko",))) == []
    assert matching.find_matches(index, AskedPerson(names=("Maria Lopez Garcia",))) == []
