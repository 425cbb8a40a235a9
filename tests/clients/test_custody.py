"""Custody changes the dates of a case only where a person says so: asked, listed, changed at once, undone at once.

Dates are worked by hand. The individual hearing is on Wed 17 Feb 2027; 30 days before it is Mon 18 Jan, a holiday, so
the internal deadline is Fri 15 Jan. An order final on Thu 1 Oct 2026: 90 days are Wed 30 Dec 2026, six months
Thu 1 Apr 2027.
"""

import datetime as dt
import re
from collections.abc import Mapping
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from caseapp.cases.services import cases
from caseapp.deadlines.services import notices
from caseapp.records.custody import CustodyStep
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.records.party import Party
from caseapp.records.proceeding import Proceeding
from tests.helpers.page_forms import PageForm
from tests.helpers.two_offices import NAME, Worker, boxes, signed_in

FILINGS, REVIEW, ZADVYDAS = "us.eoir.individual.filings", "us.detention.review90", "us.detention.zadvydas"
JAIL = "Kestrel Ridge Detention Center"
pytestmark = pytest.mark.usefixtures("frozen")


def _lead(worker: Worker, case_id: UUID) -> UUID:
    return next(entry.id for entry in worker.file(case_id).entries_of(Party) if entry.record.role == "lead")


def _page(case_id: UUID) -> str:
    return reverse("clients:custody", args=[case_id])


def _save_person(worker: Worker, case_id: UUID, typed: Mapping[str, str | dt.date]) -> str:
    """Change the person's page by its own fields; answers where it leads."""
    path = reverse("clients:person", args=[case_id, _lead(worker, case_id)])
    first = worker.client.get(path).content.decode().partition("<main")[2].partition("</form>")[0]
    form = PageForm(worker.client, path, f"<main{first}</form></main>")
    form.fill_all(typed)
    sent = {name: control.values for name, control in form.controls.items() if control.values}
    return str(worker.client.post(path, sent).headers["Location"])


def _detain(worker: Worker, case_id: UUID) -> str:
    return _save_person(worker, case_id, {"detained_since": dt.date(2026, 11, 23)})


def _release(worker: Worker, case_id: UUID) -> str:
    typed = {f"detained_since_{part}": "" for part in ("day", "month", "year")}
    return _save_person(worker, case_id, typed)


def _record(worker: Worker, case_id: UUID, what: str, **typed: str | dt.date) -> str:
    path = reverse("cases:notice_new", args=[case_id])
    form = PageForm.open(worker.client, path)
    form.fill("what", what)
    form = form.next_form()
    form.fill_all(typed)
    sent = {name: control.values for name, control in form.controls.items() if control.values}
    return str(worker.client.post(path, sent).headers["Location"])


def _offered(worker: Worker, case_id: UUID) -> dict[str, str]:
    """The changes that the page lists: key to "checked" or ""."""
    html = worker.client.get(_page(case_id)).content.decode()
    return dict(re.findall(r'name="change" value="([^"]+)"( checked)?', html))


def _apply(worker: Worker, case_id: UUID, *keys: str) -> int:
    return worker.client.post(_page(case_id), {"act": "apply", "change": list(keys)}).status_code


def _undo_last(worker: Worker, case_id: UUID) -> int:
    buttons = re.findall(r'value="(undo [0-9a-f-]{36})"', worker.client.get(_page(case_id)).content.decode())
    return worker.client.post(_page(case_id), {"act": buttons[0]}).status_code


def _states(worker: Worker, case_id: UUID, rule: str) -> list[tuple[str, dt.date | None]]:
    records = (entry.record for entry in worker.file(case_id).entries_of(Deadline))
    return sorted(
        (record.state, record.act_by or record.due_on or record.opens_on)
        for record in records
        if record.working and record.working.rule == rule
    )


def _hearing(worker: Worker, case_id: UUID) -> Hearing:
    return worker.file(case_id).entries_of(Hearing)[0].record


