"""The case list: filters by codes and ids, saved views of a member, and lists of one page."""

import datetime as dt
import re
from html import unescape
from uuid import UUID, uuid4

import pytest
from django.urls import reverse

from caseapp.accounts.drafts import saved_views
from caseapp.accounts.models import SavedViews
from caseapp.cases.services import cases
from caseapp.hearings.services import hearings
from caseapp.records.hearing import Hearing
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction
from tests.helpers.two_offices import NAME, Worker
from tests.team.test_members import member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
COURT, JUDGE, LANGUAGE = "Newark Immigration Court", "Amara Stone", "Mam"


def open_case(worker: Worker, name: str, court: str = "", judge: str = "", **fields: object) -> UUID:
    case_id = cases.open_case(worker.staff, cases.NewCase(name=name, **fields))  # type: ignore[arg-type]  # test
    if court:
        starts_at = dt.datetime(2026, 12, 8, 13, 30, tzinfo=dt.UTC)
        hearing = Hearing(kind="master", starts_at=starts_at, zone="America/New_York", court=court, judge=judge)
        hearings.book_hearing(worker.staff, case_id, hearing)
    return case_id


@pytest.fixture
def three_cases(attorney: Worker) -> None:
    open_case(attorney, "Aminata Diallo", COURT, JUDGE, languages=(LANGUAGE,), relief=("asylum",))
    open_case(attorney, "Farid Karimi", COURT, languages=("Dari",), stage="master")
    open_case(attorney, "Olena Kovalenko")


def page_of(worker: Worker, query: str = "") -> str:
    response = worker.client.get(f"/cases/{query}")
    assert response.status_code == 200
    return response.content.decode()


def names_in(html: str) -> set[str]:
    return {name for name in ("Aminata Diallo", "Farid Karimi", "Olena Kovalenko", NAME) if name in html}


def choice(html: str, field: str, text: str) -> str:
    """The value that a filter sends for a choice."""
    select = re.search(rf'<select name="{field}".*?</select>', html, re.DOTALL)
    assert select is not None, field
    value = re.search(rf'<option value="([^"]*)"[^>]*>{re.escape(text)}</option>', select[0])
    assert value is not None, (field, text)
    return value[1]


@pytest.mark.usefixtures("three_cases")
@pytest.mark.parametrize(
    ("field", "text", "expected"),
    [
        ("court", COURT, {"Aminata Diallo", "Farid Karimi"}),
        ("judge", JUDGE, {"Aminata Diallo"}),
        ("language", LANGUAGE, {"Aminata Diallo"}),
        ("relief", "Asylum", {"Aminata Diallo"}),
        ("stage", "Master", {"Aminata Diallo", "Farid Karimi"}),
        ("lead", "Ana Ruiz", {"Aminata Diallo", "Farid Karimi", "Olena Kovalenko"}),
    ],
)
def test_each_filter_shows_its_cases_and_no_other(attorney: Worker, field: str, text: str, expected: set[str]) -> None:
    value = choice(page_of(attorney), field, text)
    assert names_in(page_of(attorney, f"?show=team&{field}={value}")) == expected


@pytest.mark.usefixtures("three_cases")
def test_two_filters_narrow_each_other_and_stay_with_sorting(attorney: Worker) -> None:
    html = page_of(attorney)
    query = f"?show=team&court={choice(html, 'court', COURT)}&language={choice(html, 'language', 'Dari')}"
    narrowed = page_of(attorney, query)
    assert names_in(narrowed) == {"Farid Karimi"}
    sorts = [unescape(link) for link in re.findall(r'href="([^"]*sort=name[^"]*)"', narrowed)]
    assert names_in(attorney.client.get(sorts[0]).content.decode()) == {"Farid Karimi"}


