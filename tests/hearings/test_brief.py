"""The brief of a hearing: all that a person who appears needs, nothing that is not known, and its edit page."""

import datetime as dt
import re
from uuid import UUID

import pytest
from django.urls import reverse

from caseapp.deadlines.services import acts
from caseapp.hearings.services import hearings
from caseapp.records.hearing import Hearing
from tests.helpers.two_offices import Worker, booking

pytestmark = pytest.mark.usefixtures("frozen")
STARTS = dt.datetime(2027, 2, 17, 13, 30, tzinfo=dt.UTC)  # Wednesday, 8:30 in New York


def _text(worker: Worker, path: str) -> str:
    answer = worker.client.get(path)
    assert answer.status_code == 200
    main = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]*>", " ", main).split())


def _book(worker: Worker, case_id: UUID, **facts: object) -> str:
    hearing = Hearing(kind="individual", starts_at=STARTS, zone="America/New_York", **facts)  # type: ignore[arg-type]
    return reverse("hearings:hearing", args=[hearings.book_hearing(worker.staff, case_id, hearing)])


def test_a_brief_has_place_people_due_dates_and_what_to_bring(attorney: Worker, case_id: UUID) -> None:
    acts.set_by_hand(
        attorney.staff, case_id, what="Witness list", due_on=dt.date(2027, 2, 1), severity="serious", reason="order"
    )
    acts.set_by_hand(
        attorney.staff, case_id, what="After it", due_on=dt.date(2027, 2, 18), severity="serious", reason="order"
    )
    path = _book(
        attorney, case_id, court="Newark Immigration Court", room="12", way="video", judge="Rivera", interpreter="Dari",
        interpreter_asked=True, goes=attorney.staff.member_id, link="https://video.test/join/7",
        bring="Passport\n\nTwo photos",
    )  # fmt: skip
    text = _text(attorney, path)
    for words in (
        "Wednesday, February 17, 2027 8:30 AM ET",
        "Newark Immigration Court 970 Broad Street, Room 1200, Newark, NJ 07102",
        "Address from the list of courts of Tue, Sep 15, 2026. The court's notice of hearing counts.",
        "Room 12",
        "Video (Webex) · https://video.test/join/7",
        "Judge Rivera",
        "Appearing Ana Ruiz",
        "Interpreter Dari, requested",
        "Mon, Feb 1, 2027 Witness list",
        "Individual: evidence and briefs",
        "Passport Two photos",
    ):
        assert words in text, words
    assert "After it" not in text
    html = attorney.client.get(path).content.decode()
    assert 'href="https://video.test/join/7" rel="noreferrer noopener"' in html
    assert re.search(r"<h1>\s*Individual hearing \(merits\)\s*</h1>", html), "not its date"
    assert "data-print" in html


def test_a_brief_leaves_out_what_is_not_known(attorney: Worker, case_id: UUID) -> None:
    text = _text(attorney, _book(attorney, case_id, court="Court North"))
    assert "Court North" in text
    assert "Not assigned" in text
    assert "Nothing is listed yet." in text
    for words in ("Address from", "Room", "Judge", "https://", "Interpreter"):
        assert words not in text


def test_a_brief_only_reads_and_its_edit_page_writes(attorney: Worker, case_id: UUID, hearing_id: UUID) -> None:
    brief, edit = (reverse(f"hearings:{name}", args=[hearing_id]) for name in ("hearing", "edit"))
    assert attorney.client.post(brief, {}).status_code == 405
    assert edit in attorney.client.get(brief).content.decode()
    sent = {**booking(link="https://video.test/9", bring="The letter"), "version": "1"}
    answer = attorney.client.post(edit, sent)
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (303, brief)
    record = attorney.file(case_id).get(hearing_id, Hearing).record
    assert (record.link, record.bring) == ("https://video.test/9", "The letter")


@pytest.mark.parametrize("link", ["http://video.test/9", "javascript:alert(1)", "video.test", "https://a b", "x" * 501])
def test_a_video_link_that_is_not_https_is_refused_and_kept(attorney: Worker, hearing_id: UUID, link: str) -> None:
    path = reverse("hearings:edit", args=[hearing_id])
    answer = attorney.client.post(path, {**booking(link=link), "version": "1"})
    assert answer.status_code == 422
    assert link[:20] in answer.content.decode()


def test_a_booking_begins_with_the_court_and_type_of_the_last_hearing(attorney: Worker, case_id: UUID) -> None:
    _book(attorney, case_id, court="Newark Immigration Court", judge="Rivera", way="video", interpreter="Dari")
    biometrics = Hearing(
        kind="biometrics", starts_at=STARTS + dt.timedelta(days=9), zone="America/Chicago", court="ASC"
    )
    hearings.book_hearing(attorney.staff, case_id, biometrics)
    html = attorney.client.get(reverse("hearings:book", args=[case_id])).content.decode()
    for name, value in (("court", "Newark Immigration Court"), ("judge", "Rivera"), ("interpreter", "Dari")):
        assert re.search(rf'name="{name}" value="{value}"', html), name
    for name, value in (("kind", "individual"), ("way", "video")):
        assert re.search(rf'name="{name}" value="{value}"[^>]* checked', html), name
    assert re.search(r'<option value="America/New_York" selected', html)


@pytest.mark.parametrize(
    ("kind", "court", "zone", "status"),
    [
        ("master", "Chicago", "America/New_York", 422),
        ("master", "Chicago", "America/Chicago", 303),
        ("master", "Detroit Immigration Court", "America/New_York", 303),  # the same clock
        ("uscis_interview", "Portland", "America/New_York", 303),  # Portland, Maine: no court of the list
    ],
)
def test_an_hour_in_another_zone_than_that_of_the_court_is_not_booked(
    attorney: Worker, case_id: UUID, kind: str, court: str, zone: str, status: int
) -> None:
    path = reverse("hearings:book", args=[case_id])
    answer = attorney.client.post(path, booking(kind=kind, court=court, zone=zone))
    assert answer.status_code == status
    said = "Chicago Immigration Court is in another time zone: Central time. Choose that one."
    assert (said in answer.content.decode()) == (status == 422)


def test_only_a_hearing_before_the_court_has_the_address_of_the_court(attorney: Worker, case_id: UUID) -> None:
    biometrics = Hearing(kind="biometrics", starts_at=STARTS, zone="America/New_York", court="Newark")
    hearing_id = hearings.book_hearing(attorney.staff, case_id, biometrics)
    assert "970 Broad Street" not in _text(attorney, reverse("hearings:hearing", args=[hearing_id]))
