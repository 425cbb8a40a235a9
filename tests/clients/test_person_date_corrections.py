"""A wrong date of a person is corrected, replaced, removed and put back; what follows from it goes with it."""

import datetime as dt
from uuid import UUID

import pytest
from django.urls import reverse

from caseapp.deadlines.services import acts
from caseapp.records.deadline import Deadline
from caseapp.records.notice import Notice
from caseapp.records.party import Party
from tests.clients.person_dates_world import (
    correct,
    date_path,
    dates,
    days,
    enter,
    lead_of,
    open_case,
    page_of,
    press,
)
from tests.helpers.page_forms import PageForm
from tests.helpers.two_offices import Worker, boxes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
WRONG, RIGHT = dt.date(2027, 1, 31), dt.date(2027, 3, 31)
RENEWAL = "us.uscis.ead.renewal"


def _last_days(worker: Worker, case_id: UUID, party_id: UUID, rule: str, state: str = "open") -> list[dt.date | None]:
    return [due for _opens, _act, due in days(worker, case_id, party_id, rule, state)]


def _deadline(worker: Worker, case_id: UUID, rule: str, state: str = "open") -> tuple[UUID, int, Deadline]:
    [entry] = [
        e for e in worker.file(case_id).entries_of(Deadline)
        if e.record.working and (e.record.working.rule, e.record.state) == (rule, state)
    ]  # fmt: skip
    return entry.id, entry.version, entry.record


def test_a_corrected_expiration_moves_its_deadlines_and_the_earlier_ones_stay_in_view(attorney: Worker) -> None:
    case_id, client = open_case(attorney, "Roza Aliyeva")
    enter(attorney, case_id, client, "ead_expiry", WRONG)
    old_id, version, _record = _deadline(attorney, case_id, RENEWAL)
    acts.reassign_deadline(attorney.staff, case_id, old_id, owner=attorney.staff.member_id, version=version)
    correct(attorney, case_id, client, "ead_expiry", dated_on=RIGHT)
    assert _last_days(attorney, case_id, client, RENEWAL) == [RIGHT]
    assert _last_days(attorney, case_id, client, RENEWAL, "superseded") == [WRONG]
    new_id, _version, record = _deadline(attorney, case_id, RENEWAL)
    assert record.owner == attorney.staff.member_id, "the owner stays"
    assert attorney.file(case_id).get(old_id, Deadline).record.superseded_by == new_id
    [entry] = dates(attorney, case_id, client, "ead_expiry")
    assert entry.record.dated_on == RIGHT, "the expiration is kept once"
    assert "Jan 31, 2027" not in page_of(attorney, case_id, client)


def test_what_was_done_for_a_date_stays_done_when_its_day_is_corrected(attorney: Worker) -> None:
    case_id, client = open_case(attorney, "Roza Aliyeva")
    enter(attorney, case_id, client, "i94_expiry", WRONG, q_i539_wanted="yes")
    deadline_id, version, _record = _deadline(attorney, case_id, "us.uscis.i539")
    acts.mark_done(attorney.staff, case_id, deadline_id, version=version, note="Receipt IOE0912345678")
    correct(attorney, case_id, client, "i94_expiry", dated_on=RIGHT)
    assert _last_days(attorney, case_id, client, "us.uscis.i539") == []
    # 45 days before 31 Mar: Mar 31 + 14 in February: 14 Feb.
    assert _last_days(attorney, case_id, client, "us.i94.expiry") == [dt.date(2027, 2, 14)]


def test_an_answer_that_excludes_a_rule_ends_its_deadline(attorney: Worker) -> None:
    case_id, client = open_case(attorney, "Roza Aliyeva")
    enter(attorney, case_id, client, "i94_expiry", RIGHT)
    assert _last_days(attorney, case_id, client, "us.uscis.i539") == [RIGHT], "without an answer it counts"
    correct(attorney, case_id, client, "i94_expiry", q_i539_wanted="no")
    assert _last_days(attorney, case_id, client, "us.uscis.i539") == []
    assert len(_last_days(attorney, case_id, client, "us.i94.expiry")) == 1


def test_a_new_card_replaces_the_old_one_and_removing_it_brings_the_old_one_back(attorney: Worker) -> None:
    case_id, client = open_case(attorney, "Samuel Okafor")
    enter(attorney, case_id, client, "ead_expiry", WRONG)
    enter(attorney, case_id, client, "ead_expiry", dt.date(2028, 3, 31))
    assert _last_days(attorney, case_id, client, RENEWAL) == [dt.date(2028, 3, 31)]
    assert press(attorney, case_id, client, "ead_expiry", "date_remove") == 303
    assert _last_days(attorney, case_id, client, RENEWAL) == [WRONG]
    html = page_of(attorney, case_id, client)
    assert "Put back" in html
    [removed] = [e for e in dates(attorney, case_id, client, "ead_expiry") if e.record.removed_on]
    path = reverse("clients:date_restore", args=[case_id, client, removed.id])
    assert attorney.client.post(path, {"version": removed.version}).status_code == 303
    assert _last_days(attorney, case_id, client, RENEWAL) == [dt.date(2028, 3, 31)]


