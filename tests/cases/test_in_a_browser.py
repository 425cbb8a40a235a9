"""Every page of a case in Chromium: no fault that axe knows, no sideways scroll, on phones and desks."""

import datetime as dt

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from caseapp.cases.services import cases, notes, tasks
from caseapp.cli.demo import one_page_pdf
from caseapp.deadlines.services import acts, notices
from caseapp.hearings.services import hearings
from caseapp.records.deadline import Deadline
from caseapp.records.document import Document
from caseapp.records.hearing import Hearing
from caseapp.records.party import Contact, Party
from tests.helpers.browsing import browser, follow, look_at, page
from tests.helpers.two_offices import NAME, Worker, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("frozen")]


def _busy_case(worker: Worker) -> dict[str, str]:
    """A case with something of everything; answers its pages."""
    staff = worker.staff
    case_id = cases.open_case(
        staff,
        cases.NewCase(
            name="María de los Ángeles Hernández-Villanueva Quetzaltenango",
            other_names=("Maria Hernandez",),
            a_number="000-000-417",
            languages=("Mam", "Spanish"),
            contacts=(Contact(way="phone", text="555-0100", safe="no"), Contact(way="mail", text="m@example.test")),
            careful="Do not leave voicemail. Call after 17:00.",
            last_arrival_on=dt.date(2025, 11, 28),
            relief=("asylum", "withholding"),
            story="Told in her own words.",
        ),
    )
    for day, kind in ((24, "master"), (27, "individual")):
        starts = dt.datetime(2026, 11, day, 18, 30, tzinfo=dt.UTC)
        hearings.book_hearing(
            staff,
            case_id,
            Hearing(kind=kind, starts_at=starts, zone="America/Chicago", court="Court North", room="12",
                    interpreter="Mam", goes=staff.member_id if day == 24 else None),
        )  # fmt: skip
    notices.record_notice(staff, case_id, what="judge_decision_mailed", dated_on=dt.date(2026, 11, 20), how="mail")
    acts.set_by_hand(
        staff, case_id, what="Brief", due_on=dt.date(2026, 11, 23), severity="serious", reason="order, page 2"
    )
    notes.add_note(staff, case_id, text="Phoned; will bring the passport.\nHer sister helps.", told_by="Maria")
    tasks.add_task(staff, case_id, text="Ask for the birth record", due_on=dt.date(2026, 11, 26))
    paper = SimpleUploadedFile("a-very-long-file-name-without-any-space-in-it-at-all.pdf", one_page_pdf("A paper."))
    worker.client.post(reverse("documents:papers", args=[case_id]), {"papers": paper})
    file = worker.file(case_id)
    appeal = next(e for e in file.entries_of(Deadline) if e.record.working and e.record.working.rule == "us.bia.appeal")
    hearing = min(file.entries_of(Hearing), key=lambda entry: entry.record.starts_at)
    return {
        "today": "/",
        "cases": "/cases/",
        "case": reverse("cases:case", args=[case_id]),
        "new-case": reverse("cases:new"),
        "person": reverse("clients:person", args=[case_id, file.entries_of(Party)[0].id]),
        "notice": reverse("cases:notice_new", args=[case_id]),
        "book": reverse("hearings:book", args=[case_id]),
        "outcome": reverse("hearings:outcome", args=[hearing.id]),
        "deadline": reverse("deadlines:deadline", args=[appeal.id]),
        "papers": reverse("documents:papers", args=[case_id]),
        "paper": reverse("documents:document", args=[file.entries_of(Document)[0].id]),
        "search": "/search/",
        "agenda": "/calendar/agenda/2026-11-24/",
    }


def _come_in(shown: Page, live_server: LiveServer, worker: Worker) -> None:
    token = worker.client.cookies[settings.SESSION_COOKIE].value
    shown.context.add_cookies([{"name": settings.SESSION_COOKIE, "value": token, "url": live_server.url}])


@pytest.mark.parametrize(
    ("width", "language", "scheme"),
    [(360, "en", "light"), (1366, "en", "light"), (360, "es", "dark"), (1366, "fr", "dark"), (320, "es", "light")],
)
def test_every_page_is_fit_for_everybody(
    transactional_db: None, live_server: LiveServer, width: int, language: str, scheme: str
) -> None:
    worker = signed_in("Ana Ruiz", "ana@office.test", language=language)
    addresses = _busy_case(worker)
    with browser() as running, page(running, width=width, language=language, scheme=scheme) as shown:
        _come_in(shown, live_server, worker)
        for name, path in addresses.items():
            shown.goto(live_server.url + path)
            look_at(shown, f"{name}-{width}-{language}-{scheme}")
        for name in ("new-case", "book", "outcome", "notice"):
            shown.goto(live_server.url + addresses[name])
            follow(shown.locator("main form .primary").first)
            look_at(shown, f"{name}-problem-{width}-{language}-{scheme}")


def test_a_hearing_is_previewed_and_booked_without_scripts(transactional_db: None, live_server: LiveServer) -> None:
    worker = signed_in("Ana Ruiz", "ana@office.test")
    case_id = cases.open_case(worker.staff, cases.NewCase(name=NAME))
    with browser() as running, page(running, width=360, scripts=False) as shown:
        _come_in(shown, live_server, worker)
        shown.goto(live_server.url + reverse("cases:case", args=[case_id]))
        follow(shown.get_by_role("link", name="Book a hearing"))
        shown.get_by_label("Individual hearing (merits)").check()
        shown.get_by_label("Month", exact=True).select_option("March")
        for label, typed in (("Day", "17"), ("Year", "2027"), ("Court", "Court North")):
            shown.get_by_label(label, exact=True).fill(typed)
        shown.get_by_label("Time", exact=True).fill("8:30 am")
        follow(shown.get_by_role("button", name="Preview its dates"))
        assert "Fri, Feb 12, 2027" in shown.locator("main").inner_text()
        assert "Nothing is saved yet." in shown.locator("main").inner_text()
        follow(shown.get_by_role("button", name="Book hearing"))
        assert "Hearing booked" in shown.locator("main").inner_text()
    assert len(worker.file(case_id).entries_of(Hearing)) == 1
