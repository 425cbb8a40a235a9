"""A sealed part opens only whole, unaltered, and where and when it was written."""

import json
import secrets
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseapp.vault.core import hybrid, parts
from caseapp.vault.core.parts import Span, open_part, padded_length, seal, seal_to_group
from caseapp.vault.errors import OpenFailed, UnknownFormat

KEY = bytes(range(32))
SPAN = Span(UUID(int=1), UUID(int=2), 3, 40, 48)
VECTOR = Path(__file__).parents[1] / "vectors" / "part.json"


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "CHUNK", 512)


@pytest.mark.parametrize("length", [0, 1, 1015, 1016, 1017, 65_528, 65_529, 200_000])
def test_a_part_opens_to_what_was_sealed(length: int) -> None:
    body = secrets.token_bytes(length)
    assert open_part(KEY, SPAN, seal(KEY, SPAN, body)) == body


def test_a_large_part_is_sealed_in_chunks_of_4_mib() -> None:
    body = secrets.token_bytes(9 * 1024 * 1024)
    sealed = seal(KEY, SPAN, body)
    assert [len(blob) > 4 * 1024 * 1024 for blob in sealed] == [True, True, False]
    assert open_part(KEY, SPAN, sealed) == body


def test_the_known_answer_still_opens() -> None:
    vector = json.loads(VECTOR.read_text())
    span = Span(UUID(vector["org"]), UUID(vector["group"]), vector["epoch"], vector["lo"], vector["hi"])
    opened = open_part(bytes.fromhex(vector["key"]), span, [bytes.fromhex(blob) for blob in vector["sealed"]])
    assert opened == bytes.fromhex(vector["body"])


def test_sealing_with_the_known_nonce_gives_the_known_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    vector = json.loads(VECTOR.read_text())
    monkeypatch.setattr("caseapp.vault.core.parts.secrets.token_bytes", lambda _: bytes.fromhex(vector["nonce"]))
    span = Span(UUID(vector["org"]), UUID(vector["group"]), vector["epoch"], vector["lo"], vector["hi"])
    sealed = seal(bytes.fromhex(vector["key"]), span, bytes.fromhex(vector["body"]))
    assert [blob.hex() for blob in sealed] == vector["sealed"]


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(SPAN, org_id=UUID(int=9)),
        replace(SPAN, group_id=UUID(int=9)),
        replace(SPAN, epoch=4),
        replace(SPAN, lo=39),
        replace(SPAN, hi=49),
    ],
)
def test_a_part_moved_elsewhere_does_not_open(elsewhere: Span) -> None:
    with pytest.raises(OpenFailed):
        open_part(KEY, elsewhere, seal(KEY, SPAN, b"rows"))


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(OpenFailed):
        open_part(bytes(32), SPAN, seal(KEY, SPAN, b"rows"))


@given(st.integers(min_value=0, max_value=1054 * 8 - 1))
def test_every_flipped_bit_raises(bit: int) -> None:
    blob = bytearray(seal(KEY, SPAN, b"rows")[0])
    blob[bit // 8] ^= 1 << bit % 8
    with pytest.raises(OpenFailed):
        open_part(KEY, SPAN, [bytes(blob)])


@given(st.integers(min_value=0, max_value=1053))
def test_a_part_cut_anywhere_raises(length: int) -> None:
    with pytest.raises(OpenFailed):
        open_part(KEY, SPAN, [seal(KEY, SPAN, b"rows")[0][:length]])


@pytest.mark.usefixtures("small_chunks")
def test_chunks_reordered_left_out_doubled_or_swapped_between_parts_raise() -> None:
    one, two, three, four = seal(KEY, SPAN, bytes(2000))
    other = seal(KEY, replace(SPAN, lo=48, hi=56), bytes(2000))
    assert open_part(KEY, SPAN, [one, two, three, four]) == bytes(2000)
    for wrong in (
        [two, one, three, four],
        [one, two, three],
        [two, three, four],
        [one, two, three, four, four],
        [one, other[1], three, four],
        [],
    ):
        with pytest.raises(OpenFailed):
            open_part(KEY, SPAN, wrong)


def test_unknown_versions_and_algorithms_are_refused_as_such() -> None:
    blob = seal(KEY, SPAN, b"rows")[0]
    for header in (b"\x05\x01", b"\x04\x03"):
        with pytest.raises(UnknownFormat):
            open_part(KEY, SPAN, [header + blob[2:]])


def test_errors_name_the_place_and_never_the_content() -> None:
    with pytest.raises(OpenFailed) as raised:
        open_part(bytes(32), SPAN, seal(KEY, SPAN, b"Karimi"))
    assert "Karimi" not in str(raised.value)
    assert str(SPAN.group_id) in str(raised.value)


def test_small_parts_are_padded_to_steps_of_a_kibibyte_and_large_ones_by_at_most_12_percent() -> None:
    assert [padded_length(n) for n in (0, 1, 1024, 1025, 65_536)] == [1024, 1024, 1024, 2048, 65_536]
    for length in range(65_537, 3_000_000, 10_007):
        assert length <= padded_length(length) <= length * 1.12
    assert len({padded_length(n) for n in range(1_000_000, 1_010_000)}) == 1


def test_parts_of_different_small_saves_have_the_same_length() -> None:
    assert {len(seal(KEY, SPAN, bytes(n))[0]) for n in range(0, 1016, 90)} == {1054}


PAIR = hybrid.new_key_pair()


@pytest.mark.parametrize("length", [0, 1, 1016, 1017, 70_000])
def test_a_part_for_a_group_opens_with_the_groups_private_key(length: int) -> None:
    body = secrets.token_bytes(length)
    assert open_part(KEY, SPAN, seal_to_group(PAIR.public, SPAN, body), private=PAIR.private) == body


@pytest.mark.parametrize("private", [b"", hybrid.new_key_pair().private], ids=["none", "another"])
def test_it_opens_with_no_other_key(private: bytes) -> None:
    with pytest.raises(OpenFailed):
        open_part(KEY, SPAN, seal_to_group(PAIR.public, SPAN, b"rows"), private=private)


@pytest.mark.parametrize(
    "elsewhere", [replace(SPAN, epoch=4), replace(SPAN, hi=49), replace(SPAN, group_id=UUID(int=9))]
)
def test_a_part_for_a_group_does_not_open_elsewhere(elsewhere: Span) -> None:
    with pytest.raises(OpenFailed):
        open_part(KEY, elsewhere, seal_to_group(PAIR.public, SPAN, b"rows"), private=PAIR.private)


@given(st.integers(min_value=0, max_value=(1178 + 1054) * 8 - 1))
def test_every_flipped_bit_of_a_part_for_a_group_raises(bit: int) -> None:
    blob = bytearray(seal_to_group(PAIR.public, SPAN, b"rows")[0])
    blob[bit // 8] ^= 1 << bit % 8
    with pytest.raises((OpenFailed, UnknownFormat)):
        open_part(KEY, SPAN, [bytes(blob)], private=PAIR.private)


def test_of_a_part_for_a_group_no_chunk_is_left_out_or_swapped(small_chunks: None) -> None:
    sealed = seal_to_group(PAIR.public, SPAN, secrets.token_bytes(2000))
    for broken in (sealed[:-1], [sealed[1], sealed[0], *sealed[2:]]):
        with pytest.raises(OpenFailed):
            open_part(KEY, SPAN, broken, private=PAIR.private)
