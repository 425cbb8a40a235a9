"""The page of a date and the asylum clock: what is shown, what is done there, what is refused and kept."""

import datetime as dt
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from caseapp import rules
from caseapp.accounts.keys.profile import Profile
from caseapp.clients.services import people
from caseapp.deadlines.services import acts as deadlines
from caseapp.deadlines.services import asylum_clock, notices
from caseapp.hearings.services import hearings
from caseapp.records.deadline import Deadline
from caseapp.records.document import Document
from caseapp.records.hearing import Hearing, Outcome
from caseapp.records.notice import Notice
from caseapp.records.party import Party
from caseapp.team.services import enrolment
from caseapp.ui.display import labels
from caseapp.vault.store import Entry
from tests.helpers.cast import WORDS
from tests.helpers.two_offices import Worker, boxes

pytestmark = pytest.mark.usefixtures("frozen")


def _by_rule(worker: Worker, case_id: UUID, rule: str, state: str = "open") -> Entry[Deadline]:
    found = worker.file(case_id).entries_of(Deadline)
    return next(
        e for e in found if e.record.state == state and e.record.working is not None and e.record.working.rule == rule
    )


def _one_year(worker: Worker, case_id: UUID, state: str = "open") -> Entry[Deadline]:
    return _by_rule(worker, case_id, "us.asylum.one_year", state)


def _page(worker: Worker, entry: Entry[Deadline]) -> str:
    response = worker.client.get(reverse("deadlines:deadline", args=[entry.id]))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def _act(worker: Worker, case_id: UUID, act: str, **told: object) -> int:
    entry = _one_year(worker, case_id)
    sent = {"act": act, "version": str(entry.version), **told}
    return worker.client.post(reverse("deadlines:deadline", args=[entry.id]), sent).status_code


@pytest.mark.parametrize(
    ("what", "rule", "shown"),
    [
        ("detained", "us.habeas", "Habeas corpus"),
        ("detained", "us.eoir.bond.request", "Custody redetermination"),
        ("released", "us.eoir.bond.after_release", "Tue, Dec 1, 2026"),
        ("asylum_filed", "us.asylum.ead.file", "Fri, Apr 23, 2027"),
        ("asylum_granted", "us.uscis.i730", "Fri, Nov 24, 2028"),
        ("address_change", "us.uscis.ar11", "Fri, Dec 4, 2026"),
        ("rfe", "us.uscis.rfe", "Tue, Feb 16, 2027"),
        ("board_decision", "us.ca.pfr", "Thu, Dec 24, 2026"),
    ],
)
def test_what_arrived_brings_its_dates_to_the_case_page(
    attorney: Worker, case_id: UUID, what: str, rule: str, shown: str
) -> None:
    path = reverse("cases:notice_new", args=[case_id])
    sent = {
        "what": what,
        **boxes("dated_on", dt.date(2026, 11, 24)),
        "how": "",
        "no_printed_due_on": "on",
        "q_rfe_form": "other",
        "q_bia_decided": "dismissed",
    }
    assert attorney.client.post(path, sent).status_code == 303
    assert shown in attorney.client.get(reverse("cases:case", args=[case_id])).content.decode()
    html = _page(attorney, _by_rule(attorney, case_id, rule))
    assert shown in html
    assert f"{labels.notice_label(what)}, Tue, Nov 24, 2026" in html  # what it follows from


def test_a_fatal_date_without_proof_is_asked_for_it_and_keeps_what_was_typed(attorney: Worker, case_id: UUID) -> None:
    entry = _one_year(attorney, case_id)
    path = reverse("deadlines:deadline", args=[entry.id])
    response = attorney.client.post(path, {"act": "done", "version": "1", "note": "   "})
    html = response.content.decode()
    assert response.status_code == 422
    assert "choose the document that proves it was met, or say how it was met" in html
    assert "<title>Problem:" in html
    assert _one_year(attorney, case_id).record.state == "open"


def test_a_paper_proves_it_and_its_name_is_covered(attorney: Worker, case_id: UUID) -> None:
    paper = SimpleUploadedFile("receipt Farid.txt", b"Received.", content_type="text/plain")
    attorney.client.post(reverse("documents:papers", args=[case_id]), {"papers": paper})
    document = attorney.file(case_id).get_only(Document).id
    assert _act(attorney, case_id, "done", document=str(document)) == 303
    html = _page(attorney, _one_year(attorney, case_id, "done"))
    assert reverse("documents:document", args=[document]) in html
    assert "receipt Farid.txt" in html
    attorney.client.post("/account/cover/", {"covered": "yes", "next": "/"})
    assert "receipt Farid.txt" not in _page(attorney, _one_year(attorney, case_id, "done"))


