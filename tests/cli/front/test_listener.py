"""The socket that people reach."""

import asyncio
import socket

from caseapp.cli.front.server import open_listener


def test_an_answer_is_sent_at_once_and_its_end_waits_for_no_acknowledgement() -> None:
    """Without TCP_NODELAY a browser that keeps its connection gets the end of each longer page 40 ms late."""
    listener = open_listener("127.0.0.1:0")
    assert listener is not None
    assert asyncio.run(_delays_nothing(listener))


async def _delays_nothing(listener: socket.socket) -> bool:
    accepted: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted.set_result(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    listener.listen()
    async with await asyncio.start_server(answer, sock=listener):
        host, port = listener.getsockname()[:2]
        _reader, writer = await asyncio.open_connection(host, port)
        is_set = await asyncio.wait_for(accepted, 20)
        writer.close()
    return bool(is_set)