def test_a_removed_date_ends_its_deadlines_and_is_put_back_with_them(attorney: Worker) -> None:
    case_id, client = open_case(attorney, "Mei Tanaka")
    enter(attorney, case_id, client, "passport_expiry", dt.date(2027, 6, 15))
    was = _last_days(attorney, case_id, client, "us.passport.expiry")
    assert press(attorney, case_id, client, "passport_expiry", "date_remove") == 303
    assert _last_days(attorney, case_id, client, "us.passport.expiry") == []
    _id, _version, ended = _deadline(attorney, case_id, "us.passport.expiry", "superseded")
    assert not any(plan.days for plan in ended.planned), "its reminders end"
    html = attorney.client.get(reverse("cases:case", args=[case_id])).content.decode()
    assert "Its date was removed" in html
    assert press(attorney, case_id, client, "passport_expiry", "date_restore") == 303
    assert _last_days(attorney, case_id, client, "us.passport.expiry") == was
    assert any(plan.days for plan in _deadline(attorney, case_id, "us.passport.expiry")[2].planned)


def test_only_a_lawyer_removes_a_date_that_a_fatal_deadline_follows_from(
    attorney: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id, client = open_case(attorney, "Olena Kovalenko")
    enter(attorney, case_id, client, "residence_expiry", dt.date(2027, 6, 1))
    monkeypatch.setattr(acts, "LAWYER_ROLES", ("accredited_representative",))
    assert press(attorney, case_id, client, "residence_expiry", "date_remove") == 422
    assert len(_last_days(attorney, case_id, client, "us.uscis.i751")) == 1


def test_a_corrected_birth_moves_every_age_and_a_cleared_one_ends_them(attorney: Worker) -> None:
    case_id, child = open_case(attorney, "Luis Hernández Paz", "sij", born_on=dt.date(2010, 3, 4))
    correct(attorney, case_id, child, "born_sij", dated_on=dt.date(2010, 3, 14))
    assert attorney.file(case_id).get(child, Party).record.born_on == dt.date(2010, 3, 14)
    assert _last_days(attorney, case_id, child, "us.uscis.sij.21") == [dt.date(2031, 3, 13)]
    assert _last_days(attorney, case_id, child, "us.uc.18") == [dt.date(2028, 3, 13)]
    path = reverse("clients:person", args=[case_id, child])
    html = attorney.client.get(path).content.decode()
    form = PageForm(attorney.client, path, f"<main{html.partition('<main')[2].partition('</form>')[0]}</form></main>")
    for part in ("day", "month", "year"):
        form.fill(f"born_on_{part}", "")
    form.send_and_leave()
    assert _last_days(attorney, case_id, child, "us.uscis.sij.21") == []
    assert _last_days(attorney, case_id, child, "us.uc.18") == []


def test_a_date_that_a_colleague_saved_first_is_not_overwritten(attorney: Worker) -> None:
    case_id, client = open_case(attorney, "Mei Tanaka")
    enter(attorney, case_id, client, "ead_expiry", WRONG)
    path = date_path(attorney, case_id, client, "ead_expiry")
    assert attorney.client.post(path, {**boxes("dated_on", RIGHT), "version": "1"}).status_code == 303
    late = attorney.client.post(path, {**boxes("dated_on", dt.date(2027, 5, 3)), "version": "1"})
    assert late.status_code == 409
    assert "Mar 31, 2027" in late.content.decode(), "it shows what was saved"
    assert dates(attorney, case_id, client, "ead_expiry")[0].record.dated_on == RIGHT
    assert attorney.client.post(path + "remove/", {"version": "1"}).status_code == 409


def test_the_pages_of_dates_hide_from_another_office_refuse_get_and_bound_what_is_typed(
    attorney: Worker, outsider: Worker, case_id: UUID
) -> None:
    client = lead_of(attorney, case_id)
    enter(attorney, case_id, client, "ead_expiry", WRONG)
    new, date = reverse("clients:date_new", args=[case_id, client]), date_path(attorney, case_id, client, "ead_expiry")
    for path in (new, date, f"{date}remove/", f"{date}restore/"):
        sent = {"what": "ead_expiry", **boxes("dated_on", RIGHT), "version": "1"}
        assert outsider.client.post(path, sent).status_code == 404, path
    assert attorney.client.get(new, {"what": "ead_expiry", **boxes("dated_on", RIGHT)}).status_code == 200
    assert attorney.client.get(date, {**boxes("dated_on", RIGHT), "version": "1"}).status_code == 200
    assert attorney.client.get(f"{date}remove/").status_code == 405
    assert attorney.client.get(f"{date}restore/").status_code == 405
    long = {"what": "ead_expiry", **boxes("dated_on", RIGHT), "text": "x" * 200_000}
    assert attorney.client.post(new, long).status_code in (413, 422)
    [notice] = attorney.file(case_id).entries_of(Notice)
    assert (notice.record.dated_on, notice.record.removed_on) == (WRONG, None)
    assert attorney.client.post(f"{date}remove/", {"version": "x"}).status_code == 404
    assert attorney.client.post(date.replace(str(client), str(case_id)), {}).status_code == 404
