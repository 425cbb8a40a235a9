"""`caseapp bench case-page`: the sealed case page against a plaintext Django page of the same content.

Both read the session and the person, fetch the case, make the same page values and render the same template, in turn.
The office and the twin's tables are created and removed by the bench, so the database role must be the owner.
"""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from unittest.mock import patch
from uuid import UUID

from django.db import connection, transaction
from django.template.loader import render_to_string

from caseapp.account.services import new_office
from caseapp.accounts.directory import audit_trail
from caseapp.accounts.keys.staff import Keys, Staff
from caseapp.accounts.members.new_office import Hosting
from caseapp.accounts.signin import passphrase, sessions
from caseapp.casefile import case_access
from caseapp.cases.pages import case
from caseapp.cases.services import cases, notes, tasks
from caseapp.deadlines.services import acts, notices
from caseapp.hearings.services import hearings
from caseapp.lib import clock
from caseapp.records.hearing import Hearing
from caseapp.records.party import Contact
from caseapp.tools.bench import make_figure, twin
from caseapp.vault import tenancy
from caseapp.vault.store import SealedFile

ROUNDS = 150
NOTES = 24
ZONE = "America/New_York"
SEALED_TABLES = (
    "vault_record",
    "vault_past",
    "vault_case",
    "vault_blob",
    "index_part",
    "index_head",
    "accounts_roster",
    "accounts_group",
    "accounts_member",
    "reminders_plan_a",
    "reminders_plan_b",
    "reminders_fire",
    "reminders_channel",
)


@dataclass
class CasePageBench:
    """One case, sealed and as a plaintext twin."""

    staff: Staff
    token: str
    case_id: UUID


def run() -> list[dict[str, object]]:
    """Return the figures of the whole page, and of the part that fetches and opens the case."""
    with _bench_office() as bench:
        page = _measure_in_turn(lambda: _render_page(bench, case_access.open_case), lambda: _render_twin_page(bench))
        noted = _measure_in_turn(
            lambda: _render_page(bench, _open_with_audit_entry), lambda: _render_twin_page(bench, note=True)
        )
        fetch = _measure_in_turn(lambda: _fetch_case(bench), lambda: twin.open_twin(bench.case_id, None))
        return [
            make_figure(
                "whole case page",
                unit="ms",
                ours=page[0],
                peer=page[1],
                peer_name="Django ORM, prefetch, same template",
                goal=1.0,
            ),
            make_figure(
                "whole case page, who opened it noted",
                unit="ms",
                ours=noted[0],
                peer=noted[1],
                peer_name="the same with a plain log row, committed",
                goal=1.0,
            ),
            make_figure(
                "fetch and open the case",
                unit="ms",
                ours=fetch[0],
                peer=fetch[1],
                peer_name="Django ORM, prefetch",
                goal=1.0,
            ),
        ]


def _open_with_audit_entry(keys: Keys, case_id: UUID) -> SealedFile:
    file = case_access.open_case(keys, case_id)
    audit_trail.record_entry(keys, "case.open", file=file)
    return file


def _render_page(bench: CasePageBench, open_case: Callable[[Keys, UUID], SealedFile]) -> str:
    staff = sessions.open(bench.token)
    with tenancy.office_transaction(staff.org_id):
        file = open_case(staff.keys, bench.case_id)
        return render_to_string("cases/case.html", {"page": case.case_page(file, staff, show="all"), "staff": staff})


def _render_twin_page(bench: CasePageBench, *, note: bool = False) -> str:
    with transaction.atomic():
        if note:
            twin.TwinLog.objects.create(at=clock.now(), member=bench.staff.member_id, case=bench.case_id, what="open")
        session = twin.TwinSession.objects.select_related("member").get(key="bench", expires_at__gt=clock.now())
        file = twin.open_twin(bench.case_id, bench.staff.keys.groups[0])
        team = tuple(twin.TwinMember.objects.order_by("name"))
        assert session.member in team
        with patch.object(case, "colleagues_of", lambda *_: team):
            page = case.case_page(file, bench.staff, show="all")  # type: ignore[arg-type]  # has the methods of a file
        return render_to_string("cases/case.html", {"page": page, "staff": bench.staff})


