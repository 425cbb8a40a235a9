"""`caseapp bench timing`: check that the time of a refused sign-in does not reveal if an address has an account.

A known and an unknown address are refused in turn, with the real derivation, through the same function that the page
calls; the order of a pair is random. The figure is the p of a two-sample Kolmogorov-Smirnov test: small means
that the two can be told apart. Argon2id has its production cost in every mode. Everything happens in one
transaction that is rolled back, so other processes never see the office it needs.
"""

import math
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from statistics import median
from unittest.mock import patch

from django.db import transaction

from caseapp.account.services import new_office
from caseapp.accounts.keys import bundles
from caseapp.accounts.members.new_office import Hosting
from caseapp.accounts.models import Throttle
from caseapp.accounts.signin import passphrase, sign_in
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.vault import shred_keys
from caseapp.vault.core.bundle import DEFAULT_KDF

PAIRS = 500
GOAL = 0.01  # p of the test; below it, the time reveals the account
MEDIAN_GOAL = 1.05  # on a busy machine medians differ by this much by chance; p decides
WRONG_PASSPHRASE = "lantern meadow violet orchard candle harbor"  # noqa: S105  # typed to be refused
UNCOUNTED = 5  # pairs that warm files, plans and memory


def run(pairs: int = PAIRS) -> list[dict[str, object]]:
    """Return the figures: p (higher is better), and both medians in ms."""
    with patch.object(bundles, "_derivation_cost", lambda: DEFAULT_KDF), _known_address() as known:
        known_ms, unknown_ms = _measure_pairs(known, pairs)
    p = kolmogorov_smirnov(known_ms, unknown_ms)
    middle = median(known_ms), median(unknown_ms)
    return [
        {
            "name": f"refused sign-ins, {pairs} pairs: KS p",
            "unit": "p",
            "better": "higher",
            "ours": p,
            "peer": GOAL,
            "peer_name": "goal",
            "ratio": p / GOAL,
            "goal": GOAL,
            "met": p > GOAL,
        },
        {
            "name": "refused, known next to unknown, median",
            "unit": "ms",
            "better": "lower",
            "ours": middle[0],
            "peer": middle[1],
            "peer_name": "unknown address",
            "ratio": middle[0] / middle[1],
            "goal": MEDIAN_GOAL,
            "met": 1 / MEDIAN_GOAL <= middle[0] / middle[1] <= MEDIAN_GOAL,
        },
    ]


def kolmogorov_smirnov(ones: Sequence[float], others: Sequence[float]) -> float:
    """Return p of the two-sided test of one common distribution, by the limiting series (good from 20 values each)."""
    size = math.sqrt(len(ones) * len(others) / (len(ones) + len(others)))
    reach = (size + 0.12 + 0.11 / size) * _largest_distance(sorted(ones), sorted(others))
    if reach < 0.2:
        return 1.0  # the series converges slowly here, and its sum is 1 to ten places
    total = sum((1 if k % 2 else -1) * math.exp(-2 * (k * reach) ** 2) for k in range(1, 101))
    return min(1.0, max(0.0, 2 * total))


def _largest_distance(ones: Sequence[float], others: Sequence[float]) -> float:
    """Return the largest distance between the two empirical distributions."""
    widest, i, j = 0.0, 0, 0
    while i < len(ones) and j < len(others):
        at = min(ones[i], others[j])
        while i < len(ones) and ones[i] == at:
            i += 1
        while j < len(others) and others[j] == at:
            j += 1
        widest = max(widest, abs(i / len(ones) - j / len(others)))
    return widest


def _measure_pairs(known: str, pairs: int) -> tuple[list[float], list[float]]:
    draw = random.SystemRandom()
    times: dict[str, list[float]] = {known: [], "unknown": []}
    for number in range(pairs + UNCOUNTED):
        for key in draw.sample(sorted(times), 2):
            email = key if key == known else f"nobody-{number}@bench.invalid"
            taken = _time_refusal(email, f"bench-{number}-{key == known}")
            if number >= UNCOUNTED:
                times[key].append(taken)
    return times[known], times["unknown"]


def _time_refusal(email: str, address: str) -> float:
    """Return the milliseconds until a sign-in is refused. The throttle counts as always, but never refuses."""
    Throttle.objects.all().delete()
    start = time.perf_counter()
    with suppress(Refused):
        sign_in.sign_in(email, WRONG_PASSPHRASE, address=address)
        raise AssertionError("a wrong passphrase opened an account")
    return (time.perf_counter() - start) * 1000


@contextmanager
def _known_address() -> Iterator[str]:
    email = f"bench-{clock.now().timestamp()}@bench.invalid"
    with transaction.atomic():
        signed_in = new_office.found_office(
            office_name="Bench",
            zone="UTC",
            language="en",
            member_name="Ana Ruiz",
            email=email,
            passphrase=passphrase.propose_passphrase(),
            hosting=Hosting(is_first=False),
        )
        try:
            yield email
        finally:
            transaction.set_rollback(True)
            shred_keys.destroy("members", signed_in.staff.member_id)
