"""All open connections, counted by address; which one is cut when there are too many."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from caseapp.cli.front.floor import Floor
from caseapp.cli.front.limits import Limits

# What a connection does. In the first four the front waits for the client, and nothing is lost by a cut.
IDLE, HEADER, GUEST_BODY, LEAVING = "idle", "header", "guest body", "leaving"
BODY, ANSWER, SERVED = "body", "answer", "served"
CUTTABLE = frozenset((IDLE, HEADER, GUEST_BODY, LEAVING))


@dataclass(eq=False)
class Connection:
    """One connection of a client, or of the proxy for its clients."""

    transport: asyncio.WriteTransport
    address: str
    floor: Floor
    now: Callable[[], float]  # monotonic seconds
    state: str = HEADER
    since: float = field(init=False)  # monotonic seconds: when this state began
    cut_reason: str = ""
    unread: int = 0  # bytes that waited in memory for this reader when the front began to wait for it
    collected: int = 0  # bytes of the request's body in memory

    def __post_init__(self) -> None:
        self.since = self.now()

    def enter(self, state: str) -> None:
        """Begin a state."""
        self.state, self.since = state, self.now()

    def read_since(self) -> int:
        """Return how many bytes the client read since the front began to wait for it."""
        return max(0, self.unread - self.transport.get_write_buffer_size()) if self.unread else 0

    def cut(self, reason: str) -> None:
        """End the connection at once; what waits in its buffers is dropped."""
        self.cut_reason = self.cut_reason or reason
        self.transport.abort()


class Registry:
    """The open connections."""

    def __init__(self, limits: Limits, now: Callable[[], float]) -> None:
        self._limits, self._now = limits, now
        self.connections: dict[Connection, None] = {}  # in the order in which they were opened
        self.counts: Counter[str] = Counter()
        self.cuts: Counter[str] = Counter()  # by reason, for the log

    def admit(self, connection: Connection, *, is_of_proxy: bool = False) -> bool:
        """Count a new connection, or return False. Where there are too many, an older one that waits is cut for it.

        Where there are too many in all, also one that reads its answer is cut, of the address with most connections.
        is_of_proxy  it is of the proxy, which brings everybody's requests: no limit of one address, only that of all
        """
        if not (is_of_proxy or self._has_room(connection.address)):
            return False
        if len(self.connections) >= self._limits.connections:
            largest = max(self.counts, key=self.counts.__getitem__)
            is_fair = self.counts[largest] > self.counts[connection.address] + 1
            if not (
                self._cut_oldest(largest)
                or (is_fair and self._cut_oldest(largest, frozenset((ANSWER,))))
                or self._cut_oldest(None)
            ):
                return False
        self.connections[connection] = None
        self.counts[connection.address] += 1
        return True

    def move(self, connection: Connection, address: str) -> bool:
        """Count a connection of the proxy for the client whose request it has now, or return False."""
        if address == connection.address:
            return True
        if not self._has_room(address):
            return False
        self._uncount(connection.address)
        connection.address = address
        self.counts[address] += 1
        return True

    def move_back(self, connection: Connection, address: str) -> None:
        """Count a connection for its own address again, after the request of a client."""
        if connection in self.connections and address != connection.address:
            self._uncount(connection.address)
            connection.address = address
            self.counts[address] += 1

    def cut_for_memory(self, newcomer: Connection) -> bool:
        """Cut a guest's unfinished body of the address that has most of them in memory, and return whether it did.

        It is the one that waits longest. The newcomer's own address is not cut for the newcomer.
        """
        sizes: Counter[str] = Counter()
        unfinished = [known for known in self.connections if known.state == GUEST_BODY]
        for known in unfinished:
            sizes[known.address] += known.collected
        largest = max(sizes, key=sizes.__getitem__, default=newcomer.address)
        if sizes[largest] <= sizes[newcomer.address]:
            return False
        mine = [known for known in unfinished if known.address == largest and known.collected]
        self.cut(min(mine, key=lambda known: known.since), "memory")
        return True

    def forget(self, connection: Connection) -> None:
        """Uncount a connection that was closed or cut. May be called twice."""
        if connection in self.connections:
            del self.connections[connection]
            self._uncount(connection.address)

    def cut(self, connection: Connection, reason: str) -> None:
        """Cut a connection and uncount it at once."""
        self.cuts[reason] += 1
        connection.cut(reason)
        self.forget(connection)

    def _has_room(self, address: str) -> bool:
        return self.counts[address] < self._limits.per_address or self._cut_oldest(address)

    def _uncount(self, address: str) -> None:
        self.counts[address] -= 1
        if not self.counts[address]:
            del self.counts[address]

    def _cut_oldest(self, address: str | None, states: frozenset[str] = CUTTABLE) -> bool:
        """Cut the connection (of an address) that has waited longest, and return whether there was one."""
        waiting = (
            known
            for known in self.connections
            if known.state in states and (address is None or known.address == address)
        )
        oldest = min(waiting, key=lambda known: known.since, default=None)
        if oldest is None:
            return False
        self.cut(oldest, "too_many")
        return True

    def cut_overdue(self) -> None:
        """Cut each connection whose client took too long. Called every second."""
        now = self._now()
        patience = {
            HEADER: (self._limits.header_seconds, "header"),
            IDLE: (self._limits.idle_seconds, "idle"),
            LEAVING: (self._limits.header_seconds, "leaving"),
            # A guest's body is small: at the floor it is whole before this.
            GUEST_BODY: (self._limits.floor_seconds, "body"),
        }
        for connection in list(self.connections):
            seconds, reason = patience.get(connection.state, (0, ""))
            if reason and now - connection.since >= seconds:
                self.cut(connection, reason)
            elif connection.state in {BODY, ANSWER} and connection.floor.is_broken(connection.read_since()):
                self.cut(connection, connection.state)