def test_custody_asks_about_open_hearings_and_moves_nothing_before_the_answer(
    attorney: Worker, case_id: UUID, hearing_id: UUID
) -> None:
    assert _detain(attorney, case_id) == _page(case_id)
    html = attorney.client.get(_page(case_id)).content.decode()
    assert "Does this change too?" in html
    assert "Fri, Jan 15, 2027" in html.partition("Does this change too?")[2]
    assert _offered(attorney, case_id) == {str(hearing_id): " checked"}
    assert not _hearing(attorney, case_id).detained
    assert _states(attorney, case_id, FILINGS) == [("open", dt.date(2027, 1, 15))]


def test_the_chosen_changes_are_made_at_once_and_one_undo_takes_all_back(
    attorney: Worker, case_id: UUID, hearing_id: UUID
) -> None:
    _record(attorney, case_id, "order_final", dated_on=dt.date(2026, 10, 1), q_detained_now="no")
    assert _states(attorney, case_id, REVIEW) == []
    _detain(attorney, case_id)
    offered = _offered(attorney, case_id)
    assert len(offered) == 3
    assert set(offered.values()) == {" checked"}
    assert _apply(attorney, case_id, *offered) == 303
    assert _hearing(attorney, case_id).detained
    assert _states(attorney, case_id, FILINGS) == [("superseded", dt.date(2027, 1, 15))]
    assert _states(attorney, case_id, REVIEW) == [("open", dt.date(2026, 12, 30))]
    assert _states(attorney, case_id, ZADVYDAS) == [("open", dt.date(2027, 4, 1))]
    assert _offered(attorney, case_id) == {}
    assert _undo_last(attorney, case_id) == 303
    assert not _hearing(attorney, case_id).detained
    assert _states(attorney, case_id, FILINGS) == [("open", dt.date(2027, 1, 15))]
    assert _states(attorney, case_id, REVIEW) == _states(attorney, case_id, ZADVYDAS) == []
    assert _offered(attorney, case_id) == offered


def test_what_is_not_ticked_stays_as_it_is(attorney: Worker, case_id: UUID, hearing_id: UUID) -> None:
    _record(attorney, case_id, "order_final", dated_on=dt.date(2026, 10, 1), q_detained_now="no")
    _detain(attorney, case_id)
    [review] = [key for key in _offered(attorney, case_id) if key.endswith(REVIEW)]
    assert _apply(attorney, case_id, review) == 303
    assert not _hearing(attorney, case_id).detained
    assert _states(attorney, case_id, FILINGS) == [("open", dt.date(2027, 1, 15))]
    assert _states(attorney, case_id, REVIEW) == [("open", dt.date(2026, 12, 30))]
    assert len(_offered(attorney, case_id)) == 2


def test_a_recorded_release_asks_the_reverse(attorney: Worker, case_id: UUID, hearing_id: UUID) -> None:
    _record(attorney, case_id, "order_final", dated_on=dt.date(2026, 10, 1), q_detained_now="no")
    _detain(attorney, case_id)
    _apply(attorney, case_id, *_offered(attorney, case_id))
    assert _record(attorney, case_id, "released", dated_on=dt.date(2026, 11, 24)) == _page(case_id)
    offered = _offered(attorney, case_id)
    assert len(offered) == 3
    assert _apply(attorney, case_id, *offered) == 303
    assert not _hearing(attorney, case_id).detained
    assert ("open", dt.date(2027, 1, 15)) in _states(attorney, case_id, FILINGS)
    assert _states(attorney, case_id, REVIEW) == [("superseded", dt.date(2026, 12, 30))]


def test_a_day_taken_out_of_the_persons_page_is_a_release_too(
    attorney: Worker, case_id: UUID, hearing_id: UUID
) -> None:
    _detain(attorney, case_id)
    _apply(attorney, case_id, str(hearing_id))
    assert _release(attorney, case_id) == _page(case_id)
    assert _offered(attorney, case_id) == {str(hearing_id): " checked"}
    assert _apply(attorney, case_id, str(hearing_id)) == 303
    assert not _hearing(attorney, case_id).detained


