"""Dates of a person that run clocks: each has its field, and its deadline on the day worked by hand from its rule.

Today is Tuesday, 24 November 2026. First days, legal deadlines and internal deadlines are counted by hand here.
"""

import datetime as dt
from html import unescape
from uuid import UUID

import pytest
from django.urls import reverse

from caseapp import rules
from caseapp.casefile.transaction import case_transaction
from caseapp.records.deadline import Deadline
from caseapp.records.notice import Notice
from caseapp.records.party import Party
from tests.clients.person_dates_world import (
    add_rider,
    date_form,
    dates,
    days,
    enter,
    lead_of,
    open_case,
    page_of,
    refused,
)
from tests.helpers.two_offices import Worker, boxes, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
EAD = dt.date(2027, 1, 31)  # a Sunday


def day(year: int, month: int, number: int) -> dt.date:
    return dt.date(year, month, number)


def test_each_expiration_of_a_person_has_its_deadline_on_the_day_worked_by_hand(attorney: Worker) -> None:
    case_id, client = open_case(attorney, "Nilufar Yusupova")

    def first_and_last(name: str) -> list[tuple[dt.date | None, dt.date | None]]:
        return [(opens, due) for opens, _act, due in days(attorney, case_id, client, name)]

    enter(attorney, case_id, client, "ead_expiry", EAD)
    # 180 days back from 31 Jan: Jan 31 + Dec 31 + Nov 30 + Oct 31 + Sep 30 = 153, 27 more in August: 4 Aug 2026.
    # The last day is a Sunday: the open day before is Fri 29 Jan.
    assert days(attorney, case_id, client, "us.uscis.ead.renewal") == [(day(2026, 8, 4), day(2027, 1, 29), EAD)]

    enter(attorney, case_id, client, "i94_expiry", day(2027, 3, 1))
    assert first_and_last("us.uscis.i539") == [(None, day(2027, 3, 1))]  # USCIS must have it by that day
    assert first_and_last("us.i94.expiry") == [(None, day(2027, 1, 15))]  # 45 days: Feb 28, 17 more in January

    enter(attorney, case_id, client, "passport_expiry", day(2027, 6, 15))
    # 180 days: June 15 + May 31 + Apr 30 + Mar 31 + Feb 28 + Jan 31 = 166, 14 more in December: 17 Dec 2026.
    assert first_and_last("us.passport.expiry") == [(None, day(2026, 12, 17))]

    enter(attorney, case_id, client, "daca_expiry", day(2027, 4, 30))
    # 150 days: Apr 30 + Mar 31 + Feb 28 + Jan 31 = 120 is 31 Dec; 30 more: 1 Dec. Late until 30 Apr 2028.
    assert first_and_last("us.uscis.daca.renewal") == [(day(2026, 12, 1), day(2026, 12, 31))]
    assert first_and_last("us.uscis.daca.late") == [(None, day(2028, 4, 30))]

    enter(attorney, case_id, client, "card_expiry", day(2027, 6, 30), q_card_years="ten")
    assert first_and_last("us.uscis.i90") == [(day(2026, 12, 30), day(2027, 6, 30))]  # six months before

    enter(attorney, case_id, client, "residence_expiry", day(2027, 6, 1))
    # 90 days: June 1 + May 31 + Apr 30 = 62, 28 more in March: 3 Mar.
    assert first_and_last("us.uscis.i751") == [(day(2027, 3, 3), day(2027, 6, 1))]

    enter(attorney, case_id, client, "u_expiry", day(2028, 1, 31), q_u_granted=day(2024, 2, 1))
    assert first_and_last("us.uscis.i485.u") == [(day(2027, 2, 1), day(2028, 1, 31))]  # three years after the grant
    enter(attorney, case_id, client, "t_expiry", day(2029, 3, 14), q_t_granted=day(2025, 3, 15))
    assert first_and_last("us.uscis.i485.t") == [(day(2028, 3, 15), day(2029, 3, 14))]

    enter(attorney, case_id, client, "priority_date_current", day(2026, 11, 2))
    assert first_and_last("us.uscis.cspa.seek") == [(None, day(2027, 11, 2))]  # one year after it became current

    for what, name, on in (
        ("tps_expiry", "TPS expiration date", day(2027, 9, 9)),
        ("advance_parole_expiry", "Advance parole expiration date", day(2027, 2, 12)),
        ("visa_interview", "Visa interview at the consulate", day(2027, 1, 13)),
    ):
        enter(attorney, case_id, client, what, on)  # the document's own date, no rule
        assert days(attorney, case_id, client, name) == [(None, on, on)]
    page = page_of(attorney, case_id, client)
    assert "From Tue, Aug 4, 2026 until Sun, Jan 31, 2027; internal deadline Fri, Jan 29, 2027" in page
    assert "By Thu, Sep 9, 2027" in page


