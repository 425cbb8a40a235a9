"""The pages of an intake: each step is saved by itself, in one case file, for its team alone."""

import datetime as dt
import re
from uuid import UUID

import pytest
from django.urls import reverse

from caseapp.casefile.transaction import case_transaction
from caseapp.cases.services import cases
from caseapp.intake.services import intakes, screening
from caseapp.records.answer import SKIPPED, Waiting
from caseapp.records.case import Case
from caseapp.records.deadline import Deadline
from caseapp.records.history import History
from caseapp.records.note import Note
from caseapp.records.party import Contact, Party
from tests.helpers.two_offices import Worker, boxes
from tests.intake.intake_world import NAME, at, call, decision, first, intake, opened

TODAY = dt.date(2026, 11, 24)


def begun(worker: Worker, **changed: str) -> UUID:
    """Send the first page; return the case of the intake."""
    answer = worker.client.post("/intake/new/", first(**changed))
    assert answer.status_code == 303, answer.content.decode()
    return UUID(answer["Location"].split("/")[2])


def who(worker: Worker, case_id: UUID, **changed: str) -> dict[str, str]:
    """The step "Who" as a browser sends it."""
    client = intakes.client_of(worker.file(case_id))
    return {
        "name": client.record.name.full,
        "other_names": "",
        "languages": "Mongolian",
        **boxes("born_on", None),
        "born_on_year": "1991",
        **boxes("last_arrival_on", None),
        "version": str(client.version),
        **changed,
    }


def test_the_first_saved_answer_opens_a_case_of_stage_intake(attorney: Worker) -> None:
    case_id = begun(attorney, phone="212 555 0147", phone_safe="yes", careful="No voicemail")
    file = attorney.file(case_id)
    party = intakes.client_of(file).record
    assert file.get_only(Case).record.stage == "intake"
    assert (party.name.full, party.born_period, party.careful) == (NAME, "1991", "No voicemail")
    assert party.contacts == (Contact(way="phone", text="212 555 0147", safe="yes"),)
    assert intake(attorney, case_id).steps == ("safety",)
    assert intake(attorney, case_id).state == "open"


def test_a_person_who_cannot_talk_waits_for_the_call_back(attorney: Worker) -> None:
    day = dt.date(2026, 11, 30)
    case_id = begun(attorney, can_talk="no", **boxes("call_back_on", day))
    assert intake(attorney, case_id).waiting == Waiting(since=TODAY, next_contact_on=day, priority="soon")
    html = attorney.client.get("/intake/?show=waiting").content.decode()
    assert NAME in html
    assert "Mon, Nov 30" in html


def test_no_day_to_call_back_is_asked_for(attorney: Worker) -> None:
    answer = attorney.client.post("/intake/new/", first(can_talk="no"))
    assert answer.status_code == 422
    assert "Enter the day to call back." in answer.content.decode()


def test_a_detained_person_is_named_first_on_each_step_and_starts_the_dates_of_custody(attorney: Worker) -> None:
    case_id = begun(attorney, detained="person", **boxes("detained_since", TODAY))
    file = attorney.file(case_id)
    assert intakes.client_of(file).record.detained_since == TODAY
    assert {entry.record.working.rule for entry in file.entries_of(Deadline) if entry.record.working} >= {
        "us.eoir.bond.request"
    }
    for step in ("safety", "who", "conflict", "situation", "dates", "decision"):
        html = attorney.client.get(at(step, case_id)).content.decode()
        main = html.partition("<main")[2]
        assert "Detained since Tue, Nov 24, 2026" in main
        assert main.index("Detained since") < main.index('class="stepper"')


def test_detention_without_a_day_is_refused(attorney: Worker) -> None:
    assert attorney.client.post("/intake/new/", first(detained="person")).status_code == 422


def test_the_step_who_keeps_facts_on_the_person_and_starts_the_one_year_deadline(attorney: Worker) -> None:
    case_id = begun(attorney)
    sent = who(
        attorney,
        case_id,
        a_number="000-123-418",
        referred_by="Sister Agnes",
        relative_name="Ganbaatar Dorj",
        relative_role="opposing",
        relative_relation="former husband",
        **boxes("last_arrival_on", dt.date(2026, 4, 9)),
    )
    assert attorney.client.post(at("who", case_id), sent)["Location"] == at("conflict", case_id)
    file = attorney.file(case_id)
    person = intakes.client_of(file).record
    assert (person.a_number, person.last_arrival_on) == ("000123418", dt.date(2026, 4, 9))
    assert file.get_only(Case).record.referred_by == "Sister Agnes"
    relative = next(e.record for e in file.entries_of(Party) if e.record.role == "opposing")
    assert (relative.name.full, relative.relation) == ("Ganbaatar Dorj", "former husband")
    # One year after Thu 9 Apr 2026 is Fri 9 Apr 2027; the internal deadline is the open day before.
    assert [
        e.record.act_by for e in file.entries_of(Deadline) if e.record.working and "one_year" in e.record.working.rule
    ] == [dt.date(2027, 4, 8)]
    html = attorney.client.get(at("dates", case_id)).content.decode()
    assert "Not yet confirmed" in html
    assert "Thu, Apr 8, 2027" in html


