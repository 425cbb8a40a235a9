"""The stage of a case follows facts: hearings set it, decisions ask for it, appointments leave it as it is."""

import datetime as dt
from uuid import UUID

import pytest
from django.urls import reverse

from caseapp import rules
from caseapp.cases.services import cases
from caseapp.deadlines.services import case_stages
from caseapp.hearings.services import hearings
from caseapp.records.case import STAGE_QUESTIONS, Case
from caseapp.records.hearing import Hearing
from caseapp.records.proceeding import Proceeding
from caseapp.ui.display import labels
from tests.helpers.two_offices import Worker, boxes

pytestmark = pytest.mark.usefixtures("frozen")

FEBRUARY = dt.datetime(2027, 2, 17, 13, 30, tzinfo=dt.UTC)  # a Wednesday, 8:30 in New York


@pytest.fixture
def fresh_id(attorney: Worker) -> UUID:
    """A case at intake."""
    return cases.open_case(attorney.staff, cases.NewCase(name="Samira Haddad"))


def _case(attorney: Worker, case_id: UUID) -> Case:
    return attorney.file(case_id).get_only(Case).record


def _book(attorney: Worker, case_id: UUID, kind: str) -> UUID:
    return hearings.book_hearing(
        attorney.staff, case_id, Hearing(kind=kind, starts_at=FEBRUARY, zone="America/New_York", court="Newark")
    )


def _decide(attorney: Worker, hearing_id: UUID, decision: str) -> None:
    path = reverse("hearings:outcome", args=[hearing_id])
    sent = {"what": "decided", "decision": decision, "version": "1"}
    assert attorney.client.post(path, sent).status_code == 303


def _text(attorney: Worker, path: str) -> str:
    response = attorney.client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("kind", ["biometrics", "uscis_interview", "asylum_interview", "ice_check_in", "appointment"])
def test_an_appointment_moves_no_stage_and_opens_no_court_proceeding(
    attorney: Worker, fresh_id: UUID, kind: str
) -> None:
    _book(attorney, fresh_id, kind)
    assert _case(attorney, fresh_id).stage == "intake"
    assert attorney.file(fresh_id).entries_of(Proceeding) == []


@pytest.mark.parametrize("kind", ["bond", "credible_fear_review", "reasonable_fear_review"])
def test_a_bond_hearing_or_fear_review_is_before_the_court_and_moves_no_stage(
    attorney: Worker, fresh_id: UUID, kind: str
) -> None:
    _book(attorney, fresh_id, kind)
    assert _case(attorney, fresh_id).stage == "intake"
    assert len(attorney.file(fresh_id).entries_of(Proceeding)) == 1


def test_another_hearing_of_the_court_says_that_the_case_is_there_and_not_how_far(
    attorney: Worker, fresh_id: UUID
) -> None:
    _book(attorney, fresh_id, "other")
    assert _case(attorney, fresh_id).stage == "in_court"
    _book(attorney, fresh_id, "individual")
    _book(attorney, fresh_id, "other")
    assert _case(attorney, fresh_id).stage == "individual"


def test_a_booked_master_and_then_individual_hearing_set_the_stage(attorney: Worker, fresh_id: UUID) -> None:
    _book(attorney, fresh_id, "master")
    assert _case(attorney, fresh_id).stage == "master"
    _book(attorney, fresh_id, "individual")
    assert _case(attorney, fresh_id).stage == "individual"


@pytest.mark.parametrize("stage", ["on_appeal", "petition_for_review", "final_order", "post_order", "admin_closed"])
def test_a_hearing_leaves_a_case_past_the_courts_decision_at_its_stage(attorney: Worker, stage: str) -> None:
    case_id = cases.open_case(attorney.staff, cases.NewCase(name="Olena Kovalenko", stage=stage))
    _book(attorney, case_id, "master")
    assert _case(attorney, case_id).stage == stage


