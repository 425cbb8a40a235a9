"""The order of a run: each worker begins with tests that last minutes, so that none is left alone with one at the end.

pytest-xdist gives each worker an equal part of the list, in the order of the list (`--dist worksteal`).
"""

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

Test = TypeVar("Test")


def deal_long_tests(
    tests: Sequence[Test], workers: int, *, is_long: Callable[[Test], bool], module: Callable[[Test], Hashable]
) -> list[Test]:
    """Return the tests with the long ones at the beginnings of the workers' parts, all others in the order they had.

    The long tests of one module go to one worker, because they share a stack.
    """
    hands: list[list[Test]] = [[] for _ in range(workers)]
    modules: dict[Hashable, list[Test]] = {}
    for test in filter(is_long, tests):
        modules.setdefault(module(test), []).append(test)
    for number, group in enumerate(modules.values()):
        hands[number % workers] += group
    others = [test for test in tests if not is_long(test)]
    dealt: list[Test] = []
    for number, hand in enumerate(hands):
        part = (len(tests) - len(dealt)) // (workers - number)
        share = max(0, part - len(hand))
        dealt += [*hand, *others[:share]]
        del others[:share]
    return dealt
