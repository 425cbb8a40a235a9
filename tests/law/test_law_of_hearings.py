"""Hearings and the asylum clock follow the packs in use of the office and the country of the court."""

import datetime as dt
import re
from uuid import UUID

import pytest
from django.urls import reverse

from caseapp.cases.services import cases
from caseapp.deadlines.services import notices
from caseapp.hearings.services import hearings
from caseapp.law import services
from caseapp.records.case import Case
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.records.proceeding import Proceeding
from caseapp.records.task import Task
from tests.helpers.two_offices import Worker
from tests.team.test_office_country import office_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
US = {
    "master", "individual", "bond", "credible_fear_review", "reasonable_fear_review", "uscis_interview",
    "asylum_interview", "biometrics", "ice_check_in",
}  # fmt: skip
FRENCH = {
    "administrative_court", "administrative_court_of_appeal", "conseil_etat", "cnda", "detention_judge",
    "waiting_zone_judge", "expulsion_commission", "prefecture", "ofpra",
}  # fmt: skip
EVERY = {"appointment", "other"}
WORDS = {
    "en": ("CNDA hearing", "Hearing before the detention judge", "Prefecture appointment"),
    "es": ("Audiencia de la CNDA", "Audiencia ante el juez del internamiento administrativo", "Cita en la prefectura"),
    "fr": ("Audience de la CNDA", "Audience devant le juge de la rétention", "Rendez-vous à la préfecture"),
}
CLOCK = {"en": "Asylum clock", "es": "Reloj de asilo", "fr": "Compteur d’asile"}


@pytest.fixture
def french() -> Worker:
    """Inès, of an office in Paris, who reads the pages in English."""
    return office_in("Europe/Paris", language="en")


def read_in(worker: Worker, language: str) -> None:
    worker.client.post("/account/", {"language": language, "theme": "auto", "zone": worker.staff.zone})


def new_case(worker: Worker, **facts: str) -> UUID:
    return cases.open_case(worker.staff, cases.NewCase(name="Farid Karimi", **facts))  # type: ignore[arg-type]


def kinds_on(worker: Worker, path: str, name: str = "kind") -> set[str]:
    """Return the kinds of hearings that a page offers, as radio buttons or in a list."""
    html = worker.client.get(path).content.decode()
    if name == "kind":
        return set(re.findall(r'<input type="radio" name="kind" value="([a-z_]+)"', html))
    listed = re.search(rf'<select name="{name}".*?</select>', html, re.DOTALL)
    assert listed
    return set(re.findall(r'value="([a-z_]+)"', listed[0]))


def booking(kind: str, zone: str, **facts: str) -> dict[str, str]:
    """A hearing on Tuesday, 12 January 2027, at half past nine."""
    return {
        "kind": kind,
        "on_month": "1",
        "on_day": "12",
        "on_year": "2027",
        "at": "9:30",
        "half": "am",
        "court": "Tribunal administratif de Montreuil",
        "zone": zone,
        "way": "in_person",
        **facts,
    }


def hear(worker: Worker, case_id: UUID, kind: str, zone: str = "Europe/Paris") -> UUID:
    """Book a hearing that was on Monday, 23 November 2026."""
    starts = dt.datetime(2026, 11, 23, 14, 0, tzinfo=dt.UTC)
    return hearings.book_hearing(worker.staff, case_id, Hearing(kind=kind, starts_at=starts, zone=zone, court="Court"))


def record(worker: Worker, hearing_id: UUID, **facts: str) -> int:
    path = reverse("hearings:outcome", args=[hearing_id])
    return worker.client.post(path, {"version": "1", **facts}).status_code


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_a_french_office_is_asked_for_hearings_of_france_and_for_none_of_the_united_states(
    french: Worker, language: str
) -> None:
    read_in(french, language)
    case_id = new_case(french)
    path = reverse("hearings:book", args=[case_id])
    assert kinds_on(french, path) == FRENCH | EVERY
    html = french.client.get(path).content.decode().replace("&#x27;", "'")
    for word in WORDS[language]:
        assert word in html
    outcome = reverse("hearings:outcome", args=[hear(french, case_id, "cnda")])
    assert kinds_on(french, outcome, "next_kind") == FRENCH | EVERY


def test_an_office_of_the_united_states_is_asked_for_none_of_france(attorney: Worker, case_id: UUID) -> None:
    assert kinds_on(attorney, reverse("hearings:book", args=[case_id])) == US | EVERY
    outcome = reverse("hearings:outcome", args=[hear(attorney, case_id, "master", "America/New_York")])
    assert kinds_on(attorney, outcome, "next_kind") == US | EVERY


def test_a_kind_of_a_pack_that_is_not_in_use_is_refused(french: Worker, attorney: Worker, case_id: UUID) -> None:
    path = reverse("hearings:book", args=[new_case(french)])
    assert french.client.post(path, booking("biometrics", "Europe/Paris")).status_code == 422
    assert french.client.post(path, booking("administrative_court", "Europe/Paris")).status_code == 303
    path = reverse("hearings:book", args=[case_id])
    assert attorney.client.post(path, booking("cnda", "Europe/Paris")).status_code == 422


