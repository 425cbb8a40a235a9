"""The case page and a brief in Chromium: everyday tasks in few clicks and keys, and long data in its place."""

import datetime as dt
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.urls import reverse
from msgspec.structs import replace
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from caseapp.casefile.transaction import case_transaction
from caseapp.cases.services import cases
from caseapp.cli.demo import one_page_pdf
from caseapp.deadlines.services import acts
from caseapp.hearings.services import hearings
from caseapp.records.deadline import Deadline
from caseapp.records.document import Document
from caseapp.records.hearing import Hearing
from caseapp.records.note import Note
from caseapp.records.party import Contact, Name, Party
from tests.helpers.browsing import browser, follow, look_at, page, press
from tests.helpers.cast import WORDS
from tests.helpers.two_offices import Worker, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("frozen")]
PHONE = "+1 862 555 0101"


class Hand:
    """A member who works with a page and counts what it takes."""

    def __init__(self, shown: Page) -> None:
        self.shown = shown
        self.clicks = self.fields = self.keys = 0

    def choose(self, name: str, *, role: str = "link", leads_on: bool = True, inside: str = "main") -> None:
        self.clicks += 1
        target = self.shown.locator(inside).get_by_role(role, name=name).first  # type: ignore[arg-type]  # a role
        (follow if leads_on else press)(target)

    def type(self, label: str, text: str) -> None:
        self.fields += 1
        self.shown.get_by_label(label, exact=True).first.fill(text)

    def key(self, name: str) -> None:
        self.keys += 1
        self.shown.keyboard.press(name)


def _enter(shown: Page, live_server: LiveServer, worker: Worker) -> None:
    token = worker.client.cookies[settings.SESSION_COOKIE].value
    shown.context.add_cookies([{"name": settings.SESSION_COOKIE, "value": token, "url": live_server.url}])


def _case_of(worker: Worker) -> UUID:
    """A case with a phone number, a safety note, a hearing in Newark and an overdue deadline."""
    staff = worker.staff
    new = cases.NewCase(
        name="Maria Lopez",
        languages=("Mam",),
        contacts=(Contact(way="phone", text=PHONE, safe="yes"),),
        careful="No voicemail. Call after 5 PM.",
    )
    case_id = cases.open_case(staff, new)
    starts = dt.datetime(2026, 12, 8, 13, 30, tzinfo=dt.UTC)
    hearing = Hearing(kind="master", starts_at=starts, zone="America/New_York", court="Newark Immigration Court",
                      room="12", judge="Rivera", interpreter="Mam", bring="Passport\nBirth record",
                      goes=staff.member_id)  # fmt: skip
    hearings.book_hearing(staff, case_id, hearing)
    for what, day in (("Pleadings", dt.date(2026, 12, 14)), ("Fee receipt", dt.date(2026, 11, 20))):
        acts.set_by_hand(staff, case_id, what=what, due_on=day, severity="serious", reason="order, page 2")
    with case_transaction(staff, case_id) as draft:
        client = draft.file.entries_of(Party)[0]
        draft.change(client.id, replace(client.record, reads=("Spanish",)))
    return case_id


