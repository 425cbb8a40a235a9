"""Bodies of requests in memory, and how much each kind of sender may send."""

from dataclasses import dataclass, field

from caseapp.cli.front.memory import Budget

# Reading a chunk of one byte costs as much as reading a large one: further chunks must have so many on average.
FREE_CHUNKS, CHUNK_BYTES = 200, 128


@dataclass(frozen=True)
class Allowance:
    """The bytes that a kind of sender may send: a guest, a member, or a member whose session ended lately."""

    collected: int  # bytes that are kept until a thread gets the request; beyond it they are passed on as they arrive
    whole: int  # bytes in all
    budget: Budget


@dataclass
class CollectedBody:
    """The part of one body that is in memory."""

    allowance: Allowance
    content: bytearray = field(default_factory=bytearray)
    arrived: int = 0  # bytes in all, also of what was passed on
    chunks: int = 0

    def has_small_chunks(self) -> bool:
        """Return whether the body arrives in so many small chunks that reading it is work for nothing."""
        return self.chunks > FREE_CHUNKS + self.arrived // CHUNK_BYTES

    def add(self, piece: bytes) -> bool:
        """Keep a piece, and return whether the budget had room for it."""
        self.content += piece
        had_room = self.allowance.budget.reserve(len(piece))
        if not had_room:
            self.allowance.budget.used += len(piece)
        return had_room

    def become(self, allowance: Allowance) -> None:
        """Count what is kept for another kind of sender."""
        self.allowance.budget.release(len(self.content))
        self.allowance = allowance
        self.allowance.budget.used += len(self.content)

    def release(self) -> None:
        """Forget what is kept."""
        self.allowance.budget.release(len(self.content))
        self.content = bytearray()
