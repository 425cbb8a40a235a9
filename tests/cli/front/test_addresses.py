"""Whose connection it is: the proxy's, which brings everybody's requests, or a client's."""

from caseapp.cli.front.addresses import FORWARDED_FOR, FORWARDED_PROTO, client_of, last_entry
from tests.cli.front.rig import front, in_loop


@in_loop
async def test_the_proxys_own_connections_have_no_limit_of_one_address() -> None:
    async with front(is_behind_proxy=True, per_address=2, connections=8) as rig:
        of_proxy = [await rig.connect() for _ in range(6)]
        await rig.until(lambda: len(rig.states()) == 6)
        for number, client in enumerate(of_proxy):
            client.send("GET /page HTTP/1.1", "Host: x", f"X-Forwarded-For: 198.51.100.{number}")
        assert {(await client.answer())[0] for client in of_proxy} == {200}
        assert not rig.state.registry.cuts, "a burst of one client's requests cuts nobody else's"
        for _ in range(4):
            await rig.connect()
        await rig.until(lambda: rig.state.registry.cuts == {"too_many": 2})


@in_loop
async def test_a_connection_of_the_proxy_counts_for_each_client_in_turn_and_for_none_between() -> None:
    async with front(is_behind_proxy=True) as rig:
        client = await rig.connect()
        for address in ("198.51.100.7", "203.0.113.9", "2001:db8:1:2::3"):
            seen = await client.get("/page", f"X-Forwarded-For: {address}")
            assert seen["headers"]["x-forwarded-for"] == address  # type: ignore[index]
            await rig.until(lambda: rig.state.registry.counts == {"127.0.0.1": 1})


def test_the_last_entry_counts_however_the_list_is_written() -> None:
    for headers, address in (
        ([(FORWARDED_FOR, b"10.0.0.1, 203.0.113.9")], "203.0.113.9"),
        ([(FORWARDED_FOR, b"10.0.0.1"), (FORWARDED_FOR, b"203.0.113.9")], "203.0.113.9"),
        ([(FORWARDED_FOR, b"203.0.113.9 ,\t2001:db8::1 ")], "2001:db8::1"),
        ([(FORWARDED_FOR, b"203.0.113.9,")], "192.0.2.1"),
        ([(FORWARDED_FOR, b"10.0.0.1, 203.0.113.9:5061")], "203.0.113.9"),
        ([(FORWARDED_FOR, b"[2001:db8::1]:5061")], "2001:db8::1"),
        ([(FORWARDED_FOR, b"[2001:db8::1]")], "2001:db8::1"),
        ([(FORWARDED_FOR, b"")], "192.0.2.1"),
        ([(FORWARDED_PROTO, b"https")], "192.0.2.1"),
    ):
        assert client_of("192.0.2.1", headers, is_behind_proxy=True) == address
        assert client_of("192.0.2.1", headers, is_behind_proxy=False) == "192.0.2.1"
    assert last_entry([], FORWARDED_PROTO) == b""