def test_each_age_of_a_person_has_its_deadline_on_the_day_worked_by_hand(attorney: Worker) -> None:
    born = day(2010, 3, 4)
    case_id, child = open_case(attorney, "Luis Hernández Paz", "sij", "vawa", born_on=born)
    # Entering the date of birth is the event: 18th birthday Sat 4 Mar 2028, 21st Tue 4 Mar 2031, a day before each.
    assert [due for _o, _a, due in days(attorney, case_id, child, "us.uc.18")] == [day(2028, 3, 3)]
    assert [due for _o, _a, due in days(attorney, case_id, child, "us.uscis.sij.21")] == [day(2031, 3, 3)]
    assert [due for _o, _a, due in days(attorney, case_id, child, "us.uscis.vawa.child")] == [day(2031, 3, 3)]
    assert days(attorney, case_id, child, "us.uscis.register.14") == []  # 16 already
    enter(
        attorney, case_id, child, "born_preference", born,
        q_petition_filed=day(2025, 1, 9), q_petition_approved=day(2025, 6, 5),
    )  # fmt: skip
    # Pending from 9 Jan to 5 Jun 2025: 22 + 28 + 31 + 30 + 31 + 5 = 147 days. 4 Mar 2031 + 147 = 29 Jul, a day before.
    assert [due for _o, _a, due in days(attorney, case_id, child, "us.uscis.cspa.ageout")] == [day(2031, 7, 28)]

    family, _mother = open_case(attorney, "Amina Diallo", "asylum")
    rider = add_rider(attorney, family, "Moussa Diallo", day(2014, 3, 4))
    # 14th birthday 4 Mar 2028 and 30 days: 3 Apr 2028. A rider is no unaccompanied child.
    assert [due for _o, _a, due in days(attorney, family, rider, "us.uscis.register.14")] == [day(2028, 4, 3)]
    assert [due for _o, _a, due in days(attorney, family, rider, "us.uscis.derivative.21")] == [day(2035, 3, 3)]
    assert days(attorney, family, rider, "us.uc.18") == []
    assert "Turns 14 on Sat, Mar 4, 2028" in page_of(attorney, family, rider)


def test_a_birth_known_by_its_month_counts_from_the_earliest_day_and_shows_the_latest(attorney: Worker) -> None:
    answer = attorney.client.post(
        reverse("cases:new"),
        {"name": "Tesfaye Bekele", "relief": ["sij"], "born_on_month": "5", "born_on_year": "2010"},
    )
    case_id = UUID(answer["Location"].split("/")[2])
    child = lead_of(attorney, case_id)
    # The earliest birth is 1 May 2010: under 21 until Wed 30 Apr 2031, under 18 until Sun 30 Apr 2028.
    assert [due for _o, _a, due in days(attorney, case_id, child, "us.uscis.sij.21")] == [day(2031, 4, 30)]
    assert [due for _o, _a, due in days(attorney, case_id, child, "us.uc.18")] == [day(2028, 4, 30)]
    page = page_of(attorney, case_id, child)
    assert "Turns 18 between Mon, May 1, 2028 and Wed, May 31, 2028" in page
    assert "Turns 21 between Thu, May 1, 2031 and Sat, May 31, 2031" in page
    assert "Turns 14" not in page
    [deadline] = [
        e for e in attorney.file(case_id).entries_of(Deadline)
        if e.record.working and e.record.working.rule == "us.uscis.sij.21"
    ]  # fmt: skip
    html = attorney.client.get(reverse("deadlines:deadline", args=[deadline.id])).content.decode()
    assert "it is between Sat, May 1, 2010 and Mon, May 31, 2010" in unescape(html)
    party = attorney.file(case_id).get(child, Party).record
    assert (party.born_on, party.born_period) == (None, "2010-05")