def test_a_paper_of_another_case_is_no_choice(attorney: Worker, case_id: UUID) -> None:
    assert _act(attorney, case_id, "done", document=str(UUID(int=7)), note="filed") == 422
    assert _one_year(attorney, case_id).record.state == "open"


def test_a_caseworker_is_told_who_can_waive(attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    from caseapp.deadlines.services import acts

    monkeypatch.setattr(acts, "may_waive", lambda *_args: False)
    html = _page(attorney, _one_year(attorney, case_id))
    assert "An attorney or accredited representative of your team can record that it is not required" in html
    entry = _one_year(attorney, case_id)
    sent = {"act": "waive", "version": "1", "reason": "She has status elsewhere."}
    response = attorney.client.post(reverse("deadlines:deadline", args=[entry.id]), sent)
    assert response.status_code == 422
    assert (
        b"Only an attorney or an accredited representative can record that a deadline is not required."
        in response.content
    )
    assert _one_year(attorney, case_id).record.state == "open"


def test_the_computed_date_stays_in_view_beside_ours(attorney: Worker, case_id: UUID) -> None:
    chosen = boxes("to", dt.date(2027, 3, 1))
    assert _act(attorney, case_id, "move", **chosen, reason="before the trip") == 303
    html = _page(attorney, _one_year(attorney, case_id))
    assert "Computed: Thu, Apr 8, 2027. Ana Ruiz chose Mon, Mar 1, 2027, because:" in html
    assert "before the trip" in html
    assert "Legal deadline: Fri, Apr 9, 2027" in html


@pytest.mark.parametrize(
    ("told", "warning"),
    [
        ({**boxes("target", dt.date(2027, 4, 9))}, "The target date is after the internal deadline."),
        (
            {**boxes("to", dt.date(2027, 4, 12)), "reason": "agreed"},
            "The date set by the office is after the legal deadline.",
        ),
        ({**boxes("target", dt.date(2027, 3, 1))}, ""),
    ],
)
def test_a_date_of_our_own_that_is_too_late_is_warned_of(
    attorney: Worker, case_id: UUID, told: dict[str, str], warning: str
) -> None:
    assert _act(attorney, case_id, "move", **told) == 303
    html = _page(attorney, _one_year(attorney, case_id))
    assert warning in html
    assert ("Reminders still follow the earliest date." in html) == bool(warning)


def test_done_is_undone_on_the_page(attorney: Worker, case_id: UUID) -> None:
    assert _act(attorney, case_id, "done", note="filed at the window") == 303
    done = _one_year(attorney, case_id, "done")
    assert "Undo the last change" in _page(attorney, done)
    sent = {"act": "undo", "version": str(done.version)}
    assert attorney.client.post(reverse("deadlines:deadline", args=[done.id]), sent).status_code == 303
    assert _one_year(attorney, case_id).record.proof_note == ""


def test_seen_names_who_and_when_and_closes_nothing(attorney: Worker, case_id: UUID) -> None:
    assert "Not acknowledged yet." in _page(attorney, _one_year(attorney, case_id))
    assert _act(attorney, case_id, "see") == 303
    html = _page(attorney, _one_year(attorney, case_id))
    assert '<bdi>Ana Ruiz</bdi> <span class="soft">Tue, Nov 24, 2026</span>' in html
    assert ">Acknowledge<" not in html


def test_looking_at_a_date_writes_nothing(attorney: Worker, case_id: UUID) -> None:
    before = attorney.file(case_id).head_version
    _page(attorney, _one_year(attorney, case_id))
    assert attorney.file(case_id).head_version == before  # decision 13: who looked stands nowhere beside the case


def test_a_replaced_date_leads_to_the_new_one_and_back(attorney: Worker, case_id: UUID) -> None:
    party = attorney.file(case_id).get_only(Party)
    people.set_last_arrival(attorney.staff, case_id, party.id, dt.date(2026, 5, 4), version=party.version)
    new, old = _one_year(attorney, case_id), _one_year(attorney, case_id, "superseded")
    assert "Superseded by a newer date" in _page(attorney, old)
    assert reverse("deadlines:deadline", args=[new.id]) in _page(attorney, old)
    html = _page(attorney, new)
    assert "1 earlier date" in html
    assert reverse("deadlines:deadline", args=[old.id]) in html
    assert (
        "done, not required or superseded"
        in attorney.client.get(reverse("cases:case", args=[case_id])).content.decode()
    )


def test_another_date_of_a_second_person_is_shown_as_a_disagreement(attorney: Worker, case_id: UUID) -> None:
    ben = _colleague(attorney)
    entry = _one_year(attorney, case_id)
    path = reverse("deadlines:deadline", args=[entry.id])
    sent = {"act": "compare", "version": str(entry.version), **boxes("on", dt.date(2027, 4, 12))}
    assert ben.client.post(path, sent).status_code == 303
    html = _page(attorney, _one_year(attorney, case_id))
    assert "Two people computed different dates" in html
    assert "computed another date: Mon, Apr 12, 2027" in html
    assert ben.client.post(path, {"act": "check", "version": str(entry.version + 1)}).status_code == 303
    html = _page(attorney, _one_year(attorney, case_id))
    assert "computed it too: same date" in html
    assert "different dates" not in html


def _colleague(worker: Worker) -> Worker:
    """Ben of the same office, signed in by his passphrase."""
    from django.conf import settings
    from django.test import Client

    from caseapp.accounts.signin import recovery_code, sign_in

    told = Profile(
        name="Ben Okafor", role="accredited_representative", zone="America/New_York", office_name="Harbor Legal Aid"
    )
    enrolment.admit_member(worker.staff, profile=told, email="ben@office.test", passphrase=WORDS)
    arrived = sign_in.sign_in("ben@office.test", WORDS)
    code = recovery_code.propose_recovery_code(arrived.staff)
    recovery_code.confirm_recovery_code(arrived.staff, code, code)
    client = Client(raise_request_exception=False)
    client.cookies[settings.SESSION_COOKIE] = arrived.token
    return Worker(arrived.staff, client)


# ---- the asylum clock ----


@pytest.fixture
def filed(attorney: Worker, case_id: UUID) -> UUID:
    """The case with an I-589 received on Fri 10 Jul 2026."""
    notices.record_notice(attorney.staff, case_id, what="asylum_filed", dated_on=dt.date(2026, 7, 10))
    return case_id


def _clock(worker: Worker, case_id: UUID) -> str:
    response = worker.client.get(reverse("deadlines:asylum_clock", args=[case_id]))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_the_panel_tells_days_and_both_marks(attorney: Worker, filed: UUID) -> None:
    # 137 days from Fri 10 Jul to Tue 24 Nov 2026; day 150 is Mon 7 Dec, day 180 Wed 6 Jan 2027.
    for html in (
        _clock(attorney, filed),
        attorney.client.get(reverse("cases:case", args=[filed])).content.decode(),
    ):
        assert "137 days counted" in html
        assert "Day 150, the EAD application (I-765) may be filed: Mon, Dec 7, 2026" in html
        assert "Day 180, the EAD may be granted: Wed, Jan 6, 2027" in html


def test_a_stop_is_added_corrected_and_taken_out(attorney: Worker, filed: UUID) -> None:
    path = reverse("deadlines:asylum_clock", args=[filed])
    sent = {"act": "stop", **boxes("first", dt.date(2026, 9, 1)), "why": "postponement_asked", "source": "record, p. 2"}
    assert attorney.client.post(path, sent).status_code == 303
    html = _clock(attorney, filed)
    assert "Day 150 cannot be computed while the clock is stopped." in html
    assert "record, p. 2" in html
    stop = asylum_clock.list_stops(attorney.file(filed))[0]
    ended = {**sent, **boxes("until", dt.date(2026, 9, 15)), "version": "1"}
    one = reverse("deadlines:asylum_stop", args=[filed, stop.id])
    assert attorney.client.post(one, ended).status_code == 303
    assert "Mon, Dec 21, 2026" in _clock(attorney, filed)  # 14 days later than Mon 7 Dec
    assert attorney.client.post(one, {**ended, "version": "1"}).status_code == 409
    assert attorney.client.post(one, {"act": "remove", "version": "2"}).status_code == 303
    assert "Mon, Dec 7, 2026" in _clock(attorney, filed)
    assert attorney.client.get(one).status_code == 404


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (boxes("first", dt.date(2026, 11, 25)), "The day the clock stopped is after today."),
        (boxes("first", dt.date(2026, 7, 1)), "The clock cannot stop before the application was received."),
        (boxes("until", dt.date(2026, 8, 1)), "The clock restarts before it stops"),
        ({"why": ""}, "Choose why."),
        ({"why": "other"}, "Say the reason in words."),
        ({"why": "other", "other": "x" * 5_000}, "at most 200 characters"),
        ({"source": "y" * 6_000}, "at most 2000 characters"),
        ({"first_month": "13"}, "There is no month 13. Months go from 1 to 12."),
    ],
)
def test_a_stop_with_a_mistake_is_not_saved_and_kept(
    attorney: Worker, filed: UUID, changed: dict[str, str], sentence: str
) -> None:
    sent = {"act": "stop", **boxes("first", dt.date(2026, 9, 1)), **boxes("until", None),
            "why": "postponement_asked", "source": "the record of September"}  # fmt: skip
    response = attorney.client.post(reverse("deadlines:asylum_clock", args=[filed]), {**sent, **changed})
    html = response.content.decode()
    assert response.status_code == 422
    assert sentence in html
    assert changed.get("source", "the record of September") in html
    assert not asylum_clock.list_stops(attorney.file(filed))