def test_everyday_tasks_of_a_case_take_few_clicks_and_keys(
    transactional_db: None, live_server: LiveServer, tmp_path: Path
) -> None:
    worker = signed_in("Ana Ruiz", "ana@office.test")
    case_id = _case_of(worker)
    case_path = live_server.url + reverse("cases:case", args=[case_id])
    receipt = tmp_path / "receipt.pdf"
    receipt.write_bytes(one_page_pdf("Received"))
    with browser() as running, page(running) as shown:
        _enter(shown, live_server, worker)
        shown.goto(case_path)
        _summary_is_in_view_at_the_end_of_the_page(shown)
        _single_letters_do_nothing_until_they_are_switched_on(shown, live_server)
        shown.goto(case_path)
        _add_a_note(shown)
        _menu_names_its_keys(shown)
        _edit_a_fact_in_place(shown, case_path)
        _a_fact_typed_before_a_lock_is_there_again(shown)
        _book_a_hearing(shown)
        _record_a_filing_with_proof(shown, receipt)
        shown.goto(case_path)
        _print_a_reminder_sheet(shown)
        shown.goto(case_path)
        _file_ten_scans_of_one_kind(shown, tmp_path)
    file = worker.file(case_id)
    scans = [entry.record for entry in file.entries_of(Document) if entry.record.title.startswith("scan")]
    assert (len(scans), {scan.kind for scan in scans}) == (10, {"identity"})
    assert [entry.record.text for entry in file.entries_of(Note)] == ["Brings the passport on Friday."]
    assert {entry.record.court for entry in file.entries_of(Hearing)} == {"Newark Immigration Court"}
    booked = max((entry.record for entry in file.entries_of(Hearing)), key=lambda record: record.starts_at)
    assert (booked.kind, booked.judge, booked.starts_on) == ("master", "Rivera", dt.date(2027, 3, 17))
    [filed] = [entry.record for entry in file.entries_of(Deadline) if entry.record.filings]
    assert filed.filings[0].document in {entry.id for entry in file.entries_of(Document)}
    assert file.entries_of(Party)[0].record.pronouns == "she"


def _summary_is_in_view_at_the_end_of_the_page(shown: Page) -> None:
    shown.evaluate("scrollTo(0, document.body.scrollHeight)")
    summary = shown.get_by_role("region", name="Next dates")
    expect(summary).to_be_in_viewport(ratio=1)
    words = " ".join(summary.inner_text().split())
    assert "Next hearing in" not in words
    assert "Tue, Dec 8, 2026 8:30 AM ET Master calendar hearing" in words
    assert "Next due Mon, Dec 14, 2026 Pleadings" in words
    assert "Overdue 2" in words  # the fee receipt, and filings for a hearing in two weeks


def _single_letters_do_nothing_until_they_are_switched_on(shown: Page, live_server: LiveServer) -> None:
    shown.keyboard.press("n")
    expect(shown.locator("#quick-note")).not_to_be_focused()
    shown.goto(f"{live_server.url}/account/")
    shown.get_by_label("Use single letters as keys").check()
    follow(shown.locator("main form .primary").first)
    shown.reload()
    expect(shown.get_by_label("Use single letters as keys")).to_be_checked()


def _add_a_note(shown: Page) -> None:
    hand = Hand(shown)
    hand.key("n")
    expect(shown.locator("#quick-note")).to_be_focused()
    shown.keyboard.type("Brings the passport on Friday.")  # the letters n, h, d and t are only text here
    with shown.expect_navigation():
        hand.key("Control+Enter")
    expect(shown.locator(".result")).to_contain_text("Note saved")
    assert (hand.clicks, hand.keys) == (0, 2)


def _menu_names_its_keys(shown: Page) -> None:
    press(shown.locator(".case-next summary", has_text="Add"))
    keys = {}
    for item in shown.locator(".case-next [data-key]").all():
        keys[item.get_attribute("aria-keyshortcuts")] = item.inner_text().split()[0]
    assert keys == {"n": "Note", "h": "Hearing", "d": "Deadline", "t": "Task"}
    look_at(shown, "case-add-menu")
    shown.keyboard.press("Escape")
    expect(shown.locator(".case-next [data-key]").first).to_be_hidden()
    with shown.expect_navigation(url="**/tasks/new/"):
        shown.keyboard.press("t")
    shown.go_back()


def _edit_a_fact_in_place(shown: Page, case_path: str) -> None:
    press(shown.locator(".case-people").get_by_role("link", name="Edit Maria Lopez"))
    form = shown.locator("form[data-in-place]")
    expect(form).to_be_visible()
    assert shown.url.partition("#")[0] == case_path
    look_at(shown, "case-in-place")
    form.get_by_label("Pronouns").fill("she")
    follow(form.get_by_role("button", name="Save person"))
    assert shown.url.partition("?")[0] == case_path
    expect(shown.locator("#case-facts")).to_contain_text("she")


