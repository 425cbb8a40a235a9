"""The state that all connections of the front share."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from caseapp.cli.front.bodies import Allowance
from caseapp.cli.front.floor import Floor
from caseapp.cli.front.limits import Limits
from caseapp.cli.front.memory import Budget
from caseapp.cli.front.registry import Connection, Registry
from caseapp.cli.front.sign_in_queue import SignInQueue
from caseapp.cli.front.web_server import WebServer


@dataclass
class FrontState:
    """The limits, and what is used of them. `is_behind_proxy`: our proxy adds the client's address to each request."""

    limits: Limits
    web_server: WebServer
    is_behind_proxy: bool
    now: Callable[[], float] = time.monotonic
    registry: Registry = field(init=False)
    sign_ins: SignInQueue = field(init=False)
    guest: Allowance = field(init=False)
    member: Allowance = field(init=False)
    returning: Allowance = field(init=False)  # a member whose session ended lately
    returning_uploads: Budget = field(init=False)
    answers: Budget = field(init=False)

    def __post_init__(self) -> None:
        self.registry = Registry(self.limits, self.now)
        self.sign_ins = SignInQueue(self.limits)
        limits = self.limits
        self.guest = Allowance(limits.guest_body, limits.guest_body, Budget(limits.guest_bodies))
        self.member = Allowance(limits.collected_body, limits.body, Budget(limits.bodies))
        self.returning = Allowance(limits.returning_body, limits.body, Budget(limits.returning_bodies))
        self.returning_uploads = Budget(limits.returning_uploads)
        self.answers = Budget(self.limits.answers)

    def new_connection(self, transport: asyncio.WriteTransport, address: str) -> Connection:
        """Return a connection that is not counted yet."""
        return Connection(transport, address, Floor(self.limits, self.now), self.now)

    def measure_answers(self) -> None:
        """Count the answers that wait in memory now; between two calls only what is added counts."""
        self.answers.used = sum(known.transport.get_write_buffer_size() for known in self.registry.connections)