def test_a_date_that_has_passed_is_said_on_the_page_that_asks_too(
    attorney: Worker, case_id: UUID, hearing_id: UUID
) -> None:
    # Released on Mon 16 Nov 2026: seven days to ask the judge for easier conditions end on Mon 23 Nov, yesterday.
    _save_person(attorney, case_id, {"detained_since": dt.date(2026, 11, 2)})
    _apply(attorney, case_id, str(hearing_id))
    _record(attorney, case_id, "released", dated_on=dt.date(2026, 11, 16))
    assert "One of its deadlines is already overdue" in attorney.client.get(_page(case_id)).content.decode()


def test_where_custody_changes_nothing_nothing_is_asked(attorney: Worker, case_id: UUID) -> None:
    assert _detain(attorney, case_id) == reverse("cases:case", args=[case_id])
    assert _offered(attorney, case_id) == {}
    assert _release(attorney, case_id) == reverse("cases:case", args=[case_id])


def test_a_hearing_booked_as_detained_is_not_questioned_without_custody_or_release(
    attorney: Worker, case_id: UUID
) -> None:
    form = PageForm.open(attorney.client, reverse("hearings:book", args=[case_id]))
    form.fill_all({"kind": "bond", "on": dt.date(2027, 2, 17), "at": "8:30", "half": "am", "court": "Court North"})
    form.fill("detained", "on")
    form.send_and_leave()
    assert _offered(attorney, case_id) == {}


def test_a_matter_that_a_person_closed_is_not_opened_again(attorney: Worker, case_id: UUID) -> None:
    _record(attorney, case_id, "order_final", dated_on=dt.date(2026, 10, 1), q_detained_now="yes")
    for entry in attorney.file(case_id).entries_of(Deadline):
        if entry.record.working and entry.record.working.rule in {REVIEW, ZADVYDAS}:
            done = {"act": "done", "version": str(entry.version), "note": "The office of ERO reviewed it."}
            assert attorney.client.post(reverse("deadlines:deadline", args=[entry.id]), done).status_code == 303
    assert _detain(attorney, case_id) == reverse("cases:case", args=[case_id])


def test_a_notice_about_a_detained_person_is_asked_with_that_answer_first(attorney: Worker, case_id: UUID) -> None:
    _detain(attorney, case_id)
    form = PageForm.open(attorney.client, reverse("cases:notice_new", args=[case_id]))
    form.fill("what", "order_final")
    assert form.next_form().controls["q_detained_now"].values == ["yes"]


def test_a_change_that_is_no_longer_to_be_made_is_refused_and_none_is_made(
    attorney: Worker, case_id: UUID, hearing_id: UUID
) -> None:
    _detain(attorney, case_id)
    assert _apply(attorney, case_id) == 422
    assert _apply(attorney, case_id, str(hearing_id), f"{UUID(int=3)}:{REVIEW}") == 422
    assert not _hearing(attorney, case_id).detained
    assert _apply(attorney, case_id, str(hearing_id)) == 303
    assert _apply(attorney, case_id, str(hearing_id)) == 422


def test_what_was_changed_since_is_not_undone(attorney: Worker, case_id: UUID, hearing_id: UUID) -> None:
    _detain(attorney, case_id)
    _apply(attorney, case_id, str(hearing_id))
    [step] = attorney.file(case_id).entries_of(CustodyStep)
    path = reverse("hearings:edit", args=[hearing_id])
    form = PageForm.open(attorney.client, path)
    form.fill("room", "4")
    form.send_and_leave()
    assert 'value="undo ' not in attorney.client.get(_page(case_id)).content.decode()
    assert attorney.client.post(_page(case_id), {"act": f"undo {step.id}"}).status_code == 422
    assert _hearing(attorney, case_id).detained


def _facility(**typed: str) -> dict[str, str]:
    return {"act": "facility", "facility": JAIL, **boxes("on", dt.date(2026, 11, 24)), "court": "", **typed}