@pytest.mark.usefixtures("three_cases")
def test_an_address_of_the_list_has_codes_and_ids_only(attorney: Worker) -> None:
    html = page_of(attorney)
    ids = {
        field: choice(html, field, text) for field, text in (("court", COURT), ("judge", JUDGE), ("language", LANGUAGE))
    }
    assert all(re.fullmatch("[0-9a-f]{16}", value) for value in ids.values())
    filtered = page_of(attorney, f"?show=team&court={ids['court']}&judge={ids['judge']}")
    said = f"newark immigration {JUDGE} {LANGUAGE} Diallo Ruiz".casefold().split()
    for link in re.findall(r'(?:href|action)="([^"]*)"', filtered):
        assert not [word for word in said if word in link.casefold()], link


@pytest.mark.usefixtures("three_cases")
def test_the_id_of_a_court_says_nothing_to_another_member(attorney: Worker) -> None:
    ben = member(attorney.staff, "attorney")
    theirs = {choice(page_of(worker, "?show=team"), "court", COURT) for worker in (attorney, ben)}
    assert len(theirs) == 2


@pytest.mark.usefixtures("three_cases")
@pytest.mark.parametrize(
    "query",
    ["?show=team&court=nowhere", "?show=team&lead=nobody", "?show=team&stage=%00", "?show=team&judge=" + "x" * 5_000,
     "?show=team&page=99999", "?show=team&page=-1", "?sort=" + "y" * 5_000, "?show=team&relief=asylum%27"],
)  # fmt: skip
def test_a_filter_that_is_not_known_is_left_out(attorney: Worker, query: str) -> None:
    assert names_in(page_of(attorney, query)) == {"Aminata Diallo", "Farid Karimi", "Olena Kovalenko"}


def test_a_name_is_a_link_and_a_page_has_twenty_five(attorney: Worker) -> None:
    paths = [reverse("cases:case", args=[open_case(attorney, f"Client {number}")]) for number in range(26)]
    html = page_of(attorney, "?sort=ref")
    assert sum(f'<a href="{path}">' in html for path in paths) == 25
    assert "Page 1 of 2" in " ".join(html.split())


@pytest.mark.usefixtures("three_cases")
def test_while_names_are_covered_no_court_judge_language_or_lead_is_in_the_page(attorney: Worker) -> None:
    attorney.client.post("/account/cover/", {"covered": "yes", "next": "/"})
    html = page_of(attorney, "?show=team")
    for secret in (*COURT.split(), *JUDGE.split(), LANGUAGE, "Dari", "Diallo"):
        assert secret not in html, secret


@pytest.mark.usefixtures("three_cases")
def test_a_view_is_saved_for_its_member_alone_and_filters_when_it_is_followed(attorney: Worker) -> None:
    court = choice(page_of(attorney), "court", COURT)
    saved = attorney.client.post("/cases/views/", {"name": "Newark, next", "show": "team", "court": court})
    assert saved.status_code == 303
    html = page_of(attorney)
    link = re.search(r'<a href="([^"]*)"><span class="private"><bdi>Newark, next</bdi>', html)
    assert link is not None
    assert names_in(attorney.client.get(unescape(link[1])).content.decode()) == {"Aminata Diallo", "Farid Karimi"}
    ben = member(attorney.staff, "attorney")
    assert "Newark, next" not in page_of(ben)
    attorney.client.post("/account/cover/", {"covered": "yes", "next": "/"})
    assert "Newark, next" not in page_of(attorney)


@pytest.mark.usefixtures("three_cases")
def test_nothing_of_a_saved_view_is_stored_in_clear(attorney: Worker) -> None:
    court = choice(page_of(attorney), "court", COURT)
    attorney.client.post("/cases/views/", {"name": "Cases of Amara", "show": "team", "court": court})
    with office_transaction(attorney.staff.org_id):
        [stored] = SavedViews.objects.values_list("sealed", flat=True)
    assert len(stored) == 4096 + 30
    for secret in (b"Amara", b"newark", court.encode()):
        assert secret not in bytes(stored)


