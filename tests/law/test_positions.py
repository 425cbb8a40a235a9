"""The office's readings of disputed rules: who chooses, what follows in open cases, who accepts. Dates by hand.

An oral decision of Fri 20 Nov 2026: 10 days end on Mon 30 Nov; 30 days on Sun 20 Dec, so on Mon 21 Dec. The
internal deadline of each reading is its legal one.
"""

import datetime as dt
from uuid import UUID

import pytest
from django.urls import reverse

from caseapp.accounts.keys.permissions import ATTORNEY, CASEWORKER
from caseapp.accounts.signin import sessions
from caseapp.casefile import office_law
from caseapp.deadlines.services import notices, recompute, rule_deadlines
from caseapp.deadlines.services.recompute import Bound
from caseapp.law import services
from caseapp.lib.errors import Refused
from caseapp.records.deadline import Deadline
from caseapp.records.office import PositionChoice
from caseapp.team.services import roles
from caseapp.vault.store import Entry
from caseapp.vault.tenancy import office_transaction
from tests.deadlines import law
from tests.helpers.flash import redirect_of
from tests.helpers.two_offices import Worker
from tests.team.test_members import member
from tests.team.test_supervising import token, unmark_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
BOARD = "us.bia.appeal"
PAGE = f"/law/settings/reading/{BOARD}/"
TEN, THIRTY = dt.date(2026, 11, 30), dt.date(2026, 12, 21)
ALL = Bound(seconds=3600, cases=10_000)
CHOSEN = {"position": "30", "reason": "Amica Center v. EOIR: the shortening is blocked."}


def appeal_of(worker: Worker, case_id: UUID) -> Entry[Deadline]:
    return next(
        entry
        for entry in worker.file(case_id).entries_of(Deadline)
        if entry.record.working and entry.record.working.rule == BOARD
    )


def dates(entry: Entry[Deadline]) -> tuple[dt.date | None, dt.date | None]:
    return entry.record.due_on, entry.record.act_by


def add_appeal(worker: Worker, case_id: UUID) -> Entry[Deadline]:
    wanted = rule_deadlines.RuleDeadline(rule=BOARD, dates={"oral_decision": dt.date(2026, 11, 20)})
    rule_deadlines.add_rule_deadline(worker.staff, case_id, wanted)
    return appeal_of(worker, case_id)


def reminded(entry: Entry[Deadline]) -> set[dt.date]:
    return {day for planned in entry.record.planned for day in planned.days}


@pytest.fixture
def appeal(attorney: Worker, case_id: UUID) -> Entry[Deadline]:
    return add_appeal(attorney, case_id)


def choose(worker: Worker, position: str = "30") -> None:
    services.choose_position(worker.staff, BOARD, position, reason="Amica Center v. EOIR")
    recompute.recompute_due_cases(worker.staff, ALL)


def test_the_legal_deadline_follows_and_the_internal_one_stays_with_its_reminders(
    attorney: Worker, case_id: UUID, appeal: Entry[Deadline]
) -> None:
    assert dates(appeal) == (TEN, TEN)
    choose(attorney)
    after = appeal_of(attorney, case_id)
    assert dates(after) == (THIRTY, TEN)
    assert reminded(after) == reminded(appeal)
    would = after.record.proposal
    assert would is not None
    assert (would.was_due_on, would.due_on, would.act_by) == (TEN, THIRTY, THIRTY)


def test_accepting_moves_the_internal_deadline_and_keeping_leaves_it(
    attorney: Worker, case_id: UUID, appeal: Entry[Deadline]
) -> None:
    choose(attorney)
    listed = appeal_of(attorney, case_id)
    recompute.keep_date(attorney.staff, case_id, listed.id, version=listed.version)
    recompute.recompute_due_cases(attorney.staff, ALL)
    kept = appeal_of(attorney, case_id)
    assert dates(kept) == (THIRTY, TEN)
    assert kept.record.proposal is None
    choose(attorney, "10")
    choose(attorney, "30")
    again = appeal_of(attorney, case_id)
    assert dates(again) == (THIRTY, TEN)
    assert again.record.proposal is None  # what was kept is not listed again