def _a_fact_typed_before_a_lock_is_there_again(shown: Page) -> None:
    press(shown.locator(".case-people").get_by_role("link", name="Edit Maria Lopez"))
    pronouns = shown.locator("form[data-in-place]").get_by_label("Pronouns")
    pronouns.fill("they")
    follow(shown.locator("[data-lock] button"))
    follow(shown.locator("main a").first)
    shown.locator("#id_passphrase").fill(WORDS)
    follow(shown.locator("main form .primary").first)
    expect(pronouns).to_have_value("they")
    press(shown.locator("form[data-in-place]").get_by_role("link", name="Cancel"))
    expect(pronouns).to_have_count(0)
    shown.reload()
    expect(shown.get_by_role("link", name="Edit Maria Lopez")).to_be_visible()
    expect(pronouns).to_have_count(0)


def _book_a_hearing(shown: Page) -> None:
    hand = Hand(shown)
    hand.choose("Book a hearing")
    assert shown.locator("[name=kind]:checked").input_value() == "master"
    assert shown.locator("[name=court]").input_value() == "Newark Immigration Court"
    hand.type("or type it", "March 17, 2027")
    hand.type("Time", "8:30 am")
    hand.choose("Book hearing", role="button")
    expect(shown.locator(".result")).to_contain_text("Hearing booked")
    assert hand.clicks <= 2
    assert hand.fields <= 4


def _record_a_filing_with_proof(shown: Page, receipt: Path) -> None:
    hand = Hand(shown)
    hand.choose("Record filing Pleadings")
    shown.locator("[name=upload]").set_input_files(receipt)
    hand.choose("Record filing", role="button")
    expect(shown.locator(".result")).to_contain_text("Filing recorded as sent")
    assert hand.clicks == 2


def _file_ten_scans_of_one_kind(shown: Page, folder: Path) -> None:
    """The files are dropped on the field at once; the kind is chosen in the open list with one click."""
    scans = [folder / f"scan-{number}.pdf" for number in range(10)]
    for number, scan in enumerate(scans):
        scan.write_bytes(one_page_pdf(f"Page {number}"))
    hand = Hand(shown)
    hand.choose("Add files")
    shown.locator("main [type=file]").first.set_input_files(scans)
    shown.locator("main [name=kind]").select_option("identity")
    hand.clicks += 1
    hand.choose("Add files", role="button")
    expect(shown.locator("main")).to_contain_text("scan-9")
    assert hand.clicks == 3


def _print_a_reminder_sheet(shown: Page) -> None:
    follow(shown.locator(".case-main").get_by_role("link", name="Master calendar hearing").first)
    look_at(shown, "hearing-brief")
    hand = Hand(shown)
    hand.choose("Reminder sheet")
    expect(shown.locator("article.slip")).to_have_attribute("lang", "es")
    shown.evaluate("window.print = () => { window.printed = true; }")
    hand.choose("Print", role="button", leads_on=False)
    assert shown.evaluate("window.printed")
    assert hand.clicks == 2


def _long_case(worker: Worker) -> UUID:
    """A case with a name of 176 letters, 12 people, 40 hearings, 300 documents and 20 deadlines."""
    staff = worker.staff
    long_name = "Wolfeschlegelsteinhausenbergerdorff" * 5 + "x"
    assert len(long_name) == 176
    contacts = (Contact(way="phone", text=PHONE, safe="yes"),)
    case_id = cases.open_case(staff, cases.NewCase(name=long_name, contacts=contacts, careful="No voicemail."))
    with case_transaction(staff, case_id) as draft:
        for number in range(11):
            draft.add(Party(role="child", name=Name(full=f"{long_name[:170]}{number}"), languages=("Mam",)))
        for number in range(40):
            starts = dt.datetime(2026, 12, 1, 14, 0, tzinfo=dt.UTC) + dt.timedelta(days=7 * number)
            draft.add(Hearing(kind="master", starts_at=starts, zone="America/New_York", court="C" * 150,
                              judge="J" * 100, interpreter="Mam", room="12"))  # fmt: skip
        for number in range(300):
            draft.add(Document(title=f"{'scan' * 40}-{number}.pdf"))
        for number in range(20):
            day = dt.date(2026, 12, 1) + dt.timedelta(days=number)
            draft.add(Deadline(what=f"{'brief' * 20} {number}", severity="routine", due_on=day, act_by=day))
    return case_id


