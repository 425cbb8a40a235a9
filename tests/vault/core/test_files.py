"""Files: our reader of ranges and padding against the library's own stream, and every kind of damage."""

import io
from collections.abc import Iterator

import pytest
from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from hypothesis import given, settings
from hypothesis import strategies as st

from caseapp.vault.core import files
from caseapp.vault.errors import OpenFailed

from .damage import damaged, flip, misshapen
from .scenes import CASE, KEY, MEMBER, ORG

PLACE = files.file_context(ORG, CASE, 1)
SIZES = [0, 1, 16383, 16384, 16385, 32768, 100000]


def content_of(size: int) -> bytes:
    return (b"".join(number.to_bytes(4, "big") for number in range(size // 4 + 1)))[:size]


def seal(content: bytes, padded_to: int | None = None) -> tuple[bytes, int]:
    sealer = files.Sealer(KEY, PLACE)
    sealed = sealer.update(content) + sealer.finish(padded_to)
    assert sealer.size == len(content)
    return sealed, sealer.padded


def stream(sealed: bytes, size: int, padded: int, key: bytes = KEY, place: bytes = PLACE) -> bytes:
    return b"".join(files.open_stream(io.BytesIO(sealed), key, place, size=size, padded=padded))


def reader(sealed: bytes, size: int, padded: int, key: bytes = KEY, place: bytes = PLACE) -> files.RangeReader:
    return files.RangeReader(io.BytesIO(sealed), key, place, size=size, padded=padded)


SMALL, SMALL_PADDED = seal(content_of(100))
LONG, LONG_PADDED = seal(content_of(40_000))


@pytest.mark.parametrize("size", SIZES)
def test_what_we_seal_the_library_opens_with_zeros_behind(size: int) -> None:
    sealed, padded = seal(content_of(size))
    decryptor = Cobblestone256Decryptor(KEY, PLACE)
    assert decryptor.update(sealed) + decryptor.finalize() == content_of(size) + bytes(padded - size)
    assert len(sealed) == 56 + padded + 16 * files.chunk_count(padded)


@pytest.mark.parametrize("pieces", [(1,), (16383, 2, 16384), (files.STEP,), (16383, files.STEP), (3 * files.STEP + 5,)])
def test_pieces_of_any_size_are_sealed_one_mebibyte_at_once_into_the_same_memory(pieces: tuple[int, ...]) -> None:
    content, sealer, sealed, largest, start = content_of(sum(pieces)), files.Sealer(KEY, PLACE), b"", 0, 0
    for size in pieces:
        for view in sealer.seal_pieces(content[start : start + size]):
            largest = max(largest, len(view))
            sealed += view
        start += size
    sealed += sealer.finish()
    assert stream(sealed, len(content), sealer.padded) == content
    assert largest < files.STEP + 3 * files.CHUNK


@pytest.mark.parametrize("size", SIZES)
def test_what_the_library_seals_we_read_as_stream_and_as_range(size: int) -> None:
    encryptor = Cobblestone256Encryptor(KEY, PLACE)
    sealed = encryptor.update(content_of(size)) + encryptor.finalize()
    assert stream(sealed, size, size) == content_of(size)
    assert b"".join(reader(sealed, size, size).read(0, size)) == content_of(size)


@pytest.mark.parametrize("size", SIZES)
def test_ranges_at_every_border_are_what_the_stream_gives(size: int) -> None:
    sealed, padded = seal(content_of(size))
    whole, ranges = stream(sealed, size, padded), reader(sealed, size, padded)
    borders = sorted({min(size, max(0, base + near)) for base in (0, 16384, 32768, size) for near in (-1, 0, 1)})
    for start in borders:
        for stop in borders:
            if start <= stop:
                assert b"".join(ranges.read(start, stop)) == whole[start:stop]


@given(st.data())
@settings(deadline=None, max_examples=60)
def test_any_range_is_what_the_stream_gives(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, 40_000))
    stop = data.draw(st.integers(start, 40_000))
    assert b"".join(reader(LONG, 40_000, LONG_PADDED).read(start, stop)) == content_of(40_000)[start:stop]


@given(st.lists(st.binary(max_size=20_000), max_size=6))
@settings(deadline=None, max_examples=30)
def test_the_pieces_in_which_a_file_arrives_do_not_matter(pieces: list[bytes]) -> None:
    sealer = files.Sealer(KEY, PLACE)
    sealed = b"".join([*(sealer.update(piece) for piece in pieces), sealer.finish()])
    assert stream(sealed, sealer.size, sealer.padded) == b"".join(pieces)


def test_a_long_file_comes_in_pieces_of_a_mebibyte() -> None:
    content = content_of(2 * files.STEP + 5000)
    sealed, padded = seal(content)
    pieces = list(files.open_stream(io.BytesIO(sealed), KEY, PLACE, size=len(content), padded=padded))
    ranges = list(reader(sealed, len(content), padded).read(1, len(content)))
    assert b"".join(pieces) == content
    assert b"".join(ranges) == content[1:]
    assert max(map(len, pieces)) <= files.STEP + files.CHUNK
    assert max(map(len, ranges)) <= files.STEP


class Dripping(io.BytesIO):
    """A source that answers less than it was asked for, as a socket does."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size or 0, 1000))


def test_a_source_that_answers_in_drops_is_read_whole() -> None:
    drops = files.open_stream(Dripping(LONG), KEY, PLACE, size=40_000, padded=LONG_PADDED)
    assert b"".join(drops) == content_of(40_000)
    ranges = files.RangeReader(Dripping(LONG), KEY, PLACE, size=40_000, padded=LONG_PADDED)
    assert b"".join(ranges.read(10, 39_000)) == content_of(40_000)[10:39_000]


def refuse_both(sealed: bytes, size: int, padded: int, key: bytes = KEY, place: bytes = PLACE) -> None:
    with pytest.raises(OpenFailed):
        stream(sealed, size, padded, key, place)
    with pytest.raises(OpenFailed):
        b"".join(reader(sealed, size, padded, key, place).read(0, size))


def test_every_flipped_bit_of_a_small_file_is_refused() -> None:
    for place in range(len(SMALL) * 8):
        refuse_both(flip(SMALL, place), 100, SMALL_PADDED)


def test_every_cut_or_lengthened_file_is_refused() -> None:
    for other in misshapen(SMALL):
        refuse_both(other, 100, SMALL_PADDED)


@given(damaged(LONG))
@settings(deadline=None, max_examples=60)
def test_damage_of_any_shape_is_refused_by_the_stream(other: bytes) -> None:
    with pytest.raises(OpenFailed):
        stream(other, 40_000, LONG_PADDED)


def chunks(sealed: bytes) -> Iterator[bytes]:
    for at in range(56, len(sealed), 16400):
        yield sealed[at : at + 16400]


def test_chunks_cut_at_their_border_swapped_repeated_or_left_out_are_refused() -> None:
    first, second, last = chunks(LONG)
    head = LONG[:56]
    for other in (
        head + first + second,
        head + first,
        head,
        head + second + first + last,
        head + first + first + last,
        head + first + last,
        head + last,
        head + first + second + last + last,
        head + first + second + second + last,
    ):
        refuse_both(other, 40_000, LONG_PADDED)


@pytest.mark.parametrize(
    ("key", "place"),
    [
        (MEMBER.bytes * 2, PLACE),
        (KEY, files.file_context(MEMBER, CASE, 1)),
        (KEY, files.file_context(ORG, MEMBER, 1)),
        (KEY, files.file_context(ORG, CASE, 2)),
        (KEY, b""),
    ],
    ids=["another key", "another office", "another file", "another version", "no place"],
)
def test_a_file_moved_elsewhere_is_refused(key: bytes, place: bytes) -> None:
    refuse_both(LONG, 40_000, LONG_PADDED, key, place)


@pytest.mark.parametrize("padded", [LONG_PADDED - 1, LONG_PADDED + 1, LONG_PADDED - 16384, LONG_PADDED + 16384, 40_000])
def test_a_file_of_another_length_than_its_record_says_is_refused(padded: int) -> None:
    refuse_both(LONG, 30_000 if padded < 40_000 else 40_000, padded)


@pytest.mark.parametrize(("size", "padded"), [(-1, 10), (11, 10)])
def test_sizes_that_cannot_be_are_refused(size: int, padded: int) -> None:
    refuse_both(SMALL, size, padded)


def test_padding_that_is_not_empty_is_refused() -> None:
    # The record says 30 bytes less than were sealed: what it calls padding is content.
    with pytest.raises(OpenFailed, match="padding"):
        stream(LONG, 39_970, LONG_PADDED)


def test_a_damaged_chunk_outside_the_range_does_not_stop_it_and_one_inside_does() -> None:
    spoiled = flip(LONG, (56 + 16400 + 5) * 8)
    ranges = reader(spoiled, 40_000, LONG_PADDED)
    assert b"".join(ranges.read(0, 16384)) == content_of(16384)
    with pytest.raises(OpenFailed):
        b"".join(ranges.read(16383, 16385))


def test_a_damaged_last_chunk_stops_every_range_before_a_byte_is_handed_out() -> None:
    with pytest.raises(OpenFailed):
        reader(flip(LONG, len(LONG) * 8 - 1), 40_000, LONG_PADDED)


@pytest.mark.parametrize(("start", "stop"), [(-1, 5), (5, 4), (0, 40_001), (40_001, 40_001)])
def test_a_range_outside_the_true_size_is_refused(start: int, stop: int) -> None:
    with pytest.raises(ValueError, match="range"):
        reader(LONG, 40_000, LONG_PADDED).read(start, stop)


def test_padding_shorter_than_the_content_is_refused() -> None:
    with pytest.raises(ValueError, match="padded"):
        seal(b"abc", 2)


@given(st.integers(0, 2**40))
def test_padme_adds_at_most_twelve_percent_and_hides_the_low_bits(size: int) -> None:
    padded = files.padme(size)
    assert size <= padded <= size + size * 12 // 100 + 1
    assert files.padme(padded) == padded


def test_padme_gives_the_lengths_of_its_paper() -> None:
    # By hand from PURBs (2019), algorithm 1: E = floor(log2 L), S = floor(log2 E) + 1, round up to 2^(E - S).
    assert [files.padme(size) for size in (0, 1, 2, 9, 17, 100, 1000, 20_000, 1_000_000)] == [
        0, 1, 2, 10, 18, 104, 1024, 20_480, 1_015_808,
    ]  # fmt: skip


@pytest.mark.parametrize(("padded", "count"), [(0, 1), (1, 1), (16383, 1), (16384, 2), (16385, 2), (32768, 3)])
def test_the_last_chunk_is_always_shorter(padded: int, count: int) -> None:
    assert files.chunk_count(padded) == count
    assert len(files.Sealer(KEY, PLACE).finish(padded)) == 56 + padded + 16 * count
