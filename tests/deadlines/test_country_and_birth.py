"""How French periods say when they expire, and clocks that run from a birth whose day is not known.

Worked by hand: 48 hours after Mon 7 Dec 2026, 17:10 in Paris are over on Wed 9 Dec 2026, 17:10. One month (délai franc)
after Mon 7 Dec 2026 ends on Fri 8 Jan 2027 at midnight. The day before the 21st birthday of a person born in 2014 is
between Sun 31 Dec 2034 and Sun 30 Dec 2035.
"""

import datetime as dt

import pytest

from tests.helpers.two_offices import Worker, boxes
from tests.team.test_office_country import office_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
PATH = "/deadlines/what-if/"
PARIS = {"zone": "Europe/Paris"}


def answer(worker: Worker, rule: str, **dates: str) -> str:
    what = f"rule:{rule}"
    response = worker.client.post(PATH, {"what": what, "shown_for": what, "zone": "America/New_York", **dates})
    assert response.status_code == 200, response.content.decode()
    return " ".join(response.content.decode().replace("\N{NO-BREAK SPACE}", " ").split())


def test_a_french_period_of_hours_expires_to_the_minute(db: None) -> None:
    lawyer = office_in("Europe/Paris", language="fr")
    notified = {**boxes("on_retention_notified", dt.date(2026, 12, 7)), "at_retention_notified": "17:10"}
    html = answer(lawyer, "fr.oqtf.retention", **PARIS, **notified)
    assert "Expire le mer. 9 déc. 2026 à 17 h 10 (48 h)" in html


def test_a_french_period_of_full_days_expires_at_midnight(db: None) -> None:
    lawyer = office_in("Europe/Paris", language="fr")
    html = answer(lawyer, "fr.oqtf.recours", **PARIS, **boxes("on_oqtf_notified", dt.date(2026, 12, 7)))
    assert "Expire le ven. 8 janv. 2027 à minuit (délai franc)" in html


def test_a_rule_of_the_united_states_has_no_such_line(attorney: Worker) -> None:
    assert "Expires" not in answer(attorney, "us.ca.pfr", **boxes("on_order_final", dt.date(2026, 11, 24)))


def test_a_clock_from_a_birth_known_by_year_shows_the_earliest_and_the_latest(attorney: Worker) -> None:
    html = answer(attorney, "us.uscis.vawa.child", on_birth_date_year="2014")
    first, last = html.index("If born on the first possible day"), html.index("If born on the last possible day")
    assert "If born on the first possible day, Wed, Jan 1, 2014" in html
    assert "Legal deadline: Sun, Dec 31, 2034" in html[first:last]
    assert "If born on the last possible day, Wed, Dec 31, 2014" in html
    assert "Legal deadline: Sun, Dec 30, 2035" in html[last:]
    exact = answer(attorney, "us.uscis.vawa.child", **boxes("on_birth_date", dt.date(2014, 5, 9)))
    assert "Legal deadline: Tue, May 8, 2035" in exact
    assert "possible day" not in exact
