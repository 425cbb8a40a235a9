"""The scan: plant controls in each store, read it, compare, and remove the controls."""

import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from caseapp.tools.seal_scan.controls import KNOWN_TABLE, OPERATIONAL, Controls
from caseapp.tools.seal_scan.forms import MAX_PATTERN_LENGTH, Form, patterns_of
from caseapp.tools.seal_scan.matching import Matcher
from caseapp.tools.seal_scan.needles import Needle
from caseapp.tools.seal_scan.progress import Say, report_progress
from caseapp.tools.seal_scan.stores import Store
from caseapp.tools.seal_scan.tally import KnownContents, Report, StoreFigures, StoreUnreadable, Tally

LOG_KEEPERS = {"database-files", "logs", "data", "extra"}
MAX_NAMED = 5  # missed controls of a store that are named; the others are counted


def scan_stores(
    stores: Sequence[Store],
    needles: Sequence[Needle],
    keys: Mapping[str, bytes],
    say: Say = lambda line: None,
    keys_of_backups: Mapping[str, bytes] = MappingProxyType({}),
) -> Report:
    """Search the stores. A store that fails is reported, not raised.

    keys  server keys, for tags made with them
    say   called with a line of progress now and then, from another thread too

    keys_of_backups  keys and halves that a backup contains, by name: `BackupStore` says whether one is readable
    """
    patterns = patterns_of(needles, keys)
    controls, planted = _distinct_controls(patterns, keys)
    patterns |= planted
    for name, key in keys_of_backups.items():
        patterns.setdefault(key[:MAX_PATTERN_LENGTH], (Form(OPERATIONAL, name),))
    patterns[KNOWN_TABLE] = (Form(OPERATIONAL, "raw"), *patterns.get(KNOWN_TABLE, ()))
    matcher = Matcher(patterns)
    report = Report(patterns=len(patterns), engine=matcher.engine)
    known: KnownContents = {}
    tallies = [Tally(store.name, matcher, controls.labels, known) for store in stores]
    for store, tally in zip(stores, tallies, strict=True):
        _scan_store(store, controls, tally, report, say)
    if any(store.name.startswith("database") for store in stores) and not _is_log_line_seen(controls, tallies):
        report.broken.append("server log: the control line was not found (--extra FILE says where the log is)")
    if not stores:
        report.broken.append("there is no store to scan")
    return report


def _distinct_controls(
    patterns: Mapping[bytes, object], keys: Mapping[str, bytes]
) -> tuple[Controls, dict[bytes, tuple[Form, ...]]]:
    """Return controls that share no pattern with a needle: names can sound alike, and would look like leaks."""
    while True:
        controls = Controls(keys)
        planted = patterns_of(controls.needles, keys)
        if planted.keys().isdisjoint(patterns):
            return controls, planted


def _scan_store(store: Store, controls: Controls, tally: Tally, report: Report, say: Say) -> None:
    began = time.perf_counter()
    try:
        with report_progress(tally, say), store.plant_controls(controls):
            store.read(tally)
        missed = store.missed_controls(controls, tally)
    except StoreUnreadable as problem:
        missed = []
        report.broken.append(f"not read: {tally.printable_location(str(problem))}")
    seconds = time.perf_counter() - began
    report.broken += [f"{store.name}: control missed: {form}" for form in missed[:MAX_NAMED]]
    if len(missed) > MAX_NAMED:
        report.broken.append(f"{store.name}: {len(missed) - MAX_NAMED} more controls missed")
    report.broken += [f"not scanned: {line}" for line in tally.skipped]
    report.leaks += tally.leaks
    report.leak_count += tally.leak_count
    report.controls_found += len({(label, form) for label, form, _ in tally.seen})
    figures = (tally.scanned, round(seconds, 2), tally.leak_count, len(missed), tally.coincidences)
    report.stores.append(StoreFigures(store.name, *figures))


def _is_log_line_seen(controls: Controls, tallies: Sequence[Tally]) -> bool:
    keepers = [tally for tally in tallies if tally.store.split(":")[0] in LOG_KEEPERS]
    return not keepers or any(seen[0] == controls.log.label for tally in keepers for seen in tally.seen)
