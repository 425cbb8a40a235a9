"""What slow and hostile clients do to the front, and what everyone else notices of it: nothing."""

import asyncio
import json

import pytest

from caseapp.cli.front.registry import ANSWER, BODY, GUEST_BODY, HEADER, LEAVING, SERVED
from caseapp.cli.front.server import READ_AHEAD
from tests.cli.front.rig import OPEN_SESSION, begin_post, front, in_loop

FORM = "Content-Type: application/x-www-form-urlencoded"


@in_loop
async def test_pages_are_answered_while_two_hundred_slow_connections_of_four_kinds_wait() -> None:
    async with front(threads=2, per_address=400, system_buffer=4096) as rig:
        for number in range(50):
            (await rig.connect()).writer.write(b"GET /slow-head HTTP/1.1\r\nHost: x\r\nX-A: ")
            await begin_post(rig, 500, path="/sign-in/")
            await rig.connect()
            (await rig.connect_narrow()).send("GET /big HTTP/1.1", "Host: x", f"X-Number: {number}")
        await rig.until(lambda: rig.server.seen.count("/big") == 50 and rig.server.running == 0)
        await rig.until(lambda: SERVED not in rig.states())
        assert sorted({*rig.states()}) == sorted((ANSWER, GUEST_BODY, HEADER))
        assert len(rig.states()) == 200
        for address in ("127.0.0.1", "127.0.0.2"):
            assert (await (await rig.connect(address)).get("/page"))["target"] == "/page"


@in_loop
async def test_a_body_over_the_limit_before_sign_in_is_refused_and_reaches_no_page() -> None:
    async with front(guest_body=1000) as rig:
        for cookie in ("X-A: 1", "Cookie: session_token=ended", "Cookie: other=open"):
            client = await begin_post(rig, 1001, cookie)
            status, page = await client.answer()
            assert status == 413
            assert b"Sign in and send it again." in page
            assert "Inicie sesión".encode() in page
            assert b"Connectez-vous" in page
        chunked = await rig.connect()
        chunked.send("POST /upload HTTP/1.1", "Host: x", "Transfer-Encoding: chunked", body=b"3e9\r\n" + b"x" * 1001)
        assert (await chunked.answer())[0] == 413
        assert set(rig.server.seen) == {"/session"}, "only the question whether the session is open"
        small = await begin_post(rig, 1000)
        small.writer.write(b"x" * 1000)
        assert json.loads((await small.answer())[1])["size"] == 1000


@in_loop
async def test_a_refused_sender_that_goes_on_sending_still_reads_the_answer_and_is_cut_then() -> None:
    async with front(guest_body=1000, header_seconds=10) as rig:
        client = await begin_post(rig, 50_000_000)
        client.writer.write(b"x" * 3_000_000)
        assert (await client.answer())[0] == 413
        await rig.until(lambda: LEAVING in rig.states())
        rig.pass_time(11)
        assert await client.is_cut()
        assert rig.state.registry.cuts == {"leaving": 1}
        await rig.until(lambda: not rig.states())


@in_loop
async def test_a_member_with_an_open_session_sends_a_large_body_whole_or_in_chunks() -> None:
    async with front(guest_body=1000, collected_body=100_000) as rig:
        for size in (50_000, 3_000_000):
            client = await begin_post(rig, size, OPEN_SESSION)
            client.writer.write(b"x" * size)
            status, answer = await client.answer()
            assert (status, json.loads(answer)["size"]) == (200, size)
            client = await rig.connect()
            client.send("POST /upload HTTP/1.1", "Host: x", "Transfer-Encoding: chunked", OPEN_SESSION)
            client.writer.write(b"%x\r\n" % size + b"x" * size + b"\r\n0\r\n\r\n")
            status, answer = await client.answer()
            assert (status, json.loads(answer)["size"]) == (200, size)
        too_large = await begin_post(rig, rig.state.limits.body + 1, OPEN_SESSION)
        assert (await too_large.answer())[0] == 413


@in_loop
async def test_a_body_without_end_in_chunks_is_refused_at_the_members_limit() -> None:
    async with front(guest_body=100, collected_body=1000, body=200_000) as rig:
        client = await rig.connect()
        client.send("POST /upload HTTP/1.1", "Host: x", "Transfer-Encoding: chunked", OPEN_SESSION)
        client.writer.write((b"2710\r\n" + b"x" * 10_000 + b"\r\n") * 30)
        assert (await client.answer())[0] == 413
        await rig.until(lambda: rig.server.cut_short == 1)


