"""The decision about an intake: what a conflict allows, who can open the case then, and the letter."""

import datetime as dt
import re
from uuid import UUID

import pytest
from msgspec.structs import replace

from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import case_access, sharing
from caseapp.casefile.restriction import is_walled
from caseapp.casefile.transaction import case_transaction
from caseapp.conflicts.services import checks, officer
from caseapp.intake.services import decisions, intakes
from caseapp.intake.services.decisions import NewDecision
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.records.case import Case
from caseapp.records.letter import Letter
from caseapp.records.party import Contact
from caseapp.vault.tenancy import office_transaction
from tests.conflicts.offices import make_officer
from tests.helpers import cast
from tests.helpers.two_offices import NOW, Worker
from tests.intake.intake_world import NAME, at, decision, intake, opened

pytestmark = pytest.mark.django_db


def answer_check(worker: Worker, case_id: UUID, answer: str) -> None:
    """Ask for the check of a case, and answer it as the conflict officer does in their own session."""
    checks.request_check(worker.staff, case_id)
    waiting, _total = officer.waiting_checks(worker.staff.keys)
    shown = officer.open_check(worker.staff, waiting[-1].id)
    officer.answer_check(
        worker.staff, shown.id, decision=answer, sentence="Read with care", reason="Old case of the aunt", shown=0
    )


def test_without_an_answer_the_decision_is_provisional_and_says_who_decides(attorney: Worker) -> None:
    case_id = opened(attorney)
    checks.request_check(attorney.staff, case_id)
    answer = attorney.client.post(at("decision", case_id), decision("full", stage="nta_not_filed"))
    assert answer["Location"] == f"/cases/{case_id}/"
    assert intake(attorney, case_id).state == "provisional"
    html = attorney.client.get(at("decision", case_id)).content.decode()
    assert "Provisional" in html
    assert "The conflict officer decides: Ana Ruiz. Until then the intake is provisional." in html
    assert NAME in attorney.client.get("/intake/?show=provisional").content.decode()


def test_the_officers_answer_confirms_a_provisional_decision(attorney: Worker) -> None:
    case_id = opened(attorney)
    attorney.client.post(at("decision", case_id), decision("full", stage="nta_not_filed"))
    with pytest.raises(Refused):
        decisions.confirm(attorney.staff, case_id)
    answer_check(attorney, case_id, "cleared")
    assert "Confirm the decision" in attorney.client.get(at("decision", case_id)).content.decode()
    assert attorney.client.post(at("decision", case_id), {"act": "confirm"}).status_code == 303
    assert intake(attorney, case_id).state == "decided"


def test_accepting_copies_nothing_the_case_is_the_intake(attorney: Worker) -> None:
    case_id = opened(attorney)
    before = {entry.id for entry in attorney.file(case_id).entries.values()}
    answer_check(attorney, case_id, "cleared")
    attorney.client.post(at("decision", case_id), decision("full", stage="nta_not_filed"))
    file = attorney.file(case_id)
    assert file.get_only(Case).record.stage == "nta_not_filed"
    assert len({entry.id for entry in file.entries.values()} - before) == 1, "the conflict check, and nothing else"
    made = intake(attorney, case_id).decision
    assert made is not None
    assert (made.what, made.reason) == ("full", "We have room and know this work.")
    assert NAME in attorney.client.get("/intake/?show=decided").content.decode()


@pytest.mark.parametrize("what", ["full", "limited", "advice"])
def test_a_conflict_that_is_not_waivable_forbids_representation(attorney: Worker, what: str) -> None:
    case_id = opened(attorney)
    answer_check(attorney, case_id, "not_waivable")
    sent = decision(what, stage="nta_not_filed", scope="One hearing")
    answer = attorney.client.post(at("decision", case_id), sent)
    assert answer.status_code == 422
    assert "Not waivable. The office can refer or decline, and not represent." in answer.content.decode()
    assert intake(attorney, case_id).decision is None