def test_what_is_accepted_stays_accepted_until_the_office_reads_otherwise(
    attorney: Worker, case_id: UUID, appeal: Entry[Deadline], monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(attorney)
    listed = appeal_of(attorney, case_id)
    recompute.accept_proposal(attorney.staff, case_id, listed.id, version=listed.version)
    accepted = appeal_of(attorney, case_id)
    assert dates(accepted) == (THIRTY, THIRTY)
    law.change(monkeypatch, BOARD, citation="8 CFR 1003.38(b), cited anew")
    recompute.recompute_due_cases(attorney.staff, ALL)
    assert dates(appeal_of(attorney, case_id)) == (THIRTY, THIRTY)
    assert appeal_of(attorney, case_id).record.proposal is None
    choose(attorney, "")
    withdrawn = appeal_of(attorney, case_id)
    assert dates(withdrawn) == (THIRTY, THIRTY)  # the lead accepted it: nothing moves, and both are listed
    assert withdrawn.record.proposal is not None
    assert (withdrawn.record.proposal.due_on, withdrawn.record.proposal.act_by) == (TEN, TEN)
    assert TEN in reminded(withdrawn)  # the earlier date is reminded of meanwhile


def test_a_choice_that_is_withdrawn_before_it_was_accepted_takes_the_legal_deadline_back(
    attorney: Worker, case_id: UUID, appeal: Entry[Deadline]
) -> None:
    choose(attorney)
    choose(attorney, "")
    after = appeal_of(attorney, case_id)
    assert dates(after) == (TEN, TEN)
    assert after.record.proposal is None


def test_a_new_deadline_has_the_chosen_reading_and_asks_for_its_acceptance(attorney: Worker, case_id: UUID) -> None:
    choose(attorney)
    entry = add_appeal(attorney, case_id)
    assert dates(entry) == (THIRTY, TEN)
    assert entry.record.proposal is not None
    assert entry.record.proposal.act_by == THIRTY
    recompute.accept_proposal(attorney.staff, case_id, entry.id, version=entry.version)
    assert dates(appeal_of(attorney, case_id)) == (THIRTY, THIRTY)


def test_a_choice_keeps_what_the_event_said_about_the_date(attorney: Worker, case_id: UUID) -> None:
    """Warnings that came from the recorded event, not from the rule, stay when the legal deadline follows."""
    decision = notices.NewNotice(
        what="judge_decision_electronic", dated_on=dt.date(2026, 11, 20), answers={"decided": "denied"}
    )
    notices.record_event(attorney.staff, case_id, decision)
    before = appeal_of(attorney, case_id).record.working
    choose(attorney)
    after = appeal_of(attorney, case_id).record.working
    assert before is not None
    assert after is not None
    own = [text for text in before.warnings if "osition" not in text]
    assert own
    assert [text for text in after.warnings if text in own] == own


def test_the_lead_or_a_supervising_attorney_accepts_and_no_other_member(
    attorney: Worker, case_id: UUID, appeal: Entry[Deadline]
) -> None:
    choose(attorney)
    ben, cora = member(attorney.staff, ATTORNEY), member(attorney.staff, ATTORNEY, "cora@office.test")
    roles.change_role(attorney.staff, cora.staff.member_id, role=ATTORNEY, is_admin=False, is_supervising=True)
    unmark_all(attorney)  # Ana is the case's lead and nothing else
    listed = appeal_of(attorney, case_id)
    line = f"{listed.id} {listed.version}"
    page = ben.client.get(reverse("deadlines:changes")).content.decode()
    assert line not in page
    assert ben.client.post(reverse("deadlines:changes"), {"act": f"accept {line}"}).status_code == 422
    assert dates(appeal_of(attorney, case_id)) == (THIRTY, TEN)
    assert line in attorney.client.get(reverse("deadlines:changes")).content.decode()
    assert line in cora.client.get(reverse("deadlines:changes")).content.decode()
    assert cora.client.post(reverse("deadlines:changes"), {"act": f"accept {line}"}).status_code == 303
    assert dates(appeal_of(attorney, case_id)) == (THIRTY, THIRTY)


def test_the_page_saves_name_date_and_reason_and_leads_to_the_list(
    attorney: Worker, case_id: UUID, appeal: Entry[Deadline]
) -> None:
    shown = attorney.client.get(PAGE).content.decode()
    assert "30 days: the text before 9 March 2026" in shown
    assert redirect_of(attorney.client.post(PAGE, CHOSEN)) == (303, reverse("deadlines:changes"), "position-chosen")
    with office_transaction(attorney.staff.org_id):
        office = office_law.law_of(sessions.open(token(attorney)).keys).office
    assert office.position_choices[BOARD] == PositionChoice(
        position="30", by=attorney.staff.member_id, on=dt.date(2026, 11, 24), reason=CHOSEN["reason"]
    )
    listed = attorney.client.get(reverse("deadlines:changes")).content.decode()
    for text in ("was", "is now", "would be", "Dec 21, 2026", "Nov 30, 2026"):
        assert text in listed
    settings = attorney.client.get("/law/settings/").content.decode()
    assert "chosen by Ana Ruiz on" in settings
    assert CHOSEN["reason"] in settings.replace("&#x27;", "'")
    entry = appeal_of(attorney, case_id)
    page = " ".join(attorney.client.get(reverse("deadlines:deadline", args=[entry.id])).content.decode().split())
    assert "Reading selected by the supervising attorney: 30 days, Ana Ruiz, Tue, Nov 24, 2026" in page
    assert "the internal deadline stays with the earlier one until the lead or a supervising attorney accepts" in page
    recompute.accept_proposal(attorney.staff, case_id, entry.id, version=entry.version)
    page = attorney.client.get(reverse("deadlines:deadline", args=[entry.id])).content.decode()
    assert "Reading selected by the supervising attorney" in page
    assert "stays with the earlier one" not in page
    assert attorney.client.post(PAGE, {"position": "none", "reason": "Vacated on appeal."}).status_code == 303
    settings = attorney.client.get("/law/settings/").content.decode()
    assert "withdrawn by Ana Ruiz on" in settings
    assert "Vacated on appeal." in settings


def test_an_admin_who_does_not_supervise_chooses_nothing(attorney: Worker, case_id: UUID) -> None:
    unmark_all(attorney)
    assert attorney.client.get(PAGE).status_code == 404
    assert attorney.client.post(PAGE, CHOSEN).status_code == 404
    with pytest.raises(Refused):
        services.choose_position(attorney.staff, BOARD, "30", reason="mine")
    settings = attorney.client.get("/law/settings/").content.decode()
    assert PAGE not in settings
    assert "No supervising attorney is marked yet." in settings
    with office_transaction(attorney.staff.org_id):
        assert office_law.law_of(sessions.open(token(attorney)).keys).office.positions == {}


def test_members_without_the_mark_and_other_offices_choose_nothing(attorney: Worker, outsider: Worker) -> None:
    for role, email in ((ATTORNEY, "ben@office.test"), (CASEWORKER, "cora@office.test")):
        ben = member(attorney.staff, role, email)
        assert ben.client.get(PAGE).status_code == 404
        assert ben.client.post(PAGE, CHOSEN).status_code == 404
        assert ben.client.get("/law/settings/").status_code == 200
    assert outsider.client.post(PAGE, CHOSEN).status_code == 303  # the outsider's own office
    with office_transaction(attorney.staff.org_id):
        assert office_law.law_of(sessions.open(token(attorney)).keys).office.positions == {}


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"position": "30", "reason": " "}, "Enter why the office reads the rule this way."),
        ({"position": "45", "reason": "none"}, "Select a valid choice"),
        ({"position": "", "reason": "none"}, "Choose a reading, or none."),
        ({"position": "none", "reason": "none"}, "The office already uses this reading."),
        ({"position": "30", "reason": "x" * 5001}, "5000"),
    ],
)
def test_a_choice_without_a_reason_or_of_an_unknown_reading_is_refused(
    attorney: Worker, sent: dict[str, str], sentence: str
) -> None:
    answer = attorney.client.post(PAGE, sent)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    with pytest.raises(Refused):
        services.choose_position(attorney.staff, BOARD, "45", reason="none")
    with pytest.raises(Refused):
        services.choose_position(attorney.staff, BOARD, "30", reason=" ")


@pytest.mark.parametrize("rule_id", ["us.asylum.one_year", "us.no.such", "x" * 3000])
def test_a_rule_without_a_dispute_has_no_reading_to_choose(attorney: Worker, rule_id: str) -> None:
    assert attorney.client.get(f"/law/settings/reading/{rule_id}/").status_code == 404
    assert attorney.client.post(f"/law/settings/reading/{rule_id}/", CHOSEN).status_code == 404


def test_reading_the_page_chooses_nothing(attorney: Worker) -> None:
    assert attorney.client.get(f"{PAGE}?position=30&reason=x").status_code == 200
    with office_transaction(attorney.staff.org_id):
        assert office_law.law_of(sessions.open(token(attorney)).keys).office.positions == {}


def test_a_reading_that_no_pack_names_any_more_is_not_used(
    attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(attorney)
    law.change(monkeypatch, BOARD, readings=(), count="+10d")
    assert dates(add_appeal(attorney, case_id)) == (TEN, TEN)