@in_loop
async def test_a_steady_upload_at_the_floor_finishes_however_long_it_takes() -> None:
    async with front(guest_body=1000, collected_body=10_000) as rig:
        client = await begin_post(rig, 5 * 1024 * 600, OPEN_SESSION)
        await rig.until(lambda: BODY in rig.states())
        for _ in range(100):  # 5 KiB a second for ten minutes, six seconds at a time
            rig.pass_time(6)
            client.writer.write(b"x" * (5 * 1024 * 6))
            await asyncio.sleep(0.003)
        status, answer = await client.answer()
        assert (status, json.loads(answer)["size"]) == (200, 5 * 1024 * 600)


@in_loop
async def test_a_body_and_an_answer_are_measured_from_their_beginning() -> None:
    async with front(guest_body=1000, collected_body=10_000, big=3_000_000) as rig:
        client = await rig.connect_narrow()
        await client.get("/page")
        rig.pass_time(70)
        client.send("POST /upload HTTP/1.1", "Host: x", "Content-Length: 100000", OPEN_SESSION, body=b"x" * 50_000)
        await rig.until(lambda: BODY in rig.states() and rig.server.running == 1)
        rig.pass_time(2)
        client.writer.write(b"x" * 50_000)
        assert json.loads((await client.answer())[1])["size"] == 100_000
        client.send("POST /big HTTP/1.1", "Host: x", "Content-Length: 500")
        await rig.until(lambda: rig.states() == [GUEST_BODY])
        rig.pass_time(25)
        client.writer.write(b"x" * 500)
        await rig.until(lambda: rig.states() == [ANSWER])
        rig.pass_time(29)
        assert not rig.state.registry.cuts
        rig.pass_time(2)
        assert rig.state.registry.cuts == {ANSWER: 1}


@pytest.mark.parametrize("collected", [10_000, 4_000_000])
def test_a_stalled_upload_is_cut_and_the_web_server_notices(collected: int) -> None:
    async def stall() -> None:
        async with front(guest_body=1000, collected_body=collected) as rig:
            client = await begin_post(rig, 2_000_000, OPEN_SESSION)
            client.writer.write(b"x" * 70_000)  # less than 120 KiB in thirty seconds
            await rig.until(lambda: BODY in rig.states() and rig.state.member.budget.used + rig.server.running > 0)
            rig.pass_time(29)
            assert BODY in rig.states()
            rig.pass_time(2)
            assert await client.is_cut()
            assert rig.state.registry.cuts == {BODY: 1}
            await rig.until(lambda: rig.server.running == 0)
            assert rig.server.cut_short == (1 if collected == 10_000 else 0)
            assert "/upload" not in rig.server.seen

    asyncio.run(stall())


@in_loop
async def test_time_in_which_the_server_keeps_an_upload_waiting_does_not_count() -> None:
    async with front(threads=1, guest_body=1000, collected_body=10_000) as rig:
        holding = await rig.connect()
        holding.send("GET /hold HTTP/1.1", "Host: x", "X-A: 1")
        await rig.until(lambda: rig.server.order)
        client = await begin_post(rig, 50_000, OPEN_SESSION)
        client.writer.write(b"x" * 30_000)
        await rig.until(lambda: rig.states() == [SERVED, SERVED])
        rig.pass_time(300)
        rig.server.let_go.set()
        await rig.until(lambda: BODY in rig.states())
        client.writer.write(b"x" * 20_000)
        assert json.loads((await client.answer())[1])["size"] == 50_000


