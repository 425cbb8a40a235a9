"""`docs/leaks.md` publishes every column that is not encrypted, of every table that the program has."""

import re
from pathlib import Path

from django.apps import apps
from django.db import models

ROOT = Path(__file__).parents[2]
# What is encrypted, by the names that the models give it; all other columns are readable in a copy of the database.
ENCRYPTED = {
    "accounts_draft": {"sealed"},
    "accounts_factor": {"sealed"},
    "accounts_form": {"sealed"},
    "accounts_view": {"sealed"},
    "accounts_grant": {"sealed"},
    "accounts_group": {"sealed"},
    "accounts_invitation": {"offer", "sealed", "answer"},
    "accounts_member": {"bundle", "profile"},
    "accounts_recovery": {"sealed"},
    "accounts_return": {"pending"},
    "accounts_roster": {"sealed"},
    "accounts_session": {"whose", "sealed", "about", "draft_inbox"},
    "accounts_sheet": {"sealed", "state"},
    "accounts_stop": {"sealed"},
    "audit_case": {"sealed"},
    "audit_entry": {"sealed"},
    "audit_hour": {"sealed"},
    "casefile_finding": {"sealed"},
    "conflicts_request": {"sealed", "copy", "answer", "entry"},
    "index_conflict_part": {"sealed"},
    "index_part": {"sealed"},
    "moving_import": {"sealed"},
    "moving_part": {"sealed"},
    "reminders_census": {"sealed"},
    "reminders_waiting_mail": {"sealed"},
    "reminders_channel": {"sealed"},
    "reminders_delivery": {"sealed"},
    "reminders_fire": {"sealed"},
    "reminders_plan_a": {"sealed"},
    "reminders_plan_b": {"sealed"},
    "vault_case": {"wraps"},
    "vault_past": {"sealed"},
    "vault_record": {"sealed"},
}


def _published() -> dict[str, set[str]]:
    page = (ROOT / "docs" / "leaks.md").read_text()
    table = page.split("| Table | Columns that are not encrypted | What they show |\n")[1].split("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[1:]]
    return {name.strip("`"): set(re.findall(r"`(\w+)`", columns)) for name, columns, _ in rows}


def test_every_column_that_is_not_encrypted_is_published() -> None:
    columns = {
        model._meta.db_table: {
            str(field.column) for field in model._meta.local_fields if not isinstance(field, models.CompositePrimaryKey)
        }
        for model in apps.get_models()
        if model.__module__.startswith("caseapp.") and not model.__module__.startswith("caseapp.tools.")  # of benches
    }
    assert {table: names for table, names in columns.items() if not ENCRYPTED.get(table, set()) <= names} == {}
    assert {table: names - ENCRYPTED.get(table, set()) for table, names in columns.items()} == _published()


def test_what_is_called_encrypted_is_bytes() -> None:
    kinds = {
        (model._meta.db_table, field.name): type(field)
        for model in apps.get_models()
        for field in model._meta.local_fields
    }
    assert {kinds[table, name] for table, names in ENCRYPTED.items() for name in names} == {models.BinaryField}
