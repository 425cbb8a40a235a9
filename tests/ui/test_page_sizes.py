"""Every page of a large office, with 20,000 cases on its lists and 2,000 records in one case, has a bounded size.

The addresses are those of the URL resolver: a new page is measured without a change here, unless its address asks for
an id of a new kind.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from caseapp.accounts.directory import audit_trail
from caseapp.accounts.signin import preferences
from caseapp.cases.pages.parts import KINDS as CASE_LISTS
from caseapp.conflicts.services import checks, content
from caseapp.conflicts.services.content import AskedPerson
from caseapp.records.deadline import Deadline
from caseapp.records.document import Document
from caseapp.records.note import Note
from caseapp.records.notice import Notice
from caseapp.records.party import Party
from caseapp.records.task import Task
from caseapp.today.sections import KINDS as LISTS_OF_TODAY
from tests.helpers.large_office import LONG_NAME, fill_case, fill_index
from tests.helpers.two_offices import Worker

pytestmark = pytest.mark.usefixtures("frozen")
LIMIT, CASE_LIMIT = 60_000, 90_000  # bytes of HTML
CASES, RECORDS, CHECKS, ENTRIES = 20_000, 2_000, 60, 120
QUERIES = {
    "today:today": ("?who=team", "?sheet=day&who=team"),
    "cases:list": ("", "?show=detained&sort=next"),
    "cases:case": ("", "?show=notes"),
    "calendar:agenda": ("", "?row=30"),
    "intake:queue": ("?show=waiting",),
    "trail:entries": ("?system=1",),
}
# Pages of what this office does not have: each is a form or a sheet of one thing, and lists nothing.
ABSENT = {
    "cases:certificate", "clients:custody_step", "clients:date", "clients:order", "cases:proceeding",
    "conflicts:check", "deadlines:asylum_stop", "intake:sent_letter", "intake:screening", "intake:tree",
    "team:invitation", "account:draft", "moving:import_one", "moving:import_mapping", "moving:import_rows",
    "moving:import_rejected", "moving:download_office", "documents:file", "documents:download",
    "documents:document", "account:remove_factor", "law:position", "team:recovery_test", "moving:import_alike",
    "moving:import_undo", "clients:send", "clients:hook", "clients:hook_basic",
}  # fmt: skip


def _routes(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for part in resolver.url_patterns:
        if isinstance(part, URLResolver):
            yield from _routes(part, part.app_name or space)
        elif part.name:
            yield f"{space}:{part.name}" if space else part.name, part


def _is_page(pattern: URLPattern) -> bool:
    """Whether a member opens it: pages of nobody's session have no list."""
    return "GET" in getattr(pattern.callback, "allowed_methods", ())


def _addresses(ids: dict[str, Sequence[Any]]) -> Iterator[tuple[str, str]]:
    for name, pattern in _routes(get_resolver()):
        wanted = list(pattern.pattern.converters) or list(pattern.pattern.regex.groupindex)
        if not _is_page(pattern) or name in ABSENT:
            continue
        chosen = "part" if "part" in wanted else "section" if "section" in wanted else ""
        for value in ids[chosen] if chosen else ("",):
            values = {key: value if key == chosen else ids[key][0] for key in wanted}
            for query in QUERIES.get(name, ("",)):
                yield name, reverse(name, kwargs=values) + query


def _ids(worker: Worker, case_id: UUID, hearing_id: UUID) -> dict[str, Sequence[Any]]:
    file = worker.file(case_id)
    first: dict[str, Sequence[Any]] = {
        f"{kind.__name__.lower()}_id": (file.entries_of(kind)[0].id,)
        for kind in (Deadline, Document, Note, Notice, Task)
    }
    return {
        **first,
        "case_id": (case_id,),
        "party_id": (next(entry.id for entry in file.entries_of(Party) if entry.record.role == "lead"),),
        "hearing_id": (hearing_id,),
        "member_id": (worker.staff.member_id,),
        "group_id": (worker.staff.keys.groups[0].group,),
        "first": ("2026-11-24",),
        "topic": ("hearing",),
        "rule_id": re.findall(r"/law/rules/([^/]+)/", worker.client.get("/law/").content.decode())[:1],
        "part": tuple(CASE_LISTS),
        "section": tuple(LISTS_OF_TODAY),
    }


def _fill(worker: Worker, case_id: UUID) -> None:
    fill_index(worker.staff, CASES)
    fill_case(worker.staff, case_id, RECORDS)
    for number in range(CHECKS):
        person = AskedPerson(names=(f"{LONG_NAME} {number}",), relation=content.ADVERSE)
        checks.ask(worker.staff, content.SEARCH, (person,), note="The landlord of the client.")
    file = worker.file(case_id)
    for _ in range(ENTRIES):
        audit_trail.record_entry(worker.staff.keys, "case.change", file=file)
        audit_trail.record_entry(worker.staff.keys, "case.open", target=uuid4())


def _limit_of(name: str) -> int:
    return CASE_LIMIT if name == "cases:case" else LIMIT


def test_every_page_of_a_large_office_is_small(attorney: Worker, case_id: UUID, hearing_id: UUID) -> None:
    preferences.save(attorney.staff, language="es")  # the longest of the three languages
    _fill(attorney, case_id)
    sizes: dict[str, int] = {}
    wrong: dict[str, object] = {}
    for name, path in _addresses(_ids(attorney, case_id, hearing_id)):
        answer = attorney.client.get(path)
        shown = path.replace(str(case_id), "CASE")
        if answer.status_code not in {200, 302, 303}:
            wrong[shown] = answer.status_code
        elif not answer.streaming:
            sizes[shown] = len(answer.content)
            if sizes[shown] > _limit_of(name):
                wrong[shown] = sizes[shown]
    assert wrong == {}
    assert len(sizes) > 100
