"""Bodies in memory: bounded for guests, members and those whose session ended lately, each apart from the others."""

import asyncio
import json

import pytest

from caseapp.cli.front.bodies import Allowance, CollectedBody
from caseapp.cli.front.memory import Budget
from tests.cli.front.rig import ENDED_SESSION, OPEN_SESSION, begin_post, front, in_loop


@in_loop
async def test_members_who_fill_their_memory_leave_guests_and_pages_theirs() -> None:
    async with front(guest_body=1000, collected_body=50_000, bodies=98_000, guest_bodies=98_000) as rig:
        for _ in range(2):
            (await begin_post(rig, 60_000, OPEN_SESSION)).writer.write(b"x" * 49_000)
        await rig.until(lambda: rig.state.member.budget.used == 98_000)
        guest = await begin_post(rig, 900)
        guest.writer.write(b"x" * 900)
        assert (await guest.answer())[0] == 200
        assert (await (await rig.connect()).get("/page"))["target"] == "/page"


@in_loop
async def test_an_address_that_fills_the_memory_of_guests_loses_its_oldest_body_to_another_address() -> None:
    async with front(guest_body=1000, guest_bodies=4000) as rig:
        flood = []
        for number in range(4):
            flood.append(await begin_post(rig, 1000, address="127.0.0.2"))
            flood[-1].writer.write(b"x" * 999)
            await rig.until(lambda number=number: rig.state.guest.budget.used == 999 * (number + 1))
            rig.pass_time(1)
        member = await begin_post(rig, 500, path="/sign-in/", address="127.0.0.3")
        member.writer.write(b"x" * 500)
        rig.server.let_go.set()
        assert (await member.answer())[0] == 200
        assert await flood[0].is_cut()
        assert rig.state.registry.cuts == {"memory": 1}
        flood.append(await begin_post(rig, 1000, address="127.0.0.2"))
        flood[-1].writer.write(b"x" * 999)
        await rig.until(lambda: rig.state.guest.budget.used == 999 * 4)
        one_more = await begin_post(rig, 1000, address="127.0.0.2")
        one_more.writer.write(b"x" * 1000)
        assert (await one_more.answer())[0] == 503, "no body of its own address is cut for it"
        assert rig.state.registry.cuts == {"memory": 1}
        for client in flood[1:]:
            client.writer.write(b"x")
            assert (await client.answer())[0] == 200


@in_loop
async def test_behind_the_proxy_the_memory_of_guests_is_shared_by_the_clients_addresses() -> None:
    async with front(is_behind_proxy=True, guest_body=1000, guest_bodies=3000) as rig:
        flood = [await begin_post(rig, 1000, "X-Forwarded-For: 203.0.113.9") for _ in range(3)]
        for client in flood:
            client.writer.write(b"x" * 999)
        await rig.until(lambda: rig.state.guest.budget.used == 2997)
        member = await begin_post(rig, 500, "X-Forwarded-For: 198.51.100.7")
        member.writer.write(b"x" * 500)
        assert (await member.answer())[0] == 200
        assert rig.state.registry.cuts == {"memory": 1}


@in_loop
async def test_a_long_text_sent_after_the_session_ended_reaches_its_page() -> None:
    async with front(guest_body=1000, returning_body=50_000) as rig:
        for cookie in (ENDED_SESSION, "Cookie: a=b; __Host-ended=lately"):
            client = await begin_post(rig, 40_000, cookie)
            client.writer.write(b"x" * 40_000)
            assert json.loads((await client.answer())[1])["size"] == 40_000
            chunked = await rig.connect()
            chunked.send("POST /upload HTTP/1.1", "Host: x", "Transfer-Encoding: chunked", cookie)
            chunked.writer.write(b"%x\r\n" % 40_000 + b"x" * 40_000 + b"\r\n0\r\n\r\n")
            assert json.loads((await chunked.answer())[1])["size"] == 40_000
        forged = await begin_post(rig, 40_000, "Cookie: ended=forged; session_token=forged")
        assert (await forged.answer())[0] == 413