def test_one_more_relative_leads_back_to_the_same_step(attorney: Worker) -> None:
    case_id = begun(attorney)
    sent = who(attorney, case_id, relative_name="Sarnai", relative_role="child", go="more")
    assert attorney.client.post(at("who", case_id), sent)["Location"] == at("who", case_id)
    assert "Sarnai" in attorney.client.get(at("who", case_id)).content.decode()


def test_a_step_that_a_colleague_changed_meanwhile_is_a_conflict_and_nothing_is_lost(attorney: Worker) -> None:
    case_id = begun(attorney)
    sent = who(attorney, case_id, languages="Mongolian, Russian")
    assert attorney.client.post(at("who", case_id), who(attorney, case_id, languages="Kazakh")).status_code == 303
    answer = attorney.client.post(at("who", case_id), sent)
    assert answer.status_code == 409
    assert "Mongolian, Russian" in answer.content.decode()


def test_save_and_leave_leads_to_the_queue_and_the_intake_is_resumed_at_its_next_step(attorney: Worker) -> None:
    case_id = begun(attorney)
    answer = attorney.client.post(at("who", case_id), who(attorney, case_id, go="leave"))
    assert answer["Location"] == "/intake/"
    html = attorney.client.get("/intake/").content.decode()
    assert at("conflict", case_id) in html, "the first step that is not saved"


def test_the_hotline_page_makes_an_intake_on_the_waiting_list(attorney: Worker) -> None:
    answer = attorney.client.post("/intake/hotline/", call())
    assert answer["Location"] == "/intake/?show=waiting"
    html = attorney.client.get("/intake/?show=waiting").content.decode()
    assert "Letter from the court" in html
    assert "after 5 PM" in html
    assert "Urgent" in html
    case_id = UUID(re.search(r"/intake/([0-9a-f-]{36})/safety/", html)[1])  # type: ignore[index]  # or the test fails
    person = intakes.client_of(attorney.file(case_id)).record
    assert person.contacts == (Contact(way="phone", text="212 555 0147", safe="yes", note="after 5 PM"),)


def test_the_waiting_list_is_in_order_of_detention_urgency_and_next_contact(attorney: Worker) -> None:
    for name, priority, day in (("Third", "ordinary", 25), ("Second", "urgent", 27), ("First", "urgent", 26)):
        case_id = opened(attorney, name)
        place = Waiting(since=TODAY, priority=priority, next_contact_on=dt.date(2026, 11, day), reason="No room yet")
        intakes.put_on_waiting_list(attorney.staff, case_id, place)
    held = begun(attorney, detained="person", name="Held", **boxes("detained_since", TODAY))
    intakes.put_on_waiting_list(attorney.staff, held, Waiting(since=TODAY))
    html = attorney.client.get("/intake/?show=waiting").content.decode()
    assert sorted(("Held", "First", "Second", "Third"), key=html.index) == ["Held", "First", "Second", "Third"]
    assert html.count("No room yet") == 3


def test_the_waiting_list_form_puts_an_intake_on_it_and_takes_it_off(attorney: Worker) -> None:
    case_id = opened(attorney)
    sent = {"priority": "soon", "waits_for": "No interpreter yet", **boxes("next_contact_on", dt.date(2026, 12, 1))}
    assert attorney.client.post(at("waiting", case_id), sent)["Location"] == "/intake/?show=waiting"
    assert intake(attorney, case_id).state == "waiting"
    assert attorney.client.post(at("waiting", case_id), {"act": "off"}).status_code == 303
    assert intake(attorney, case_id).state == "open"


