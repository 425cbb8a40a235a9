"""A record opens only where, when and as it was written."""

from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caseapp.vault.core.envelope import MAX_BODY, CaseCipher, padded_length
from caseapp.vault.errors import OpenFailed, UnknownFormat

from .damage import damaged, flips, misshapen
from .scenes import CASE, KEY, MEMBER, ORG, RECORD

CIPHER = CaseCipher(KEY, ORG, CASE)
SEALED = CIPHER.seal(record=RECORD, version=7, kver=2, kind=6, schema=1, body=b"Amina Diallo")


def seal(body: bytes) -> bytes:
    return CIPHER.seal(record=RECORD, version=7, kver=2, kind=6, schema=1, body=body)


@given(
    st.binary(max_size=9000),
    st.integers(0, 2**16 - 1),
    st.integers(0, 2**16 - 1),
    st.integers(0, 2**63),
    st.integers(0, 2**32 - 1),
    st.uuids(),
)
@settings(deadline=None)
def test_a_record_comes_back_as_it_was(
    body: bytes, kind: int, schema: int, version: int, kver: int, record: UUID
) -> None:
    sealed = CIPHER.seal(record=record, version=version, kver=kver, kind=kind, schema=schema, body=body)
    assert CIPHER.open(record=record, version=version, sealed=sealed) == (kind, schema, body, kver)


def test_every_flipped_bit_is_refused() -> None:
    for other in flips(SEALED):
        with pytest.raises(OpenFailed):
            CIPHER.open(record=RECORD, version=7, sealed=other)


def test_every_cut_or_lengthened_record_is_refused() -> None:
    for other in misshapen(SEALED):
        with pytest.raises(OpenFailed):
            CIPHER.open(record=RECORD, version=7, sealed=other)


@given(damaged(SEALED))
@settings(deadline=None)
def test_damage_of_any_shape_is_refused(other: bytes) -> None:
    with pytest.raises(OpenFailed):
        CIPHER.open(record=RECORD, version=7, sealed=other)


@given(st.binary(max_size=600))
@settings(deadline=None)
def test_bytes_from_anywhere_raise_nothing_but_open_failed(other: bytes) -> None:
    with pytest.raises(OpenFailed):
        CIPHER.open(record=RECORD, version=7, sealed=b"\x02\x01" + other)


@pytest.mark.parametrize(
    "open_elsewhere",
    [
        lambda: CaseCipher(KEY, MEMBER, CASE).open(record=RECORD, version=7, sealed=SEALED),
        lambda: CaseCipher(KEY, ORG, MEMBER).open(record=RECORD, version=7, sealed=SEALED),
        lambda: CaseCipher(KEY, CASE, ORG).open(record=RECORD, version=7, sealed=SEALED),
        lambda: CaseCipher(bytes(32), ORG, CASE).open(record=RECORD, version=7, sealed=SEALED),
        lambda: CIPHER.open(record=MEMBER, version=7, sealed=SEALED),
    ],
    ids=["another office", "another case", "office and case swapped", "another key", "another record"],
)
def test_a_record_moved_elsewhere_is_refused(open_elsewhere: Callable[[], object]) -> None:
    with pytest.raises(OpenFailed):
        open_elsewhere()


@given(st.integers(0, 2**64 - 1).filter(lambda version: version != 7))
@settings(deadline=None)
def test_an_older_or_newer_version_put_in_its_place_is_refused(version: int) -> None:
    with pytest.raises(OpenFailed):
        CIPHER.open(record=RECORD, version=version, sealed=SEALED)


@pytest.mark.parametrize("head", [b"\x01\x01", b"\x03\x01", b"\x02\x02", b"\x02\x00"])
def test_an_unknown_version_or_algorithm_is_named_as_such(head: bytes) -> None:
    with pytest.raises(UnknownFormat):
        CIPHER.open(record=RECORD, version=7, sealed=head + SEALED[2:])


@pytest.mark.parametrize(
    ("shortest", "longest", "step"), [(0, 248, 256), (249, 1016, 1024), (1017, 4088, 4096), (4089, 8184, 8192)]
)
def test_bodies_of_one_step_have_the_same_length_sealed(shortest: int, longest: int, step: int) -> None:
    assert {len(seal(bytes(n))) for n in (shortest, (shortest + longest) // 2, longest)} == {18 + step + 16}


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_longer_plaintext_is_never_filled_up_to_less(a: int, b: int) -> None:
    assert padded_length(a) >= a
    assert (a > b) or padded_length(a) <= padded_length(b)


def test_the_same_record_sealed_twice_has_nothing_in_common_but_its_header() -> None:
    first, second = seal(b"x"), seal(b"x")
    assert first[:6] == second[:6]
    assert first[6:18] != second[6:18]
    assert first[18:34] != second[18:34]


def test_the_kind_does_not_stand_in_clear() -> None:
    heads = {
        CIPHER.seal(record=RECORD, version=1, kver=1, kind=kind, schema=1, body=b"")[:6] for kind in (1, 6, 9, 103)
    }
    assert len(heads) == 1


def test_a_body_over_the_limit_is_not_sealed() -> None:
    with pytest.raises(ValueError, match="longer"):
        seal(bytes(MAX_BODY + 1))


@pytest.mark.parametrize(
    "inner",
    [
        b"\0\0\0\x01\0\6\0\1x" + b"\0" * 246 + b"\1",  # the last byte of the padding is not zero
        b"\0\0\0\xf9\0\6\0\1" + b"\0" * 248,  # length says more than there is
        b"\0\0\0\x01\0\6\0\1x" + bytes(1015),  # a step too many
        b"",
    ],
    ids=["padding not empty", "length too long", "a step too many", "nothing inside"],
)
def test_wrong_padding_under_the_right_key_is_refused(inner: bytes) -> None:
    place = CIPHER._prefix + RECORD.bytes + (7).to_bytes(8, "big") + (2).to_bytes(4, "big")
    forged = b"\x02\x01\0\0\0\2" + bytes(12) + CIPHER._aead.encrypt(bytes(12), inner, place)
    with pytest.raises(OpenFailed):
        CIPHER.open(record=RECORD, version=7, sealed=forged)


def test_what_is_opened_does_not_print_its_body() -> None:
    assert "Amina" not in repr(CIPHER.open(record=RECORD, version=7, sealed=SEALED))
