"""Wrapped keys: only the right key in the right place opens them, and a set does not tell used slots from unused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caseapp.vault.core import wraps
from caseapp.vault.core.keyring import GroupKey
from caseapp.vault.errors import NoKey, OpenFailed, UnknownFormat

from .damage import damaged, flips, misshapen
from .scenes import CASE, GROUP, KEY, MEMBER, WRAPPING

OBJECT = CASE.bytes
SINGLE = wraps.seal_key(WRAPPING, KEY, object_id=OBJECT, ctx=b"ctx", epoch=5)
SET = wraps.set_slot(wraps.new_wrapset(), 1, WRAPPING, KEY, object_id=OBJECT, ctx=b"ctx")
MINE = slice(4 + 84, 4 + 2 * 84)
keys = st.binary(min_size=32, max_size=32)


@given(keys, keys, st.binary(max_size=40), st.binary(max_size=40), st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_a_wrapped_key_comes_back(wrapping: bytes, key: bytes, object_id: bytes, ctx: bytes, epoch: int) -> None:
    blob = wraps.seal_key(wrapping, key, object_id=object_id, ctx=ctx, epoch=epoch)
    assert len(blob) == 90
    assert wraps.epoch_of(blob) == epoch
    assert wraps.open_key(wrapping, blob, object_id=object_id, ctx=ctx) == key


def test_every_spoiled_wrap_is_refused() -> None:
    for other in (*flips(SINGLE), *misshapen(SINGLE)):
        with pytest.raises(OpenFailed):
            wraps.open_key(WRAPPING, other, object_id=OBJECT, ctx=b"ctx")


@given(damaged(SINGLE))
@settings(deadline=None)
def test_damage_of_any_shape_is_refused(other: bytes) -> None:
    with pytest.raises(OpenFailed):
        wraps.open_key(WRAPPING, other, object_id=OBJECT, ctx=b"ctx")


@pytest.mark.parametrize(
    ("wrapping", "object_id", "ctx"),
    [(KEY, OBJECT, b"ctx"), (WRAPPING, MEMBER.bytes, b"ctx"), (WRAPPING, OBJECT, b"cty"), (WRAPPING, OBJECT, b"")],
    ids=["another key", "another object", "another context", "no context"],
)
def test_a_wrap_moved_elsewhere_is_refused(wrapping: bytes, object_id: bytes, ctx: bytes) -> None:
    with pytest.raises(OpenFailed):
        wraps.open_key(wrapping, SINGLE, object_id=object_id, ctx=ctx)


def test_a_wrap_whose_locator_was_rewritten_for_another_key_is_refused() -> None:
    # Passes the locator; the commitment is what stops a ciphertext made to open under two keys.
    other = SINGLE[:2] + wraps.kid_of(KEY, OBJECT) + SINGLE[10:]
    with pytest.raises(OpenFailed):
        wraps.open_key(KEY, other, object_id=OBJECT, ctx=b"ctx")


def test_a_slot_is_not_a_single_wrap() -> None:
    slot = SET[MINE]
    with pytest.raises(OpenFailed):
        wraps.open_key(WRAPPING, b"\x01\x01" + slot[:8] + bytes(4) + slot[8:], object_id=OBJECT, ctx=b"ctx")


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(33)])
def test_only_keys_of_32_bytes_are_wrapped(key: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        wraps.seal_key(WRAPPING, key, object_id=OBJECT, ctx=b"", epoch=1)


def test_each_holder_finds_the_key_in_their_slot() -> None:
    holders = [bytes([number]) * 32 for number in range(4)]
    blob = wraps.new_wrapset()
    for slot, holder in enumerate(holders):
        blob = wraps.set_slot(blob, slot, holder, KEY, object_id=OBJECT, ctx=b"ctx")
    blob = wraps.add_slots(blob)
    assert [wraps.open_wrapset(blob, holder, object_id=OBJECT, ctx=b"ctx") for holder in holders] == [KEY] * 4


def test_a_holder_without_a_slot_gets_no_key() -> None:
    with pytest.raises(NoKey):
        wraps.open_wrapset(SET, KEY, object_id=OBJECT, ctx=b"ctx")


def test_an_altered_slot_is_refused_and_not_taken_for_another_holders() -> None:
    for other in flips(SET[MINE][8:]):
        with pytest.raises(OpenFailed):
            wraps.open_wrapset(SET[: MINE.start + 8] + other + SET[MINE.stop :], WRAPPING, object_id=OBJECT, ctx=b"ctx")


def test_an_altered_locator_or_header_never_yields_a_key() -> None:
    for other in (*flips(SET[:4]), *misshapen(SET)):
        with pytest.raises(OpenFailed):
            wraps.open_wrapset(other[:4] + SET[4:] if len(other) == 4 else other, WRAPPING, object_id=OBJECT, ctx=b"c")
    for other in flips(SET[MINE][:8]):
        with pytest.raises(NoKey):
            wraps.open_wrapset(
                SET[: MINE.start] + other + SET[MINE.start + 8 :], WRAPPING, object_id=OBJECT, ctx=b"ctx"
            )


def test_a_slot_moved_to_another_place_is_refused() -> None:
    moved = SET[:4] + SET[MINE] + SET[4:88] + SET[MINE.stop :]
    with pytest.raises(OpenFailed):
        wraps.open_wrapset(moved, WRAPPING, object_id=OBJECT, ctx=b"ctx")


def test_a_set_moved_to_another_case_has_no_slot_for_the_holder() -> None:
    with pytest.raises(NoKey):
        wraps.open_wrapset(SET, WRAPPING, object_id=MEMBER.bytes, ctx=b"ctx")
    with pytest.raises(OpenFailed):
        wraps.open_wrapset(SET, WRAPPING, object_id=OBJECT, ctx=b"another key version")


def test_a_cleared_slot_opens_no_more_and_leaves_the_others() -> None:
    both = wraps.set_slot(SET, 3, KEY, WRAPPING, object_id=OBJECT, ctx=b"ctx")
    cleared = wraps.clear_slot(both, 1)
    with pytest.raises(NoKey):
        wraps.open_wrapset(cleared, WRAPPING, object_id=OBJECT, ctx=b"ctx")
    assert wraps.open_wrapset(cleared, KEY, object_id=OBJECT, ctx=b"ctx") == WRAPPING
    assert len(cleared) == len(both)


def test_used_and_unused_slots_look_alike() -> None:
    # No byte of a slot is fixed by being used: over 64 sets of fresh keys every place takes many values, as in random
    # ones (64 draws of 256 have about 57 distinct; fewer than 30 has a chance below 10^-20).
    used = [
        wraps.set_slot(wraps.new_wrapset(), 0, bytes([n]) * 32, KEY, object_id=OBJECT, ctx=b"")[4:88] for n in range(64)
    ]
    unused = [wraps.new_wrapset()[4:88] for _ in range(64)]
    for slots in (used, unused):
        assert min(len({slot[place] for slot in slots}) for place in range(84)) > 30


def test_a_full_set_has_the_length_of_an_empty_one() -> None:
    assert len(SET) == len(wraps.new_wrapset()) == 4 + 4 * 84
    assert len(wraps.add_slots(SET)) == 4 + 8 * 84


def test_two_cases_of_one_group_share_no_locator() -> None:
    group = GroupKey(group=GROUP, epoch=1, key=KEY)
    assert wraps.kid_of(group.wrap_key(), CASE.bytes) != wraps.kid_of(group.wrap_key(), MEMBER.bytes)


@pytest.mark.parametrize("slots", [0, 3, 5, -4, 4100])
def test_a_set_has_a_multiple_of_four_slots(slots: int) -> None:
    with pytest.raises(ValueError, match="multiple"):
        wraps.new_wrapset(slots)


@pytest.mark.parametrize("slot", [-1, 4])
def test_there_is_no_slot_beyond_the_set(slot: int) -> None:
    with pytest.raises(IndexError):
        wraps.clear_slot(SET, slot)


@given(st.binary(max_size=400))
@settings(deadline=None)
def test_bytes_from_anywhere_are_an_unknown_format_or_hold_no_key(blob: bytes) -> None:
    with pytest.raises((UnknownFormat, NoKey)):
        wraps.open_wrapset(blob, WRAPPING, object_id=OBJECT, ctx=b"ctx")
