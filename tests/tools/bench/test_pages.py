"""The bench of pages fails at a page that is not what it asked for: a redirect, no rows, a save that saved nothing."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs

import pytest

from caseapp.tools.bench.large_office import office, sealing
from caseapp.tools.bench.large_office.plain_copy import PlainCopy
from caseapp.tools.bench.pages import bench, visits
from caseapp.tools.bench.pages.browser import Browser, WrongAnswer
from caseapp.tools.bench.pages.twin_server import twin_command
from caseapp.tools.bench.pages.visits import VISITS, KnownOffice, Visitor

CASE = "11111111-2222-4333-8444-555555555555"
FORM = '<form method="post"><input type="hidden" name="csrf" value="x"><input name="text" value=""></form>'
ROWS = f'<a href="/cases/{CASE}/">Rosa Mejía López</a><a href="/deadlines/{CASE}/">Brief</a></html>'
KNOWN = KnownOffice((), ({"case": {"id": CASE, "name": "Rosa Mejía López"}},), 1)


class Site(BaseHTTPRequestHandler):
    """A site of one case, whose pages a test changes."""

    pages: ClassVar[dict[str, tuple[int, str]]] = {}
    keeps: ClassVar[bool] = True

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        status, text = self.pages.get(path, (200, FORM if path.endswith(("/new/", "/search/")) else ROWS))
        self._answer(status, text)

    def do_POST(self) -> None:
        fields = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if self.path == "/search/":
            self._answer(*self.pages.get("found", (200, ROWS)))
            return
        if self.keeps:
            self.pages[f"/cases/{CASE}/"] = (200, f"{ROWS} {fields.get('text', fields.get('room'))}")
        self._answer(303, "")

    def _answer(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if status == 303:
            self.send_header("Location", "/setup/recovery/")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def visitor(**pages: tuple[int, str]) -> Iterator[Visitor]:
    Site.pages, Site.keeps = {f"/{name}" if name != "found" else name: page for name, page in pages.items()}, True
    with HTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Visitor(Browser(server.server_port), KNOWN, 0)
        finally:
            server.shutdown()
            thread.join()


def test_pages_that_are_what_was_asked_for_are_measured() -> None:
    with visitor() as client:
        for name in ("Today", "list", "agenda", "case", "search", "save"):
            answer = VISITS[name](client)
            assert answer.milliseconds > 0, name


@pytest.mark.parametrize("name", ["Today", "list", "agenda", "case"])
def test_a_page_that_answers_a_redirect_fails_the_bench(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with visitor() as client:
        monkeypatch.setattr(Site, "do_GET", lambda site: site._answer(303, ""))
        with pytest.raises(WrongAnswer, match="status 303"):
            VISITS[name](client)


@pytest.mark.parametrize("name", ["Today", "list", "agenda", "case"])
def test_a_page_without_its_rows_fails_the_bench(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with visitor() as client:
        monkeypatch.setattr(Site, "do_GET", lambda site: site._answer(200, "<h1>Cases</h1></html>"))
        with pytest.raises(WrongAnswer):
            VISITS[name](client)


def test_a_search_that_finds_nothing_fails_the_bench() -> None:
    with visitor(found=(200, "<h1>Search</h1> 0 cases found")) as client, pytest.raises(WrongAnswer, match="search"):
        VISITS["search"](client)


def test_a_search_that_opens_another_page_fails_the_bench() -> None:
    with visitor(found=(303, "")) as client, pytest.raises(WrongAnswer, match="status 303"):
        VISITS["search"](client)


def test_a_save_that_saved_nothing_fails_the_bench() -> None:
    with visitor() as client:
        Site.keeps = False
        with pytest.raises(WrongAnswer, match="afterwards"):
            VISITS["save"](client)


def test_a_refused_save_fails_the_bench_with_the_sentence_of_the_form(monkeypatch: pytest.MonkeyPatch) -> None:
    with visitor() as client:
        refusal = '<p class="wrong" id="x">Write the note first.</p>'
        monkeypatch.setattr(Site, "do_POST", lambda site: site._answer(422, refusal))
        with pytest.raises(WrongAnswer, match=r"status 422.*Write the note first"):
            VISITS["save"](client)


def test_the_twin_is_served_as_the_product_is() -> None:
    command = twin_command("web.sock")
    assert "caseapp.tools.bench.plain_twin.wsgi:application" in command
    assert not [word for word in command if "caseapp.config" in word]
    assert command[command.index("--worker-class") + 1] == "gthread"
    assert {"--workers", "--threads", "--worker-connections"} <= set(command)


@pytest.mark.django_db
def test_the_plain_copy_has_the_sealed_cases(tmp_path: Path) -> None:
    filled = office.found_office(1)
    copy = PlainCopy(tmp_path)
    copy.write_members(filled)
    sealing.seal_cases(filled.staff, filled.member_ids, range(4), see=copy.add)
    [path] = tmp_path.glob("cases-*.jsonl")
    cases = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(cases) == 4
    assert all(case["case"]["name"] in {person["name"] for person in case["people"]} for case in cases)
    assert any(case["deadlines"] for case in cases)
    assert any(case["hearings"] for case in cases)
    [member] = json.loads((tmp_path / "members.json").read_text())
    assert member["email"] == filled.members[0].email


@pytest.mark.stack
def test_the_bench_measures_the_product_and_its_twin_over_http(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("SIZES", (10,)), ("RUNS", 1), ("ROUNDS", 1), ("CLIENTS", 2)):
        monkeypatch.setattr(bench, name, value)
    figures = {figure["name"]: figure for figure in bench.run()}
    for page in visits.VISITS:
        figure = figures[f"{page}, 10 cases, 1 client"]
        assert figure["ours"] > 0
        assert figure["peer"] > 0
        assert figure["goal"] == bench.RATIO_GOALS.get(page)
    assert figures["Today, 10 cases, HTML"]["met"] == (figures["Today, 10 cases, HTML"]["ours"] <= 60)
    assert figures["checks of doctor that fail, 10 cases"]["ours"] == 0
