"""Sealed to a public key: one holder, one place; a grant also proves who gave it."""

from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caseapp.vault.core import hybrid
from caseapp.vault.errors import OpenFailed, UnknownFormat

from .damage import damaged, flip, flips, misshapen
from .scenes import CASE, GROUP, KEY, MEMBER, ORG, SIGNER

PAIR = hybrid.new_key_pair()
CURVE = hybrid.new_key_pair(alg=hybrid.X25519)
PUBLIC_SIGNER = hybrid.derive_verify_key(SIGNER)
ROSTER = {hybrid.signer_id(PUBLIC_SIGNER): PUBLIC_SIGNER}
INFO = hybrid.grant_info(ORG, 1, GROUP, MEMBER, 3)
SEALED = hybrid.seal_to(PAIR.public, KEY, b"info")
CURVED = hybrid.seal_to(CURVE.public, KEY, b"info", alg=hybrid.X25519)


def grant(to: bytes, info: bytes = INFO, signer: bytes = SIGNER) -> bytes:
    known = hybrid.signer_id(PUBLIC_SIGNER)
    return hybrid.seal_grant(to, KEY, signer_private=signer, signer_id=known, hpke_info=info)


@given(st.binary(max_size=300), st.binary(max_size=60), st.sampled_from([hybrid.HYBRID, hybrid.X25519]))
@settings(deadline=None, max_examples=40)
def test_the_holder_reads_what_was_sealed(plaintext: bytes, info: bytes, alg: int) -> None:
    pair = PAIR if alg == hybrid.HYBRID else CURVE
    assert hybrid.open_from(pair.private, hybrid.seal_to(pair.public, plaintext, info, alg=alg), info) == plaintext


def test_every_flipped_bit_of_a_hybrid_wrap_is_refused_at_its_edges() -> None:
    # The 1120 bytes of encapsulated key are one field; its first and last 16 bytes and all around it are tried bit by
    # bit, the middle by Hypothesis below.
    places = [*range(26 * 8), *range(1114 * 8, len(SEALED) * 8)]
    for place in places:
        with pytest.raises(OpenFailed):
            hybrid.open_from(PAIR.private, flip(SEALED, place), b"info")


def test_every_flipped_bit_and_every_length_of_a_curve_wrap_is_refused() -> None:
    # X25519 ignores the top bit of the encapsulated key, but HPKE hashes the key as it stands.
    for other in (*flips(CURVED), *misshapen(CURVED)):
        with pytest.raises(OpenFailed):
            hybrid.open_from(CURVE.private, other, b"info")


@given(damaged(SEALED))
@settings(deadline=None)
def test_damage_of_any_shape_is_refused(other: bytes) -> None:
    with pytest.raises(OpenFailed):
        hybrid.open_from(PAIR.private, other, b"info")


@given(st.binary(max_size=1300))
@settings(deadline=None)
def test_bytes_from_anywhere_raise_nothing_but_open_failed(other: bytes) -> None:
    with pytest.raises(OpenFailed):
        hybrid.open_from(PAIR.private, b"\x01\x0b" + other, b"info")


def test_another_key_or_another_place_is_refused() -> None:
    with pytest.raises(OpenFailed):
        hybrid.open_from(hybrid.new_key_pair().private, SEALED, b"info")
    with pytest.raises(OpenFailed):
        hybrid.open_from(PAIR.private, SEALED, b"inf")


def test_a_wrap_to_the_curve_half_is_not_taken_for_a_hybrid_one() -> None:
    half = hybrid.seal_to(PAIR.public[-32:], KEY, b"info", alg=hybrid.X25519)
    with pytest.raises(OpenFailed):
        hybrid.open_from(PAIR.private, half, b"info")
    with pytest.raises(UnknownFormat):
        hybrid.open_from(PAIR.private, half + bytes(1100), b"info")


def test_nothing_is_sealed_to_a_hybrid_key_by_its_curve_alone() -> None:
    with pytest.raises(UnknownFormat):
        hybrid.seal_to(PAIR.public, KEY, b"info", alg=hybrid.X25519)


@pytest.mark.parametrize("public", [b"", bytes(31), bytes(1184)])
def test_a_key_of_no_known_length_is_refused(public: bytes) -> None:
    with pytest.raises(UnknownFormat):
        hybrid.seal_to(public, KEY, b"info")


