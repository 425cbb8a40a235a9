"""The limits are read from the environment; the floor is measured over the time that the client is waited for."""

import pytest

from caseapp.cli.front.addresses import network_of
from caseapp.cli.front.floor import Floor
from caseapp.cli.front.limits import BadLimit, Limits, read_limits
from tests.cli.front.rig import Clock


def test_limits_are_changed_by_name() -> None:
    assert read_limits({}) == Limits()
    changed = read_limits({"CASEAPP_LIMITS": "per_address=500, header_seconds=5"})
    assert (changed.per_address, changed.header_seconds, changed.idle_seconds) == (500, 5, 75)


@pytest.mark.parametrize(
    "text", ["per_adress=5", "per_address", "per_address=many", "idle_seconds=0", "idle_seconds=²"]
)
def test_a_limit_that_cannot_be_read_is_named(text: str) -> None:
    with pytest.raises(BadLimit, match="CASEAPP_LIMITS is a list like per_address=256 of answer, answers,"):
        read_limits({"CASEAPP_LIMITS": text})


def test_bytes_that_move_keep_the_floor_and_waiting_without_them_breaks_it() -> None:
    clock = Clock()
    floor = Floor(Limits(), clock)
    for _ in range(50):  # 10 KiB in two seconds, again and again
        floor.begin_wait()
        clock.seconds += 2
        assert not floor.is_broken()
        floor.end_wait(10 * 1024)
    floor.begin_wait()
    clock.seconds += 10
    floor.end_wait(0)
    clock.seconds += 1000  # the server's time, not the client's
    floor.begin_wait()
    assert not floor.is_broken()
    clock.seconds += 31
    assert floor.is_broken()
    assert not floor.is_broken(moving=200 * 1024)


def test_the_floor_is_four_kibibytes_a_second() -> None:
    for kept, is_cut in ((4 * 1024 * 30, False), (4 * 1024 * 30 - 1, True)):
        clock = Clock()
        floor = Floor(Limits(), clock)
        floor.begin_wait()
        clock.seconds += 29.9
        assert not floor.is_broken(), "the window is thirty seconds"
        clock.seconds += 0.1
        assert floor.is_broken(moving=kept) == is_cut
        floor.end_wait(kept)


def test_a_client_that_was_fast_is_cut_when_it_stalls() -> None:
    clock = Clock()
    floor = Floor(Limits(), clock)
    for _ in range(29):
        floor.begin_wait()
        clock.seconds += 1
        floor.end_wait(50 * 1024 * 1024)
    floor.begin_wait()
    stalled = 0
    while not floor.is_broken(moving=300_000):  # nothing more arrives
        clock.seconds += 1
        stalled += 1
        assert stalled < 60
    assert stalled >= 30
    floor.end_wait(300_000)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:aaaa::1", "20010db800010002"),
        ("2001:db8:1:2:bbbb::2", "20010db800010002"),
        ("fe80::1%eth0", "fe80000000000000"),
        ("unknown", "?"),
    ],
)
def test_addresses_are_counted_by_network(address: str, network: str) -> None:
    assert network_of(address) == network