def _fetch_case(bench: CasePageBench) -> None:
    with tenancy.office_transaction(bench.staff.org_id):
        case_access.open_case(bench.staff.keys, bench.case_id)


def _measure_in_turn(ours: Callable[[], object], peer: Callable[[], object]) -> tuple[list[float], list[float]]:
    times: tuple[list[float], list[float]] = ([], [])
    gc.collect()
    for number in range(ROUNDS + 10):
        for side, call in zip(times, (ours, peer), strict=True):
            start = time.perf_counter()
            call()
            if number >= 10:  # the first rounds warm connections, plans and templates
                side.append((time.perf_counter() - start) * 1000)
    return times


@contextmanager
def _bench_office() -> Iterator[CasePageBench]:
    signed_in = new_office.found_office(
        office_name="Bench",
        zone=ZONE,
        language="en",
        member_name="Ana Ruiz",
        email=f"bench-{clock.now().timestamp()}@bench.invalid",
        passphrase=passphrase.propose_passphrase(),
        hosting=Hosting(is_first=False),
    )
    staff = signed_in.staff
    bench = CasePageBench(staff, signed_in.token, _create_case(staff))
    with connection.schema_editor() as editor:
        for table in twin.TWIN_TABLES:
            editor.create_model(table)
    try:
        with tenancy.office_transaction(staff.org_id):
            twin.write_twin(case_access.open_case(staff.keys, bench.case_id))
        member = twin.TwinMember.objects.create(id=staff.member_id, name=staff.name)
        twin.TwinSession.objects.create(key="bench", member=member, expires_at=clock.now() + timedelta(hours=1))
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        yield bench
    finally:
        _remove_office(bench)


def _remove_office(bench: CasePageBench) -> None:
    with connection.schema_editor() as editor:
        for table in reversed(twin.TWIN_TABLES):
            editor.delete_model(table)
    sessions.end(bench.token)
    with tenancy.office_transaction(bench.staff.org_id), connection.cursor() as cursor:
        for name in SEALED_TABLES:
            cursor.execute(f"DELETE FROM {name} WHERE org_id = %s", [bench.staff.org_id])  # noqa: S608  # constants
        cursor.execute("DELETE FROM accounts_door WHERE org_id = %s", [bench.staff.org_id])


def _create_case(staff: Staff) -> UUID:
    """Create a typical open case of some fifty records. Return its id."""
    today = clock.today(ZONE)
    case_id = cases.open_case(
        staff,
        cases.NewCase(
            name="Farid Karimi",
            other_names=("Fareed Karimi",),
            a_number="000-000-417",
            languages=("Dari",),
            contacts=(Contact(way="phone", text="555-0100", safe="yes"), Contact(way="mail", text="f@example.org")),
            careful="Call after 17:00.",
            last_arrival_on=today - timedelta(days=200),
            relief=("asylum", "cat"),
            story="A long way, told in parts. " * 30,
        ),
    )
    for number in range(NOTES):
        notes.add_note(staff, case_id, text=f"Talk number {number}. " + "What was said, and what comes next. " * 6)
    for number in range(3):
        starts = clock.now() + timedelta(days=40 + 30 * number)
        hearings.book_hearing(
            staff,
            case_id,
            Hearing(kind="individual" if number else "master", starts_at=starts, zone=ZONE, court="North"),
        )
    for what in ("rfe", "address_change", "opponent_filing"):
        notices.record_notice(staff, case_id, what=what, dated_on=today - timedelta(days=3))
    for number in range(4):
        tasks.add_task(staff, case_id, text=f"Task {number}", due_on=today + timedelta(days=number))
    acts.set_by_hand(
        staff, case_id, what="Brief", due_on=today + timedelta(days=30), severity="fatal", reason="schedule"
    )
    return case_id