def test_the_ead_of_a_rider_does_not_replace_the_one_of_the_client(attorney: Worker) -> None:
    case_id, client = open_case(attorney, "Roza Aliyeva")
    rider = add_rider(attorney, case_id, "Kamran Aliyev")
    enter(attorney, case_id, client, "ead_expiry", EAD)
    enter(attorney, case_id, rider, "ead_expiry", day(2027, 3, 31))
    assert len(days(attorney, case_id, client, "us.uscis.ead.renewal")) == 1
    # 180 days: Mar 31 + Feb 28 + Jan 31 + Dec 31 + Nov 30 = 151, 29 more in October: 2 Oct 2026.
    [(opens, _act, due)] = days(attorney, case_id, rider, "us.uscis.ead.renewal")
    assert (opens, due) == (day(2026, 10, 2), day(2027, 3, 31))
    html = attorney.client.get(reverse("cases:case", args=[case_id])).content.decode()
    listed = " ".join(html.partition('id="deadlines"')[2].partition("</section>")[0].split())
    assert "Roza Aliyeva" in listed
    assert "Kamran Aliyev" in listed, "each deadline says whose it is"
    assert "Mar 31, 2027" not in page_of(attorney, case_id, client)


def test_the_card_of_a_rider_does_not_replace_one_that_an_older_program_kept_for_all(attorney: Worker) -> None:
    case_id, _client = open_case(attorney, "Roza Aliyeva")
    rider = add_rider(attorney, case_id, "Kamran Aliyev")
    with case_transaction(attorney.staff, case_id) as draft:
        old_id = draft.add(Notice(what="ead_expiry", event="ead_expiry", dated_on=EAD))
    enter(attorney, case_id, rider, "ead_expiry", day(2027, 3, 31))
    assert attorney.file(case_id).get(old_id, Notice).record.replaced_by is None


def test_an_expiration_that_has_passed_says_so(attorney: Worker) -> None:
    case_id, client = open_case(attorney, "Samuel Okafor")
    form = date_form(attorney, case_id, client, "i94_expiry")
    form.fill_all({"dated_on": day(2026, 10, 31)})
    answer = attorney.client.post(form.path, {n: c.values for n, c in form.controls.items() if c.values}, follow=True)
    assert "A deadline that follows from it is already overdue" in answer.content.decode()
    assert "Expired 24 days ago" in page_of(attorney, case_id, client)


def test_the_same_date_a_second_time_is_refused_in_a_clear_sentence_at_both_doors(attorney: Worker) -> None:
    case_id, client = open_case(attorney, "Mei Tanaka")
    enter(attorney, case_id, client, "ead_expiry", EAD)
    sentence = "This date is recorded for this person already."
    answer = refused(attorney, case_id, client, "ead_expiry", EAD)
    assert answer.status == 422
    assert sentence in answer.html
    path = reverse("cases:notice_new", args=[case_id])
    again = attorney.client.post(path, {"what": "ead_expiry", **boxes("dated_on", EAD)})
    assert again.status_code == 422
    assert sentence in again.content.decode()
    assert len(dates(attorney, case_id, client, "ead_expiry")) == 1


def test_a_date_recorded_as_a_notice_is_the_same_date_of_the_person(attorney: Worker) -> None:
    case_id, client = open_case(attorney, "Olena Kovalenko")
    rider = add_rider(attorney, case_id, "Taras Kovalenko")
    path = reverse("cases:notice_new", args=[case_id])
    sent = {"what": "last_arrival", **boxes("dated_on", day(2026, 4, 9)), "q_status_kept": "yes"}
    nobody = attorney.client.post(path, sent)
    assert nobody.status_code == 422
    assert "Choose whose date this is." in nobody.content.decode()
    assert attorney.client.post(path, {**sent, "parties": [str(rider)]}).status_code == 303
    party = attorney.file(case_id).get(rider, Party).record
    assert (party.last_arrival_on, party.arrival_facts) == (day(2026, 4, 9), {"status_kept": "yes"})
    assert [due for _o, _a, due in days(attorney, case_id, rider, "us.asylum.one_year")] == [day(2027, 4, 9)]
    born = {"what": "born_derivative", **boxes("dated_on", day(2012, 5, 20)), "parties": [str(rider)]}
    assert attorney.client.post(path, born).status_code == 303
    assert attorney.file(case_id).get(rider, Party).record.born_on == day(2012, 5, 20)
    assert days(attorney, case_id, client, "us.asylum.one_year") == []