def test_the_day_of_filing_is_given_and_corrected_on_the_page(attorney: Worker, case_id: UUID) -> None:
    path = reverse("deadlines:asylum_clock", args=[case_id])
    assert "The clock starts on the day the complete application was received." in _clock(attorney, case_id)
    given = {"act": "filed", **boxes("filed_on", dt.date(2026, 7, 10))}
    assert attorney.client.post(path, given).status_code == 303
    assert _one_year(attorney, case_id, "done").record.proof_note == "I-589 received on 2026-07-10"
    version = attorney.file(case_id).get_only(Notice).version
    corrected = {"act": "filed", **boxes("filed_on", dt.date(2026, 7, 13)), "version": str(version)}
    assert attorney.client.post(path, corrected).status_code == 303
    assert "Thu, Dec 10, 2026" in _clock(attorney, case_id)  # 150 days after Mon 13 Jul 2026
    future = {"act": "filed", **boxes("filed_on", dt.date(2026, 12, 1)), "version": str(version + 1)}
    response = attorney.client.post(path, future)
    assert response.status_code == 422
    assert b"The day the application was received is after today." in response.content


def test_get_changes_nothing_and_another_office_finds_nothing(attorney: Worker, outsider: Worker, filed: UUID) -> None:
    stop = asylum_clock.add_stop(attorney.staff, filed, first=dt.date(2026, 9, 1), why="missed_biometrics")
    head = attorney.file(filed).head_version
    sent = {"act": "stop", **boxes("first", dt.date(2026, 9, 1)), "why": "missed_biometrics"}
    for path in (
        reverse("deadlines:asylum_clock", args=[filed]),
        reverse("deadlines:asylum_stop", args=[filed, stop]),
    ):
        assert attorney.client.get(path, sent).status_code == 200
        assert attorney.client.put(path).status_code == 405
        assert outsider.client.get(path).status_code == 404
        assert outsider.client.post(path, {**sent, "version": "1"}).status_code == 404
    assert attorney.file(filed).head_version == head
    assert attorney.client.post(reverse("deadlines:asylum_clock", args=[filed]), {"act": "x"}).status_code == 404


