"""A new person and a changed name or number: who may be the same is asked about before saving, and remembered."""

import re
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.urls import reverse
from msgspec.structs import replace

from caseapp.cases.services import cases
from caseapp.clients.services import duplicates, people
from caseapp.lib.partial_dates import PartialDate
from caseapp.records.case import Case
from caseapp.records.party import Contact, Name, Party
from caseapp.team.services import teams
from tests.helpers import cast
from tests.helpers.cast import colleague_of
from tests.helpers.two_offices import Worker, boxes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
QUESTION = "Is this one of these people?"


def rosa(attorney: Worker, **more: Any) -> tuple[UUID, UUID]:
    """The case of Rosa Ixchel Tum, born 9 May 1987, and her record."""
    facts = {"a_number": "000-000-417", "contacts": (Contact(way="phone", text="+1 862 555 0101"),), **more}
    case_id = cases.open_case(attorney.staff, cases.NewCase(name="Rosa Ixchel Tum", born_period="1987", **facts))
    return case_id, attorney.file(case_id).entries_of(Party)[0].id


def new_case(attorney: Worker, **typed: str) -> Any:
    """The answer to the form of a new case."""
    return attorney.client.post("/cases/new/", {"name": "Chen Wei", **boxes("born_on", None), **typed})


def opened(attorney: Worker, answer: Any) -> Party:
    """The client of the case that was opened."""
    assert answer.status_code == 303
    return attorney.file(UUID(answer["Location"].split("/")[2])).entries_of(Party)[0].record


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", unescape(answer.content.decode())))


def test_the_same_a_number_is_asked_about_before_a_case_is_opened(attorney: Worker) -> None:
    case_id, _ = rosa(attorney)
    asked = new_case(attorney, a_number="A000000417", pronouns="she, her")
    assert asked.status_code == 422
    shown = text_of(asked)
    assert QUESTION in shown
    assert "Rosa Ixchel Tum , client Very likely the same person" in shown
    assert "Reasons for: same A-Number: 000-000-417 Reasons against: other name" in shown
    assert 'value="she, her"' in asked.content.decode()
    assert reverse("cases:case", args=[case_id]) in asked.content.decode()
    assert attorney.client.get("/cases/").content.count(b"Chen Wei") == 0


@pytest.mark.parametrize(
    ("typed", "known_number", "reasons"),
    [
        ({"phone": "(862) 555-0101"}, "", "Reasons for: same phone: 18625550101 Reasons against: other name"),
        ({"name": "Rosa Tum", "born_on_year": "1987"}, "",
         "Reasons for: one name is part of the other; same year of birth: 1987 Reasons against: nothing"),
        ({"name": "Tum Ixchell Roza"}, "", "Reasons for: name sounds alike Reasons against: nothing"),
        ({"name": "Роса Ишчель Тум"}, "000-000-417",
         "Reasons for: same name in another script Reasons against: nothing"),
        ({"name": "Rosa Ixchel Tum", "born_on_year": "1987", "a_number": "000-000-471"}, "000-000-417",
         "Reasons for: same name; A-Number differs by one digit: 000-000-417; "
         "same year of birth: 1987 Reasons against: nothing"),
    ],
)  # fmt: skip
def test_a_phone_a_birth_with_a_near_name_and_other_spellings_and_scripts_are_asked_about(
    attorney: Worker, typed: dict[str, str], known_number: str, reasons: str
) -> None:
    rosa(attorney, a_number=known_number)
    asked = new_case(attorney, **typed)
    assert asked.status_code == 422
    assert reasons in text_of(asked)


def test_an_answer_for_each_person_saves_and_is_remembered_from_either_side(attorney: Worker) -> None:
    case_id, party_id = rosa(attorney)
    diego = people.add_person(
        attorney.staff, case_id, Party(role="child", name=Name(full="Diego Tum"), a_number="000000417")
    )
    assert new_case(attorney, a_number="A000000417", **{f"alike-{party_id}": "other"}).status_code == 422
    answers = {f"alike-{party_id}": "other", f"alike-{diego}": "other"}
    saved = new_case(attorney, a_number="A000000417", **answers)
    chen = opened(attorney, saved)
    assert set(chen.not_the_same) == {party_id, diego}
    chen_case = UUID(saved["Location"].split("/")[2])
    chen_id = attorney.file(chen_case).entries_of(Party)[0].id
    for of_case, person_id in ((chen_case, chen_id), (case_id, party_id)):
        entry = attorney.file(of_case).get(person_id, Party)
        renamed = replace(entry.record, name=Name(full=f"{entry.record.name.full} Li"))
        found = duplicates.find_duplicates(attorney.staff, renamed, case_id=of_case, party_id=person_id)
        assert {each.person.id for each in found} - {diego} == set()


def test_the_same_person_is_saved_and_linked_to_the_other_case(attorney: Worker) -> None:
    case_id, party_id = rosa(attorney)
    saved = new_case(attorney, name="Rosa Tum", a_number="A000000417", **{f"alike-{party_id}": "same"})
    assert opened(attorney, saved).same_as == ((case_id, party_id),)
    page = attorney.client.get(saved["Location"]).content.decode()
    assert "The same person in another case" in page
    assert reverse("clients:person", args=[case_id, party_id]) in page


