"""The second lock under the application's checks: what the database shows to each role."""

from uuid import UUID

import pytest
from django.db import ProgrammingError, connection, transaction

from caseapp.cases.services import cases
from caseapp.cli.stack.database import APPEND_ONLY, NO_ROW_SECURITY, TABLES_QUERY
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault.tenancy import office_transaction
from tests.helpers.two_offices import Worker

OURS = UUID("6d2f6f0e-43f3-4f0c-9f0f-57a7ad0c8f11")
THEIRS = UUID("b8f2a1c4-0f1e-4d0a-8a52-0f8f3bb4c922")
CASE = UUID("0e6c1b57-6b0c-4e5b-a1ea-2f4e3f3a9d33")

pytestmark = pytest.mark.django_db


def add_blob(org_id: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO vault_blob (org_id, id, state) VALUES (%s, %s, 'linked')", [org_id, CASE])


def blobs_seen() -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT org_id FROM vault_blob ORDER BY org_id")
        return [row[0] for row in cursor.fetchall()]


def test_an_office_sees_its_own_rows_only() -> None:
    for org_id in (OURS, THEIRS):
        with office_transaction(org_id):
            add_blob(org_id)
    with acting_as("web"), office_transaction(OURS):
        assert blobs_seen() == [OURS]


def test_even_the_owner_sees_nothing_without_an_office() -> None:
    with office_transaction(OURS):
        add_blob(OURS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('caseapp.org', '', true)")
    assert blobs_seen() == []


def test_after_a_look_into_another_office_the_first_is_seen_again() -> None:
    with acting_as("web"), office_transaction(OURS):
        add_blob(OURS)
        with office_transaction(OURS):
            assert blobs_seen() == [OURS]
        with office_transaction(THEIRS):
            add_blob(THEIRS)
            assert blobs_seen() == [THEIRS]
        assert blobs_seen() == [OURS]
        with pytest.raises(ZeroDivisionError), office_transaction(THEIRS):
            raise ZeroDivisionError
        assert blobs_seen() == [OURS]


@pytest.mark.django_db(transaction=True)
def test_what_follows_a_commit_opens_its_own_transaction_of_the_office() -> None:
    seen: list[list[UUID]] = []

    def look() -> None:
        with office_transaction(OURS):
            seen.append(blobs_seen())

    with acting_as("web"), office_transaction(OURS):
        add_blob(OURS)
        transaction.on_commit(look)
    assert seen == [[OURS]]


def test_the_web_cannot_write_a_row_of_another_office() -> None:
    with (
        acting_as("web"),
        office_transaction(OURS),
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction.atomic(),
    ):
        add_blob(THEIRS)


def test_the_clock_sees_blobs_of_every_office() -> None:
    for org_id in (OURS, THEIRS):
        with office_transaction(org_id):
            add_blob(org_id)
    with acting_as("clock"):
        assert blobs_seen() == sorted([OURS, THEIRS])


@pytest.mark.parametrize("table", ["vault_record", "vault_case", "accounts_member", "accounts_door"])
def test_the_clock_cannot_read(table: str) -> None:
    refused = pytest.raises(ProgrammingError, match="permission denied")
    with acting_as("clock"), refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT FROM {table}")


@pytest.mark.parametrize("statement", ["TRUNCATE vault_record", "CREATE TABLE x ()", "CREATE TEMP TABLE x ()"])
def test_the_web_has_no(statement: str) -> None:
    refused = pytest.raises(ProgrammingError, match=r"permission denied|must be owner")
    with acting_as("web"), refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_every_table_of_offices_has_forced_row_security() -> None:
    with connection.cursor() as cursor:
        cursor.execute(TABLES_QUERY)
        of_offices = {name for name, of_an_office in cursor.fetchall() if of_an_office} - NO_ROW_SECURITY
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        assert {row[0] for row in cursor.fetchall()} == of_offices
        assert "vault_record" in of_offices


def test_with_two_offices_at_work_no_table_shows_the_web_a_row_of_the_other(
    attorney: Worker, outsider: Worker, case_id: UUID, hearing_id: UUID
) -> None:
    """Plain SQL in the web's role: the application's own checks play no part."""
    offices = (attorney.staff.org_id, outsider.staff.org_id)
    cases.open_case(outsider.staff, cases.NewCase(name="Olena Kovalenko"))
    with connection.cursor() as cursor:
        cursor.execute(TABLES_QUERY)
        tables = [str(name) for name, of_an_office in cursor.fetchall() if of_an_office]
    seen: dict[str, list[int]] = {}
    with acting_as("web"), connection.cursor() as cursor:
        for table in sorted(set(tables) - NO_ROW_SECURITY):
            for ours, theirs in (offices, offices[::-1]):
                cursor.execute("SELECT set_config('caseapp.org', %s, true)", [str(ours)])
                cursor.execute(
                    f"SELECT count(*) FILTER (WHERE org_id = %s), count(*) FILTER (WHERE org_id = %s) FROM {table}",
                    [ours, theirs],
                )
                own, foreign = cursor.fetchall()[0]
                assert foreign == 0, table
                seen.setdefault(table, []).append(own)
                if table not in APPEND_ONLY:
                    cursor.execute(f"DELETE FROM {table} WHERE org_id = %s", [theirs])
                    assert cursor.rowcount == 0, table
    both = {table for table, counts in seen.items() if all(counts)}
    assert {"vault_case", "vault_record", "index_head", "index_part", "accounts_member", "accounts_group"} <= both
    assert {"reminders_channel", "audit_entry", "audit_hour"} <= both


def test_the_planner_keeps_no_sample_of_a_sealed_column() -> None:
    with office_transaction(OURS), connection.cursor() as cursor:
        cursor.execute("INSERT INTO accounts_door (tag, org_id, member_id) VALUES ('tag', %s, %s)", [OURS, CASE])
        cursor.execute("ANALYZE accounts_door")
        cursor.execute("SELECT attname FROM pg_stats WHERE tablename = 'accounts_door'")
        sampled = {row[0] for row in cursor.fetchall()}
        assert "member_id" in sampled
        assert "tag" not in sampled
