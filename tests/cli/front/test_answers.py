"""Answers that wait for slow readers, and the threads that they leave to pages."""

from caseapp.cli.front.registry import ANSWER
from tests.cli.front.rig import front, in_loop


@in_loop
async def test_few_slow_readers_keep_a_thread_while_they_wait_for_a_long_one() -> None:
    async with front(threads=8, big=3_000_000, answer=100_000) as rig:  # six long transfers, one waits, one is left
        for _ in range(10):
            (await rig.connect_narrow()).send("GET /big HTTP/1.1", "Host: x")
        await rig.until(lambda: rig.state.registry.cuts["readers"] == 3)
        assert (await (await rig.connect()).get("/page"))["target"] == "/page"
        assert rig.server.running == 7
        assert rig.states().count(ANSWER) == 6


@in_loop
async def test_what_was_read_makes_room_for_other_answers() -> None:
    async with front(threads=8, big=300_000, answers=1_000_000) as rig:
        for _ in range(3):
            client = await rig.connect()
            for _ in range(4):  # 3.6 MB in all
                client.send("GET /big HTTP/1.1", "Host: x")
                status, body = await client.answer()
                assert (status, len(body)) == (200, 300_000)
        assert rig.state.answers.used > 1_000_000, "counted since the last measure"
        rig.pass_time(1)
        assert rig.state.answers.used == 0
