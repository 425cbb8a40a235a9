"""Merging keeps parts few, rewrites little, and leaves the base alone until it is worth it."""

from caseapp.index import merge
from caseapp.index.merge import choose_run, tier_of
from caseapp.index.queries import PartSize


def neighbours(*sizes: tuple[int, int]) -> list[PartSize]:
    """Parts given as (saves, bytes), the first after save 0."""
    found, lo = [], 0
    for saves, size in sizes:
        found.append(PartSize(lo, lo + saves, size))
        lo += saves
    return found


def drive(saves: int, *, base: int, most_parts: int) -> tuple[int, int]:
    """Merge after every 8th save; a merged part is as long as its parts together. Answers (parts, bytes rewritten)."""
    parts, written = [PartSize(0, 1, base)], 0
    for number in range(1, saves + 1):
        parts.append(PartSize(number, number + 1, 1054))
        if number % merge.EVERY == 0 and (run := choose_run(parts)):
            merged = PartSize(run[0].lo, run[-1].hi, min(base, sum(part.size for part in run)))
            at = parts.index(run[0])
            parts[at : at + len(run)] = [merged]
            written += merged.size
        assert len(parts) <= most_parts
    return len(parts), written


def test_a_thousandfold_of_saves_leaves_a_few_dozen_parts() -> None:
    parts, written = drive(20_000, base=10_700_000, most_parts=48)
    assert parts <= 48
    assert written / 20_000 < 6 * 1054  # each row is rewritten once a tier, and with the base once


def test_the_base_is_not_rewritten_for_a_few_saves() -> None:
    parts = neighbours((1, 10_000_000), *[(1, 1054)] * 8)
    assert choose_run(parts) == parts[1:]


def test_the_base_is_rewritten_when_as_much_stands_after_it() -> None:
    parts = neighbours((1, 8000), *[(1, 1054)] * 8)
    assert choose_run(parts) == parts


def test_nothing_is_merged_before_eight_neighbours_are_of_one_tier() -> None:
    assert list(choose_run(neighbours((1, 10**6), *[(1, 1054)] * 7))) == []
    assert list(choose_run(neighbours((1, 10**6), *[(8, 9000)] * 7, *[(1, 1054)] * 7))) == []


def test_eight_of_a_higher_tier_take_the_lower_ones_after_them_along() -> None:
    parts = neighbours((1, 10**6), *[(8, 9000)] * 8, *[(1, 1054)] * 8)
    assert choose_run(parts) == parts[1:]


def test_single_saves_shut_in_between_large_imports_are_taken_in_the_end() -> None:
    parts = neighbours((1, 10**7), *[(1, 100_000), (1, 1054), (1, 1054)] * 8)
    assert choose_run(parts) == parts[1:]


def test_parts_that_do_not_join_are_left_to_the_reader_to_tell() -> None:
    parts = neighbours((1, 1054), *[(1, 1054)] * 9)
    del parts[4]
    assert list(choose_run(parts)) == []


def test_tiers_grow_by_eight_in_saves_or_bytes() -> None:
    assert [tier_of(PartSize(5, 5 + saves, 1054)) for saves in (1, 7, 8, 63, 64)] == [0, 0, 1, 1, 2]
    assert [tier_of(PartSize(5, 6, kib * 1024)) for kib in (1, 7, 8, 64)] == [0, 0, 1, 2]


def test_folding_keeps_the_newest_entry_and_drops_the_gone_only_from_a_base() -> None:
    parts: list[list[tuple[bytes, bytes | None]]] = [[(b"a", b"1"), (b"b", b"1")], [(b"a", b"2"), (b"b", None)]]
    assert merge.newest_entries(parts, whole=True) == [(b"a", b"2")]
    assert merge.newest_entries(parts, whole=False) == [(b"a", b"2"), (b"b", None)]