@in_loop
async def test_bodies_in_memory_are_bounded_for_all_connections_together() -> None:
    async with front(threads=2, guest_body=1000, collected_body=300_000, bodies=1_000_000) as rig:
        clients = [await begin_post(rig, 400_000, OPEN_SESSION, path="/hold") for _ in range(20)]
        for client in clients:
            client.writer.write(b"x" * 399_999)
        await asyncio.sleep(0.3)
        assert rig.state.member.budget.used <= 1_000_000 + 20 * 65_536
        assert (await (await rig.connect()).get("/page"))["target"] == "/page"
        guest = await begin_post(rig, 900)
        guest.writer.write(b"x" * 900)
        assert (await guest.answer())[0] == 200, "members' bodies leave the memory of guests alone"
        rig.server.let_go.set()
        for client in clients:
            client.writer.write(b"x")
        sizes = [json.loads((await client.answer())[1])["size"] for client in clients]
        assert sizes == [400_000] * 20


@in_loop
async def test_long_uploads_leave_threads_to_pages() -> None:
    async with front(threads=4, guest_body=1000, collected_body=10_000) as rig:
        for _ in range(10):
            (await begin_post(rig, 200_000, OPEN_SESSION)).writer.write(b"x" * 100_000)
        await rig.until(lambda: rig.server.running == 2)
        for _ in range(20):
            assert (await (await rig.connect()).get("/page"))["target"] == "/page"


@in_loop
async def test_forty_people_of_one_address_with_six_connections_each_all_get_pages() -> None:
    async with front() as rig:
        everyone = [await rig.connect() for _ in range(40 * 6)]
        for _ in range(2):
            for client in everyone:
                client.send("GET /page HTTP/1.1", "Host: x")
            assert {(await client.answer())[0] for client in everyone} == {200}
        assert len(rig.states()) == 240
        assert not rig.state.registry.cuts


@in_loop
async def test_over_the_limit_of_an_address_its_longest_waiting_connection_is_cut() -> None:
    async with front(per_address=3) as rig:
        first, second, third = [await rig.connect() for _ in range(3)]
        other = await rig.connect("127.0.0.2")
        await rig.until(lambda: len(rig.states()) == 4)
        rig.pass_time(1)
        await second.get("/page")
        fourth = await rig.connect()
        assert await first.is_cut()
        assert (await fourth.get("/page"))["target"] == "/page"
        assert (await second.get("/page"))["target"] == "/page", "it waited for less time"
        assert (await other.get("/page"))["target"] == "/page"
        assert (await third.get("/page"))["target"] == "/page"
        assert rig.state.registry.cuts == {"too_many": 1}


@in_loop
async def test_a_request_that_is_being_answered_is_never_cut_for_another() -> None:
    async with front(per_address=2) as rig:
        held = [await rig.connect() for _ in range(2)]
        for client in held:
            client.send("GET /hold HTTP/1.1", "Host: x")
        await rig.until(lambda: len(rig.server.order) == 2)
        refused = await rig.connect()
        assert await refused.is_cut()
        assert rig.state.registry.cuts == {"refused": 1}
        assert (await (await rig.connect("127.0.0.2")).get("/page"))["target"] == "/page"
        rig.server.let_go.set()
        assert [(await client.answer())[0] for client in held] == [200, 200]


@in_loop
async def test_with_too_many_connections_in_all_the_address_with_most_of_them_loses_one() -> None:
    async with front(connections=4) as rig:
        mine = await rig.connect("127.0.0.3")
        await rig.until(lambda: len(rig.states()) == 1)
        rig.pass_time(1)
        flood = [await rig.connect("127.0.0.2") for _ in range(3)]
        await rig.until(lambda: len(rig.states()) == 4)
        newcomer = await rig.connect("127.0.0.4")
        assert (await newcomer.get("/page"))["target"] == "/page"
        assert (await mine.get("/page"))["target"] == "/page"
        assert await flood[0].is_cut()


@in_loop
async def test_readers_of_one_address_on_all_connections_keep_no_other_address_out() -> None:
    async with front(threads=8, connections=6, big=1_000_000) as rig:
        for _ in range(6):
            (await rig.connect_narrow()).send("GET /big HTTP/1.1", "Host: x")
        await rig.until(lambda: rig.states() == [ANSWER] * 6)
        rig.pass_time(1)
        for number in range(2, 5):
            assert (await (await rig.connect(f"127.0.0.{number}")).get("/page"))["target"] == "/page"
        assert rig.state.registry.cuts == {"too_many": 3}
        assert rig.states().count(ANSWER) == 3
        held = [await rig.connect(f"127.0.0.{number}") for number in range(5, 8)]
        for client in held:
            client.send("GET /hold HTTP/1.1", "Host: x")
        await rig.until(lambda: len(rig.server.order) == 3)
        assert rig.states().count(ANSWER) + rig.states().count(SERVED) <= 6
        rig.server.let_go.set()
        assert {(await client.answer())[0] for client in held} == {200}, "what has a thread is not cut"