def test_with_both_packs_a_court_hearing_needs_a_time_zone_of_its_own_country(attorney: Worker, case_id: UUID) -> None:
    services.set_packs(attorney.staff, ["france", "us-federal"])
    path = reverse("hearings:book", args=[case_id])
    assert kinds_on(attorney, path) == US | FRENCH | EVERY
    for kind, zone, sentence in (
        ("cnda", "America/New_York", "This hearing is in France. Choose the time zone of its court."),
        ("master", "Europe/Paris", "This hearing is in the United States. Choose the time zone of its court."),
    ):
        refused = attorney.client.post(path, booking(kind, zone))
        assert refused.status_code == 422
        assert sentence in refused.content.decode()
    assert attorney.client.post(path, booking("cnda", "America/Cayenne")).status_code == 303
    assert attorney.client.post(path, booking("uscis_interview", "Europe/Paris")).status_code == 303


def test_a_hearing_keeps_its_kind_when_its_pack_is_no_more_in_use(attorney: Worker, hearing_id: UUID) -> None:
    services.set_packs(attorney.staff, ["france"])
    path = reverse("hearings:edit", args=[hearing_id])
    assert kinds_on(attorney, path) == FRENCH | EVERY | {"individual"}
    html = attorney.client.get(path).content.decode()
    assert re.search(r'value="individual"[^>]*checked', html)
    sent = booking("individual", "America/New_York", court="Court South", version="1")
    assert attorney.client.post(path, sent).status_code == 303
    assert kinds_on(attorney, reverse("hearings:outcome", args=[hearing_id]), "next_kind") >= {"individual"}


def test_an_other_hearing_in_france_puts_no_case_before_an_immigration_court(french: Worker) -> None:
    case_id = new_case(french, stage="ofpra")
    path = reverse("hearings:book", args=[case_id])
    assert french.client.post(path, booking("other", "Europe/Paris")).status_code == 303
    file = french.file(case_id)
    assert file.get_only(Case).record.stage == "ofpra"
    assert file.entries_of(Proceeding) == []
    intake = new_case(french)
    hear(french, intake, "other")
    assert french.file(intake).get_only(Case).record.stage == "intake"


@pytest.mark.parametrize("kind", ["cnda", "other"])
def test_a_decision_in_france_starts_no_deadline_of_the_united_states(french: Worker, kind: str) -> None:
    case_id = new_case(french)
    hearing_id = hear(french, case_id, kind)
    path = reverse("hearings:outcome", args=[hearing_id])
    html = french.client.get(path).content.decode()
    assert kinds_on(french, path, "decision") == {"denied", "granted", "other"}
    for asked in ("absentia", "leave_by", "appeal_waived", "in_custody", "800 number"):
        assert asked not in html
    assert record(french, hearing_id, what="decided", decision="bond_denied") == 422
    assert record(french, hearing_id, what="decided", decision="denied") == 303
    assert french.file(case_id).entries_of(Deadline) == []
    assert french.file(case_id).get_only(Case).record.stage_question == "denied"


def test_a_client_who_did_not_appear_in_france_needs_no_look_at_ecas(french: Worker) -> None:
    case_id = new_case(french)
    assert record(french, hear(french, case_id, "cnda"), what="absent") == 303
    assert french.file(case_id).entries_of(Task) == []


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_the_asylum_clock_does_not_show_where_the_law_of_the_united_states_is_not_in_use(
    french: Worker, attorney: Worker, case_id: UUID, language: str
) -> None:
    for worker in (french, attorney):
        read_in(worker, language)
    abroad = new_case(french, stage="ofpra")
    pages = [
        worker.client.get(reverse("cases:case", args=[case])).content.decode().replace("&#x27;", "'")
        for worker, case in ((french, abroad), (attorney, case_id))
    ]
    assert [CLOCK[language] in html for html in pages] == [False, True]
    path = reverse("deadlines:asylum_clock", args=[abroad])
    assert french.client.get(path).status_code == 404
    filed = {"act": "filed", "filed_on_month": "11", "filed_on_day": "2", "filed_on_year": "2026"}
    assert french.client.post(path, filed).status_code == 404
    assert attorney.client.get(reverse("deadlines:asylum_clock", args=[case_id])).status_code == 200


def test_with_both_packs_a_case_before_courts_of_france_alone_has_no_asylum_clock(
    attorney: Worker, case_id: UUID
) -> None:
    services.set_packs(attorney.staff, ["france", "us-federal"])
    case, clock = reverse("cases:case", args=[case_id]), reverse("deadlines:asylum_clock", args=[case_id])
    hear(attorney, case_id, "cnda")
    assert clock not in attorney.client.get(case).content.decode()
    hear(attorney, case_id, "master", "America/New_York")
    assert clock in attorney.client.get(case).content.decode()


def test_the_case_page_follows_a_choice_of_packs_at_once(attorney: Worker, case_id: UUID) -> None:
    case, clock = reverse("cases:case", args=[case_id]), reverse("deadlines:asylum_clock", args=[case_id])
    for packs, is_shown in ((["us-federal"], True), (["france"], False), (["france", "us-federal"], True)):
        services.set_packs(attorney.staff, packs)
        assert (clock in attorney.client.get(case).content.decode()) == is_shown


def test_a_case_keeps_the_asylum_clock_of_its_application_when_the_pack_is_no_more_in_use(
    attorney: Worker, case_id: UUID
) -> None:
    notices.record_notice(attorney.staff, case_id, what="asylum_filed", dated_on=dt.date(2026, 11, 2))
    services.set_packs(attorney.staff, ["france"])
    assert "Asylum clock" in attorney.client.get(reverse("cases:case", args=[case_id])).content.decode()
    assert attorney.client.get(reverse("deadlines:asylum_clock", args=[case_id])).status_code == 200
