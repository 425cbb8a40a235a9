"""A notice or event opens as its form, filled in; a correction shows what changes before it is saved.

Dates are worked by hand: an RFE of Fri 20 Nov 2026 has 84 days until Fri 12 Feb 2027, by mail 87.
"""

import datetime as dt
from uuid import UUID

import pytest
from django.urls import reverse

from caseapp.deadlines.services import acts, notices
from caseapp.records.deadline import ENTRY_CORRECTED, Deadline
from caseapp.records.notice import Notice
from caseapp.records.party import Party
from caseapp.vault.store import Entry
from tests.helpers.corrections import by_rule, correct, move_clock, preview_of, said
from tests.helpers.page_forms import PageForm
from tests.helpers.two_offices import Worker

RFE = "us.uscis.rfe"
FRIDAY, MONDAY = dt.date(2026, 11, 20), dt.date(2026, 11, 16)


@pytest.fixture
def rfe(attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """A request for evidence, recorded an hour before now."""
    new = notices.NewNotice(what="rfe", dated_on=FRIDAY, how="by_hand", answers={"rfe_form": "other"})
    notice_id = notices.record_event(attorney.staff, case_id, new).id
    move_clock(monkeypatch, minutes=1)
    return notice_id


def page_of(case_id: UUID, notice_id: UUID) -> str:
    """The address of a notice."""
    return reverse("cases:notice", args=[case_id, notice_id])


def rfe_deadline(worker: Worker, case_id: UUID) -> Entry[Deadline]:
    """The deadline that follows from the request."""
    entries = worker.file(case_id).entries_of(Deadline)
    return next(entry for entry in entries if entry.record.working and entry.record.working.rule == RFE)


def test_the_case_page_links_to_a_notice_that_opens_filled_in(attorney: Worker, case_id: UUID, rfe: UUID) -> None:
    assert page_of(case_id, rfe) in attorney.client.get(reverse("cases:case", args=[case_id])).content.decode()
    form = PageForm.open(attorney.client, page_of(case_id, rfe))
    values = {name: control.values for name, control in form.controls.items()}
    assert values["what"] == ["rfe"]
    assert values["dated_on_day"] == ["20"]
    assert values["how"] == ["by_hand"]
    assert values["q_rfe_form"] == ["other"]
    assert values["no_printed_due_on"] == ["on"]


def test_a_corrected_day_moves_the_deadline_after_its_preview(attorney: Worker, case_id: UUID, rfe: UUID) -> None:
    assert by_rule(attorney, case_id)[RFE].due_on == dt.date(2027, 2, 12)
    shown, _button = preview_of(attorney, page_of(case_id, rfe), {"dated_on": MONDAY})
    # 84 days after Mon 16 Nov 2026 is Mon 8 Feb 2027.
    assert "was Fri, Feb 12, 2027, would be Mon, Feb 8, 2027" in said(shown)
    assert by_rule(attorney, case_id)[RFE].due_on == dt.date(2027, 2, 12)
    correct(attorney, page_of(case_id, rfe), {"dated_on": MONDAY})
    assert by_rule(attorney, case_id)[RFE].due_on == dt.date(2027, 2, 8)
    assert by_rule(attorney, case_id)[RFE].planned
    assert not by_rule(attorney, case_id, "superseded")[RFE].planned
    assert attorney.file(case_id).get(rfe, Notice).record.dated_on == MONDAY


def test_a_date_that_stays_keeps_the_date_that_the_office_set(
    attorney: Worker, case_id: UUID, rfe: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = rfe_deadline(attorney, case_id)
    acts.set_own_dates(
        attorney.staff,
        case_id,
        entry.id,
        to=dt.date(2027, 1, 29),
        target=None,
        reason="a calm week",
        version=entry.version,
    )
    move_clock(monkeypatch, minutes=2)
    form = PageForm.open(attorney.client, page_of(case_id, rfe))
    form.fill("text", "Came with two annexes.")
    form.send_and_leave()
    kept = by_rule(attorney, case_id)[RFE]
    assert kept.moved_to == dt.date(2027, 1, 29)
    correct(attorney, page_of(case_id, rfe), {"dated_on": MONDAY})
    moved = by_rule(attorney, case_id)[RFE]
    assert (moved.due_on, moved.moved_to, moved.moved_reason) == (
        dt.date(2027, 2, 8),
        dt.date(2027, 1, 29),
        "a calm week",
    )


def test_an_own_date_after_the_corrected_one_ends_with_a_sentence(
    attorney: Worker, case_id: UUID, rfe: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = rfe_deadline(attorney, case_id)
    acts.set_own_dates(
        attorney.staff, case_id, entry.id, to=dt.date(2027, 2, 10), target=None, reason="late", version=entry.version
    )
    move_clock(monkeypatch, minutes=2)
    shown = correct(attorney, page_of(case_id, rfe), {"dated_on": MONDAY})
    assert "The date that your office set ends: it would be after the new one." in said(shown)
    assert by_rule(attorney, case_id)[RFE].moved_to is None


def test_another_kind_asks_its_questions_and_ends_what_followed_from_the_first(
    attorney: Worker, case_id: UUID, rfe: UUID
) -> None:
    form = PageForm.open(attorney.client, page_of(case_id, rfe))
    form.fill("what", "noid")
    asked = form.next_form()
    assert asked.shows("q_issuer")
    assert asked.controls["dated_on_day"].values == ["20"]
    asked.fill("q_issuer", "uscis")
    asked.fill("no_printed_due_on", "on")
    answer = asked.send()
    assert "Ends: " in said(answer.html)
    shown = PageForm(attorney.client, asked.path, answer.html)
    shown.send_and_leave(next(button for button in shown.buttons if button[0] == "previewed"))
    # 30 days after Fri 20 Nov 2026 is Sun 20 Dec, extends to Mon 21 Dec.
    assert by_rule(attorney, case_id)["us.uscis.noid"].due_on == dt.date(2026, 12, 21)
    assert by_rule(attorney, case_id, "superseded")[RFE].closed_reason == ENTRY_CORRECTED


def test_a_corrected_day_of_custody_moves_the_day_since_when_a_client_is_detained(
    attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = notices.NewNotice(what="detained", dated_on=FRIDAY)
    notice_id = notices.record_event(attorney.staff, case_id, new).id
    move_clock(monkeypatch, minutes=1)
    shown = correct(attorney, page_of(case_id, notice_id), {"dated_on": MONDAY})
    assert "is shown as detained since Mon, Nov 16, 2026." in said(shown)
    assert [entry.record.detained_since for entry in attorney.file(case_id).entries_of(Party)] == [MONDAY]


def test_custody_keeps_its_kind(attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    new = notices.NewNotice(what="detained", dated_on=FRIDAY)
    notice_id = notices.record_event(attorney.staff, case_id, new).id
    move_clock(monkeypatch, minutes=1)
    form = PageForm.open(attorney.client, page_of(case_id, notice_id))
    form.fill("what", "rfe")
    asked = form.next_form()
    asked.fill("q_rfe_form", "other")
    asked.fill("no_printed_due_on", "on")
    answer = asked.send()
    assert answer.status == 422
    assert "This entry keeps its kind." in said(answer.html)


def test_a_date_of_a_person_is_corrected_on_the_page_of_the_person(attorney: Worker, case_id: UUID) -> None:
    party = attorney.file(case_id).entries_of(Party)[0].id
    new = notices.NewNotice(what="ead_expiry", dated_on=dt.date(2027, 1, 31), parties=(party,))
    notice_id = notices.record_event(attorney.staff, case_id, new).id
    assert attorney.client.get(page_of(case_id, notice_id)).status_code == 404


def test_an_outsider_finds_no_notice(attorney: Worker, case_id: UUID, rfe: UUID, outsider: Worker) -> None:
    assert outsider.client.get(page_of(case_id, rfe)).status_code == 404
    assert outsider.client.post(page_of(case_id, rfe), {"what": "rfe"}).status_code == 404


def test_a_get_and_an_oversized_field_save_nothing(attorney: Worker, case_id: UUID, rfe: UUID) -> None:
    before = attorney.file(case_id).head_version
    attorney.client.get(page_of(case_id, rfe), {"what": "rfe", "dated_on_day": "16", "previewed": "yes"})
    form = PageForm.open(attorney.client, page_of(case_id, rfe))
    form.fill("text", "x" * 60_000)
    assert form.send().status == 422
    assert attorney.file(case_id).head_version == before
