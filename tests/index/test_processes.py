"""Several processes on one index: what one committed the next request of another shows, and kill -9 loses nothing."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from django.db import connection

from caseapp.accounts.keys.staff import Keys
from caseapp.index import cache, queries, reader
from caseapp.vault.tenancy import office_transaction
from tests.index.factories import group_of, keys_with_index, row, save
from tests.index.worker import CASES

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = int(os.environ.get("CASEAPP_FRESHNESS_ROUNDS", "300"))
ROOT = Path(__file__).parents[2]


def as_line(keys: Keys) -> str:
    group = keys.groups[0]
    told = {"org": str(keys.org_id), "group": str(group.group), "epoch": group.epoch, "key": group.key.hex()}
    return json.dumps(told) + "\n"


@contextmanager
def process(keys: Keys, mode: str, first: int = 0) -> Iterator["subprocess.Popen[str]"]:
    here = urlsplit(os.environ["DATABASE_URL"])._replace(path="/" + connection.settings_dict["NAME"]).geturl()
    environment = {**os.environ, "DATABASE_URL": here, "DJANGO_SETTINGS_MODULE": "caseapp.config.settings"}
    started = subprocess.Popen(
        [sys.executable, "-m", "tests.index.worker", mode, str(first)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT,
    )  # fmt: skip
    try:
        assert started.stdin is not None
        started.stdin.write(as_line(keys))
        started.stdin.flush()
        yield started
    finally:
        started.kill()
        started.communicate()


def line(started: "subprocess.Popen[str]") -> str:
    assert started.stdout is not None
    return started.stdout.readline().strip()


def ask(started: "subprocess.Popen[str]") -> dict[int, str]:
    assert started.stdin is not None
    started.stdin.write("?\n")
    started.stdin.flush()
    return {int(case_id): ref for case_id, ref in json.loads(line(started)).items()}


def seen(keys: Keys) -> dict[int, int]:
    return {case_id.int: int(found.ref) for case_id, found in reader.open_view(keys).all_rows()}


def test_what_one_process_committed_the_next_request_of_another_shows() -> None:
    keys = keys_with_index()
    told: dict[int, str] = {}
    with process(keys, "read") as other:
        for number in range(ROUNDS):
            case = number % 7
            told[case] = f"R{number:04}"
            save(keys, (UUID(int=case), row(ref=told[case])))
            assert ask(other) == told


def test_what_another_process_committed_is_shown_here_while_it_goes_on_saving() -> None:
    keys = keys_with_index()
    with process(keys, "write") as first, process(keys, "write", 1000) as second:
        for _ in range(ROUNDS // 2):
            for writer, start in ((first, 0), (second, 1000)):
                number = int(line(writer))
                found = seen(keys)
                assert found[start + number % CASES] >= number
    cache_says = seen(keys)
    cache.drop_all()
    assert seen(keys) == cache_says


@pytest.mark.parametrize("point", ["save-before", "save-after", "merge-before", "merge-after"])
def test_a_process_killed_inside_a_save_or_a_merge_leaves_the_last_committed_state(point: str) -> None:
    keys = keys_with_index()
    acknowledged = -1
    with process(keys, f"stop:{point}") as killed:
        while (said := line(killed)) != "inside":
            acknowledged = int(said)
        assert acknowledged == 6  # the 8th save, and the merge in its wake before the save is answered
        committed = acknowledged + 1 if point.startswith("merge") else acknowledged
        assert sorted(seen(keys).values()) == list(range(committed + 1))  # a reader does not wait for it
    save(keys, (UUID(int=77), row(ref="77")))
    cache.drop_all()
    assert sorted(seen(keys).values()) == [*range(committed + 1), 77]
    with office_transaction(keys.org_id):
        parts = queries.part_sizes(keys.org_id, group_of(keys))
    assert [(part.lo, part.hi) for part in parts][-1][1] == committed + 2


@pytest.mark.parametrize("after", [1, 8, 15, 16, 17, 40, 64, 65])
def test_a_process_killed_at_any_moment_loses_no_acknowledged_save(after: int) -> None:
    keys = keys_with_index()
    with process(keys, "write") as killed:
        for _ in range(after):
            acknowledged = int(line(killed))
        killed.kill()
        killed.wait()
        assert killed.stdout is not None
        acknowledged = max([acknowledged, *(int(more) for more in killed.stdout.read().split())])
    save(keys, (UUID(int=77), row(ref="77")))
    warm = seen(keys)
    cache.drop_all()
    assert seen(keys) == warm
    newest = max(ref for case, ref in warm.items() if case != 77)
    assert newest in {acknowledged, acknowledged + 1}
    assert all(warm[number % CASES] == number for number in range(max(0, newest - CASES + 1), newest + 1))