def test_each_member_has_one_row_of_one_size_that_names_none(attorney: Worker, case_id: UUID) -> None:
    ben = member(attorney.staff, "attorney")
    for worker in (attorney, ben):
        for name in ("One", "Two"):
            worker.client.post("/cases/views/", {"name": name})
    with office_transaction(attorney.staff.org_id):
        rows = list(SavedViews.objects.all())
    assert [field.name for field in SavedViews._meta.concrete_fields] == ["org_id", "id", "sealed"]
    assert len(rows) == 2
    assert {len(row.sealed) for row in rows} == {4096 + 30}
    assert not {row.id for row in rows} & {attorney.staff.member_id, ben.staff.member_id}


def test_views_that_were_altered_are_said_to_be_and_the_list_stays(attorney: Worker, case_id: UUID) -> None:
    attorney.client.post("/cases/views/", {"name": "Soon"})
    with office_transaction(attorney.staff.org_id):
        SavedViews.objects.update(sealed=b"\x06\x01" + bytes(4124))
    with pytest.raises(OpenFailed):
        saved_views.read_views(attorney.staff.keys)
    page = page_of(attorney)
    assert "Soon" not in page
    assert "Your saved views cannot be opened: they were altered." in " ".join(page.split())
    assert attorney.client.post(f"/cases/views/{case_id}/remove/").status_code == 404
    assert attorney.client.post("/cases/views/", {"name": "Later"}).status_code == 303
    page = page_of(attorney)
    assert "Later" in page
    assert "cannot be opened" not in page


def test_a_view_with_a_known_name_replaces_it_and_a_thirteenth_is_refused(attorney: Worker, case_id: UUID) -> None:
    for number in (*range(12), 3):
        assert attorney.client.post("/cases/views/", {"name": f"View {number}"}).status_code == 303
    refused = attorney.client.post("/cases/views/", {"name": "View 12"})
    assert refused.status_code == 422
    assert "You have 12 saved views. Remove one first." in refused.content.decode()


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_view_without_a_name_or_with_a_long_one_is_refused(attorney: Worker, case_id: UUID, name: str) -> None:
    assert attorney.client.post("/cases/views/", {"name": name}).status_code == 422
    assert "View saved" not in page_of(attorney)


def test_a_view_is_removed_by_its_member_and_by_no_other(attorney: Worker, outsider: Worker, case_id: UUID) -> None:
    attorney.client.post("/cases/views/", {"name": "Soon"})
    path = re.search(r'action="(/cases/views/[0-9a-f-]+/remove/)"', page_of(attorney))
    assert path is not None
    ben = member(attorney.staff, "attorney")
    assert [worker.client.post(path[1]).status_code for worker in (outsider, ben)] == [404, 404]
    assert attorney.client.get(path[1]).status_code == 405
    assert attorney.client.post(path[1]).status_code == 303
    assert "Soon" not in page_of(attorney)
    assert attorney.client.post(reverse("cases:view_remove", args=[uuid4()])).status_code == 404


def test_saving_a_view_by_get_saves_nothing(attorney: Worker, case_id: UUID) -> None:
    assert attorney.client.get("/cases/views/?name=Soon").status_code == 303
    assert "Soon" not in page_of(attorney)


def test_views_that_do_not_fit_their_row_are_refused_with_a_sentence(attorney: Worker) -> None:
    courts = [f"Court {number} {'x' * 180}" for number in range(12)]
    for court in courts:
        open_case(attorney, "Aminata Diallo", court)
    html = page_of(attorney)
    for court in courts[:-1]:
        sent = {"name": "\U00010348" * 50 + court[:9], "court": choice(html, "court", court)}
        answer = attorney.client.post("/cases/views/", sent)
    assert answer.status_code == 422
    assert "Your saved views are too long to be kept." in answer.content.decode()
    assert "Court 0" in page_of(attorney)
