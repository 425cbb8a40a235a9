"""The bench of slow clients: what it computes, and that its attackers attack."""

import asyncio
import time

import pytest

from caseapp.tools.bench import BENCHES, slow_clients
from caseapp.tools.bench.slow_attacks import KINDS, AttackTarget
from caseapp.tools.bench.slow_attacks import slow_clients as keep_slow_clients
from tests.cli.front.rig import front


def test_19_of_20_pages_are_at_most_p95() -> None:
    assert slow_clients.p95([float(number) for number in range(1, 21)]) == 19.0
    assert slow_clients.p95([3.0]) == 3.0
    assert slow_clients.p95([1.0] * 18 + [30.0] * 2) == 30.0, "two of twenty that are not answered show"


def test_a_figure_sets_the_attack_against_the_quiet_value_of_the_same_run() -> None:
    figure = slow_clients._figure("200 idle", [0.1] * 20, [0.3] * 20)
    assert figure["ours"] == pytest.approx(300)
    assert figure["peer"] == pytest.approx(100)
    assert (figure["peer_name"], figure["goal"], figure["met"]) == ("quiet", 2.0, False)
    assert BENCHES["slow-clients"] == slow_clients.__name__


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        ("slow headers", "header"),
        ("slow bodies", "guest body"),
        ("idle connections", "header"),
        ("slow reading", "answer"),
    ],
)
def test_each_kind_of_slow_client_keeps_its_connections_waiting(kind: str, state: str) -> None:
    async def attack() -> None:
        async with front(threads=2, system_buffer=4096) as rig:
            target = AttackTarget(rig.port, "127.0.0.2", large_path="/big")
            attacking = keep_slow_clients(KINDS[kind], target, 5)
            await asyncio.to_thread(attacking.__enter__)
            try:
                await rig.until(lambda: rig.states() == [state] * 5)
                assert {known.address for known in rig.state.registry.connections} == {"127.0.0.2"}
                began = time.monotonic()
                assert (await (await rig.connect()).get("/page"))["target"] == "/page"
                assert time.monotonic() - began < 5
            finally:
                await asyncio.to_thread(attacking.__exit__, None, None, None)

    asyncio.run(attack())
