"""The table of who may do what, and that `docs/permissions.md` says the same."""

from pathlib import Path

import pytest

from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.permissions import ACTIONS, ATTORNEY, REPRESENTATIVE, ROLES

DOCS = Path(__file__).parents[3] / "docs" / "permissions.md"


def test_the_documented_table_is_the_one_that_counts() -> None:
    assert permissions.as_markdown() in DOCS.read_text(), "python -m caseapp.accounts.keys.permissions prints it"


@pytest.mark.parametrize("action", ["confirm_deadline", "waive_deadline", "confirm_rules"])
def test_only_attorneys_and_accredited_representatives_confirm_or_waive(action: str) -> None:
    assert ACTIONS[action].roles == {ATTORNEY, REPRESENTATIVE}
    assert not ACTIONS[action].by_admin


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_an_act_is_for_known_roles_and_for_somebody(action: str) -> None:
    row = ACTIONS[action]
    assert row.roles <= set(ROLES)
    assert row.roles or row.by_admin


def test_being_an_admin_opens_no_case() -> None:
    assert [name for name, row in ACTIONS.items() if row.by_admin and row.needs_key] == ["mark_case", "shred_case"]