def test_the_one_year_deadline_stays_under_every_answer_and_says_what_may_excuse_it(attorney: Worker) -> None:
    case_id, client = open_case(attorney, "Farid Karimi", "asylum")
    path = reverse("clients:person", args=[case_id, client])

    def save_arrival(**answers: str) -> str:
        version = next(e.version for e in attorney.file(case_id).entries_of(Party))
        sent = {"act": "arrival", **boxes("last_arrival_on", day(2026, 4, 9)), "version": version, **answers}
        assert attorney.client.post(path, sent).status_code == 303
        entries = attorney.file(case_id).entries_of(Deadline)
        [deadline] = [e for e in entries if e.record.working and e.record.state == "open"]
        return unescape(attorney.client.get(reverse("deadlines:deadline", args=[deadline.id])).content.decode())

    html = save_arrival()
    # One year from Thu 9 Apr 2026: Fri 9 Apr 2027; the internal deadline is the day before.
    one_year = [(None, day(2027, 4, 8), day(2027, 4, 9))]
    assert days(attorney, case_id, client, "us.asylum.one_year") == one_year
    assert "Not answered yet: Has the person kept a lawful status since the arrival?" in html
    assert "Not answered yet: Are there changed or extraordinary circumstances?" in html
    html = save_arrival(q_i589_filed="no", q_status_kept="yes", q_circumstances="no", q_in_orr="no")
    assert days(attorney, case_id, client, "us.asylum.one_year") == one_year
    assert "A lawful status that was kept may be an extraordinary circumstance" in html
    assert "Not answered yet" not in html
    assert "Has the person kept a lawful status since the arrival? Yes" in page_of(attorney, case_id, client)
    version = next(e.version for e in attorney.file(case_id).entries_of(Party))
    sent = {"act": "arrival", **boxes("last_arrival_on", day(2026, 4, 9)), "version": version, "q_i589_filed": "yes"}
    assert attorney.client.post(path, sent).status_code == 303
    assert days(attorney, case_id, client, "us.asylum.one_year") == []


@pytest.mark.parametrize(("pack", "zone"), [("us-federal", "America/New_York"), ("france", "Europe/Paris")])
def test_every_date_of_a_person_in_the_catalogue_has_a_field(db: None, pack: str, zone: str) -> None:
    worker = signed_in("Ana Ruiz", "ana@office.test", zone=zone)
    catalogue = rules.catalogue()
    of_pack = [e for e in catalogue.events.values() if e.recorded_on == "person" and catalogue.pack_of[e.id] == pack]
    assert len(of_pack) == {"us-federal": 35, "france": 4}[pack]
    case_id, client = open_case(worker, "Kwame Mensah")
    page = page_of(worker, case_id, client)
    for event in of_pack:
        assert f'<option value="{event.id}">' in page, f"the page of the person does not offer {event.id}"
        form = date_form(worker, case_id, client, event.id)
        assert form.shows("dated_on_day"), event.id
        assert all(
            form.shows(f"q_{name}") or form.shows(f"q_{name}_day") or not _is_own_field(name) for name in event.ask
        )
    offered = page.partition('<select id="which-date" name="what">')[2].partition("</select>")[0]
    assert offered.count("<option") == len(of_pack)


def _is_own_field(question: str) -> bool:
    """Return True for a question that has a field of its name; the date on a document has one of its own."""
    return not rules.catalogue().questions[question].kind.startswith("printed")


def test_the_choice_of_a_date_opens_its_form(attorney: Worker, case_id: UUID) -> None:
    client = lead_of(attorney, case_id)
    assert '<option value="ead_expiry">' in page_of(attorney, case_id, client)
    assert '<option value="last_arrival">' not in page_of(attorney, case_id, client), "it is known: it is corrected"
    shown = attorney.client.post(reverse("clients:date_new", args=[case_id, client]), {"what": "ead_expiry"})
    assert shown.status_code == 200
    assert "dated_on_day" in shown.content.decode()
    assert "There is a problem" not in shown.content.decode()