def test_a_public_key_that_gives_everybody_the_same_secret_is_refused() -> None:
    with pytest.raises(OpenFailed):
        hybrid.seal_to(bytes(32), KEY, b"info", alg=hybrid.X25519)
    with pytest.raises(OpenFailed):
        hybrid.seal_to(PAIR.public[:1184] + bytes(32), KEY, b"info")


def test_locators_of_one_recipient_differ_from_place_to_place() -> None:
    assert hybrid.seal_to(PAIR.public, KEY, b"a")[2:10] != hybrid.seal_to(PAIR.public, KEY, b"b")[2:10]


def test_a_signature_fits_only_its_key_and_content() -> None:
    signature = hybrid.sign(SIGNER, b"content")
    hybrid.verify(PUBLIC_SIGNER, signature, b"content")
    other = hybrid.derive_verify_key(hybrid.new_signing_key())
    for public, mark, content in (
        (other, signature, b"content"),
        (PUBLIC_SIGNER, signature, b"contents"),
        (PUBLIC_SIGNER, signature[:-1], b"content"),
        (PUBLIC_SIGNER[:-1], signature, b"content"),
        *((PUBLIC_SIGNER, spoiled, b"content") for spoiled in flips(signature)),
    ):
        with pytest.raises(OpenFailed):
            hybrid.verify(public, mark, content)


def test_the_recipient_opens_a_grant_of_a_known_signer() -> None:
    assert hybrid.open_grant(PAIR.private, grant(PAIR.public), INFO, roster=ROSTER) == KEY


def test_a_grant_of_somebody_not_on_the_roster_is_refused() -> None:
    with pytest.raises(OpenFailed, match="roster"):
        hybrid.open_grant(PAIR.private, grant(PAIR.public), INFO, roster={})


def test_a_grant_signed_by_another_under_a_members_id_is_refused() -> None:
    forged = grant(PAIR.public, signer=hybrid.new_signing_key())
    with pytest.raises(OpenFailed, match="signature"):
        hybrid.open_grant(PAIR.private, forged, INFO, roster=ROSTER)


@pytest.mark.parametrize(
    "elsewhere",
    [
        (CASE, 1, GROUP, MEMBER, 3),
        (ORG, 2, GROUP, MEMBER, 3),
        (ORG, 1, CASE, MEMBER, 3),
        (ORG, 1, GROUP, CASE, 3),
        (ORG, 1, GROUP, MEMBER, 4),
    ],
    ids=["office", "purpose", "subject", "recipient", "epoch"],
)
def test_a_grant_for_another_place_is_refused(elsewhere: tuple[UUID, int, UUID, UUID, int]) -> None:
    with pytest.raises(OpenFailed):
        hybrid.open_grant(PAIR.private, grant(PAIR.public), hybrid.grant_info(*elsewhere), roster=ROSTER)


def test_a_recipient_cannot_pass_a_grant_on_as_the_signers_own() -> None:
    # The recipient re-seals the signed plaintext to somebody else; the signature names the first recipient.
    plain = hybrid.open_from(PAIR.private, grant(PAIR.public), INFO)
    third, info = hybrid.new_key_pair(), hybrid.grant_info(ORG, 1, GROUP, CASE, 3)
    with pytest.raises(OpenFailed, match="signature"):
        hybrid.open_grant(third.private, hybrid.seal_to(third.public, plain, info), info, roster=ROSTER)


@pytest.mark.parametrize(
    "make",
    [
        lambda: hybrid.seal_grant(PAIR.public, b"", signer_private=SIGNER, signer_id=bytes(8), hpke_info=INFO),
        lambda: hybrid.seal_grant(PAIR.public, KEY, signer_private=SIGNER, signer_id=b"", hpke_info=INFO),
        lambda: hybrid.seal_grant(PAIR.public, KEY, signer_private=SIGNER, signer_id=bytes(8), hpke_info=b"roster/1"),
    ],
    ids=["no key", "no signer", "not a grant's info"],
)
def test_a_grant_is_not_made_of_anything_else(make: Callable[[], bytes]) -> None:
    with pytest.raises(ValueError, match="grant"):
        make()


def test_a_pair_does_not_print_its_keys() -> None:
    assert PAIR.private.hex() not in repr(PAIR)
    assert repr(PAIR) == "KeyPair()"