@pytest.mark.parametrize(
    ("decision", "question"),
    [
        ("granted", "Relief was granted. Which stage is the case at now?"),
        ("denied", "A denial was recorded."),
        ("in_absentia", "An order that may be final was recorded."),
        ("terminated", "The proceedings were terminated."),
    ],
)
def test_a_decision_asks_for_the_stage_and_guesses_none(
    attorney: Worker, fresh_id: UUID, decision: str, question: str
) -> None:
    hearing_id = _book(attorney, fresh_id, "individual")
    _decide(attorney, hearing_id, decision)
    assert _case(attorney, fresh_id).stage == "individual"
    assert question in _text(attorney, reverse("cases:case", args=[fresh_id]))
    path = reverse("cases:stage", args=[fresh_id])
    page = _text(attorney, path)
    assert question in page
    assert "Stage so far: Individual." in page
    assert "selected" not in page.partition('name="stage"')[2].partition("</select>")[0].replace(
        'value="" selected', ""
    )
    version = str(attorney.file(fresh_id).entries_of(Case)[0].version)
    assert attorney.client.post(path, {"stage": "", "version": version}).status_code == 422
    assert attorney.client.post(path, {"stage": "on_appeal", "version": version}).status_code == 303
    assert (_case(attorney, fresh_id).stage, _case(attorney, fresh_id).stage_question) == ("on_appeal", "")
    assert question not in _text(attorney, reverse("cases:case", args=[fresh_id]))


def test_a_bond_decision_asks_for_no_stage(attorney: Worker, fresh_id: UUID) -> None:
    hearing_id = _book(attorney, fresh_id, "bond")
    _decide(attorney, hearing_id, "bond_granted")
    assert _case(attorney, fresh_id).stage_question == ""


@pytest.mark.parametrize(
    ("what", "asks"),
    [("board_decision", True), ("asylum_granted", True), ("reinstatement_order", True), ("rfe", False)],
)
def test_a_notice_asks_for_the_stage_only_where_it_may_end_one(
    attorney: Worker, fresh_id: UUID, what: str, asks: bool
) -> None:
    path = reverse("cases:notice_new", args=[fresh_id])
    sent = {"what": what, **boxes("dated_on", dt.date(2026, 11, 20)), "no_printed_due_on": "on", "how": ""}
    assert attorney.client.post(path, sent).status_code == 303
    assert bool(_case(attorney, fresh_id).stage_question) is asks


def test_a_decision_ends_no_next_date(attorney: Worker, fresh_id: UUID) -> None:
    hearing_id = _book(attorney, fresh_id, "individual")
    _decide(attorney, hearing_id, "terminated")
    version = str(attorney.file(fresh_id).entries_of(Case)[0].version)
    listed = reverse("cases:list") + "?show=nodate"
    assert _case(attorney, fresh_id).ref in _text(attorney, listed)
    attorney.client.post(reverse("cases:stage", args=[fresh_id]), {"stage": "post_order", "version": version})
    assert _case(attorney, fresh_id).ref not in _text(attorney, listed)


def test_a_new_hearing_of_a_detained_client_starts_as_detained(attorney: Worker, fresh_id: UUID) -> None:
    path = reverse("hearings:book", args=[fresh_id])
    assert 'name="detained" checked' not in _text(attorney, path).replace('id="id_detained" ', "")
    sent = {"what": "detained", **boxes("dated_on", dt.date(2026, 11, 20)), "how": ""}
    attorney.client.post(reverse("cases:notice_new", args=[fresh_id]), sent)
    field = _text(attorney, path).partition('name="detained"')[2].partition(">")[0]
    assert "checked" in field


def test_a_stage_is_chosen_by_post_and_not_by_an_outsider(attorney: Worker, outsider: Worker, fresh_id: UUID) -> None:
    path = reverse("cases:stage", args=[fresh_id])
    assert attorney.client.get(f"{path}?stage=closed&version=1").status_code == 200
    assert attorney.client.post(path, {"stage": "closed", "version": "1"}).status_code == 422
    assert outsider.client.post(path, {"stage": "on_appeal", "version": "1"}).status_code == 404
    assert _case(attorney, fresh_id).stage == "intake"


def test_every_notice_that_asks_for_the_stage_is_in_the_catalogue_and_its_question_has_words() -> None:
    asking = case_stages._AFTER_NOTICE
    assert sorted(set(asking) - set(rules.catalogue().events)) == []
    assert (
        {*asking.values(), *case_stages._AFTER_DECISION.values()} <= set(STAGE_QUESTIONS) == set(labels.STAGE_QUESTIONS)
    )
