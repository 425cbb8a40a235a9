"""A match behind a wall changes nothing for the member who asks: not the page, not its size, not its time, not a row.

500 pairs: of each, one name is of a person in a restricted case, and one is in no case. They have the same length and
are asked in random order by a member outside the wall, in this process, with the real sealing.
"""

import gc
import random
import re
import statistics
import time

import pytest
from django.urls import reverse

from caseapp.casefile import sharing
from caseapp.conflicts.models import ConflictRequest
from caseapp.conflicts.services import checks, content, officer
from caseapp.conflicts.services.comparison import find_all_matches
from caseapp.conflicts.services.content import AskedPerson
from caseapp.tools.bench.timing import kolmogorov_smirnov
from caseapp.vault.tenancy import office_transaction
from tests.conflicts.offices import open_case
from tests.conflicts.test_conflict_checks import _browser_of
from tests.helpers.cast import colleague_of
from tests.helpers.two_offices import Worker

BEHIND_THE_WALL, UNKNOWN = "Halima Yusuf", "Norwen Tolka"
PAIRS, WARM = 500, 10
NO_PAIR_OF_ITS_OWN = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|csrfmiddlewaretoken\"[^>]*>|form_mark\"[^>]*>|nonce-?=?\"?[\w+/=-]+"
)


@pytest.fixture
def walled(attorney: Worker) -> Worker:
    """Ana, with a restricted case about Halima Yusuf, and Ben outside of it."""
    case_id = open_case(attorney.staff, BEHIND_THE_WALL, "000-555-417")
    sharing.restrict_to_members(attorney.staff, case_id, [attorney.staff.member_id])
    colleague_of(attorney.staff)
    return attorney


def test_the_time_of_asking_says_nothing_about_a_match_behind_a_wall(
    walled: Worker, capsys: pytest.CaptureFixture[str]
) -> None:
    staff, _ = _browser_of("ben@office.test")
    draw = random.Random(33)  # the order of a pair, no key
    times: dict[str, list[float]] = {BEHIND_THE_WALL: [], UNKNOWN: []}
    sizes: dict[str, set[tuple[int, int]]] = {BEHIND_THE_WALL: set(), UNKNOWN: set()}
    gc.collect()
    gc.disable()
    try:
        for number in range(PAIRS + WARM):
            for name in draw.sample(sorted(times), 2):
                start = time.perf_counter()
                asked = checks.ask(staff, content.SEARCH, [AskedPerson(names=(name,), born="1987")])
                taken = time.perf_counter() - start
                with office_transaction(staff.org_id):
                    row = ConflictRequest.objects.get(id=asked)
                    sizes[name].add((len(row.sealed), len(row.copy)))
                    row.delete()  # the number of earlier checks of the member must not grow within the measurement
                if number >= WARM:
                    times[name].append(taken)
    finally:
        gc.enable()
    p = kolmogorov_smirnov(times[BEHIND_THE_WALL], times[UNKNOWN])
    with capsys.disabled():
        middle = [statistics.median(values) * 1000 for values in times.values()]
        print(f"\nasking with and without a match, {PAIRS} pairs: KS p = {p:.3f}")
        print(f"medians {middle[0]:.2f} and {middle[1]:.2f} ms")
    assert sizes[BEHIND_THE_WALL] == sizes[UNKNOWN]
    assert len(sizes[UNKNOWN]) == 1
    assert p > 0.01


def test_the_pages_of_a_check_are_the_same_with_and_without_a_match_behind_a_wall(walled: Worker) -> None:
    _, ben = _browser_of("ben@office.test")
    seen = []
    for name in (BEHIND_THE_WALL, UNKNOWN):
        sent = ben.post(reverse("conflicts:ask"), {"names": name, "relation": "adverse"})
        shown = ben.get(sent["Location"])
        listed = ben.get(reverse("conflicts:list"))
        assert (sent.status_code, shown.status_code) == (303, 200)
        text = NO_PAIR_OF_ITS_OWN.sub("", shown.content.decode()).replace(name, "NAME")
        seen.append(
            (len(shown.content), text, len(re.findall("Sent to the conflict officer", listed.content.decode())))
        )
    assert seen[0][:2] == seen[1][:2]
    assert (seen[0][2], seen[1][2]) == (seen[0][2], seen[0][2] + 1)


def test_the_officer_is_shown_what_the_asker_is_not(walled: Worker) -> None:
    staff, _ = _browser_of("ben@office.test")
    matches = {}
    for name in (BEHIND_THE_WALL, UNKNOWN):
        asked = checks.ask(staff, content.SEARCH, [AskedPerson(names=(name,))])
        (part,) = find_all_matches(walled.staff, officer.open_check(walled.staff, asked))
        matches[name] = len(part.matches)
    assert matches == {BEHIND_THE_WALL: 1, UNKNOWN: 0}
