"""Every page opens for whoever may see it, hides from everybody else, and says no name where others could read it."""

import datetime as dt
import re
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from caseapp.cases.services import notes, proceedings, tasks
from caseapp.clients.services import history
from caseapp.deadlines.services import notices
from caseapp.records.deadline import Deadline
from caseapp.records.document import Document
from caseapp.records.history import History
from caseapp.records.note import Note
from caseapp.records.party import Party
from caseapp.records.proceeding import Proceeding
from tests.helpers.two_offices import A_NUMBER, NAME, Worker

pytestmark = pytest.mark.usefixtures("frozen")

NOTE = "Phoned; the passport is with his brother in Herat."


def _addresses(attorney: Worker, case_id: UUID, hearing_id: UUID) -> dict[str, str]:
    """Every page about the case, by name."""
    notes.add_note(attorney.staff, case_id, text=NOTE, told_by=NAME)
    tasks.add_task(attorney.staff, case_id, text="Ask for the birth record", due_on=dt.date(2026, 11, 26))
    paper = SimpleUploadedFile("passport Farid.txt", b"A paper.", content_type="text/plain")
    attorney.client.post(reverse("documents:papers", args=[case_id]), {"papers": paper})
    file = attorney.file(case_id)
    party, note = file.entries_of(Party)[0].id, file.entries_of(Note)[0].id
    new = notices.NewNotice(what="ead_expiry", dated_on=dt.date(2027, 1, 31), parties=(party,))
    dated = notices.record_event(attorney.staff, case_id, new).id
    deadline, document = file.entries_of(Deadline)[0].id, file.entries_of(Document)[0].id
    rfe = notices.record_notice(attorney.staff, case_id, what="rfe", dated_on=dt.date(2026, 11, 20))
    order = history.add_prior_order(attorney.staff, case_id, History(what="prior_order", party=party, result="removal"))
    court = proceedings.add_proceeding(attorney.staff, case_id, Proceeding(forum="immigration_court"))
    of_case = ("cases:changes", "cases:proceeding_new",
               "cases:case", "cases:change", "cases:stage", "cases:note_new", "clients:person_new", "cases:task_new",
               "clients:custody", "conflicts:case",
               "cases:notice_new", "cases:close", "cases:shred", "moving:export_case", "moving:hand_over",
               "hearings:book", "deadlines:new", "deadlines:from_rule", "documents:papers")  # fmt: skip
    return {
        **{name: reverse(name, args=[case_id]) for name in of_case},
        "cases:note": reverse("cases:note", args=[case_id, note]),
        "cases:proceeding": reverse("cases:proceeding", args=[case_id, court]),
        "clients:order_new": reverse("clients:order_new", args=[case_id, party]),
        "clients:order": reverse("clients:order", args=[case_id, party, order]),
        "cases:notice": reverse("cases:notice", args=[case_id, rfe]),
        "clients:person": reverse("clients:person", args=[case_id, party]),
        "clients:date_new": reverse("clients:date_new", args=[case_id, party]),
        "clients:date": reverse("clients:date", args=[case_id, party, dated]),
        **{name: reverse(name, args=[case_id, party]) for name in ("clients:consent", "clients:call_any")},
        **{name: reverse(name, args=[case_id, party, hearing_id]) for name in ("clients:call", "clients:slip")},
        "hearings:hearing": reverse("hearings:hearing", args=[hearing_id]),
        "hearings:edit": reverse("hearings:edit", args=[hearing_id]),
        "hearings:outcome": reverse("hearings:outcome", args=[hearing_id]),
        "deadlines:deadline": reverse("deadlines:deadline", args=[deadline]),
        "deadlines:filing": reverse("deadlines:filing", args=[deadline]),
        "documents:document": reverse("documents:document", args=[document]),
        "documents:file": reverse("documents:file", args=[document]),
        "documents:download": reverse("documents:download", args=[document]),
    }


