"""The list of our rules: filtered, a page at a time, and confirmed from where one stands."""

import re

import pytest
from django.urls import reverse

from caseapp.law import services
from tests.helpers.flash import redirect_of
from tests.helpers.two_offices import Worker
from tests.law.test_pages import token_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture(autouse=True)
def _both_packs(attorney: Worker) -> None:
    services.set_packs(attorney.staff, ["us-federal", "france"])


@pytest.mark.parametrize(
    "query", ["?show=open", "?show=flux", "?show=manual", "?pack=france", "?show=flux&pack=us-federal", "?show=x"]
)
def test_the_list_is_filtered(attorney: Worker, query: str) -> None:
    pages = [attorney.client.get(f"/law/{query}&page={number}").content.decode() for number in range(1, 8)]
    assert ("fr.ofpra.depot" in "".join(pages)) == (query in {"?show=open", "?show=flux", "?pack=france", "?show=x"})


@pytest.mark.parametrize(
    ("query", "first", "count", "place"),
    [
        ("", "us.eoir.master.filings", 25, "Page 1 of 7"),
        ("?page=2", None, 25, "Page 2 of 7"),
        ("?page=7", None, 20, "Page 7 of 7"),
        ("?page=99", None, 20, "Page 7 of 7"),
        ("?page=0", "us.eoir.master.filings", 25, "Page 1 of 7"),
        ("?page=" + "9" * 5_000, "us.eoir.master.filings", 25, "Page 1 of 7"),
        ("?page=two&pack=france", None, 25, "Page 1 of 3"),
        ("?show=manual", None, 14, ""),
    ],
)
def test_the_list_of_rules_comes_in_pages(
    attorney: Worker, query: str, first: str | None, count: int, place: str
) -> None:
    html = attorney.client.get(f"/law/{query}").content.decode()
    shown = re.findall(r'<code dir="ltr">([a-z0-9_.]+)</code>', html)
    assert len(shown) == count
    assert first in {None, shown[0]}
    assert place in html
    assert ("Next page" in html) == (place not in {"", "Page 7 of 7"})


def test_whoever_confirms_a_rule_stays_on_the_page_of_the_list(attorney: Worker) -> None:
    path = f"{reverse('law:confirm')}?pack=france&page=2"
    sent = attorney.client.post(path, {"text": token_of(attorney, "rule:fr.refere.suspension")})
    assert redirect_of(sent) == (303, "/law/?pack=france&page=2", "rules-confirmed")
    refused = attorney.client.post(path, {})
    assert refused.status_code == 422
    assert "Page 2 of 3" in refused.content.decode()
