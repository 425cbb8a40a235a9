"""Corrections as a member makes them: the page's form, the preview, the button of the preview."""

import datetime as dt
import re
from collections.abc import Mapping
from uuid import UUID

import pytest

from caseapp.lib import clock
from caseapp.records.deadline import Deadline
from tests.helpers.page_forms import PageForm
from tests.helpers.two_offices import NOW, Worker


def move_clock(monkeypatch: pytest.MonkeyPatch, *, minutes: int) -> None:
    """Set the clock to some minutes after the frozen instant: two saves are never of one instant."""
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(minutes=minutes))


def preview_of(worker: Worker, path: str, typed: Mapping[str, str | dt.date]) -> tuple[str, tuple[str, str]]:
    """Fill the form of a page and send it. Return the page with the preview, and its button."""
    form = PageForm.open(worker.client, path)
    form.fill_all(typed)
    answer = form.send()
    shown = PageForm(worker.client, path, answer.html)
    buttons = [button for button in shown.buttons if button[0] == "previewed"]
    assert buttons, (answer.status, answer.html.partition("<main")[2][:3000])
    return answer.html, buttons[0]


def correct(worker: Worker, path: str, typed: Mapping[str, str | dt.date]) -> str:
    """Correct an entry on its page, and return the page with the preview that was confirmed."""
    html, button = preview_of(worker, path, typed)
    PageForm(worker.client, path, html).send_and_leave(button)
    return html


def by_rule(worker: Worker, case_id: UUID, state: str = "open") -> dict[str, Deadline]:
    """The deadlines of the case in a state, by rule."""
    records = (entry.record for entry in worker.file(case_id).entries_of(Deadline))
    return {record.working.rule: record for record in records if record.working and record.state == state}


def said(html: str) -> str:
    """The words of a page in one line."""
    return " ".join(re.sub("<[^>]*>", " ", html).split())
