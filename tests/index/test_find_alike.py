"""People of other cases who may be the same are found over all groups of a member, at most fifteen."""

from uuid import UUID, uuid4

import pytest

from caseapp.index import rows
from caseapp.index.group_index import GroupIndex
from caseapp.index.likeness import Identity
from caseapp.index.likeness.person_row import PersonRow
from caseapp.index.rows import CaseRow
from caseapp.index.view import IndexView
from caseapp.lib.partial_dates import PartialDate
from tests.index.factories import row

MARIA, ROSA, DIEGO, FATIMA, OTHER = (UUID(int=number) for number in range(11, 16))
TUM = CaseRow(
    ref="JJA3K",
    stage="intake",
    names=(("Rosa Ixchel Tum", "lead"), ("Rosa Tun", "lead"), ("Diego Tum", "child")),
    a_numbers=("000000417", "000000522"),
    contact_phones=("8625550101",),
    people=(
        PersonRow(ROSA, "lead", 2, "000000417", (), ("8625550101",), "1987-05-09", ("GT",)),
        PersonRow(DIEGO, "child", 1, "000000522", (), ("8625550101",), "2015-02-03"),
    ),
)
LOPEZ = row("Maria Lopez", ref="7KQ4D", people=(PersonRow(MARIA, "lead", 1, born="1990"),))
KARIMI = row(
    "فاطمه کریمی",
    ref="M3XTR",
    other_numbers=("MSC2190000123",),
    people=(PersonRow(FATIMA, "lead", 1, "", ("MSC2190000123",)),),
)


def view_of(*groups: dict[UUID, CaseRow]) -> IndexView:
    loaded = []
    for number, cases in enumerate(groups):
        group = GroupIndex()
        group.apply_part([(at.bytes, rows.encode(each)) for at, each in cases.items()], whole=True, seq=number + 1)
        loaded.append(group)
    return IndexView(tuple(loaded), member_id=UUID(int=99))


CASES = {UUID(int=1): TUM, UUID(int=2): LOPEZ, UUID(int=3): KARIMI}


def found(identity: Identity, **how: object) -> list[UUID]:
    return [each.person.id for each in view_of(CASES).find_alike(identity, **how)]  # type: ignore[arg-type]  # test


@pytest.mark.parametrize(
    ("identity", "person"),
    [
        (Identity(names=("Fatima Karimi",)), FATIMA),
        (Identity(names=("Lopes, María",)), MARIA),
        (Identity(names=("Tun Rosa",)), ROSA),
        (Identity(names=("Chen Wei",), a_number="000000522"), DIEGO),
        (Identity(names=("Chen Wei",), numbers=("MSC-219-000-0123",)), FATIMA),
        (Identity(names=("Rosa Garcia",), birth=PartialDate(1987, 5, 9)), ROSA),
        (Identity(names=("Chen Wei", "Maria Lopez Garcia")), MARIA),
    ],
)
def test_the_person_is_found_by_each_fact(identity: Identity, person: UUID) -> None:
    assert found(identity) == [person]


def test_a_telephone_finds_all_who_use_it_and_none_of_the_same_case() -> None:
    caller = Identity(names=("Chen Wei",), phones=("+1 862 555 0101",))
    assert found(caller) == [ROSA, DIEGO]
    assert found(caller, case=UUID(int=1)) == []


def test_the_person_themselves_is_left_out() -> None:
    assert found(Identity(names=("Maria Lopez",)), person=MARIA) == []


def test_who_was_decided_about_is_left_out_from_either_side() -> None:
    assert found(Identity(names=("Maria Lopez",)), decided={MARIA}) == []
    decided = row("Maria Lopez", people=(PersonRow(MARIA, "lead", 1, decided=(FATIMA,)),))
    view = view_of({UUID(int=1): decided})
    assert view.find_alike(Identity(names=("Maria Lopez",)), person=FATIMA) == []
    assert view.find_alike(Identity(names=("Maria Lopez",)), person=ROSA)


def test_strangers_are_not_found() -> None:
    assert found(Identity(names=("Oleksandr Kovalenko",), a_number="000123456", phones=("2125550199",))) == []


def test_a_case_in_two_groups_is_listed_once_and_a_changed_row_by_its_new_facts() -> None:
    twice = view_of({UUID(int=1): TUM}, {UUID(int=1): TUM, UUID(int=2): LOPEZ})
    assert [each.person.id for each in twice.find_alike(Identity(names=("Rosa Tum",)))] == [ROSA]
    group = GroupIndex()
    group.apply_part([(UUID(int=1).bytes, rows.encode(TUM))], whole=True, seq=1)
    view = IndexView((group,), member_id=UUID(int=99))
    by_birth = Identity(names=("Rosa Garcia",), birth=PartialDate(1987, 5, 9))
    assert view.find_alike(by_birth)
    group.apply_part([(UUID(int=1).bytes, rows.encode(LOPEZ))], whole=False, seq=2)
    assert not view.find_alike(by_birth)
    assert [each.person.id for each in view.find_alike(Identity(names=("Maria Lopez",)))] == [MARIA]


def test_people_of_a_row_from_an_older_program_are_found_by_name_and_number() -> None:
    kept = {name: getattr(TUM, name) for name in TUM.__struct_fields__ if name not in {"people", "schema"}}
    view = view_of({UUID(int=1): CaseRow(schema=4, **kept)})
    assert [each.row.ref for each in view.find_alike(Identity(names=("Tun Rosa",)))] == ["JJA3K"]
    by_number = view.find_alike(Identity(names=("Chen Wei",), a_number="000000522"))
    assert [each.row.ref for each in by_number] == ["JJA3K"]


def test_at_most_fifteen_are_named_the_likeliest_first() -> None:
    many = {
        uuid4(): row("Maria Lopez", ref=f"A{number:04}", people=(PersonRow(uuid4(), "lead", 1),))
        for number in range(60)
    }
    sure = row("Ana Ruiz", ref="ZZZZZ", people=(PersonRow(OTHER, "lead", 1, "000000999"),), a_numbers=("000000999",))
    view = view_of({**many, UUID(int=7): sure})
    alike = view.find_alike(Identity(names=("Maria Lopez",), a_number="000000999"))
    assert len(alike) == 15
    assert alike[0].person.id == OTHER
    assert len(view.find_alike(Identity(names=("Maria Lopez",)), limit=900)) == 15