def test_a_conflict_that_is_not_waivable_allows_to_decline(attorney: Worker) -> None:
    case_id = opened(attorney)
    answer_check(attorney, case_id, "not_waivable")
    assert attorney.client.post(at("decision", case_id), decision("decline")).status_code == 303
    record = attorney.file(case_id).get_only(Case).record
    assert (record.declined_on, record.decline_reason) == (dt.date(2026, 11, 24), "We have room and know this work.")


def test_a_waivable_conflict_needs_the_signed_consent(attorney: Worker) -> None:
    case_id = opened(attorney)
    answer_check(attorney, case_id, "waivable")
    sent = decision("full", stage="nta_not_filed")
    assert attorney.client.post(at("decision", case_id), sent).status_code == 422
    assert attorney.client.post(at("decision", case_id), {**sent, "consent": "on"}).status_code == 303
    made = intake(attorney, case_id).decision
    assert made is not None
    assert (made.consent, made.conflict, made.confirmed) == (True, "waivable", True)


def test_a_name_added_after_the_answer_makes_the_check_wait_again(attorney: Worker) -> None:
    case_id = opened(attorney)
    answer_check(attorney, case_id, "cleared")
    with case_transaction(attorney.staff, case_id) as draft:
        entry = intakes.client_of(draft.file)
        draft.change(entry.id, replace(entry.record, a_number="000123499"))
    assert "Names or numbers changed since" in attorney.client.get(at("conflict", case_id)).content.decode()
    decisions.decide(attorney.staff, case_id, NewDecision(what="full", reason="Room", stage="uscis"))
    assert intake(attorney, case_id).state == "provisional"


def test_the_answer_of_a_former_conflict_officer_leaves_the_decision_provisional(attorney: Worker) -> None:
    ben = cast.colleague_of(attorney.staff)
    make_officer(attorney.staff, ben)
    case_id = opened(attorney)
    checks.request_check(attorney.staff, case_id)
    waiting, _total = officer.waiting_checks(attorney.staff.keys)
    theirs = cast.signed_in("ben@office.test")
    officer.answer_check(theirs, waiting[0].id, decision="cleared", sentence="", reason="No one", shown=0)
    make_officer(attorney.staff, ben, is_officer=False)
    page = attorney.client.get(at("conflict", case_id)).content.decode()
    assert "The person who answered is no longer a conflict officer." in page
    decisions.decide(attorney.staff, case_id, NewDecision(what="full", reason="Room", stage="uscis"))
    assert intake(attorney, case_id).state == "provisional"


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"what": "full"}, "Choose the stage of the case."),
        ({"what": "limited", "stage": "uscis"}, "Enter what the limited scope includes."),
        ({"what": "refer"}, "Enter to whom the person is referred."),
        ({"what": "decline", "reason": ""}, "Enter the reason of the decision."),
        ({"what": "perhaps"}, "There is a problem"),
    ],
)
def test_a_decision_that_lacks_something_is_asked_for_it(attorney: Worker, sent: dict[str, str], sentence: str) -> None:
    answer = attorney.client.post(at("decision", opened(attorney)), {**decision("full"), **sent})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


@pytest.mark.parametrize("role", ["caseworker", "volunteer", "interpreter", "conflict_officer"])
def test_a_member_who_does_not_decide_intakes_sees_who_does(attorney: Worker, role: str) -> None:
    assert not permissions.role_allows("decide_intake", role, is_admin=True)
    staff = attorney.staff
    case_id = opened(attorney)
    from dataclasses import replace as changed

    with pytest.raises(NotFound):
        decisions.decide(changed(staff, role=role), case_id, NewDecision(what="decline", reason="x"))


@pytest.mark.parametrize(
    ("what", "language", "sentence"),
    [
        ("decline", "en", "We cannot represent you: none of us is your lawyer."),
        ("refer", "es", "Pida ayuda aquí: Clínica del Puerto."),
        ("advice", "fr", "Nous vous avons conseillé une fois."),
    ],
)
def test_the_letter_is_filled_in_the_persons_language_and_kept_as_sent(
    attorney: Worker, what: str, language: str, sentence: str
) -> None:
    case_id = opened(attorney)
    attorney.client.post(at("decision", case_id), decision(what, refer_office="Clínica del Puerto"))
    html = attorney.client.get(at("letter", case_id) + f"?language={language}").content.decode()
    for words in (sentence, NAME, "Harbor Legal Aid"):
        assert words in html
    sent = {"how": "by_hand", "language": language}
    assert attorney.client.post(at("letter", case_id), sent).status_code == 303
    letter = attorney.file(case_id).entries_of(Letter)[0]
    assert (letter.record.language, letter.record.sent_on) == (language, dt.date(2026, 11, 24))
    assert sentence in letter.record.text
    assert sentence in attorney.client.get(at("sent_letter", case_id, letter.id)).content.decode()