def test_the_queue_shows_fifty_intakes_a_page(attorney: Worker) -> None:
    from caseapp.intake.pages import queue

    for number in range(3):
        opened(attorney, f"Person {number}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queue, "SIZE", 2)
        html = attorney.client.get("/intake/").content.decode()
        assert html.count("/intake/") - html.count("/intake/?") >= 2
        assert "Page 1 of 2" in html
        assert "Page 2 of 2" in attorney.client.get("/intake/?page=2").content.decode()
        assert attorney.client.get("/intake/?page=none&show=nonsense").status_code == 200


def test_an_empty_queue_offers_a_new_intake(attorney: Worker) -> None:
    assert (
        "No intakes here. Begin one when a person calls or visits." in attorney.client.get("/intake/").content.decode()
    )


def test_screening_asks_one_question_a_page_and_keeps_each_answer(attorney: Worker) -> None:
    case_id = opened(attorney)
    path = at("screening", case_id, "asylum")
    html = attorney.client.get(path).content.decode()
    assert html.count('<fieldset class="field') == 1
    assert "Is the person afraid to go back to a country?" in html
    assert "Not signed off" in html
    assert "Form I-589" in html, "the source"
    for question, go, answer in (("fear", "answer", "yes"), ("filed", "skip", ""), ("arrival", "answer", "within")):
        assert attorney.client.post(path, {"question": question, "go": go, "answer": answer}).status_code == 303
    stored = screening.answers_of(attorney.file(case_id), "asylum")
    assert stored is not None
    assert stored.record.answers == {"fear": "yes", "filed": SKIPPED, "arrival": "within"}
    assert (stored.record.entered_by, stored.record.version) == (attorney.staff.member_id, "2026.11.30")
    assert "The one-year deadline may still be open." in attorney.client.get(path).content.decode()
    assert attorney.client.post(path, {"question": "child", "go": "stop"}).status_code == 303
    assert "Stopped. Nothing more is asked" in attorney.client.get(path).content.decode()


def test_an_answer_is_changed_by_asking_its_question_again(attorney: Worker) -> None:
    case_id = opened(attorney)
    path = at("screening", case_id, "asylum")
    attorney.client.post(path, {"question": "fear", "go": "answer", "answer": "no"})
    assert "All questions are asked." in attorney.client.get(path).content.decode()
    assert "Is the person afraid" in attorney.client.get(f"{path}?question=fear").content.decode()
    attorney.client.post(path, {"question": "fear", "go": "answer", "answer": "yes"})
    assert "Was Form I-589 (asylum) filed before?" in attorney.client.get(path).content.decode()


@pytest.mark.parametrize(
    "sent", [{"question": "fear", "go": "answer", "answer": "maybe"}, {"question": "x", "go": "skip"}]
)
def test_an_answer_that_the_tree_does_not_have_is_no_page(attorney: Worker, sent: dict[str, str]) -> None:
    assert attorney.client.post(at("screening", opened(attorney), "asylum"), sent).status_code == 404


def test_no_answer_is_asked_for_in_a_sentence(attorney: Worker) -> None:
    answer = attorney.client.post(at("screening", opened(attorney), "u"), {"question": "hurt", "go": "answer"})
    assert answer.status_code == 422
    assert "Choose an answer, skip the question, or stop here." in answer.content.decode()


def test_a_supervising_attorney_signs_a_tree_and_the_screening_page_says_so(attorney: Worker) -> None:
    path = reverse("intake:tree", args=["asylum"])
    html = attorney.client.get(path).content.decode()
    digest = re.search(r'name="digest" value="([0-9a-f]{64})"', html)
    assert digest is not None
    assert attorney.client.post(path, {"digest": "0" * 64}).status_code == 422
    assert attorney.client.post(path, {"digest": digest[1]})["Location"] == reverse("intake:trees")
    html = attorney.client.get(at("screening", opened(attorney), "asylum")).content.decode()
    assert "Signed off by Ana Ruiz, Tue, Nov 24, 2026" in html
    assert "Not signed off" in attorney.client.get(at("screening", opened(attorney), "u")).content.decode()


def test_an_office_of_another_law_gets_a_sentence_and_no_tree(db: None, frozen: None) -> None:
    from tests.helpers.two_offices import signed_in

    claire = signed_in("Claire Dubois", "claire@office.test", language="fr", zone="Europe/Paris")
    case_id = opened(claire)
    html = claire.client.get(at("situation", case_id)).content.decode()
    assert "États-Unis" in html
    assert claire.client.get(at("screening", case_id, "asylum")).status_code == 404
    assert claire.client.get(reverse("intake:tree", args=["asylum"])).status_code == 404


def test_the_situation_is_kept_on_the_case(attorney: Worker) -> None:
    case_id = opened(attorney)
    sent = {"about": "Needs a lawyer in court", "relief": ["asylum"], "story": "They came at night."}
    assert attorney.client.post(at("situation", case_id), sent)["Location"] == at("dates", case_id)
    file = attorney.file(case_id)
    assert file.get_only(Case).record.relief == ("asylum",)
    assert [entry.record.story for entry in file.entries_of(Note)] == [True]
    assert "Needs a lawyer in court" in attorney.client.get("/intake/").content.decode()
    html = attorney.client.get(at("decision", case_id)).content.decode()
    assert "once decided, only its lead and team can open it" in html


def test_a_document_is_asked_for_its_dates_and_starts_deadlines(attorney: Worker) -> None:
    case_id = opened(attorney)
    html = attorney.client.post(at("dates", case_id), {"act": "document", "what": "rfe"}).content.decode()
    assert "There is a problem" not in html
    assert 'name="shown_for" value="rfe"' in html
    sent = {
        "act": "document", "what": "rfe", "shown_for": "rfe", **boxes("dated_on", dt.date(2026, 11, 16)),
        **boxes("printed_due_on", dt.date(2027, 1, 15)), "how": "by_hand", "q_rfe_form": "other",
    }  # fmt: skip
    answer = attorney.client.post(at("dates", case_id), sent)
    assert answer["Location"] == at("dates", case_id), answer.content.decode()[:3000]
    assert any(entry.record.state == "open" for entry in attorney.file(case_id).entries_of(Deadline))
    assert "Fri, Jan 15, 2027" in attorney.client.get(at("dates", case_id)).content.decode()


def test_an_earlier_removal_order_is_kept_with_the_year_alone(attorney: Worker) -> None:
    case_id = opened(attorney)
    sent = {"act": "order", "ordered_on_year": "2014", "authority": "Court North", "result": "Removal"}
    assert attorney.client.post(at("dates", case_id), sent).status_code == 303
    order = attorney.file(case_id).entries_of(History)[0].record
    assert (order.what, order.from_period, order.authority) == ("prior_order", "2014", "Court North")
    assert "Court North" in attorney.client.get(at("dates", case_id)).content.decode()


def test_a_case_of_stage_intake_that_began_elsewhere_becomes_an_intake_with_its_first_step(
    attorney: Worker, case_id: UUID
) -> None:
    assert intakes.intake_of(attorney.file(case_id)) is None
    assert attorney.client.post(at("situation", case_id), {"about": "Second opinion"}).status_code == 303
    assert "Second opinion" in attorney.client.get("/intake/").content.decode()


def test_the_case_page_leads_back_to_its_intake_also_once_it_is_accepted(attorney: Worker) -> None:
    case_id = opened(attorney)
    attorney.client.post(at("decision", case_id), decision("full", stage="uscis"))
    page = attorney.client.get(reverse("cases:case", args=[case_id])).content.decode()
    assert f'href="{at("safety", case_id)}"' in page
    other = cases.open_case(attorney.staff, cases.NewCase(name="Samuel Tesfaye", stage="uscis"))
    page = attorney.client.get(reverse("cases:case", args=[other])).content.decode()
    assert f'href="{at("safety", other)}"' not in page


@pytest.mark.parametrize("step", ["safety", "who", "conflict", "situation", "dates", "decision", "waiting", "letter"])
def test_an_outsider_finds_no_step(attorney: Worker, outsider: Worker, step: str) -> None:
    case_id = opened(attorney)
    assert outsider.client.get(at(step, case_id)).status_code == 404
    assert outsider.client.post(at(step, case_id), {"act": "check"}).status_code == 404
    assert NAME not in outsider.client.get("/intake/").content.decode()


def test_covered_names_are_in_no_intake_page(attorney: Worker) -> None:
    case_id = begun(attorney)
    attorney.client.post(at("situation", case_id), {"about": "Xanthippe"})
    attorney.client.post("/account/cover/", {"covered": "yes", "next": "/"})
    for path in ("/intake/", at("situation", case_id), at("decision", case_id), at("conflict", case_id)):
        html = attorney.client.get(path).content.decode()
        assert NAME not in html, path
        assert path.endswith("situation/") or "Xanthippe" not in html, path


def test_today_counts_the_intakes_in_one_line(attorney: Worker) -> None:
    assert "New intake" in attorney.client.get("/").content.decode()
    intakes.put_on_waiting_list(attorney.staff, opened(attorney), Waiting(since=TODAY))
    opened(attorney, "Second")
    html = " ".join(attorney.client.get("/").content.decode().split())
    assert "In work 1" in html
    assert "Waiting list 1" in html


def test_a_decided_intake_is_not_put_on_the_waiting_list(attorney: Worker) -> None:
    case_id = opened(attorney)
    with case_transaction(attorney.staff, case_id) as draft:
        entry = intakes.intake_of(draft.file)
        assert entry is not None
    assert intake(attorney, case_id).decision is None


def test_one_button_opens_the_intake_and_asks_for_the_conflict_check(attorney: Worker) -> None:
    answer = attorney.client.post("/intake/new/", first(go="check"))
    case_id = UUID(answer["Location"].split("/")[2])
    assert answer["Location"] == at("conflict", case_id)
    assert "Sent to the conflict officer" in attorney.client.get(answer["Location"]).content.decode()