def test_a_person_is_not_added_twice_to_one_case(attorney: Worker) -> None:
    case_id, party_id = rosa(attorney)
    path = reverse("clients:person_new", args=[case_id])
    typed = {"name": "Rosa Tum", "role": "rider", "a_number": "A000000417", **boxes("born_on", None)}
    typed |= boxes("detained_since", None)
    asked = attorney.client.post(path, {**typed, f"alike-{party_id}": "same"})
    assert asked.status_code == 422
    assert "Open this person" in text_of(asked)
    assert 'value="same"' not in asked.content.decode()
    assert attorney.client.post(path, {**typed, f"alike-{party_id}": "other"}).status_code == 303


def test_the_family_of_one_case_shares_a_phone_without_a_question(attorney: Worker) -> None:
    case_id, _ = rosa(attorney)
    typed = {"name": "Mateo Ajanel", "role": "child", "phone": "862 555 0101", **boxes("born_on", None)}
    saved = attorney.client.post(
        reverse("clients:person_new", args=[case_id]), {**typed, **boxes("detained_since", None)}
    )
    assert saved.status_code == 303


def _change(attorney: Worker, case_id: UUID, party_id: UUID, **typed: str) -> Any:
    version = attorney.file(case_id).get(party_id, Party).version
    path = reverse("clients:person", args=[case_id, party_id])
    sent = {"role": "lead", "version": str(version), **boxes("born_on", None), **boxes("detained_since", None)}
    return attorney.client.post(path, {**sent, **typed})


def test_a_changed_name_or_number_is_asked_about_and_other_facts_are_not(attorney: Worker) -> None:
    rosa_case, rosa_id = rosa(attorney)
    chen_case = cases.open_case(attorney.staff, cases.NewCase(name="Chen Wei"))
    chen_id = attorney.file(chen_case).entries_of(Party)[0].id
    assert _change(attorney, chen_case, chen_id, name="Chen Wei", pronouns="he").status_code == 303
    for typed in ({"name": "Rosa Ixchel Tum"}, {"name": "Chen Wei", "a_number": "000000417"}):
        asked = _change(attorney, chen_case, chen_id, **typed)
        assert asked.status_code == 422
        assert QUESTION in text_of(asked)
    assert attorney.file(chen_case).get(chen_id, Party).record.name.full == "Chen Wei"
    done = _change(attorney, chen_case, chen_id, name="Rosa Ixchel Tum", **{f"alike-{rosa_id}": "other"})
    assert done.status_code == 303
    assert _change(attorney, chen_case, chen_id, name="Rosa Ixchel Tum Li").status_code == 303
    assert _change(attorney, rosa_case, rosa_id, name="Rosa Tum").status_code == 303


def test_other_facts_are_saved_while_no_member_decided_about_a_person_who_may_be_the_same(attorney: Worker) -> None:
    rosa(attorney)
    again, person = rosa(attorney)  # as an import saves people: nothing is asked
    same = {"name": "Rosa Ixchel Tum", "a_number": "000-000-417", "born_on_year": "1987", "phone": "+1 862 555 0101"}
    assert _change(attorney, again, person, **same, pronouns="she").status_code == 303
    assert _change(attorney, again, person, **same, other_names="Rosalia Tum").status_code == 422


def test_a_case_that_is_not_shared_with_the_member_is_never_named(attorney: Worker, outsider: Worker) -> None:
    colleague_of(attorney.staff)
    walled = teams.create_team(attorney.staff, name="Removal")
    ana, ben = cast.signed_in("ana@office.test"), cast.signed_in("ben@office.test")
    cases.open_case(ana, cases.NewCase(name="Rosa Ixchel Tum", a_number="000-000-417", group=walled.group))
    asked = Party(role="lead", name=Name(full="Rosa Ixchel Tum"), a_number="000000417")
    assert len(duplicates.find_duplicates(ana, asked)) == 1
    assert duplicates.find_duplicates(ben, asked) == []
    assert duplicates.find_duplicates(outsider.staff, asked) == []
    assert new_case(outsider, a_number="A000000417").status_code == 303


def test_the_question_puts_no_name_into_an_address_and_hides_while_names_are_covered(attorney: Worker) -> None:
    rosa(attorney)
    attorney.client.post("/account/cover/", {"covered": "yes", "next": "/"})
    html = new_case(attorney, a_number="A000000417").content.decode()
    assert QUESTION in html
    assert "Rosa" not in html
    assert "000-000-417" not in html
    attorney.client.post("/account/cover/", {"covered": "no", "next": "/"})
    html = new_case(attorney, a_number="A000000417").content.decode()
    assert not [link for link in re.findall(r'(?:href|action)="([^"]*)"', html) if "Rosa" in link or "417" in link]


def test_a_made_up_answer_is_no_answer(attorney: Worker) -> None:
    _, party_id = rosa(attorney)
    for made_up in ({f"alike-{party_id}": "maybe"}, {"alike-x": "other"}, {f"alike-{uuid4()}": "other"}):
        assert new_case(attorney, a_number="A000000417", **made_up).status_code == 422


def test_a_row_of_the_index_has_what_each_person_is_recognised_by(attorney: Worker) -> None:
    from caseapp.casefile.index_entries.index_row import build_row
    from caseapp.vault.tenancy import office_transaction

    case_id, party_id = rosa(attorney, born_in="GT", citizenships=("GT", "MX"))
    with office_transaction(attorney.staff.org_id):
        row = build_row(attorney.file(case_id))
    [person] = row.people
    assert (person.id, person.role, person.names) == (party_id, "lead", 1)
    assert (person.a_number, person.phones, person.born) == ("000000417", ("18625550101",), "1987")
    assert person.birth == PartialDate(1987)
    assert person.countries == ("GT", "MX")
    assert attorney.file(case_id).get_only(Case).record.ref == row.ref
