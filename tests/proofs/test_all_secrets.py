"""The thief's attempt finds what it should: one thing deliberately sealed under each server key, by each format."""

from uuid import UUID, uuid4

import pytest

from caseapp.vault.core import blob, files, operational, parts, primitives, wraps
from caseapp.vault.core.bundle import Kdf, new_bundle
from caseapp.vault.core.envelope import CaseCipher
from caseapp.vault.core.keyring import GroupKey, Keyring
from tests.helpers.attacker import ATTEMPTS, Sealed, keys_from, opened

ORG, ROW, CASE = uuid4(), uuid4(), uuid4()
SECRET = primitives.new_key()


def _controls(key: bytes) -> dict[str, Sealed]:
    place = {"org_id": ORG, "id": ROW, "case_id": CASE, "member_id": ROW, "group_id": ROW, "version": 3, "kver": 1}
    group = GroupKey(group=ROW, epoch=1, key=key)
    ctx = b"case/1" + ORG.bytes + CASE.bytes + (1).to_bytes(4, "big")
    wrapped = wraps.set_slot(
        wraps.new_wrapset(), 2, group.wrap_key(), primitives.new_key(), object_id=CASE.bytes, ctx=ctx
    )
    ring = Keyring(hpke_private=b"", sign_private=b"", org_root_public=b"")
    bundle = new_bundle(
        ring, member=ROW, bundle_key=key, passphrase="harbor candle orchard", pepper=bytes(32), shred_half=bytes(32),
        kdf=Kdf(m_kib=64, t=1, p=1),
    )  # fmt: skip
    sealer = files.Sealer(key, files.file_context(ORG, ROW, 1))
    span = parts.Span(ORG, ROW, 1, 4, 5)
    made = {
        "record": CaseCipher(key, ORG, CASE).seal(record=ROW, version=3, kver=1, kind=1, schema=1, body=b"x"),
        "wrap set": wrapped,
        "bundle": bundle,
        "index part": parts.seal(key, span, b"x")[0],
        "plan": operational.seal_plan(key, ORG, ROW, b"x"),
        "fire row": operational.seal_fire(key, ORG, ROW, operational.ReminderDay(ROW, 1)),
        "address": operational.seal_setting(key, ORG, ROW, b"x"),
        "small blob": blob.seal_blob(key, b"profile/1", (ORG, ROW), b"x", version=3),
        "file": sealer.update(b"x" * 20_000) + sealer.finish(20_480),
        "bare": primitives.seal(key, b"x", b""),
    }
    more = {"epoch": 1, "lo": 4, "hi": 5, "padded": 20_480}
    return {way: Sealed(way, {**place, **more}, content) for way, content in made.items()}


def test_there_is_a_control_for_every_way_in() -> None:
    assert set(_controls(SECRET)) == set(ATTEMPTS)


@pytest.mark.parametrize("way", sorted(ATTEMPTS))
def test_what_is_sealed_under_a_server_key_is_found(way: str) -> None:
    assert (
        way in {found for _, found in opened([_controls(SECRET)[way]], keys_from([b"other secret", SECRET]))}
    ) is True


@pytest.mark.parametrize("way", sorted(ATTEMPTS))
def test_what_is_sealed_under_a_derived_server_key_is_found(way: str) -> None:
    derived = primitives.expand(SECRET, b"index/1")
    assert [found for _, found in opened([_controls(derived)[way]], keys_from([SECRET]))]


def test_a_wrap_that_takes_a_shred_half_is_found_with_the_half() -> None:
    half = primitives.new_key()
    thing = _controls(SECRET)["wrap set"]
    ctx = b"case/1" + ORG.bytes + CASE.bytes + (1).to_bytes(4, "big")
    wrapping = GroupKey(group=ROW, epoch=1, key=SECRET).wrap_key(half)
    blob_with_half = wraps.set_slot(
        wraps.new_wrapset(), 2, wrapping, primitives.new_key(), object_id=CASE.bytes, ctx=ctx
    )
    taken = Sealed("wrap set", {**thing.row, "half": half}, blob_with_half)
    assert list(opened([taken], [SECRET]))
    assert not list(opened([Sealed("wrap set", thing.row, blob_with_half)], [SECRET]))


@pytest.mark.parametrize("way", sorted(ATTEMPTS))
def test_what_is_sealed_under_another_key_stays_shut(way: str) -> None:
    assert list(opened([_controls(primitives.new_key())[way]], keys_from([SECRET, UUID(int=1).bytes]))) == []