def _geometry(shown: Page) -> dict[str, Any]:
    """How far the page is wider than its screen, and where its dates and its phone number are, in CSS pixels."""
    measured: dict[str, Any] = shown.evaluate("""() => {
      const box = (element) => element.getBoundingClientRect();
      const seen = [...document.querySelectorAll('main *')].filter((one) => one.getClientRects().length
        && !one.closest('.unseen, .sheet'));
      const dates = [...document.querySelectorAll('.line-when')].filter((one) => one.getClientRects().length);
      const phone = document.querySelector('.phone');
      return {
        over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        dates: dates.length,
        right: Math.max(...dates.map((one) => box(one).right)),
        shift: Math.max(0, ...dates.map((one) => Math.abs(box(one).left - box(one.closest('.lines')).left))),
        beyond: seen.filter((one) => box(one).right > innerWidth).map((one) => one.outerHTML.slice(0, 120)),
        next: box(document.querySelector('.next-dates') ?? document.body).top + scrollY,
        phone: phone ? box(phone).bottom + scrollY : 0,
      };
    }""")
    return measured


def test_long_data_scrolls_nothing_sideways_and_pushes_no_date_or_number_away(
    transactional_db: None, live_server: LiveServer
) -> None:
    worker = signed_in("Ana Ruiz", "ana@office.test")
    case_id = _long_case(worker)
    hearing = min(worker.file(case_id).entries_of(Hearing), key=lambda entry: entry.record.starts_at).id
    path = reverse("cases:case", args=[case_id])
    paths = [path, f"{path}all/hearings/", f"{path}all/activity/", reverse("hearings:hearing", args=[hearing]),
             reverse("documents:papers", args=[case_id])]  # fmt: skip
    assert len(worker.client.get(path).content) <= 90_000
    with browser() as running:
        for width, height in ((360, 640), (1366, 768)):
            with page(running, width=width) as shown:
                _enter(shown, live_server, worker)
                for address in paths:
                    shown.goto(live_server.url + address)
                    measured = _geometry(shown)
                    assert measured["beyond"] == [], (width, address)
                    assert measured["over"] <= 0, (width, address)
                    if address == path:
                        assert measured["dates"] >= 16
                        assert measured["next"] < height / 2, "the next dates are in the upper half of the screen"
                        assert measured["phone"] < 2 * height, "the phone number is on the first two screens"
                    if measured["dates"]:
                        assert measured["right"] <= width
                        assert measured["shift"] <= 20, "every date begins its line"
                look_at(shown, f"long-{width}")


def test_a_phone_shows_the_number_next_to_the_safety_note_and_edits_without_scripts(
    transactional_db: None, live_server: LiveServer
) -> None:
    worker = signed_in("Ana Ruiz", "ana@office.test")
    case_id = _case_of(worker)
    with browser() as running, page(running, width=360, scripts=False) as shown:
        _enter(shown, live_server, worker)
        shown.goto(live_server.url + reverse("cases:case", args=[case_id]))
        reach = shown.locator(".reach")
        box = reach.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 2 * 640
        assert "No voicemail. Call after 5 PM." in reach.inner_text()
        expect(reach.get_by_role("link", name="Call")).to_have_attribute("href", "tel:+18625550101")
        people, dates = shown.locator("#people").bounding_box(), shown.locator("#hearings").bounding_box()
        assert people is not None
        assert dates is not None
        assert people["y"] < dates["y"], "people come before the lists on a phone"
        follow(shown.locator(".case-people").get_by_role("link", name="Edit Maria Lopez"))
        shown.get_by_label("Pronouns").fill("she")
        follow(shown.get_by_role("button", name="Save person"))
        assert "Person saved" in shown.locator("main").inner_text()
