"""The results of a scan, store by store, and its exit code."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from mmap import mmap

from caseapp.tools.seal_scan.containers import SearchStream, UnpackBudget
from caseapp.tools.seal_scan.forms import Form
from caseapp.tools.seal_scan.matching import Matcher

MAX_LEAKS_KEPT = 2000  # findings kept for printing; all are counted


class StoreUnreadable(Exception):
    """A store, or a part of it, that cannot be planted or read. The message names it, never its content."""


@dataclass(frozen=True, slots=True)
class Leak:
    """A needle found in a store. `via`: the containers around it; `offset`: bytes, in the innermost of them."""

    store: str
    place: str
    via: tuple[str, ...]
    offset: int
    form: Form


Sight = tuple[str, str, tuple[str, ...]]  # a control that was seen: label, form, containers around it


@dataclass
class Findings:
    """What was found in one content, whatever its location: a stream's sink."""

    matcher: Matcher
    own_labels: frozenset[str]  # controls and operational strings: expected, not leaks
    sights: set[Sight] = field(default_factory=set)
    leaks: list[tuple[tuple[str, ...], int, Form]] = field(default_factory=list)  # containers, offset, form
    leak_count: int = 0
    reasons: list[str] = field(default_factory=list)  # why a part of it could not be opened
    coincidences: int = 0
    _known: set[tuple[bytes, tuple[str, ...]]] = field(default_factory=set)  # patterns of controls alone, seen before

    def record_match(self, location: str, via: tuple[str, ...], offset: int, pattern: bytes) -> None:
        """Record a pattern that was seen, as a control or as a leak."""
        if (pattern, via) in self._known:
            return
        is_leak = False
        for form in self.matcher.patterns[pattern]:
            if form.label in self.own_labels:
                self.sights.add((form.label, form.name, via))
            elif not is_leak:
                is_leak = True
                self.leak_count += 1
                if len(self.leaks) < MAX_LEAKS_KEPT:
                    self.leaks.append((via, offset, form))
        if not is_leak:
            self._known.add((pattern, via))

    def count_coincidence(self) -> None:
        """Count a run of digits in a hex text that was passed over."""
        self.coincidences += 1

    def record_unscanned(self, location: str, reason: str) -> None:
        """Record a content that could not be opened."""
        self.reasons.append(reason)


KnownContents = dict[bytes, Findings]  # by a digest of the content and of how it was searched


@dataclass
class Tally:
    """The counts of one store, and the sink of its streams.

    known  what was found in contents of this scan: a store with the same bytes is read and not searched again
    """

    store: str
    matcher: Matcher
    own_labels: frozenset[str]  # controls and operational strings: expected, not leaks
    known: KnownContents = field(default_factory=dict)
    leaks: list[Leak] = field(default_factory=list)
    leak_count: int = 0
    seen_in: dict[str, set[Sight]] = field(default_factory=dict)  # by location
    skipped: list[str] = field(default_factory=list)
    coincidences: int = 0
    scanned: int = 0

    @property
    def seen(self) -> set[Sight]:
        """Return the controls that were seen anywhere in the store."""
        return set().union(*self.seen_in.values())

    def open_stream(self, location: str) -> SearchStream:
        """Return a stream for the bytes of one location. The caller closes it."""
        return SearchStream(self.matcher, self, location, budget=UnpackBudget())

    def search_bytes(self, location: str, content: bytes) -> None:
        """Search all bytes of one location at once."""
        self.search_once(location, content, lambda stream: stream.feed(content))

    def search_once(
        self, location: str, content: bytes | mmap, search: Callable[[SearchStream], None], *, method: str = "bytes"
    ) -> None:
        """Search a content, or repeat what was found in the same bytes by the same `method` at another location.

        Each store's copy of the controls is read and its digest compared; only the search itself is not repeated.
        """
        digest = hashlib.sha256(f"{method}\n".encode())
        digest.update(content)
        findings = self.known.get(digest.digest())
        if findings is None:
            findings = self.known[digest.digest()] = Findings(self.matcher, self.own_labels)
            stream = SearchStream(self.matcher, findings, location, budget=UnpackBudget())
            search(stream)
            stream.close()
        self.scanned += len(content)
        self._add(location, findings)

    def _add(self, location: str, findings: Findings) -> None:
        if findings.sights:
            self.seen_in[location] = self.seen_in.get(location, set()) | findings.sights
        for via, offset, form in findings.leaks:
            self.record_leak(location, via, offset, form)
        self.leak_count += findings.leak_count - len(findings.leaks)
        self.coincidences += findings.coincidences
        for reason in findings.reasons:
            self.record_unscanned(location, reason)

    def record_match(self, location: str, via: tuple[str, ...], offset: int, pattern: bytes) -> None:
        """Record a pattern that was seen, as a control or as a leak."""
        forms = self.matcher.patterns[pattern]
        for form in forms:
            if form.label in self.own_labels:
                self.seen_in.setdefault(location, set()).add((form.label, form.name, via))
        for form in [form for form in forms if form.label not in self.own_labels][:1]:
            self.record_leak(location, via, offset, form)

    def record_leak(self, location: str, via: tuple[str, ...], offset: int, form: Form) -> None:
        """Record what must not be in this store."""
        self.leak_count += 1
        if len(self.leaks) < MAX_LEAKS_KEPT:
            self.leaks.append(Leak(self.store, self.printable_location(location), via, offset, form))

    def count_coincidence(self) -> None:
        """Count a run of digits in a hex text that was passed over."""
        self.coincidences += 1

    def record_unscanned(self, location: str, reason: str) -> None:
        """Record a content that could not be opened."""
        if (line := f"{self.store}: {self.printable_location(location)}: {reason}") not in self.skipped:
            self.skipped.append(line)

    def printable_location(self, location: str) -> str:
        """Return a location or another line for the report, replaced when it contains a needle itself."""
        return (
            "(a place whose name holds a needle)"
            if any(self.matcher.find_matches(location.encode("utf-8", "replace")))
            else location
        )


@dataclass(frozen=True, slots=True)
class StoreFigures:
    """Figures of one store: `bytes` read, `seconds` taken, leaks found, controls missed, coincidences passed over."""

    store: str
    bytes: int
    seconds: float
    found: int
    controls_missed: int
    coincidences: int

    @property
    def speed(self) -> float:
        """Return MB per second, planting and removing the controls included."""
        return self.bytes / 1e6 / max(self.seconds, 0.01)


@dataclass
class Report:
    """The outcome of a scan. A leak counts first, even when another store could not be read."""

    leaks: list[Leak] = field(default_factory=list)
    leak_count: int = 0
    broken: list[str] = field(default_factory=list)  # controls missed, stores unreadable, containers not opened
    stores: list[StoreFigures] = field(default_factory=list)
    patterns: int = 0
    engine: str = ""
    controls_found: int = 0

    @property
    def exit_code(self) -> int:
        """Return 0 for nothing found, 1 for a leak, 3 when the scan proves nothing."""
        if self.leak_count:
            return 1
        return 3 if self.broken else 0