def test_the_words_of_stops_are_those_of_the_rules() -> None:
    assert {code: str(word) for code, word in labels.CLOCK_STOPS.items()} == {
        code: stop.text for code, stop in rules.CLOCK_STOPS.items()
    }


def test_an_outcome_shows_the_dates_of_the_grant(attorney: Worker, case_id: UUID) -> None:
    starts = dt.datetime(2026, 11, 24, 13, 30, tzinfo=dt.UTC)
    hearing = Hearing(kind="individual", starts_at=starts, zone="America/New_York", court="Court North")
    hearing_id = hearings.book_hearing(attorney.staff, case_id, hearing)
    hearings.record_outcome(attorney.staff, case_id, hearing_id, Outcome(what="decided", decision="granted"), version=1)
    html = _page(attorney, _by_rule(attorney, case_id, "us.uscis.i730"))
    assert reverse("hearings:hearing", args=[hearing_id]) in html
    assert "Fri, Nov 24, 2028" in html


def test_a_date_by_hand_says_where_it_comes_from(attorney: Worker, case_id: UUID) -> None:
    deadline_id = deadlines.set_by_hand(
        attorney.staff, case_id, what="Brief", due_on=dt.date(2027, 1, 8), severity="serious", reason="order, page 2"
    )
    html = _page(attorney, attorney.file(case_id).get(deadline_id, Deadline))
    assert "order, page 2" in html
    assert "Entered by hand: no rule computes this date." in html
    assert "Entered by Ana Ruiz, Tue, Nov 24, 2026" in html
