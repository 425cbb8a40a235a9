"""The facts that intake asks are on the forms of people and cases, are shown by the case, and can be taken back."""

import re
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse
from msgspec.structs import replace

from caseapp.casefile.transaction import case_transaction
from caseapp.clients.services import history, people
from caseapp.records.case import Case
from caseapp.records.history import History
from caseapp.records.party import Party
from tests.helpers.corrections import move_clock
from tests.helpers.two_offices import NAME, Worker, boxes

pytestmark = pytest.mark.usefixtures("frozen")
FACTS = {
    "born_in": "Afghanistan", "citizenship": "Afganistán", "second_citizenship": "PK", "sex": "male", "gender": "man",
    "needs_interpreter": "yes", "entry_place": "Hidalgo, Texas", "entry_manner": "ewi", "relation": "himself",
}  # fmt: skip


def client_of(worker: Worker, case_id: UUID) -> tuple[UUID, Party, int]:
    entry = worker.file(case_id).entries_of(Party)[0]
    return entry.id, entry.record, entry.version


def save(worker: Worker, case_id: UUID, **typed: str) -> Any:
    party_id, _, version = client_of(worker, case_id)
    sent = {"name": NAME, "role": "lead", "version": str(version), **boxes("born_on", None)}
    path = reverse("clients:person", args=[case_id, party_id])
    return worker.client.post(path, {**sent, **boxes("detained_since", None), **typed})


def words(html: bytes) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", unescape(html.decode())))


def test_the_facts_of_a_person_are_saved_and_shown_by_the_case(attorney: Worker, case_id: UUID) -> None:
    assert save(attorney, case_id, **FACTS).status_code == 303
    _, saved, _ = client_of(attorney, case_id)
    assert (saved.born_in, saved.citizenships) == ("AF", ("AF", "PK"))
    assert (saved.sex, saved.gender, saved.needs_interpreter) == ("male", "man", "yes")
    assert (saved.entry_place, saved.entry_manner, saved.relation) == ("Hidalgo, Texas", "ewi", "himself")
    shown = words(attorney.client.get(reverse("cases:case", args=[case_id])).content)
    for text in (
        "Country of birth Afghanistan", "Citizenship Afghanistan, Pakistan", "Sex Male", "Gender man",
        "Last entry Hidalgo, Texas, Without inspection (EWI)", "Interpreter needed Yes",
    ):  # fmt: skip
        assert text in shown, text


def test_a_further_citizenship_stays_and_countries_are_named_in_the_readers_language(
    attorney: Worker, case_id: UUID
) -> None:
    party_id, known, version = client_of(attorney, case_id)
    people.change_person(
        attorney.staff, case_id, party_id, replace(known, citizenships=("DE", "FR", "GT")), version=version
    )
    attorney.client.post("/account/", {"language": "es", "act": "language"})
    html = attorney.client.get(reverse("clients:person", args=[case_id, party_id])).content.decode()
    assert html.count("<datalist") == 1
    assert save(attorney, case_id, citizenship="Alemania", second_citizenship="France").status_code == 303
    assert client_of(attorney, case_id)[1].citizenships == ("DE", "FR", "GT")


@pytest.mark.parametrize(
    "typed", [{"born_in": "Atlantis"}, {"citizenship": "x" * 5000}, {"sex": "?"}, {"entry_manner": "by ship"}]
)
def test_a_fact_that_no_list_has_is_refused_and_kept_on_the_page(
    attorney: Worker, case_id: UUID, typed: dict[str, str]
) -> None:
    answer = save(attorney, case_id, **typed)
    assert answer.status_code == 422
    assert client_of(attorney, case_id)[1].born_in == ""
    if "born_in" in typed:
        assert 'value="Atlantis"' in answer.content.decode()


def test_a_new_case_has_the_facts_of_its_client_and_who_referred_it(attorney: Worker) -> None:
    facts = {name: value for name, value in FACTS.items() if name != "relation"}
    sent = {"name": "Zahra Amiri", **boxes("born_on", None), "referred_by": "City shelter", **facts}
    opened = attorney.client.post("/cases/new/", sent)
    assert opened.status_code == 303
    case_id = UUID(opened["Location"].split("/")[2])
    _, saved, _ = client_of(attorney, case_id)
    assert (saved.born_in, saved.citizenships, saved.entry_manner) == ("AF", ("AF", "PK"), "ewi")
    assert attorney.file(case_id).get_only(Case).record.referred_by == "City shelter"