def test_a_transfer_moves_the_court_of_the_case_and_the_ticked_hearings(
    attorney: Worker, case_id: UUID, hearing_id: UUID
) -> None:
    form = PageForm.open(attorney.client, reverse("hearings:edit", args=[hearing_id]))
    form.fill_all({"room": "4", "judge": "Ames"})
    form.send_and_leave()
    _detain(attorney, case_id)
    _apply(attorney, case_id, str(hearing_id))
    before = len(attorney.file(case_id).entries_of(Deadline))
    sent = _facility(party=str(_lead(attorney, case_id)), court="Court South", hearings=str(hearing_id))
    assert attorney.client.post(_page(case_id), sent).status_code == 303
    hearing = _hearing(attorney, case_id)
    assert (hearing.court, hearing.room, hearing.judge, hearing.detained) == ("Court South", "", "", True)
    assert [entry.record.court for entry in attorney.file(case_id).entries_of(Proceeding)] == ["Court South"]
    # The packs name nothing for a transfer: no change of address, no other deadline.
    assert len(attorney.file(case_id).entries_of(Deadline)) == before
    html = attorney.client.get(_page(case_id)).content.decode()
    assert JAIL in html
    assert "Court South" in html
    stream = attorney.client.get(reverse("cases:case", args=[case_id])).content.decode()
    assert "Facility or transfer" in stream
    assert _undo_last(attorney, case_id) == 303
    assert "Facility or transfer (undone)" in attorney.client.get(_page(case_id)).content.decode()
    assert _hearing(attorney, case_id).court == "Court North"
    assert [entry.record.court for entry in attorney.file(case_id).entries_of(Proceeding)] == ["Court North"]


def test_a_facility_without_a_new_court_leaves_the_hearings_where_they_are(
    attorney: Worker, case_id: UUID, hearing_id: UUID
) -> None:
    _detain(attorney, case_id)
    sent = _facility(party=str(_lead(attorney, case_id)), hearings=str(hearing_id))
    assert attorney.client.post(_page(case_id), sent).status_code == 303
    assert _hearing(attorney, case_id).court == "Court North"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"facility": ""}, "Enter the name of the facility."),
        ({"facility": "J" * 5_000}, "at most"),
        ({"court": "C" * 5_000}, "at most"),
        (boxes("on", dt.date(2026, 11, 20)), "before the day custody began"),
        ({"party": str(UUID(int=5))}, "Select a valid choice"),
        ({"hearings": str(UUID(int=5))}, "Select a valid choice"),
    ],
)
def test_a_transfer_that_cannot_be_is_refused_and_keeps_what_was_typed(
    attorney: Worker, case_id: UUID, hearing_id: UUID, typed: dict[str, str], sentence: str
) -> None:
    _detain(attorney, case_id)
    sent = {**_facility(party=str(_lead(attorney, case_id)), court="Court South"), **typed}
    response = attorney.client.post(_page(case_id), sent)
    assert response.status_code == 422
    html = response.content.decode()
    assert sentence in html
    if "court" not in typed:
        assert 'value="Court South"' in html
    assert attorney.file(case_id).entries_of(CustodyStep) == []


def test_a_person_who_is_not_detained_is_not_transferred(attorney: Worker, case_id: UUID) -> None:
    assert "Save facility" not in attorney.client.get(_page(case_id)).content.decode()
    sent = _facility(party=str(_lead(attorney, case_id)))
    assert attorney.client.post(_page(case_id), sent).status_code == 422


def test_the_page_hides_from_another_office_and_has_no_other_acts(
    attorney: Worker, outsider: Worker, case_id: UUID, hearing_id: UUID
) -> None:
    _detain(attorney, case_id)
    for sent in ({"act": "apply", "change": str(hearing_id)}, _facility(), {"act": f"undo {UUID(int=4)}"}):
        assert outsider.client.post(_page(case_id), sent).status_code == 404
    assert outsider.client.get(_page(case_id)).status_code == 404
    for act in ("apply x", "undo x", f"undo {UUID(int=4)}", "destroy", "x" * 5_000):
        assert attorney.client.post(_page(case_id), {"act": act}).status_code == 404
    got = attorney.client.get(_page(case_id), {"act": "apply", "change": str(hearing_id)})
    assert (got.status_code, _hearing(attorney, case_id).detained) == (200, False)