@in_loop
async def test_what_a_client_sends_ahead_waits_with_its_system_and_not_in_memory() -> None:
    async with front(system_buffer=1_000_000) as rig:
        client = await rig.connect()
        client.send("GET /hold HTTP/1.1", "Host: x")
        await rig.until(lambda: rig.server.order)
        client.writer.write((b"GET /page HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 10_000 + b"\r\n\r\n") * 30)
        await asyncio.sleep(0.1)
        (connection,) = rig.state.registry.connections
        ahead = connection.transport.get_protocol()._stream_reader._buffer  # type: ignore[attr-defined]
        assert 0 < len(ahead) <= 2 * READ_AHEAD
        rig.server.let_go.set()
        assert [(await client.answer())[0] for _ in range(31)] == [200] * 31


@in_loop
async def test_behind_the_proxy_each_request_counts_for_the_address_that_the_proxy_saw() -> None:
    async with front(is_behind_proxy=True, per_address=2) as rig:
        of_proxy = [await rig.connect() for _ in range(2)]  # never more than two connections here
        held = [await rig.connect("127.0.0.5") for _ in range(2)]
        for client in held:
            client.send("GET /hold HTTP/1.1", "Host: x", "X-Forwarded-For: 203.0.113.9, 198.51.100.7")
        await rig.until(lambda: rig.server.order == ["198.51.100.7"] * 2)
        of_proxy[0].send("GET /page HTTP/1.1", "Host: x", "X-Forwarded-For: 198.51.100.7")
        assert (await of_proxy[0].answer())[0] == 503
        # A client cannot use up the address of another one: what it claims is before the proxy's entry.
        seen = await of_proxy[1].get("/page", "X-Forwarded-For: 198.51.100.7, 203.0.113.9", "X-Forwarded-Proto: https")
        assert seen["headers"]["x-forwarded-for"] == "203.0.113.9"  # type: ignore[index]
        assert seen["headers"]["x-forwarded-proto"] == "https"  # type: ignore[index]
        rig.server.let_go.set()
        assert [(await client.answer())[0] for client in held] == [200, 200]


@in_loop
async def test_without_a_proxy_what_a_client_claims_about_its_address_is_replaced() -> None:
    async with front() as rig:
        client = await rig.connect("127.0.0.2")
        claims = ("X-Forwarded-For: 10.0.0.1", "Forwarded: for=10.0.0.1", "X-Real-IP: 10.0.0.1")
        headers = (await client.get("/page", *claims, "X-Forwarded-Proto: https", "X-Forwarded-Host: x.test"))[
            "headers"
        ]
        assert headers == {"host": "x", "x-forwarded-for": "127.0.0.2", "connection": "close"}


@in_loop
async def test_a_few_sign_ins_run_at_a_time_and_other_pages_go_on() -> None:
    async with front(threads=8, sign_ins=2) as rig:
        clients = [await begin_post(rig, 0, path="/sign-in/") for _ in range(60)]
        await rig.until(lambda: len(rig.server.order) == 2)
        for _ in range(5):
            assert (await (await rig.connect()).get("/page"))["target"] == "/page"
        assert rig.server.running == 2
        rig.server.let_go.set()
        assert {(await client.answer())[0] for client in clients} == {200}
        assert rig.server.most_running <= 3


@in_loop
async def test_the_turns_of_sign_ins_go_round_the_addresses() -> None:
    async with front(threads=8, sign_ins=1) as rig:
        flood = [await begin_post(rig, 0, path="/sign-in/?next=/cases/", address="127.0.0.2") for _ in range(1)]
        flood += [await begin_post(rig, 0, path="/sign-in/", address="127.0.0.2") for _ in range(20)]
        await rig.until(lambda: rig.server.order)
        await asyncio.sleep(0.05)
        member = await begin_post(rig, 0, path="/sign-in/", address="127.0.0.3")
        await asyncio.sleep(0.05)
        rig.server.let_go.set()
        assert (await member.answer())[0] == 200
        assert rig.server.order.index("127.0.0.3") <= 3
        assert {(await client.answer())[0] for client in flood} == {200}


@in_loop
async def test_sign_ins_over_the_number_that_may_wait_are_asked_to_come_later() -> None:
    async with front(sign_ins=1, waiting_sign_ins=2) as rig:
        first = [await begin_post(rig, 0, path="/unlock/") for _ in range(1)]
        first += [await begin_post(rig, 0, path="/sign-in/") for _ in range(1)]
        assert (await first[0].answer())[0] == 200
        await rig.until(lambda: len(rig.server.order) == 1)
        waiting = [await begin_post(rig, 0, path="/sign-in/") for _ in range(2)]
        await asyncio.sleep(0.05)
        late = await begin_post(rig, 0, path="/join/")
        status, page = await late.answer()
        assert status == 429
        assert b"Try again in a minute." in page
        rig.server.let_go.set()
        assert {(await client.answer())[0] for client in [first[1], *waiting]} == {200}


@in_loop
async def test_a_sign_in_that_waited_too_long_is_asked_to_come_later_and_its_turn_goes_on() -> None:
    async with front(sign_ins=1, sign_in_seconds=1) as rig:
        held = await begin_post(rig, 0, path="/sign-in/")
        await rig.until(lambda: len(rig.server.order) == 1)
        late = await begin_post(rig, 0, path="/sign-in/")
        assert (await late.answer())[0] == 429, "it waited for too long"
        rig.server.let_go.set()
        assert (await held.answer())[0] == 200
        again = await begin_post(rig, 0, path="/sign-in/")
        assert (await again.answer())[0] == 200


@in_loop
async def test_slow_heads_silent_and_idle_connections_and_slow_small_bodies_are_cut_in_time() -> None:
    async with front(header_seconds=10, idle_seconds=75) as rig:
        silent, slow, idle = [await rig.connect() for _ in range(3)]
        body = await begin_post(rig, 50)
        slow.writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n")
        await idle.get("/page")
        await rig.until(lambda: sorted(rig.states()) == ["guest body", "header", "header", "idle"])
        rig.pass_time(9)
        slow.writer.write(b"X-A: 1\r\n")
        body.writer.write(b"x" * 40)
        await asyncio.sleep(0.05)
        assert len(rig.states()) == 4
        rig.pass_time(2)
        assert await silent.is_cut()
        assert await slow.is_cut(), "one line in time does not begin the time again"
        rig.pass_time(20)
        assert await body.is_cut()
        await idle.get("/page")
        rig.pass_time(76)
        assert await idle.is_cut()
        assert rig.state.registry.cuts == {"header": 2, "body": 1, "idle": 1}


@in_loop
async def test_a_head_over_its_limit_is_refused() -> None:
    async with front() as rig:
        client = await rig.connect()
        client.send("GET / HTTP/1.1", "Host: x", f"X-A: {'a' * 20_000}")
        assert (await client.answer())[0] == 431


@in_loop
async def test_an_answer_waits_in_memory_for_its_slow_reader_and_frees_its_thread() -> None:
    async with front(threads=1, big=3_000_000) as rig:
        reader = await rig.connect_narrow()
        reader.send("GET /big HTTP/1.1", "Host: x")
        await rig.until(lambda: ANSWER in rig.states() and rig.server.running == 0)
        assert (await (await rig.connect()).get("/page"))["target"] == "/page"
        rig.pass_time(29)
        assert ANSWER in rig.states()
        rig.pass_time(2)
        assert rig.state.registry.cuts == {ANSWER: 1}, "below the floor for thirty seconds"


@in_loop
async def test_a_slow_but_steady_reader_gets_the_whole_answer() -> None:
    async with front(threads=1, big=2_000_000, answer=100_000) as rig:
        reader = await rig.connect_narrow()
        reader.send("GET /big HTTP/1.1", "Host: x")
        got = b""
        while len(got) < 2_000_000:
            got += await reader.reader.read(65_536)
            rig.pass_time(0.05)
        assert not rig.state.registry.cuts


@in_loop
async def test_a_slow_but_steady_reader_of_one_large_answer_is_not_cut() -> None:
    async with front(threads=1, big=3_000_000) as rig:
        reader = await rig.connect_narrow()
        reader.send("GET /big HTTP/1.1", "Host: x")
        await rig.until(lambda: ANSWER in rig.states())
        got = b""
        while len(got) < 2_000_000:  # the front waits once, for all of it
            got += await reader.reader.read(65_536)
        rig.pass_time(40)
        assert not rig.state.registry.cuts
        while len(got) < 3_000_000:
            got += await reader.reader.read(65_536)


@in_loop
async def test_answers_in_memory_are_bounded_for_all_readers_together() -> None:
    async with front(threads=8, big=1_000_000, answer=1_000_000, answers=2_000_000) as rig:
        for _ in range(12):
            (await rig.connect_narrow()).send("GET /big HTTP/1.1", "Host: x")
        await rig.until(lambda: rig.states().count(ANSWER) >= 6)
        rig.state.measure_answers()
        assert rig.state.answers.used <= 2_000_000 + 8 * 2 * 65_536


@in_loop
async def test_readers_of_answers_too_large_for_memory_leave_threads_to_pages() -> None:
    from caseapp.cli.front import client as front_client

    before, front_client.SLOW_ANSWER_SECONDS = front_client.SLOW_ANSWER_SECONDS, 0
    try:
        async with front(threads=4, big=3_000_000, answer=100_000) as rig:
            for _ in range(6):
                (await rig.connect_narrow()).send("GET /big HTTP/1.1", "Host: x")
            await rig.until(lambda: rig.state.registry.cuts["readers"] == 4)
            assert (await (await rig.connect()).get("/page"))["target"] == "/page"
            assert rig.states().count(ANSWER) == 2
    finally:
        front_client.SLOW_ANSWER_SECONDS = before


@in_loop
async def test_an_answer_that_comes_before_the_whole_body_reaches_the_sender() -> None:
    async with front(guest_body=1000, collected_body=10_000) as rig:
        for length in (200_000, 5000):
            client = await begin_post(rig, length, OPEN_SESSION, path="/early")
            client.writer.write(b"x" * min(length, 100_000))
            assert (await client.answer())[0] == 200


@in_loop
async def test_requests_in_a_row_heads_and_expectations_are_answered() -> None:
    async with front() as rig:
        client = await rig.connect()
        client.writer.write(b"GET /one HTTP/1.1\r\nHost: x\r\n\r\nGET /two HTTP/1.1\r\nHost: x\r\n\r\n")
        assert json.loads((await client.answer())[1])["target"] == "/one"
        assert json.loads((await client.answer())[1])["target"] == "/two"
        client.send("HEAD /big HTTP/1.1", "Host: x")
        assert await client.answer("HEAD") == (200, b"")
        client.send("POST /upload HTTP/1.1", "Host: x", "Content-Length: 3", "Expect: 100-continue")
        assert (await client.reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100")
        client.writer.write(b"abc")
        assert json.loads((await client.answer())[1])["size"] == 3
        old = await rig.connect()
        old.send("GET /page HTTP/1.0")
        assert json.loads((await old.answer())[1])["headers"]["host"] == ""


@in_loop
async def test_a_body_whose_length_can_be_read_in_two_ways_reaches_no_page() -> None:
    async with front() as rig:
        both = ("Content-Length: 5", "Transfer-Encoding: chunked")
        for headers in (
            both,
            ("Content-Length: 5", "Content-Length: 6"),
            ("Content-Length: +5",),
            ("Transfer-Encoding: x",),
        ):
            client = await rig.connect()
            client.send("POST /upload HTTP/1.1", "Host: x", *headers, body=b"0\r\n\r\nGET /second HTTP/1.1\r\n\r\n")
            status, _ = await client.answer()
            assert status in {400, 501} or (headers == both and rig.server.seen == ["/upload"]), headers
        assert "/second" not in rig.server.seen


@in_loop
async def test_a_web_server_that_does_not_answer_is_said_in_three_languages() -> None:
    async with front() as rig:
        rig.state.web_server._path = "/nowhere"
        client = await rig.connect()
        client.send("GET /page HTTP/1.1", "Host: x")
        status, page = await client.answer()
        assert status == 503
        assert page.count(b"<p lang=") == 3
        assert SERVED not in rig.states()
