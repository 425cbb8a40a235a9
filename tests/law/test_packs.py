"""The packs that an office uses: the rules, events, stages, relief and arrivals of the others are in no list."""

import datetime as dt
from uuid import UUID

import pytest
from django.urls import reverse

from caseapp.accounts.keys.permissions import ATTORNEY, CASEWORKER
from caseapp.casefile import office_law
from caseapp.cases.services import cases
from caseapp.deadlines.services import rule_deadlines
from caseapp.law import services
from caseapp.lib.errors import Refused
from caseapp.records.case import Case
from caseapp.records.deadline import Deadline
from caseapp.records.party import Party
from caseapp.team.services import roles
from caseapp.vault.tenancy import office_transaction
from tests.helpers.flash import redirect_of
from tests.helpers.two_offices import Worker
from tests.team.test_members import member
from tests.team.test_office_country import office_in
from tests.team.test_supervising import unmark_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
PAGE = "/law/settings/packs/"
US = ("Withholding of removal", "Cancellation of removal", "Individual", "NTA not filed", "BIA", "last_arrival_on")
FRENCH = ("OFPRA", "CNDA", "Prefecture", "Administrative court")


def in_use(worker: Worker) -> frozenset[str]:
    with office_transaction(worker.staff.org_id):
        return office_law.packs_in_use(office_law.law_of(worker.staff.keys).office)


def pages_with_lists(worker: Worker, case_id: UUID) -> dict[str, str]:
    """Every page on which a member chooses among rules, events, stages, relief or arrivals."""
    person = worker.file(case_id).entries_of(Party)[0].id
    paths = {
        "new case": reverse("cases:new"),
        "change": reverse("cases:change", args=[case_id]),
        "stage": reverse("cases:stage", args=[case_id]),
        "person": reverse("clients:person", args=[case_id, person]),
        "event": reverse("cases:notice_new", args=[case_id]),
        "what if": reverse("deadlines:what_if"),
        "from rule": reverse("deadlines:from_rule", args=[case_id]),
        "rules": reverse("law:list"),
        "disputed": reverse("law:settings"),
        "order": reverse("law:new_order"),
        "own rule": reverse("law:new_rule"),
    }
    pages = {}
    for name, path in paths.items():
        response = worker.client.get(path)
        assert response.status_code == 200, name
        pages[name] = response.content.decode()
    return pages


@pytest.fixture
def french() -> Worker:
    """Inès, of an office in Paris, who reads the pages in English."""
    return office_in("Europe/Paris", language="en")


def test_a_french_office_meets_nothing_of_the_united_states(french: Worker) -> None:
    case_id = cases.open_case(french.staff, cases.NewCase(name="Farid Karimi"))
    pages = pages_with_lists(french, case_id)
    for name, html in pages.items():
        assert ">us." not in html, name
        assert '"rule:us.' not in html, name
        assert '"event:' not in html or '"event:oqtf' in html, name
    for word in US:
        for name in ("new case", "change", "stage", "person"):
            assert word not in pages[name], (word, name)
    for word in FRENCH:
        assert word in pages["new case"]
        assert word in pages["stage"]
    assert "one-year filing deadline for asylum" not in pages["person"]
    assert "judge_decision_oral" not in pages["event"]
    assert "fr.oqtf.assignation" in pages["disputed"]
    assert "us.bia.appeal" not in pages["disputed"]
    assert "rule:fr.cnda" in pages["what if"]


def test_an_office_of_the_united_states_meets_nothing_of_france(attorney: Worker, case_id: UUID) -> None:
    pages = pages_with_lists(attorney, case_id)
    for name, html in pages.items():
        assert ">fr." not in html, name
        assert '"rule:fr.' not in html, name
    for word in FRENCH:
        assert word not in pages["new case"]
    for word in US:
        assert word in pages["new case"], word
    found = attorney.client.post(reverse("deadlines:what_if"), {"find": "CNDA", "look": "1"}).content.decode()
    assert "rule:fr." not in found
    assert attorney.client.get("/law/?pack=france").status_code == 404