def test_what_another_system_knew_of_a_person_is_shown_and_kept(attorney: Worker, case_id: UUID) -> None:
    party_id, known, _ = client_of(attorney, case_id)
    with case_transaction(attorney.staff, case_id) as draft:
        brought = replace(known, other_facts=(("Shoe size", "43"),), external_ids={"docketwise": "5512"})
        draft.change(party_id, brought)
    page = words(attorney.client.get(reverse("clients:person", args=[case_id, party_id])).content)
    assert "From another system Shoe size 43 Id in docketwise 5512" in page
    assert save(attorney, case_id, pronouns="he").status_code == 303
    assert client_of(attorney, case_id)[1].other_facts == (("Shoe size", "43"),)


def test_an_earlier_order_is_added_shown_corrected_and_taken_back(
    attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    party_id, _, _ = client_of(attorney, case_id)
    move_clock(monkeypatch, minutes=5)
    path = reverse("clients:order_new", args=[case_id, party_id])
    sent = {"result": "removal in absentia", "authority": "Houston", "country": "Guatemala", "number": "HOU-9"}
    year = {**boxes("ordered_on", None), "ordered_on_year": "2019"}
    assert attorney.client.post(path, {**sent, **year}).status_code == 303
    [entry] = history.prior_orders_of(attorney.file(case_id), party_id)
    assert (entry.record.from_period, entry.record.country, entry.record.party) == ("2019", "GT", party_id)
    line = "removal in absentia, 2019"
    for address in (reverse("cases:case", args=[case_id]), reverse("clients:person", args=[case_id, party_id])):
        assert line in words(attorney.client.get(address).content)
    order = reverse("clients:order", args=[case_id, party_id, entry.id])
    move_clock(monkeypatch, minutes=10)
    assert attorney.client.post(order, {**sent, **year, "version": "1", "authority": "Dallas"}).status_code == 303
    assert attorney.client.post(order, {**sent, **year, "version": "1"}).status_code == 409
    changes = attorney.client.get(reverse("cases:changes", args=[case_id])).content.decode()
    assert "Earlier order changed" in changes
    assert "Earlier order added" in changes
    line = changes.partition("Earlier order changed")[2].partition("</form>")[0]
    undo = dict(re.findall(r'name="(change|state)" value="([0-9a-f]+)"', line))
    assert attorney.client.post(reverse("cases:changes", args=[case_id]), undo).status_code == 303
    [entry] = history.prior_orders_of(attorney.file(case_id), party_id)
    assert entry.record.authority == "Houston"


def test_an_order_without_its_words_or_of_another_person_or_office_is_refused(
    attorney: Worker, outsider: Worker, case_id: UUID
) -> None:
    party_id, _, _ = client_of(attorney, case_id)
    path = reverse("clients:order_new", args=[case_id, party_id])
    empty = boxes("ordered_on", None)
    assert attorney.client.post(path, {"result": "", **empty}).status_code == 422
    assert attorney.client.post(path, {"result": "x" * 5000, **empty}).status_code == 422
    assert outsider.client.post(path, {"result": "removal", **empty}).status_code == 404
    order = history.add_prior_order(
        attorney.staff, case_id, History(what="prior_order", party=party_id, result="removal")
    )
    other = people.add_person(
        attorney.staff, case_id, Party(role="rider", name=replace(client_of(attorney, case_id)[1].name, full="Leila"))
    )
    foreign = reverse("clients:order", args=[case_id, other, order])
    assert attorney.client.get(foreign).status_code == 404


def test_the_forms_with_their_list_of_countries_stay_within_the_weight_of_a_page(
    attorney: Worker, case_id: UUID
) -> None:
    party_id, _, _ = client_of(attorney, case_id)
    for path in (
        "/cases/new/",
        reverse("clients:person", args=[case_id, party_id]),
        reverse("clients:order_new", args=[case_id, party_id]),
    ):
        assert len(attorney.client.get(path).content) <= 60_000, path
