"""The bench of memory opens real pages: one that redirects, or a sign-in that is not refused, ends it."""

import threading

import pytest

from caseapp.tools.bench import memory
from caseapp.tools.bench.pages.browser import WrongAnswer
from tests.tools.bench.test_pages import Site, visitor


def test_pages_that_redirect_end_the_bench(monkeypatch: pytest.MonkeyPatch) -> None:
    with visitor() as client:
        monkeypatch.setattr(Site, "do_GET", lambda site: site._answer(303, ""))
        with pytest.raises(WrongAnswer, match="status 303"):
            memory.open_pages(client, threading.Event())


def test_each_page_is_opened_in_turn_until_it_is_over() -> None:
    over = threading.Event()
    with visitor() as client:
        over.set()
        assert memory.open_pages(client, over) == 1


def test_a_sign_in_that_is_not_refused_ends_the_bench() -> None:
    form = '<form method="post"><input name="email"><input name="passphrase"></form>'
    with visitor(**{"sign-in/": (200, form)}) as client, pytest.raises(WrongAnswer, match="unknown address"):
        memory.try_to_sign_in(client.browser, 1, threading.Event())