def test_an_office_with_both_packs_meets_both(attorney: Worker, case_id: UUID) -> None:
    sent = attorney.client.post(PAGE, {"packs": ["france", "us-federal"]})
    assert redirect_of(sent) == (303, reverse("law:settings"), "packs-chosen")
    assert in_use(attorney) == {"us-federal", "france"}
    pages = pages_with_lists(attorney, case_id)
    assert '"rule:fr.cnda' in pages["what if"]
    assert '"rule:us.bia.appeal"' in pages["what if"]
    for word in (*US, *FRENCH):
        assert word in pages["new case"], word
    assert attorney.client.get("/law/?pack=france").status_code == 200


def test_a_case_keeps_the_stage_the_relief_and_the_dates_of_a_pack_that_is_no_more_in_use(attorney: Worker) -> None:
    case_id = cases.open_case(
        attorney.staff, cases.NewCase(name="Farid Karimi", stage="individual", relief=("withholding",))
    )
    wanted = rule_deadlines.RuleDeadline(rule="us.bia.appeal", dates={"oral_decision": dt.date(2026, 11, 20)})
    deadline_id = rule_deadlines.add_rule_deadline(attorney.staff, case_id, wanted)
    services.set_packs(attorney.staff, ["france"])
    path = reverse("cases:change", args=[case_id])
    html = attorney.client.get(path).content.decode()
    assert "Withholding of removal" in html
    assert "Individual" in html
    assert "Cancellation of removal" not in html
    entry = attorney.file(case_id).get_only(Case)
    sent = {"stage": "individual", "relief": ["withholding"], "lead": str(entry.record.lead), "version": entry.version}
    assert attorney.client.post(path, sent).status_code == 303
    saved = attorney.file(case_id).get_only(Case).record
    assert (saved.stage, saved.relief) == ("individual", ("withholding",))
    assert attorney.client.get(reverse("deadlines:deadline", args=[deadline_id])).status_code == 200
    assert attorney.file(case_id).get(deadline_id, Deadline).record.state == "open"
    assert attorney.client.get(reverse("law:rule", args=["us.bia.appeal"])).status_code == 200


def test_a_stage_of_a_pack_that_is_not_in_use_is_refused(french: Worker) -> None:
    case_id = cases.open_case(french.staff, cases.NewCase(name="Farid Karimi"))
    entry = french.file(case_id).get_only(Case)
    path = reverse("cases:stage", args=[case_id])
    assert french.client.post(path, {"stage": "individual", "version": entry.version}).status_code == 422
    assert french.client.post(path, {"stage": "ofpra", "version": entry.version}).status_code == 303


def test_a_supervising_attorney_or_an_admin_chooses_packs_and_no_other_member(attorney: Worker) -> None:
    unmark_all(attorney)
    ben, cora = member(attorney.staff, ATTORNEY), member(attorney.staff, CASEWORKER, "cora@office.test")
    for worker in (ben, cora):
        assert worker.client.get(PAGE).status_code == 404
        assert worker.client.post(PAGE, {"packs": ["france"]}).status_code == 404
        with pytest.raises(Refused):
            services.set_packs(worker.staff, ["france"])
    assert in_use(attorney) == {"us-federal"}
    roles.change_role(attorney.staff, ben.staff.member_id, role=ATTORNEY, is_admin=False, is_supervising=True)
    assert ben.client.post(PAGE, {"packs": ["france"]}).status_code == 303
    assert attorney.client.post(PAGE, {"packs": ["us-federal"]}).status_code == 303  # the admin


@pytest.mark.parametrize("packs", [[], ["narnia"], ["us-federal", "x" * 5000]])
def test_no_pack_or_an_unknown_one_is_refused_and_reading_changes_nothing(attorney: Worker, packs: list[str]) -> None:
    assert attorney.client.post(PAGE, {"packs": packs}).status_code == 422
    with pytest.raises(Refused):
        services.set_packs(attorney.staff, packs)
    assert attorney.client.get(f"{PAGE}?packs=france").status_code == 200
    assert in_use(attorney) == {"us-federal"}


def test_another_office_keeps_its_own_packs(attorney: Worker, outsider: Worker) -> None:
    assert outsider.client.post(PAGE, {"packs": ["france"]}).status_code == 303
    assert in_use(outsider) == {"france"}
    assert in_use(attorney) == {"us-federal"}
