"""`python -m caseapp.tools.bench.plain_twin.load FILE...`: create the tables of the twin and load cases into them.

Each line of a file is a JSON object of one case with its lists. The first argument is a file with the members.
"""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

BATCH = 500  # cases of one transaction


def main(arguments: Sequence[str]) -> int:
    """Create the tables, load the members and the cases, and collect statistics for the planner."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "caseapp.tools.bench.plain_twin.settings"
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from caseapp.tools.bench.plain_twin import models

    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        for table in models.TABLES:
            editor.create_model(table)
    _load_members(json.loads(Path(arguments[0]).read_text()))
    for path in arguments[1:]:
        lines = _lines_of(Path(path))
        while batch := list(islice(lines, BATCH)):
            _load_cases(batch)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE plain_twin_clearcase SET words = to_tsvector('simple', words_of.names) FROM"
            " (SELECT case_id, string_agg(name, ' ') AS names FROM plain_twin_clearperson GROUP BY case_id)"
            " AS words_of WHERE words_of.case_id = plain_twin_clearcase.id"
        )
    connection.set_autocommit(True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return 0


def _lines_of(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _load_members(members: Sequence[dict[str, Any]]) -> None:
    from django.contrib.auth.models import User

    from caseapp.tools.bench.plain_twin.models import ClearMember

    for member in members:
        account = User.objects.create_user(member["email"], password=member["passphrase"])
        ClearMember.objects.create(id=member["member_id"], name=member["name"], account=account)


def _load_cases(cases: Sequence[dict[str, Any]]) -> None:
    from django.db import transaction

    from caseapp.tools.bench.plain_twin import models

    lists: dict[str, Any] = {
        "people": models.ClearPerson,
        "hearings": models.ClearHearing,
        "deadlines": models.ClearDeadline,
        "tasks": models.ClearTask,
        "notes": models.ClearNote,
        "documents": models.ClearDocument,
    }
    with transaction.atomic():
        models.ClearCase.objects.bulk_create([models.ClearCase(**case["case"]) for case in cases])
        for name, table in lists.items():
            rows = [table(case_id=case["case"]["id"], **row) for case in cases for row in case[name]]
            table.objects.bulk_create(rows, BATCH)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
