"""Turns at sign-in: a flood from few addresses keeps no other address out."""

import asyncio

import pytest

from caseapp.cli.front.limits import Limits
from caseapp.cli.front.sign_in_queue import QueueFull, SignInQueue
from tests.cli.front.rig import in_loop

ATTACKERS, MEMBER = ("192.0.2.1", "192.0.2.2"), "198.51.100.7"


async def wait_in(queue: SignInQueue, address: str, done: list[str]) -> None:
    async with queue.turn(address):
        done.append(address)
        await asyncio.sleep(0)


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@in_loop
async def test_a_queue_filled_by_two_addresses_still_takes_a_third_one() -> None:
    queue, done = SignInQueue(Limits(sign_ins=1, waiting_sign_ins=10)), list[str]()
    async with queue.turn("192.0.2.1"):
        flood = [asyncio.create_task(wait_in(queue, ATTACKERS[number % 2], done)) for number in range(10)]
        await settle()
        with pytest.raises(QueueFull):
            await wait_in(queue, ATTACKERS[0], done)
        members = [asyncio.create_task(wait_in(queue, address, done)) for address in (MEMBER, "198.51.100.8")]
        await settle()
    ends = await asyncio.gather(*flood, *members, return_exceptions=True)
    assert [type(end) for end in ends if end is not None] == [QueueFull, QueueFull], "the last of the flood gave way"
    assert ends[-2:] == [None, None]
    assert done.index(MEMBER) <= 3
    assert len(done) == 10


@in_loop
async def test_a_queue_of_as_many_addresses_as_places_asks_the_next_to_come_later() -> None:
    queue, done = SignInQueue(Limits(sign_ins=1, waiting_sign_ins=3)), list[str]()
    async with queue.turn(MEMBER):
        waiting = [asyncio.create_task(wait_in(queue, f"192.0.2.{number}", done)) for number in range(3)]
        await settle()
        with pytest.raises(QueueFull):
            await wait_in(queue, "192.0.2.99", done)
    await asyncio.gather(*waiting)
    async with queue.turn(MEMBER):
        assert len(done) == 3


@in_loop
async def test_a_turn_that_was_given_up_or_cancelled_goes_to_the_next() -> None:
    queue, done = SignInQueue(Limits(sign_ins=1, waiting_sign_ins=10)), list[str]()
    async with queue.turn(MEMBER):
        waiting = [asyncio.create_task(wait_in(queue, address, done)) for address in (*ATTACKERS, MEMBER)]
        await settle()
        waiting[0].cancel()
        await settle()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert done == [ATTACKERS[1], MEMBER]
    async with queue.turn(MEMBER):
        assert queue._count == 0


@in_loop
async def test_no_more_than_two_run_at_once_however_many_wait() -> None:
    queue, running, most = SignInQueue(Limits()), 0, 0

    async def sign_in(number: int) -> None:
        nonlocal running, most
        async with queue.turn(f"192.0.2.{number % 7}"):
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1

    await asyncio.gather(*(sign_in(number) for number in range(60)))
    assert (most, running) == (2, 0)
