"""A process of its own that saves to or reads an index: `python -m tests.index.worker write|read|stop:POINT`.

First line on stdin: the keys. `write` saves cases 0-9 in turn and prints each number once it is committed. `read`
answers each further line with what it sees. `stop:POINT` saves like `write`, and prints "inside" and waits to be killed
when it gets to POINT: save-before, save-after, merge-before or merge-after the new part is inserted.
"""

import json
import sys
import time
from uuid import UUID

import django

django.setup()

from caseapp.accounts.keys.staff import Keys  # noqa: E402
from caseapp.index import (  # noqa: E402
    reader,
    sealed_parts,
    store,
)
from caseapp.vault.core.keyring import (  # noqa: E402
    GroupKey,
    Keyring,
)
from tests.index.factories import group_of, row  # noqa: E402

CASES = 10


def keys_from(line: str) -> Keys:
    """Keys as `processes.as_line` writes them."""
    told = json.loads(line)
    group = GroupKey(group=UUID(told["group"]), epoch=told["epoch"], key=bytes.fromhex(told["key"]))
    keyring = Keyring(hpke_private=b"", sign_private=b"", org_root_public=b"", groups=(group,))
    return Keys(UUID(told["org"]), UUID(int=1), b"", keyring)


def write(keys: Keys, first: int) -> None:
    """Save without end."""
    number = first
    while True:
        store.save(keys, {group_of(keys): [(UUID(int=first + number % CASES), row(ref=f"{number}"))]})
        print(number, flush=True)
        number += 1


def read(keys: Keys) -> None:
    """Answer each line with the ref of each case."""
    for _ in sys.stdin:
        seen = {case_id.int: found.ref for case_id, found in reader.open_view(keys).all_rows()}
        print(json.dumps(seen), flush=True)


def stop_at(point: str) -> None:
    """Make this process wait for its end at a point of a save or a merge."""
    what, when = point.split("-")
    add_part = sealed_parts.add_part

    def wait(lo: int, hi: int) -> None:
        if (what == "merge") == (hi - lo > 1) and hi >= 8:
            print("inside", flush=True)
            time.sleep(600)

    def stopping(org_id, group, lo, hi, entries):  # type: ignore[no-untyped-def]  # as the original
        if when == "before":
            wait(lo, hi)
        add_part(org_id, group, lo, hi, entries)
        if when == "after":
            wait(lo, hi)

    sealed_parts.add_part = stopping


def main(mode: str, first: int) -> None:
    """Run until killed or until stdin ends."""
    keys = keys_from(sys.stdin.readline())
    if mode.startswith("stop:"):
        stop_at(mode.removeprefix("stop:"))
    if mode == "read":
        read(keys)
    else:
        write(keys, first)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0)
