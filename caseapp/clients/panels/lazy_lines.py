"""Lines of a long list, each made when it is looked at: a page makes those that it shows, and counts the others."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar, overload

Line = TypeVar("Line")


class LazyLines(Sequence[Line], Generic[Line]):
    """The lines of these rows, in their order. A slice is a tuple of finished lines."""

    def __init__(self, rows: Sequence[Any], make: Callable[[Any], Line]) -> None:
        self._rows = rows
        self._make: Callable[[Any], Line] = make

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, at: int) -> Line: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Line, ...]: ...
    def __getitem__(self, at: int | slice) -> Line | tuple[Line, ...]:
        return tuple(map(self._make, self._rows[at])) if isinstance(at, slice) else self._make(self._rows[at])
