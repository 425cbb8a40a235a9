"""The memory for bodies and answers: one bound for all connections together."""

from dataclasses import dataclass


@dataclass
class Budget:
    """A number of bytes that connections reserve and release."""

    limit: int
    used: int = 0

    def reserve(self, count: int) -> bool:
        """Reserve so many bytes and return True, or return False and reserve nothing."""
        if self.used + count > self.limit:
            return False
        self.used += count
        return True

    def release(self, count: int) -> None:
        """Give back bytes that were reserved."""
        self.used -= count
