"""The load of a working office fails when a page is a redirect, the sign-in page, empty, or without its rows."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import HTTPServer
from typing import ClassVar

import pytest

from caseapp.tools.bench.load import acts, bench
from caseapp.tools.bench.load.acts import MemberAtWork
from caseapp.tools.bench.load.bench import LoadAnswer
from caseapp.tools.bench.pages.browser import Browser, WrongAnswer
from caseapp.tools.bench.pages.visits import KnownOffice, Visitor
from tests.tools.bench.test_pages import CASE, KNOWN, ROWS, Site

SECONDS = 10  # the load tool counts the time in which it is loaded
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # the key of the examples in RFC 6238
MEMBER = {"email": "member0@bench.invalid", "passphrase": "six words", "app_secret": SECRET}
OFFICE = KnownOffice((MEMBER,), KNOWN.cases, KNOWN.total)
CSRF = '<input name="csrfmiddlewaretoken" value="x">'
FORMS = {
    "/sign-in/": f'<form>{CSRF}<input name="email"><input name="passphrase"></form>',
    "/sign-in/factor/": f'<form>{CSRF}<input name="code"></form>',
    "/account/": f"<form>{CSRF}</form>",
    f"/cases/{CASE}/hearings/new/": f'<form>{CSRF}<input name="court"></form>',
}
LEADS = {"/sign-in/": "/sign-in/factor/", "/sign-in/factor/": "/", "/sign-out/": "/sign-in/"}


class WorkSite(Site):
    """A site of one case with a sign-in and a second factor; a test names what its pages answer."""

    wrong: ClassVar[dict[str, tuple[int, str]]] = {}
    posted: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path in self.wrong:
            self._answer(*self.wrong[path])
        elif path in FORMS:
            self._answer(200, FORMS[path])
        else:
            super().do_GET()

    def do_POST(self) -> None:
        self.posted.append(self.path)
        if self.path not in LEADS:
            super().do_POST()
            return
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(303)
        self.send_header("Location", LEADS[self.path])
        self.send_header("Content-Length", "0")
        self.end_headers()


@contextmanager
def work_site(**wrong: tuple[int, str]) -> Iterator[int]:
    Site.pages, Site.keeps, WorkSite.posted = {}, True, []
    WorkSite.wrong = {f"/cases/{CASE}/" if name == "case" else "/": page for name, page in wrong.items()}
    with HTTPServer(("127.0.0.1", 0), WorkSite) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def few_people(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("PEOPLE", 2), ("ARRIVALS", 2.0), ("THINK", (0.01, 0.02)), ("PATIENCE", 1)):
        monkeypatch.setattr(bench, name, value)
    monkeypatch.setattr(bench, "WEIGHTS", {"Today": 1, "case": 1})  # no sign-in again, which waits for a new code


def member_at(port: int, answers: list[LoadAnswer]) -> MemberAtWork:
    return MemberAtWork(Visitor(Browser(port), OFFICE, 0), MEMBER, lambda *answer: answers.append(LoadAnswer(*answer)))


def test_every_act_is_carried_out_and_every_request_is_observed() -> None:
    answers: list[LoadAnswer] = []
    with work_site() as port:
        member = member_at(port, answers)
        for act in ("sign-in", *(act for act in acts.WEIGHTS if act != "sign-in")):
            member.perform(act)
    assert not [answer for answer in answers if answer.error]
    observed = Counter(answer.name for answer in answers)
    assert set(observed) == {name for _, name in acts.REQUESTS} - {"account", "sign-out"}
    assert observed["case"] == 3  # opened, and looked at after a note and after a hearing
    assert all(answer.milliseconds > 0 for answer in answers)


def test_a_member_signs_out_before_signing_in_again(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[LoadAnswer] = []
    with work_site() as port:
        member = member_at(port, answers)
        member.perform("sign-in")
        monkeypatch.setattr(member, "_spent", 0)  # no person waits here for the next code
        member.perform("sign-in")
    assert WorkSite.posted == ["/sign-in/", "/sign-in/factor/", "/sign-out/", "/sign-in/", "/sign-in/factor/"]


@pytest.mark.parametrize("answer", [(303, ""), (200, ""), (200, FORMS["/sign-in/"]), (500, ROWS)])
@pytest.mark.parametrize(("page", "name"), [("today", "Today"), ("case", "case")])
def test_a_page_that_is_something_else_is_an_error_and_the_member_signs_in_again(
    page: str, name: str, answer: tuple[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[LoadAnswer] = []
    with work_site() as port:
        member = member_at(port, answers)
        member.perform("sign-in")
        WorkSite.wrong = {"/" if page == "today" else f"/cases/{CASE}/": answer}
        member.perform(name)
        [wrong] = [each for each in answers if each.error]
        assert wrong.name == name
        WorkSite.wrong, WorkSite.posted = {}, []
        monkeypatch.setattr(member, "_spent", 0)  # no person waits here for the next code
        member.perform(name)
    assert WorkSite.posted == ["/sign-in/", "/sign-in/factor/"]


@pytest.mark.usefixtures("few_people")
def test_people_of_the_load_tool_work_without_errors() -> None:
    with work_site() as port:
        answers = bench.put_to_work(port, OFFICE, SECONDS)
    figures = {figure["name"].partition(":")[0]: figure for figure in bench.make_figures(answers)}
    assert figures["errors"]["met"] is True
    assert figures["Today"]["answers"] >= 2
    assert figures["case"]["ours"] > 0
    assert figures["all answers"]["answers"] == len(answers)


@pytest.mark.usefixtures("few_people")
@pytest.mark.parametrize("answer", [(303, ""), (200, "")])
def test_the_load_fails_at_a_page_that_redirects_or_is_empty(answer: tuple[int, str]) -> None:
    with work_site(case=answer) as port:
        answers = bench.put_to_work(port, OFFICE, SECONDS)
    with pytest.raises(WrongAnswer, match=r"\d+ times case: "):
        bench.make_figures(answers)


def test_one_error_among_many_answers_misses_the_goal_and_is_counted() -> None:
    answers = [LoadAnswer("Today", 20.0 + number, "") for number in range(99)] + [
        LoadAnswer("Today", 900.0, "status 303")
    ]
    today, everything, errors = bench.make_figures(answers)
    assert today["name"] == "Today: p95 of 100 answers, p50 70 ms, 1 errors"
    assert (today["ours"], today["met"]) == (114.05, True)
    assert everything["answers"] == 100
    assert (errors["ours"], errors["goal"], errors["met"]) == (1.0, 0.0, False)


def test_slow_answers_miss_the_goal() -> None:
    [today, *_] = bench.make_figures([LoadAnswer("Today", 301.0, "")] * 20)
    assert (today["ratio"], today["met"]) == (1.003, False)


def test_no_answer_is_a_failure() -> None:
    with pytest.raises(WrongAnswer, match="no answer"):
        bench.make_figures([])


@pytest.mark.stack
def test_people_with_a_second_factor_work_in_a_real_office(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("CASES", 30), ("PEOPLE", 2), ("WARMERS", 1), ("THINK", (0.1, 0.2)), ("ARRIVALS", 2.0)):
        monkeypatch.setattr(bench, name, value)
    monkeypatch.setattr(bench, "MINUTES", 0.4)
    figures = {figure["name"].partition(":")[0]: figure for figure in bench.run()}
    assert figures["errors"]["ours"] == 0
    assert figures["second factor"]["answers"] >= 2
    assert figures["case"]["answers"] > 0
    assert figures["checks of doctor that fail afterwards"]["met"] is True