def test_a_letter_goes_by_mail_only_to_an_address_that_is_marked_as_safe(attorney: Worker) -> None:
    case_id = opened(attorney)
    attorney.client.post(at("decision", case_id), decision("decline"))
    sent = {"how": "mail", "language": "en"}
    for safe in ("not_asked", "no"):
        set_address(attorney, case_id, safe)
        answer = attorney.client.post(at("letter", case_id), sent)
        assert answer.status_code == 422
        assert "No address is marked as safe for mail." in answer.content.decode()
    set_address(attorney, case_id, "yes")
    assert attorney.client.post(at("letter", case_id), sent).status_code == 303
    assert attorney.file(case_id).entries_of(Letter)[0].record.to == "7 Quay Street"


def set_address(worker: Worker, case_id: UUID, safe: str) -> None:
    """Give the person one address."""
    with case_transaction(worker.staff, case_id) as draft:
        entry = intakes.client_of(draft.file)
        home = Contact(way="address", text="7 Quay Street", safe=safe)
        draft.change(entry.id, replace(entry.record, contacts=(home,)))


def test_an_accepted_person_gets_no_letter_of_refusal(attorney: Worker) -> None:
    case_id = opened(attorney)
    assert attorney.client.get(at("letter", case_id))["Location"] == at("decision", case_id)
    attorney.client.post(at("decision", case_id), decision("full", stage="uscis"))
    assert attorney.client.get(at("letter", case_id))["Location"] == at("decision", case_id)


def opens(staff: Staff, case_id: UUID) -> bool:
    """Return whether a member can open a case."""
    with office_transaction(staff.org_id):
        try:
            return case_access.open_case(staff.keys, case_id).id == case_id
        except NotFound:
            return False


@pytest.mark.parametrize(("relief", "stays"), [("asylum", False), ("vawa", False), ("u", False), ("family", True)])
@pytest.mark.django_db(transaction=True)
def test_a_decided_case_of_protected_relief_is_closed_to_the_rest_of_the_team_until_widened(
    monkeypatch: pytest.MonkeyPatch, relief: str, *, stays: bool
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    ana = cast.found()
    ben_id = cast.colleague_of(ana)
    worker = Worker(ana, None)  # type: ignore[arg-type]  # no pages here
    case_id = opened(worker)
    intakes.save_situation(ana, case_id, about="", relief=[relief])
    assert opens(cast.signed_in("ben@office.test"), case_id)
    decisions.decide(ana, case_id, NewDecision(what="full", reason="Room", stage="uscis"))
    assert opens(cast.signed_in("ben@office.test"), case_id) is stays
    with office_transaction(ana.org_id):
        assert is_walled(ana, case_access.open_case(ana.keys, case_id)) is not stays
    if not stays:
        sharing.move_to_group(ana, case_id, ana.keys.teams[0])
        assert opens(cast.signed_in("ben@office.test"), case_id)
    assert ben_id != ana.member_id


def test_the_page_says_who_can_open_the_case(attorney: Worker) -> None:
    case_id = opened(attorney)
    intakes.save_situation(attorney.staff, case_id, about="", relief=["asylum"])
    html = attorney.client.get(at("decision", case_id)).content.decode()
    assert re.search(r"Shared with: Ana Ruiz\.", html)
    decisions.decide(attorney.staff, case_id, NewDecision(what="full", reason="Room", stage="uscis"))
    assert "Restricted: only Ana Ruiz can open it." in attorney.client.get(at("decision", case_id)).content.decode()
