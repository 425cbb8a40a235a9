"""One connection of a client: its requests, one after the other, each collected before a thread gets it."""

import asyncio
from contextlib import AsyncExitStack, suppress

import h11

from caseapp.cli.front import answers, requests
from caseapp.cli.front.addresses import client_of, network_of
from caseapp.cli.front.bodies import Allowance, CollectedBody
from caseapp.cli.front.front_state import FrontState
from caseapp.cli.front.registry import ANSWER, BODY, GUEST_BODY, HEADER, IDLE, LEAVING, SERVED, Connection
from caseapp.cli.front.sign_in_queue import QueueFull
from caseapp.cli.front.web_server import PIECE, AllBusy, Exchange, ServerGone

OPEN_SESSION, ENDED_SESSION = 204, 410  # what `/session` answers: open or locked; ended within the last days
SLOW_ANSWER_SECONDS = 10  # that an answer too large for memory waits for a thread of long transfers


class Refusal(Exception):
    """An answer of the front itself; the connection ends with it."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class ClientGone(Exception):
    """The client closed the connection, or it was cut."""


class ClientConnection:
    """The requests of one connection."""

    def __init__(
        self, state: FrontState, connection: Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._state, self._limits, self._connection = state, state.limits, connection
        self._reader, self._writer = reader, writer
        self._peer, self._own_network = str((writer.get_extra_info("peername") or ["?"])[0]), connection.address
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=self._limits.header_bytes)
        self._body, self._is_whole = CollectedBody(state.guest), False
        self._is_long = False  # has one of the threads for long transfers
        writer.transport.set_write_buffer_limits(high=0)  # `drain` waits until the client has everything

    async def serve(self) -> None:
        """Answer requests until either side ends the connection."""
        try:
            while await self._serve_request():
                pass
        except (ClientGone, OSError):
            pass
        finally:
            self._release_body()

    async def _serve_request(self) -> bool:
        """Answer one request and return whether another one may follow."""
        try:
            request = await self._next_request()
            if request is None:
                return False
            await self._answer_request(request)
            await self._drain()
        except h11.RemoteProtocolError as exc:
            await self._refuse(exc.error_status_hint)
        except Refusal as refused:
            await self._refuse(refused.status)
        except (ServerGone, QueueFull) as exc:
            await self._refuse(429 if isinstance(exc, QueueFull) else 503)
        finally:
            self._release_body()
            self._state.registry.move_back(self._connection, self._own_network)
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
            self._connection.enter(IDLE)
            return True
        if self._http.their_state is h11.SEND_BODY and self._connection.state != LEAVING:
            await self._linger()
        return False

    # The request.

    async def _next_request(self) -> h11.Request | None:
        """Return the head of the next request, or None at the end of the connection."""
        event = await self._next_event()
        if isinstance(event, h11.Request):
            if requests.head_size(event) > self._limits.header_bytes:  # it may have arrived in one piece
                raise Refusal(431)
            try:
                return requests.read_head(event)
            except requests.UnreadableHead:
                raise Refusal(400) from None
        return None

    async def _next_event(self) -> object:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._http.they_are_waiting_for_100_continue:
                go_on = h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue")
                self._write(go_on)
            self._http.receive_data(await self._read())
        return event

    async def _read(self) -> bytes:
        """Return what the client sent, b"" at its end. The wait counts for the floor. Raises ClientGone."""
        connection = self._connection
        connection.floor.begin_wait()
        try:
            content = await self._reader.read(PIECE)
        except OSError:
            raise ClientGone from None
        if connection.state == IDLE and content:
            connection.enter(HEADER)
        connection.floor.end_wait(len(content))
        if connection.cut_reason:
            raise ClientGone
        return content

    async def _answer_request(self, request: h11.Request) -> None:
        """Collect the request, let the web server answer it, and pass the answer on."""
        self._body, self._is_whole = CollectedBody(self._state.guest), False
        headers = list(request.headers)
        client = client_of(self._peer, headers, is_behind_proxy=self._state.is_behind_proxy)
        network = network_of(client)
        if self._state.is_behind_proxy and not self._state.registry.move(self._connection, network):
            self._state.registry.cuts["refused"] += 1
            raise Refusal(503)
        length = requests.body_length(request)
        await self._collect_body(request, length)
        async with AsyncExitStack() as turns:
            if requests.is_sign_in(request):
                await turns.enter_async_context(self._state.sign_ins.turn(network))
            self._is_long = not self._is_whole
            if self._is_long:
                await self._begin_long_upload(turns)
            exchange = await turns.enter_async_context(self._state.web_server.exchange())
            passed = requests.passed_on(
                request,
                client,
                length=len(self._body.content) if self._is_whole else length,
                is_behind_proxy=self._state.is_behind_proxy,
            )
            await self._pass_on(exchange, passed, turns)

    async def _collect_body(self, request: h11.Request, length: int | None) -> None:
        """Collect the body in memory: whole, or of a member's long one its beginning. Raises Refusal."""
        body = self._body
        self._connection.floor.restart()
        if length is not None and length > body.allowance.whole:
            body.become(await self._ask_for_allowance(request, length))
        self._connection.enter(GUEST_BODY if self._is_guest() else BODY)
        while self._is_guest() or len(body.content) < body.allowance.collected:
            piece = await self._next_piece()
            if piece is None:
                break
            if self._is_guest() and len(body.content) + len(piece) > body.allowance.whole:
                body.become(await self._ask_for_allowance(request, length))
                self._connection.enter(BODY)
            if not self._keep(piece):
                break  # passed on from here as it arrives
        self._connection.enter(SERVED)

    def _is_guest(self) -> bool:
        return self._body.allowance is self._state.guest

    def _keep(self, piece: bytes) -> bool:
        """Keep a piece of the body, and return whether more is kept. Raises Refusal where memory is full."""
        had_room = self._body.add(piece)
        self._connection.collected = len(self._body.content)
        if had_room:
            return True
        if self._is_guest() and self._state.registry.cut_for_memory(self._connection):
            return True
        if self._body.allowance is not self._state.member:
            raise Refusal(503)
        return False

    async def _next_piece(self) -> bytes | None:
        """Return the next piece of the body, or None at its end. Raises Refusal, ClientGone."""
        event = await self._next_event()
        if isinstance(event, h11.EndOfMessage):
            self._is_whole = True
            return None
        if not isinstance(event, h11.Data):
            raise ClientGone
        self._body.arrived += len(event.data)
        self._body.chunks += event.chunk_start
        if self._body.has_small_chunks():
            raise Refusal(400)
        return bytes(event.data)

    async def _ask_for_allowance(self, request: h11.Request, length: int | None) -> Allowance:
        """Ask the web server what the sender of a large body may send. Raises Refusal."""
        self._connection.enter(SERVED)
        if (length is not None and length > self._limits.body) or not requests.has_cookie(request):
            raise Refusal(413)
        async with self._state.web_server.exchange() as exchange:
            await exchange.send(requests.session_check(request, is_behind_proxy=self._state.is_behind_proxy))
            await exchange.send(h11.EndOfMessage())
            answer = await exchange.next_event()
        known = {OPEN_SESSION: self._state.member, ENDED_SESSION: self._state.returning}
        status = answer.status_code if isinstance(answer, h11.Response) else 0
        if status not in known:
            raise Refusal(413)
        return known[status]

    async def _begin_long_upload(self, turns: AsyncExitStack) -> None:
        """Take one of the threads for long transfers. Raises Refusal: after a session few may."""
        if self._body.allowance is self._state.returning:
            if not self._state.returning_uploads.reserve(1):
                raise Refusal(503)
            turns.callback(self._state.returning_uploads.release, 1)
        await turns.enter_async_context(self._state.web_server.long_transfer())

    def _release_body(self) -> None:
        self._body.release()
        self._connection.collected = 0

    async def _send_request(self, exchange: Exchange, passed: h11.Request) -> None:
        """Send the web server what was collected, and then what still arrives, no faster than it reads."""
        await exchange.send(passed)
        for start in range(0, len(self._body.content), PIECE):
            await exchange.send(h11.Data(data=bytes(self._body.content[start : start + PIECE])))
        self._release_body()
        while not self._is_whole:
            self._connection.enter(BODY)
            piece = await self._next_piece()
            self._connection.enter(SERVED)
            if self._body.arrived > self._limits.body:
                raise Refusal(413)
            if piece is not None:
                await exchange.send(h11.Data(data=piece))
        await exchange.send(h11.EndOfMessage())

    # The answer.

    async def _pass_on(self, exchange: Exchange, passed: h11.Request, turns: AsyncExitStack) -> None:
        """Send the request and relay the answer, which may begin before the whole request was read."""
        sending = asyncio.create_task(self._send_request(exchange, passed))
        begun = asyncio.create_task(exchange.next_event())
        try:
            await asyncio.wait({sending, begun}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
            first = await begun
        finally:
            for task in (sending, begun):
                task.cancel()
            await asyncio.gather(sending, begun, return_exceptions=True)
        if not isinstance(first, h11.Response):
            raise ServerGone
        await self._relay_answer(exchange, first, turns)

    async def _relay_answer(self, exchange: Exchange, head: h11.Response, turns: AsyncExitStack) -> None:
        kept = [
            (raw, value)
            for (raw, value), (name, _) in zip(head.headers.raw_items(), head.headers, strict=True)
            if name not in requests.OF_ONE_HOP or name == b"content-length"
        ]
        if self._http.their_state is not h11.DONE:  # the rest of the request is not read
            kept.append((b"Connection", b"close"))
        self._write(h11.Response(status_code=head.status_code, reason=head.reason, headers=kept))
        is_slow = False
        self._connection.floor.restart()
        while isinstance(event := await exchange.next_event(), h11.Data):
            self._write(event)
            if self._must_wait():
                if not is_slow and not self._is_long:
                    await self._begin_slow_answer(turns)
                is_slow = True
                await self._drain()
        self._write(h11.EndOfMessage())

    async def _begin_slow_answer(self, turns: AsyncExitStack) -> None:
        """Take one of the threads for long transfers, or cut this reader: the other threads stay for pages."""
        try:
            await self._state.web_server.wait_with_thread(turns, SLOW_ANSWER_SECONDS)
        except (TimeoutError, AllBusy):
            self._state.registry.cut(self._connection, "readers")
            raise ClientGone from None

    def _must_wait(self) -> bool:
        """Return whether enough of the answer waits in memory for its reader."""
        waiting = self._writer.transport.get_write_buffer_size()
        return waiting > self._limits.answer or (waiting > 0 and self._state.answers.used > self._state.answers.limit)

    def _write(self, event: h11.Event) -> None:
        content = self._http.send(event)
        if content:
            self._state.answers.used += len(content)
            self._writer.write(content)

    async def _drain(self) -> None:
        """Wait until the client has read everything. The wait counts for the floor. Raises ClientGone."""
        connection, transport = self._connection, self._writer.transport
        unread = transport.get_write_buffer_size()
        if unread:
            before = connection.state
            connection.enter(ANSWER if before != LEAVING else LEAVING)
            connection.unread = unread
            connection.floor.begin_wait()
            try:
                await self._writer.drain()
            except OSError:
                raise ClientGone from None
            finally:
                connection.floor.end_wait(unread - transport.get_write_buffer_size())
                connection.unread = 0
            if before != LEAVING:
                connection.enter(SERVED)
        if connection.cut_reason:
            raise ClientGone

    async def _refuse(self, status: int) -> None:
        """Answer with a page of the front, where no answer has begun, and let the client read it."""
        if self._http.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
            self._connection.transport.abort()
            return
        self._release_body()
        page = answers.page_of(status)
        self._write(answers.response_of(status, page))
        with suppress(h11.LocalProtocolError):  # the answer to HEAD has no body
            self._write(h11.Data(data=page))
        self._connection.enter(LEAVING)
        await self._drain()
        await self._linger()

    async def _linger(self) -> None:
        """Discard what a client still sends, for some seconds: closed at once, it would not see the answer."""
        self._connection.enter(LEAVING)
        if self._writer.can_write_eof():
            self._writer.write_eof()
        while await self._reader.read(PIECE):
            pass