@in_loop
async def test_a_slow_line_is_enough_for_a_long_text_after_the_session_and_a_stalled_one_is_cut() -> None:
    async with front(guest_body=1000, returning_body=400_000) as rig:
        client = await begin_post(rig, 5 * 1024 * 60, ENDED_SESSION)
        await rig.until(lambda: "body" in rig.states())
        for _ in range(10):  # 5 KiB a second for a minute
            rig.pass_time(6)
            client.writer.write(b"x" * (5 * 1024 * 6))
            await asyncio.sleep(0.003)
        assert json.loads((await client.answer())[1])["size"] == 5 * 1024 * 60
        stalled = await begin_post(rig, 40_000, ENDED_SESSION)
        stalled.writer.write(b"x" * 2000)
        await rig.until(lambda: rig.state.returning.budget.used == 2000)
        rig.pass_time(31)
        assert await stalled.is_cut()


@in_loop
async def test_texts_after_a_session_have_a_bounded_memory_of_their_own() -> None:
    async with front(guest_body=1000, returning_body=50_000, returning_bodies=60_000) as rig:
        first = await begin_post(rig, 50_000, ENDED_SESSION)
        first.writer.write(b"x" * 49_999)
        await rig.until(lambda: rig.state.returning.budget.used == 49_999)
        second = await begin_post(rig, 50_000, ENDED_SESSION)
        second.writer.write(b"x" * 50_000)
        assert (await second.answer())[0] == 503
        for cookie, size in ((OPEN_SESSION, 50_000), ("X-A: 1", 900)):
            other = await begin_post(rig, size, cookie)
            other.writer.write(b"x" * size)
            assert json.loads((await other.answer())[1])["size"] == size
        first.writer.write(b"x")
        assert json.loads((await first.answer())[1])["size"] == 50_000


@in_loop
async def test_few_uploads_after_a_session_are_passed_on_at_once_and_members_have_their_threads() -> None:
    async with front(threads=8, guest_body=1000, returning_body=10_000, collected_body=10_000) as rig:
        for _ in range(2):
            (await begin_post(rig, 200_000, ENDED_SESSION)).writer.write(b"x" * 100_000)
        await rig.until(lambda: rig.server.running == 2)
        third = await begin_post(rig, 200_000, ENDED_SESSION)
        third.writer.write(b"x" * 100_000)
        assert (await third.answer())[0] == 503
        member = await begin_post(rig, 200_000, OPEN_SESSION)
        member.writer.write(b"x" * 200_000)
        assert json.loads((await member.answer())[1])["size"] == 200_000


@pytest.mark.parametrize("cookie", ["X-A: 1", OPEN_SESSION])
def test_a_body_in_very_small_chunks_is_refused_and_one_in_fair_chunks_is_not(cookie: str) -> None:
    async def send() -> None:
        async with front() as rig:
            for chunk, count, status in ((1, 60_000, 400), (1, 150, 200), (128, 500, 200)):
                client = await rig.connect()
                client.send("POST /upload HTTP/1.1", "Host: x", "Transfer-Encoding: chunked", cookie)
                client.writer.write((b"%x\r\n" % chunk + b"x" * chunk + b"\r\n") * count + b"0\r\n\r\n")
                assert (await client.answer())[0] == status, chunk
            assert rig.server.seen.count("/upload") == 2

    asyncio.run(send())


def test_what_is_kept_of_a_body_is_counted_for_the_one_who_sends_it() -> None:
    guests, members = Budget(100), Budget(100)
    body = CollectedBody(Allowance(100, 100, guests))
    assert body.add(b"x" * 60)
    body.become(Allowance(100, 1000, members))
    assert (guests.used, members.used) == (0, 60)
    assert not body.add(b"x" * 60), "the budget is full"
    assert members.used == 120, "it is in memory all the same"
    body.release()
    body.release()
    assert (guests.used, members.used) == (0, 0)
