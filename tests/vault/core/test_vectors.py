"""What was sealed once opens for ever, and is sealed to the same bytes today."""

import json

import pytest

from caseapp.vault.core import primitives

from .scenes import SCENES, VECTORS, kept, sealed_now


@pytest.mark.parametrize("name", [name for name, scene in SCENES.items() if scene.holds is not None])
def test_a_kept_vector_opens_to_what_it_held(name: str) -> None:
    assert SCENES[name].open(kept(name)) == SCENES[name].holds


@pytest.mark.parametrize("name", [name for name, scene in SCENES.items() if scene.exact])
def test_the_same_inputs_and_nonces_give_the_kept_bytes(name: str) -> None:
    assert sealed_now(SCENES[name], name) == kept(name)


@pytest.mark.parametrize("name", [name for name, scene in SCENES.items() if not scene.exact])
def test_what_is_sealed_today_has_the_length_of_the_vector(name: str) -> None:
    assert len(sealed_now(SCENES[name], name)) == len(kept(name))


def test_every_vector_belongs_to_a_scene() -> None:
    scenes = {json.loads(path.read_text())["scene"] for path in VECTORS.glob("*.json") if path.stem in SCENES}
    assert scenes == set(SCENES)


@pytest.mark.parametrize(
    ("name", "length"),
    [
        ("wrap_s", 90),
        ("wrapset", 4 + 84 * 8),
        ("wrap_h_hybrid", 1178),
        ("wrap_h_x25519", 90),
        ("grant", 1250),
        ("stop", 1178 + 2 + 12 + 256 + 16),
        ("draft", 1178 + 2 + 12 + 1024 + 16),
    ],
)
def test_lengths_are_those_of_the_protocol(name: str, length: int) -> None:
    assert len(kept(name)) == length


def test_expand_is_the_expand_step_of_rfc_5869() -> None:
    # RFC 5869, appendix A.1: PRK, info and OKM of the first test case.
    prk = bytes.fromhex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5")
    okm = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    assert primitives.expand(prk, bytes(range(0xF0, 0xFA)), 42).hex() == okm


def test_parts_of_a_mac_cannot_run_together() -> None:
    assert primitives.mac(bytes(32), b"ab", b"c") != primitives.mac(bytes(32), b"a", b"bc")
