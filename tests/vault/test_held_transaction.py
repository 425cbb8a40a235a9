"""The transaction in which a session is checked goes on in its page, and in nothing else."""

from uuid import UUID

import pytest
from django.db import connection

from caseapp.vault.tenancy import (
    continue_office_transaction,
    end_held_transaction,
    hold_office_transaction,
    join_office_transaction,
    office_transaction,
)
from tests.helpers.statements import captured_statements, transactions_in
from tests.helpers.two_offices import Worker

pytestmark = pytest.mark.django_db(transaction=True)
ORG, OTHER = UUID(int=1), UUID(int=2)


def _shown_office() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('caseapp.org', true), '')")
        return str(cursor.fetchone()[0])


def test_the_page_goes_on_in_the_transaction_of_the_check() -> None:
    with captured_statements() as statements:
        hold_office_transaction(ORG)
        with join_office_transaction(ORG):
            assert _shown_office() == str(ORG)
        with continue_office_transaction(ORG):
            assert _shown_office() == str(ORG)
    assert transactions_in(statements) == 1
    assert statements[-1] == "COMMIT"
    assert _shown_office() == ""


def test_what_another_transaction_writes_is_never_in_the_held_one() -> None:
    with captured_statements() as statements:
        hold_office_transaction(ORG)
        with office_transaction(ORG):
            pass
        with continue_office_transaction(ORG):
            pass
    assert transactions_in(statements) == statements.count("COMMIT") == 3


def test_another_office_does_not_see_the_held_one() -> None:
    hold_office_transaction(ORG)
    with continue_office_transaction(OTHER):
        assert _shown_office() == str(OTHER)
    assert _shown_office() == ""


def test_an_error_of_the_page_rolls_it_back() -> None:
    with captured_statements() as statements:
        hold_office_transaction(ORG)
        with pytest.raises(ValueError, match="page"), continue_office_transaction(ORG):
            raise ValueError("page")
    assert statements[-1] == "ROLLBACK"


def test_without_a_page_it_ends_with_its_office_hidden() -> None:
    hold_office_transaction(ORG)
    end_held_transaction()
    end_held_transaction()
    assert not connection.in_atomic_block
    assert _shown_office() == ""


@pytest.mark.parametrize("path", ["/no/such/page/", "/static/none.css", "/session", "/sign-in/", "/cases/1/"])
def test_no_request_leaves_a_transaction_open(path: str, attorney: Worker) -> None:
    attorney.client.get(path)
    assert not connection.in_atomic_block
    assert _shown_office() == ""
