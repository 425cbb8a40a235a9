"""What a dump tells apart: two offices with the same schedule and other contents, feature by feature.

`features` is all that a thief without keys can count. Two offices that did the same things at the same times with
other people and other words of the same length class must have the same features; where contents differ in length,
what separates is printed: `CASEAPP_PRINT_FEATURES=1 .venv/bin/pytest tests/proofs/test_indistinguishable.py -s`, and
kept in docs/leaks.md.
"""

from collections import Counter

from tests.proofs.seizure import Dump

Features = dict[str, object]
# Length and count of tables that one minute of chance decides: nobody's contents.
LEFT_OUT = {"reminders_outbox_state", "reminders_heartbeat"}


def features(dump: Dump) -> Features:
    """Rows of each table, lengths of every sealed column in the order of the dump and sorted, numbers that count."""
    found: Features = {}
    for table, rows in dump.tables.items():
        if table in LEFT_OUT:
            continue
        found[f"{table}: rows"] = len(rows)
        columns = sorted({name for row in rows for name, value in row.items() if isinstance(value, bytes | memoryview)})
        for column in columns:
            lengths = [len(bytes(row[column] or b"")) for row in rows]
            found[f"{table}.{column}: lengths"] = sorted(Counter(lengths).items())
        if any("case_id" in row for row in rows):
            found[f"{table}: rows of each case"] = sorted(Counter(row["case_id"] for row in rows).values())
        if any("version" in row for row in rows):
            found[f"{table}: versions"] = sorted(row["version"] for row in rows)
    return found


def apart(one: Features, other: Features) -> list[str]:
    """The names of features that differ."""
    return sorted(name for name in {*one, *other} if one.get(name) != other.get(name))
