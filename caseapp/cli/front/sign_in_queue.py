"""The turns of sign-ins: a few at a time, each address in turn, so that a flood of one address delays only itself."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from caseapp.cli.front.limits import Limits


class QueueFull(Exception):
    """Too many sign-ins wait, or this one waited too long."""


class SignInQueue:
    """The sign-ins that run and those that wait, by address."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._free = limits.sign_ins
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        self._count = 0

    @asynccontextmanager
    async def turn(self, address: str) -> AsyncIterator[None]:
        """Wait for a turn and take it. Raises QueueFull."""
        await self._wait_for_turn(address)
        try:
            yield
        finally:
            self._pass_turn()

    async def _wait_for_turn(self, address: str) -> None:
        if self._free:
            self._free -= 1
            return
        if self._count >= self._limits.waiting_sign_ins:
            self._make_room_for(address)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(address, deque()).append(turn)
        self._count += 1
        try:
            async with asyncio.timeout(self._limits.sign_in_seconds):
                await asyncio.shield(turn)
        except TimeoutError:
            self._give_up(address, turn)
            raise QueueFull from None
        except asyncio.CancelledError:
            self._give_up(address, turn)
            raise

    def _make_room_for(self, address: str) -> None:
        """End the last wait of the address with most of them, unless it is this one. Raises QueueFull."""
        largest = max(self._waiting, key=lambda known: len(self._waiting[known]))
        if len(self._waiting[largest]) <= len(self._waiting.get(address, ())) + 1:
            raise QueueFull
        ended = self._waiting[largest][-1]
        self._give_up(largest, ended)
        ended.set_exception(QueueFull())

    def _give_up(self, address: str, turn: "asyncio.Future[None]") -> None:
        if turn.done():  # the turn came in the same moment
            self._pass_turn()
            return
        self._waiting[address].remove(turn)
        self._count -= 1
        if not self._waiting[address]:
            del self._waiting[address]

    def _pass_turn(self) -> None:
        if not self._waiting:
            self._free += 1
            return
        address, turns = next(iter(self._waiting.items()))
        turn = turns.popleft()
        self._count -= 1
        del self._waiting[address]
        if turns:  # to the end of the round: the next turn is another address's
            self._waiting[address] = turns
        turn.set_result(None)
