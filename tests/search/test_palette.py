"""The palette: cases, acts and pages by what was typed, by POST, and for each member only what they may see."""

import re
from uuid import UUID

import pytest
from django.urls import reverse

from caseapp.cases.services import cases
from tests.helpers.two_offices import NAME, Worker
from tests.team.test_members import member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
OPTION = re.compile(r'<div role="option".*?</div>', re.DOTALL)


def palette(worker: Worker, text: str = "", **fields: str) -> list[str]:
    """The lines of the palette, each as its HTML."""
    response = worker.client.post("/search/", {"part": "palette", "text": text, **fields})
    assert response.status_code == 200
    return [" ".join(line.split()) for line in OPTION.findall(response.content.decode())]


def test_the_palette_finds_a_case_by_four_letters_and_offers_what_can_be_done_in_it(
    attorney: Worker, case_id: UUID
) -> None:
    first, *others = palette(attorney, "kari")
    assert f'data-href="{reverse("cases:case", args=[case_id])}"' in first
    assert NAME in first
    assert "data-sure" in first
    for view_name in ("cases:note_new", "hearings:book", "cases:notice_new", "cases:task_new"):
        assert [line for line in others if f'data-href="{reverse(view_name, args=[case_id])}"' in line], view_name


def test_without_text_the_palette_lists_acts_and_pages_and_searches_nothing(attorney: Worker, case_id: UUID) -> None:
    lines = palette(attorney)
    assert not [line for line in lines if NAME in line]
    for part in ('data-press="lock"', 'data-press="cover"', 'data-href="/calendar/"', 'data-href="/cases/new/"'):
        assert [line for line in lines if part in line], part


def test_the_palette_goes_to_a_page_by_the_first_letters_of_its_words(attorney: Worker) -> None:
    assert [re.findall(r'data-href="([^"]*)"', line) for line in palette(attorney, "audit tr")] == [
        [reverse("trail:entries")]
    ]


def test_on_a_page_of_a_case_the_palette_offers_what_can_be_done_in_it(attorney: Worker, case_id: UUID) -> None:
    here = reverse("hearings:book", args=[case_id])
    assert "Add note to this case" in palette(attorney, "note", page_path=here)[0]
    (option,) = palette(attorney, "note", page_path="/")
    assert "Ask the conflict officer" in option
    assert "data-sure" not in option


def test_a_volunteer_is_offered_only_what_volunteers_may_do(attorney: Worker) -> None:
    vera = member(attorney.staff, "volunteer", "vera@office.test")
    lines = " ".join(palette(vera))
    for path in ("/cases/new/", reverse("trail:entries"), reverse("team:office"), reverse("team:list")):
        assert f'data-href="{path}"' not in lines
        assert f'data-href="{path}"' in " ".join(palette(attorney))


def test_the_palette_finds_nothing_of_another_office(attorney: Worker, outsider: Worker, case_id: UUID) -> None:
    (option,) = palette(outsider, "kari")
    assert "Ask the conflict officer" in option
    assert NAME not in option
    lines = " ".join(palette(outsider, "note", page_path=reverse("cases:case", args=[case_id])))
    assert NAME not in lines


@pytest.mark.parametrize("way", ["by the server", "on the screen a moment ago"])
def test_while_names_are_covered_the_palette_shows_references_only(attorney: Worker, case_id: UUID, way: str) -> None:
    ref = re.search(r'<span class="ref" dir="ltr">(\w{5})</span>', palette(attorney, "kari")[0])
    assert ref is not None
    if way == "by the server":
        attorney.client.post("/account/cover/", {"covered": "yes", "next": "/"})
    line = palette(attorney, "kari", **({} if way == "by the server" else {"covered": "on"}))[0]
    assert ref[1] in line
    assert "Karimi" not in line


def test_a_text_that_is_too_long_is_refused_in_the_palette_too(attorney: Worker) -> None:
    response = attorney.client.post("/search/", {"part": "palette", "text": "k" * 201})
    assert (response.status_code, b"200 characters" in response.content) == (422, True)
    assert attorney.client.post("/search/", {"part": "palette", "text": "k", "page_path": "/" * 301}).status_code == 422
    assert attorney.client.post("/search/", {"part": "pal\x00ette", "text": "kari\x00"}).status_code in {200, 303, 422}


def test_the_palette_is_no_page_to_open_by_its_address(attorney: Worker, case_id: UUID) -> None:
    html = attorney.client.get("/search/?part=palette&text=kari").content.decode()
    assert "<title>Search</title>" in " ".join(html.split())
    assert 'role="option"' not in html
    assert NAME not in html


def test_a_single_hit_opens_and_a_guess_is_shown_with_its_reason(attorney: Worker, case_id: UUID) -> None:
    found = attorney.client.post("/search/", {"text": "karimi"})
    assert (found.status_code, found["Location"]) == (303, reverse("cases:case", args=[case_id]))
    guessed = attorney.client.post("/search/", {"text": "Kharimi"})
    assert guessed.status_code == 200
    assert "found by: " in guessed.content.decode()


def test_of_two_hits_none_opens(attorney: Worker, case_id: UUID) -> None:
    cases.open_case(attorney.staff, cases.NewCase(name="Samira Karimi"))
    found = attorney.client.post("/search/", {"text": "karimi"})
    assert found.status_code == 200
    assert "2 cases found" in found.content.decode()


def test_a_name_in_the_results_is_a_link(attorney: Worker, case_id: UUID) -> None:
    cases.open_case(attorney.staff, cases.NewCase(name="Samira Karimi"))
    html = " ".join(attorney.client.post("/search/", {"text": "karimi"}).content.decode().split())
    link = re.search(rf'<a href="{reverse("cases:case", args=[case_id])}">(.*?)</a>', html)
    assert link is not None
    assert NAME in link[1]
