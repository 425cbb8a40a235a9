"""Opening a page writes only its audit entry and, every five minutes, the stamp of the session; by a statement log."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from caseapp.casefile.upkeep import background
from caseapp.ui.requests.page_permissions import PUBLIC_PAGES
from tests.helpers.process_state import forget_audit_chains, forget_case_views
from tests.helpers.two_offices import Worker
from tests.team.test_members import member
from tests.today.test_recently_reminded import _a_message_went_out
from tests.ui.test_page_permissions import ADDRESSES, objects_of, pages_of, path_of_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
WRITES = re.compile(
    r"\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?|MERGE\s+INTO)\s+\"?(\w+)", re.IGNORECASE
)
LOCKS = re.compile(r"\bFOR\s+(?:NO\s+KEY\s+)?UPDATE\b|\bDO\s+UPDATE\b", re.IGNORECASE)
AUDIT_ENTRY = {"audit_entry", "audit_hour", "audit_case", "audit_checkpoint"}
SESSION_STAMP = {"accounts_session"}
TODAY = "today:today"
SEEN_MARK = {"reminders_plan_a", "reminders_census"}  # what led to Today counts as seen, the office as looked at


@contextmanager
def written_tables() -> Iterator[list[str]]:
    """The tables that statements inside the block insert into, update, delete from or truncate."""
    tables: list[str] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        tables.extend(WRITES.findall(LOCKS.sub("", sql)))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield tables


def _open(client: Client, path: str) -> tuple[int, list[str]]:
    """The status, and the tables that were written until the last byte."""
    with written_tables() as tables:
        answer: Any = client.get(path)
        if answer.streaming:
            b"".join(answer.streaming_content)
    return answer.status_code, tables


def test_the_log_sees_each_kind_of_write() -> None:
    with written_tables() as tables, connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE kept (id integer PRIMARY KEY)")
        cursor.execute("INSERT INTO kept VALUES (1) ON CONFLICT (id) DO UPDATE SET id = 1")
        cursor.execute("SELECT * FROM kept FOR UPDATE SKIP LOCKED")
        cursor.execute('WITH gone AS (DELETE FROM "kept" RETURNING id) UPDATE kept SET id = 2')
        cursor.execute("TRUNCATE kept")
    assert tables == ["kept"] * 4


@pytest.fixture(autouse=True)
def begun(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sessions whose upkeep began: it runs in a thread, of which another test says that no page waits for it."""
    tokens: list[str] = []
    monkeypatch.setattr(background, "begin_visit", lambda token, staff: tokens.append(token))
    return tokens


def test_opening_any_page_writes_its_audit_entry_and_the_stamp_and_nothing_else(
    attorney: Worker, case_id: UUID, hearing_id: UUID
) -> None:
    objects = objects_of(attorney, case_id, hearing_id)
    colleague = member(attorney.staff, "volunteer")
    forget_case_views()
    forget_audit_chains()
    wrong, opened, audited = {}, set(), set()
    for name, path, _ in pages_of(objects):
        for worker in (attorney, colleague):
            status, tables = _open(worker.client, path)
            if more := set(tables) - AUDIT_ENTRY - SESSION_STAMP - (SEEN_MARK if name == TODAY else set()):
                wrong[name] = (status, more)
            if status == 200:
                opened.add(name)
            audited |= {name} if AUDIT_ENTRY & set(tables) else set()
    assert wrong == {}
    assert len(opened) >= 60, "pages were opened, not only refused"
    assert {"cases:case", "documents:file"} <= audited, "the log sees what is written"


def test_today_writes_the_seen_mark_and_the_stamp_alone_at_each_visit(
    attorney: Worker, case_id: UUID, hearing_id: UUID, begun: list[str]
) -> None:
    _a_message_went_out(attorney)
    assert set(_open(attorney.client, "/")[1]) - SESSION_STAMP == SEEN_MARK
    for path in ("/", "/?who=team&sheet=day"):
        status, tables = _open(attorney.client, path)
        assert status == 200
        assert set(tables) <= SEEN_MARK, "until the next merge the mark is asked for again"
    assert begun == [attorney.client.cookies[settings.SESSION_COOKIE].value] * 3


@pytest.mark.parametrize("who", ["stranger", "attorney"])
def test_opening_a_page_before_sign_in_writes_nothing(
    who: str, attorney: Worker, stranger: Client, case_id: UUID, hearing_id: UUID
) -> None:
    client = stranger if who == "stranger" else attorney.client
    assert len(PUBLIC_PAGES) > 15
    for name in sorted(PUBLIC_PAGES & set(ADDRESSES)):
        status, tables = _open(client, path_of_page(name, {}))
        assert set(tables) <= (SESSION_STAMP if who == "attorney" else set()), (name, status)


def test_the_stamp_is_written_once_in_five_minutes(attorney: Worker, case_id: UUID) -> None:
    _open(attorney.client, "/calendar/")
    assert _open(attorney.client, "/account/")[1] == []


def test_an_address_that_is_not_there_writes_nothing(attorney: Worker, case_id: UUID) -> None:
    for path in ("/no/such/page/", f"/cases/{UUID(int=7)}/", f"/hearings/{UUID(int=7)}/"):
        assert not set(_open(attorney.client, path)[1]) - SESSION_STAMP