def test_while_names_are_covered_the_page_shows_neither_client_nor_facility(attorney: Worker, case_id: UUID) -> None:
    _detain(attorney, case_id)
    attorney.client.post(_page(case_id), _facility(party=str(_lead(attorney, case_id))))
    attorney.client.post("/account/cover/", {"covered": "yes", "next": "/"})
    html = attorney.client.get(_page(case_id)).content.decode()
    assert NAME not in html
    assert JAIL not in html


@pytest.fixture
def paris(db: None) -> Worker:
    """Inès of a French office."""
    return signed_in("Inès Moreau", "ines@office.test", zone="Europe/Paris")


def test_a_french_office_starts_no_us_clock_and_is_offered_the_hours_of_detention(paris: Worker) -> None:
    case_id = cases.open_case(paris.staff, cases.NewCase(name="Tesfaye Wolde", stage="intake"))
    notices.record_notice(
        paris.staff, case_id, what="irtf", dated_on=dt.date(2026, 11, 23), how="by_hand", answers={"fr_detained": "no"}
    )
    # Notified Mon 23 Nov: seven days, Mon 30 Nov. Detained: 48 hours from 0:00, Wed 25 Nov.
    assert _states(paris, case_id, "fr.irtf.recours") == [("open", dt.date(2026, 11, 30))]
    assert _detain(paris, case_id) == _page(case_id)
    assert _states(paris, case_id, "us.habeas") == []
    [(key, ticked)] = _offered(paris, case_id).items()
    assert ticked == ""  # how a date that runs already counts is for the attorney: offered, not chosen
    assert _apply(paris, case_id, key) == 303
    assert _states(paris, case_id, "fr.irtf.recours") == [
        ("open", dt.date(2026, 11, 25)),
        ("superseded", dt.date(2026, 11, 30)),
    ]
    _release(paris, case_id)
    [key] = _offered(paris, case_id)
    assert _apply(paris, case_id, key) == 303
    assert ("open", dt.date(2026, 11, 30)) in _states(paris, case_id, "fr.irtf.recours")


def test_detention_in_france_ends_the_longer_appeal_time_that_it_interrupts(paris: Worker) -> None:
    case_id = cases.open_case(paris.staff, cases.NewCase(name="Tesfaye Wolde", stage="intake"))
    answers = dict.fromkeys(("fr_detained", "fr_assigned", "fr_prison"), "no")
    notices.record_notice(paris.staff, case_id, what="oqtf", dated_on=dt.date(2026, 11, 16), answers=answers)
    assert [state for state, _day in _states(paris, case_id, "fr.oqtf.recours")] == ["open"]
    assert _record(paris, case_id, "retention", dated_on=dt.date(2026, 11, 23)) == _page(case_id)
    started = _states(paris, case_id, "fr.oqtf.retention")
    assert [state for state, _day in started] == ["open"]
    [key] = [key for key in _offered(paris, case_id) if key.endswith(":oqtf")]
    assert _apply(paris, case_id, key) == 303
    assert [state for state, _day in _states(paris, case_id, "fr.oqtf.recours")] == ["superseded"]
    assert _states(paris, case_id, "fr.oqtf.retention") == started  # the one from the detention, and no second one


def test_a_date_added_by_hand_from_a_rule_that_counts_otherwise_is_offered_too(paris: Worker) -> None:
    case_id = cases.open_case(paris.staff, cases.NewCase(name="Tesfaye Wolde", stage="intake"))
    form = PageForm.open(paris.client, reverse("deadlines:from_rule", args=[case_id]))
    form.fill("what", "rule:fr.dublin.recours")
    form = form.next_form()
    form.fill_date("on_transfer_notified", dt.date(2026, 11, 23))
    form.next_form().send_and_leave()
    [(_state, was)] = _states(paris, case_id, "fr.dublin.recours")
    assert _detain(paris, case_id) == _page(case_id)
    [key] = _offered(paris, case_id)
    assert _apply(paris, case_id, key) == 303
    assert _states(paris, case_id, "fr.dublin.recours") == [("open", dt.date(2026, 11, 25)), ("superseded", was)]


def test_a_client_who_is_signed_out_sees_no_custody_page(case_id: UUID) -> None:
    assert Client().get(_page(case_id)).status_code in {302, 303, 401}
