"""The case of the main job: opening, hearing, documents, notes, contact, outcome, filing."""

import hashlib
import re

from playwright.sync_api import FilePayload, Page, expect

from tests.helpers.browsing import follow, press
from tests.stack.main_job.needles import (
    A_NUMBER,
    CALL,
    DIALLED,
    NAME,
    NEEDLES,
    NOTE,
    OTHER_NAME,
    PAPER,
    PHONE,
    PHOTO,
    SISTER,
    STORY,
    UNSAVED,
)
from tests.stack.main_job.walking import axe, open_folds, submit


def open_a_case(page: Page) -> str:
    page.goto(page.url.split("?")[0] + "cases/new/")
    axe(page)
    open_folds(page)
    page.fill("[name=name]", NAME)
    page.fill("[name=other_names]", OTHER_NAME)
    page.fill("[name=a_number]", A_NUMBER)
    page.fill("[name=phone]", PHONE)
    page.select_option("[name=phone_safe]", "yes")
    page.fill("[name=last_arrival_on_day]", "31")
    page.select_option("[name=last_arrival_on_month]", "2")
    page.fill("[name=last_arrival_on_year]", "2026")
    page.fill("[name=story]", STORY)
    for field in ("entry-place", "gender", "referred-by"):
        page.fill(f"[name={field.replace('-', '_')}]", NEEDLES[field])
    page.fill("[name=born_in]", "Afghanistan")
    submit(page)
    # A date that does not exist: a sentence, and everything typed is still there.
    expect(page.locator("main")).to_contain_text("There is a problem")
    expect(page.locator("[name=name]")).to_have_value(NAME)
    expect(page.locator("[name=story]")).to_have_value(STORY)
    axe(page)
    page.fill("[name=last_arrival_on_day]", "9")
    page.select_option("[name=last_arrival_on_month]", "4")
    submit(page)
    expect(page).to_have_url(re.compile(r"/cases/[0-9a-f-]{36}/"))
    assert NAME.split()[0] not in page.title()
    # One year after Thu 9 Apr 2026 is Fri 9 Apr 2027; the safe day is the open day before.
    expect(page.locator("main")).to_contain_text("Apr 8, 2027")
    axe(page)
    return page.url.split("?")[0]


def book_the_hearing(page: Page, case: str) -> None:
    page.goto(f"{case}hearings/new/")
    page.check("[name=kind][value=individual]")
    page.fill("[name=on_day]", "17")
    page.select_option("[name=on_month]", "2")
    page.fill("[name=on_year]", "2027")
    page.fill("[name=at]", "8:30")
    page.select_option("[name=half]", "am")
    page.fill("[name=court]", "Court North")
    page.select_option("[name=zone]", "America/New_York")
    page.check("[name=way][value=in_person]")
    page.fill("[name=link]", NEEDLES["video-link"])
    page.fill("[name=bring]", NEEDLES["to-bring"])
    follow(page.locator("[name=preview]"))
    expect(page.locator("main")).to_contain_text("Jan 15, 2027")
    axe(page)
    submit(page)
    expect(page).to_have_url(re.compile(re.escape(case)))
    # 30 days before Wed 17 Feb 2027 is Mon 18 Jan, a holiday: 19 Jan by the manual, act by Fri 15 Jan (vector v107).
    expect(page.locator("main")).to_contain_text("Jan 15, 2027")


def see_the_working(page: Page, case: str) -> None:
    follow(page.locator("main a", has_text=re.compile("individual", re.I)).first)
    if "/deadlines/" not in page.url:
        page.goto(case)
        follow(page.locator("main a[href^='/deadlines/']").first)
    told = page.locator("main").inner_text()
    assert "2027" in told
    assert "Feb 17, 2027" in told or "Apr 9, 2026" in told
    assert page.locator("main ol li").count() >= 3
    axe(page)


def upload(page: Page, case: str, pdf: bytes, photo: bytes) -> None:
    page.goto(f"{case}documents/")
    files: list[FilePayload] = [
        {"name": PAPER, "mimeType": "application/pdf", "buffer": pdf},
        {"name": PHOTO, "mimeType": "image/png", "buffer": photo},
    ]
    page.locator("main input[type=file]").set_input_files(files)
    submit(page)
    expect(page.locator("main a[href^='/documents/']").nth(1)).to_be_visible()
    axe(page)


def write_a_note(page: Page, case: str) -> None:
    page.goto(f"{case}notes/new/")
    page.fill("[name=text]", NOTE)
    submit(page)
    expect(page.locator("main")).to_contain_text(NOTE)


def ask_whether_texts_are_wanted(page: Page, case: str) -> None:
    """And write down a call to the same number."""
    page.goto(case)
    found = re.search(r"people/[0-9a-f-]{36}/", page.content())
    assert found
    person = case + found[0]
    page.goto(f"{person}consent/")
    expect(page.locator("main")).to_contain_text(DIALLED)
    page.fill("[name=told_by]", SISTER)
    submit(page)
    expect(page.locator(".result")).to_have_text("Saved. They can take it back at any time.")
    expect(page.locator("main")).to_contain_text(SISTER)
    axe(page)
    page.goto(f"{person}call/")
    page.check("[name=result][value=no_answer]")
    page.fill("[name=note]", CALL)
    axe(page)
    submit(page)
    page.goto(person)
    press(page.locator("main details > summary", has_text="call or message so far"))
    expect(page.locator("main")).to_contain_text(CALL)