def test_every_page_opens_and_names_nobody_in_title_or_address(
    attorney: Worker, case_id: UUID, hearing_id: UUID
) -> None:
    addresses = _addresses(attorney, case_id, hearing_id)
    for path in (*addresses.values(), "/", "/?who=team", "/cases/", "/cases/new/", "/search/", "/help/",
                 "/help/hearing/", "/documents/", "/conflicts/", "/conflicts/new/",
                 "/calendar/agenda/2026-11-24/", "/reminders/clients/"):  # fmt: skip
        response = attorney.client.get(path)
        assert response.status_code == 200, path
        if response.streaming:
            continue
        html = response.content.decode()
        title = re.search(r"<title>(.*?)</title>", html, re.DOTALL)
        assert title is not None
        links = re.findall(r'(?:href|action|src)="([^"]*)"', html)
        for secret in ("Farid", "Karimi", A_NUMBER, "passport"):
            assert secret not in title.group(1), path
            assert not [link for link in links if secret in link], path
        boxes = re.findall(r"<textarea[^>]*>|<input[^>]*>", html)
        typed_into = [box for box in boxes if not re.search(r'type="(hidden|checkbox|radio|file|submit|button)"', box)]
        assert [box for box in typed_into if "autocomplete=" not in box] == [], path


def test_every_page_of_a_case_hides_from_another_office(
    attorney: Worker, outsider: Worker, case_id: UUID, hearing_id: UUID
) -> None:
    for name, path in _addresses(attorney, case_id, hearing_id).items():
        assert outsider.client.get(path).status_code == 404, name


def test_a_case_that_does_not_exist_looks_like_one_of_another_office(
    attorney: Worker, outsider: Worker, case_id: UUID
) -> None:
    foreign = outsider.client.get(reverse("cases:case", args=[case_id]))
    nowhere = outsider.client.get(reverse("cases:case", args=[UUID(int=7)]))
    assert (foreign.status_code, nowhere.status_code) == (404, 404)

    def words(html: bytes) -> str:
        return re.sub(r"csrfmiddlewaretoken.*?>|/cases/[0-9a-f-]+/", "", html.decode())

    assert words(foreign.content) == words(nowhere.content)


def test_the_lists_of_another_office_do_not_hold_the_case(outsider: Worker, case_id: UUID, hearing_id: UUID) -> None:
    for path in ("/", "/?who=team", "/cases/?show=team", "/calendar/agenda/2027-02-10/"):
        assert b"Karimi" not in outsider.client.get(path).content
    assert b"Nothing found" in outsider.client.post("/search/", {"text": "Karimi"}).content


def test_names_are_left_out_of_the_page_while_covered(attorney: Worker, case_id: UUID, hearing_id: UUID) -> None:
    addresses = _addresses(attorney, case_id, hearing_id)
    attorney.client.post("/account/cover/", {"covered": "yes", "next": "/"})
    for path in ("/", "/cases/", addresses["cases:case"], addresses["documents:papers"]):
        html = attorney.client.get(path).content.decode()
        for secret in ("Karimi", A_NUMBER, "Herat", "voicemail", "passport"):
            assert secret not in html, (path, secret)


@pytest.mark.django_db(transaction=True)  # as on a server: what was saved is committed, and the index stays in memory
def test_the_case_page_takes_the_same_few_queries_however_much_the_case_holds(
    attorney: Worker, case_id: UUID, hearing_id: UUID
) -> None:
    path = reverse("cases:case", args=[case_id])
    attorney.client.get(path)  # a process looks at the chains of a member's groups once, then only at their versions
    with CaptureQueriesContext(
        connection,
    ) as before:
        assert attorney.client.get(path).status_code == 200
    for number in range(5):
        notes.add_note(attorney.staff, case_id, text=f"Note {number}")
    attorney.client.get(path)  # the list that the case is compared with reads its new parts once
    with CaptureQueriesContext(connection) as after:
        assert attorney.client.get(path).status_code == 200
    control = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
    statements = [query["sql"] for query in after if not query["sql"].startswith(control)]
    assert len(after) == len(before)
    # Naming the office reads whether it is being removed: no statement of the case.
    of_the_case = [sql for sql in statements if ("vault_" in sql or "roster" in sql) and "set_config" not in sql]
    assert len(of_the_case) == 2  # the file, and who is in its group with the directory
    assert len(statements) <= 10, statements  # up to three of them are the entry of who opened it


@pytest.mark.parametrize(
    "path", ["/cases/not-an-id/", "/calendar/agenda/2026-02-30/", "/calendar/agenda/1066-10-14/", "/deadlines/1/"]
)
def test_an_address_that_means_nothing_is_not_found(attorney: Worker, path: str) -> None:
    assert attorney.client.get(path).status_code == 404
