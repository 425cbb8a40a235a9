"""Search for all patterns in one pass over the bytes."""

import re
from collections.abc import Iterator, Mapping

from caseapp.tools.seal_scan.forms import MAX_PATTERN_LENGTH, Form

try:
    import ahocorasick
except ImportError:  # a development tool; without it the slower regular expression does the same work
    ahocorasick = None

KEY_LENGTH = 12  # bytes; patterns are found by their first bytes, then compared whole, which keeps the automaton small
HEX_DIGITS = frozenset(b"0123456789abcdefABCDEF")
HEX_CONTEXT = 12  # hex digits on both sides that make a run of digits part of a longer hex text


class Matcher:
    """Finder of every pattern. `engine` is "aho-corasick" or "re"."""

    overlap = MAX_PATTERN_LENGTH - 1  # bytes of the last window that must precede the next one

    def __init__(self, patterns: Mapping[bytes, tuple[Form, ...]], *, engine: str | None = None) -> None:
        self.patterns = patterns
        self.engine = engine or ("aho-corasick" if ahocorasick else "re")
        self._by_key: dict[bytes, list[bytes]] = {}
        for pattern in patterns:
            self._by_key.setdefault(pattern[:KEY_LENGTH], []).append(pattern)
        self._lengths = sorted({len(key) for key in self._by_key})
        if self.engine == "aho-corasick":
            self._automaton = ahocorasick.Automaton()
            for key in self._by_key:
                self._automaton.add_word(key.decode("latin-1"), key)
            self._automaton.make_automaton()
        else:
            self._expression = re.compile(_expression_of(self._by_key), re.DOTALL)

    def find_matches(self, window: bytes, seen: int = 0) -> Iterator[tuple[int, bytes]]:
        """Yield start and pattern of each match in `window` that ends after the first `seen` bytes, searched before."""
        for start, key in self._find_keys(window):
            for pattern in self._by_key[key]:
                if start + len(pattern) > seen and window.startswith(pattern, start):
                    yield start, pattern

    def _find_keys(self, window: bytes) -> Iterator[tuple[int, bytes]]:
        if self.engine == "aho-corasick":
            for end, key in self._automaton.iter(window.decode("latin-1")):
                yield end - len(key) + 1, key
            return
        for match in self._expression.finditer(window):
            start = match.start()
            for length in self._lengths:
                if (key := window[start : start + length]) in self._by_key and len(key) == length:
                    yield start, key


def is_coincidence(window: bytes, start: int, pattern: bytes) -> bool:
    """Return whether digits are part of a long hex text: half-bytes of a ciphertext, not an A-Number.

    A dump is full of nine digits inside hex. The bytes that the hex text encodes are searched on their own, so nothing
    is lost. Patterns that are themselves 16 or more hex digits are never a coincidence.
    """
    if len(pattern) >= 16 or not HEX_DIGITS.issuperset(pattern):
        return False
    before = window[max(0, start - HEX_CONTEXT) : start]
    after = window[start + len(pattern) : start + len(pattern) + HEX_CONTEXT]
    return len(before) == len(after) == HEX_CONTEXT and HEX_DIGITS.issuperset(before) and HEX_DIGITS.issuperset(after)


def _expression_of(keys: Mapping[bytes, object]) -> bytes:
    """Return an expression of the keys, a tree two bytes deep. It is tried at every byte, so matches may overlap."""
    tree: dict[int, dict[int, list[bytes]]] = {}
    for key in sorted(keys, key=len, reverse=True):
        tree.setdefault(key[0], {}).setdefault(key[1], []).append(key[2:])
    firsts = []
    for first, seconds in tree.items():
        branches = [
            re.escape(bytes([second])) + b"(?:" + b"|".join(map(re.escape, rests)) + b")"
            for second, rests in seconds.items()
        ]
        firsts.append(re.escape(bytes([first])) + b"(?:" + b"|".join(branches) + b")")
    return b"(?=" + b"|".join(firsts) + b")"