def receive_a_reply(page: Page) -> None:
    """The client answers a text; the text company passes it on to the address that the page shows once."""
    origin = page.url.split("/cases/")[0]
    page.goto(f"{origin}/reminders/clients/")
    follow(page.locator("button", has_text=re.compile("address", re.IGNORECASE)).last)
    shown = re.search(r"/in/[\w-]{43}/", page.content())
    assert shown
    document: dict[str, str | float | bool] = {"From": DIALLED, "To": "+12125550100", "Body": NEEDLES["reply"]}
    assert page.request.post(f"{origin}{shown[0]}", form=document).status == 204
    page.goto(origin)
    for _ in range(40):  # upkeep opens the reply in the background, some seconds after Today was opened
        if page.locator("main", has_text="replied to a text on").count():
            break
        page.wait_for_timeout(1000)
        page.goto(origin)
    expect(page.locator("main")).to_contain_text("replied to a text on")
    page.goto(f"{origin}/cases/")


def open_the_paper(page: Page, case: str, pdf: bytes) -> None:
    page.goto(f"{case}documents/")
    follow(page.locator("main a[href^='/documents/']").first)
    bodies = []
    page.goto(f"{case}documents/")
    for link in [a.get_attribute("href") for a in page.locator("main .lines a[href^='/documents/']").all()]:
        answer = page.request.get(f"{page.url.split('/cases/')[0]}{link}download/")
        assert answer.status == 200
        bodies.append(hashlib.sha256(answer.body()).digest())
        part = page.request.get(f"{page.url.split('/cases/')[0]}{link}file/", headers={"Range": "bytes=5-14"})
        assert part.status == 206
        assert part.body() == answer.body()[5:15]
    assert hashlib.sha256(pdf).digest() in bodies


def record_the_outcome(page: Page, case: str) -> None:
    page.goto(case)
    follow(page.locator("main a[href$='/outcome/']").first)
    axe(page)
    page.check("[name=what][value=decided]")
    page.select_option("[name=decision]", "denied")
    submit(page)
    page.goto(case)
    # Denied on Wed 17 Feb 2027: ten days is Sat 27 Feb, so Mon 1 Mar; the other reading, 30 days, is Fri 19 Mar.
    expect(page.locator("main")).to_contain_text("Mar 1, 2027")
    follow(page.locator("main a[href^='/deadlines/']", has_text=re.compile("appeal", re.I)).first)
    told = page.locator("main").inner_text()
    assert "Mar 19, 2027" in told
    axe(page)


def record_the_filing(page: Page) -> None:
    follow(page.locator("main a[href$='/filing/']").first)
    axe(page)
    page.check("[name=status][value=sent]")
    page.fill("[name=confirmation]", NEEDLES["confirmation"])
    submit(page)
    expect(page.locator("main")).to_contain_text(NEEDLES["confirmation"])
    axe(page)


def enter_a_facility(page: Page, case: str) -> None:
    """Mark the client as detained, and say where: the day is February 17, 2027."""
    page.goto(case)
    found = re.search(r"people/[0-9a-f-]{36}/", page.content())
    assert found
    page.goto(case + found[0])
    for part, value in (("month", "2"), ("day", "16"), ("year", "2027")):
        page.locator(f"main [name=detained_since_{part}]").evaluate("(box, value) => { box.value = value }", value)
    submit(page)
    page.goto(f"{case}custody/")
    page.fill("[name=facility]", NEEDLES["facility"])
    axe(page)
    follow(page.locator("main form:has([name=facility]) button[type=submit]"))
    expect(page.locator("main")).to_contain_text(NEEDLES["facility"])


def enter_a_key_date(page: Page, case: str) -> None:
    """The end of the client's work permit, with a note."""
    page.goto(case)
    found = re.search(r"people/[0-9a-f-]{36}/", page.content())
    assert found
    page.goto(f"{case}{found[0]}dates/")
    page.select_option("main [name=what]", "ead_expiry")
    submit(page)
    page.select_option("main [name=dated_on_month]", "9")
    page.fill("main [name=dated_on_day]", "30")
    page.fill("main [name=dated_on_year]", "2027")
    page.fill("main [name=text]", NEEDLES["note-of-a-key-date"])
    submit(page)
    expect(page.locator("main")).to_contain_text("EAD")


def enter_an_earlier_order_and_a_docket(page: Page, case: str) -> None:
    page.goto(case)
    found = re.search(r"people/[0-9a-f-]{36}/", page.content())
    assert found
    page.goto(f"{case}{found[0]}orders/new/")
    page.fill("main [name=result]", NEEDLES["earlier-order"])
    axe(page)
    submit(page)
    page.goto(f"{case}proceedings/new/")
    page.fill("main [name=docket]", NEEDLES["docket"])
    axe(page)
    submit(page)
    for name in ("earlier-order", "docket", "entry-place", "referred-by"):
        expect(page.locator("main")).to_contain_text(NEEDLES[name])


def type_without_saving(page: Page, case: str) -> None:
    page.goto(case)
    with page.expect_response("**/account/drafts/save/") as kept:
        page.locator("main form [name=text]").first.fill(UNSAVED)
    assert kept.value.status == 200
