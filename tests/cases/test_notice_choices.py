"""The choices of "Record a notice or event": each starts the clock of that very notice, never a longer one."""

import datetime as dt
from uuid import UUID

import pytest
from django.urls import reverse

from caseapp.records.deadline import Deadline
from tests.helpers.two_offices import Worker, boxes

DATED = dt.date(2026, 11, 20)  # a Friday


@pytest.mark.parametrize(
    ("what", "answers", "rule", "due_on"),
    [
        # 16 days: Sun Dec 6, extends to Mon Dec 7.
        ("asylum_noid", {}, "us.asylum.noid", dt.date(2026, 12, 7)),
        # 30 days: Sun Dec 20, extends to Mon Dec 21.
        ("noid", {"q_issuer": "uscis"}, "us.uscis.noid", dt.date(2026, 12, 21)),
        ("noir", {}, "us.uscis.noid", dt.date(2026, 12, 21)),
        # 15 days (8 CFR 205.2(d)): Sat Dec 5, extends to Mon Dec 7.
        ("uscis_revocation", {}, "us.uscis.appeal.revocation", dt.date(2026, 12, 7)),
        # 30 days.
        ("uscis_denial", {"q_denial_allows": "aao"}, "us.uscis.appeal", dt.date(2026, 12, 21)),
    ],
)
def test_a_notice_recorded_on_the_page_starts_its_own_clock(
    attorney: Worker, case_id: UUID, what: str, answers: dict[str, str], rule: str, due_on: dt.date
) -> None:
    path = reverse("cases:notice_new", args=[case_id])
    assert f'value="{what}"' in attorney.client.get(path).content.decode()
    posted = {
        "what": what,
        **boxes("dated_on", DATED),
        "no_printed_due_on": "on",
        "how": "by_hand",
        "text": "",
        **answers,
    }
    assert attorney.client.post(path, posted).status_code == 303
    started = [
        entry.record
        for entry in attorney.file(case_id).entries_of(Deadline)
        if entry.record.working and entry.record.working.rule == rule
    ]
    assert [deadline.due_on for deadline in started] == [due_on]
    assert started[0].severity == "fatal"
    assert started[0].act_by is not None
    assert started[0].act_by <= due_on
