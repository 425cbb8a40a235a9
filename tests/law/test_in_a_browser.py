"""The pages of the law in Chromium: no fault that axe knows, no sideways scroll, on phones and desks."""

import datetime as dt

import pytest
from django.conf import settings
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from caseapp import rules
from caseapp.cases.services import cases
from caseapp.deadlines.services import recompute
from caseapp.deadlines.services.recompute import Bound
from caseapp.law import services
from tests.deadlines import law
from tests.helpers import process_state
from tests.helpers.browsing import browser, follow, look_at, page
from tests.helpers.two_offices import NAME, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("frozen")]
PAGES = (
    "law:settings",
    "law:packs",
    "law:court",
    "law:list",
    "law:new_closure",
    "law:new_order",
    "law:new_rule",
    "law:new_file",
    "deadlines:changes",
    "deadlines:check",
)


@pytest.mark.parametrize(
    ("width", "language", "scheme"),
    [(360, "en", "light"), (1366, "en", "dark"), (360, "es", "dark"), (1366, "fr", "light")],
)
def test_the_pages_of_the_law_are_fit_for_everybody(
    transactional_db: None,
    live_server: LiveServer,
    monkeypatch: pytest.MonkeyPatch,
    width: int,
    language: str,
    scheme: str,
) -> None:
    process_state.forget_findings()
    worker = signed_in("Ana Ruiz", "ana@office.test", language=language)
    cases.open_case(worker.staff, cases.NewCase(name=NAME, last_arrival_on=dt.date(2026, 4, 9), relief=("asylum",)))
    cases.open_case(
        worker.staff, cases.NewCase(name="María de los Ángeles Hernández-Villanueva Quetzaltenango", stage="in_court")
    )
    storm = rules.OfficeClosure(
        id="storm", first=dt.date(2027, 1, 15), last=dt.date(2027, 1, 18), why="Snow storm", source="the court's page"
    )
    services.add_closure(worker.staff, storm)
    services.set_court(worker.staff, "Newark Immigration Court", electronic=False, region="New Jersey")
    services.choose_position(
        worker.staff, "us.bia.appeal", "30", reason="Amica Center v. EOIR: the shortening is blocked."
    )
    law.change(monkeypatch, "us.asylum.one_year", count="+11m")
    recompute.recompute_due_cases(worker.staff, Bound(seconds=3600))
    with browser() as running, page(running, width=width, language=language, scheme=scheme) as shown:
        token = worker.client.cookies[settings.SESSION_COOKIE].value
        shown.context.add_cookies([{"name": settings.SESSION_COOKIE, "value": token, "url": live_server.url}])
        addresses = {name: reverse(name) for name in PAGES}
        rule_pages = {name: reverse(f"law:{name}", args=["us.bia.appeal"]) for name in ("rule", "position")}
        rule_pages["today"] = "/"
        for name, path in {**rule_pages, **addresses}.items():
            shown.goto(live_server.url + path)
            look_at(shown, f"{name.replace(':', '-')}-{width}-{language}-{scheme}")
        for name in ("law:court", "law:new_closure", "law:new_order", "law:new_rule", "law:new_file"):
            shown.goto(live_server.url + addresses[name])
            follow(shown.locator("main form .primary").first)
            look_at(shown, f"{name.replace(':', '-')}-problem-{width}-{language}-{scheme}")
