"""Small sealed things open under their label, ids and version only."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caseapp.vault.core import primitives
from caseapp.vault.core.blob import open_blob, seal_blob
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import OpenFailed, UnknownFormat

from .damage import damaged, flips, misshapen
from .scenes import CASE, GROUP, KEY, ORG

LABEL = b"roster/1"
SEALED = seal_blob(KEY, LABEL, (ORG, GROUP), b"Olena Tran", version=4)


@given(st.binary(max_size=3000), st.binary(max_size=30), st.lists(st.uuids(), max_size=4), st.integers(0, 2**63))
@settings(deadline=None)
def test_what_was_sealed_comes_back(plaintext: bytes, label: bytes, ids: list[object], version: int) -> None:
    sealed = seal_blob(KEY, label, ids, plaintext, version=version)  # type: ignore[arg-type]  # st.uuids has no type
    assert open_blob(KEY, label, ids, sealed, version=version) == plaintext  # type: ignore[arg-type]  # the same


def test_every_spoiled_blob_is_refused() -> None:
    for other in (*flips(SEALED), *misshapen(SEALED)):
        with pytest.raises(OpenFailed):
            open_blob(KEY, LABEL, (ORG, GROUP), other, version=4)


@given(damaged(SEALED))
@settings(deadline=None)
def test_damage_of_any_shape_is_refused(other: bytes) -> None:
    with pytest.raises(OpenFailed):
        open_blob(KEY, LABEL, (ORG, GROUP), other, version=4)


@pytest.mark.parametrize(
    "open_elsewhere",
    [
        lambda: open_blob(CASE.bytes * 2, LABEL, (ORG, GROUP), SEALED, version=4),
        lambda: open_blob(KEY, b"roster/2", (ORG, GROUP), SEALED, version=4),
        lambda: open_blob(KEY, LABEL, (GROUP, ORG), SEALED, version=4),
        lambda: open_blob(KEY, LABEL, (ORG,), SEALED, version=4),
        lambda: open_blob(KEY, LABEL, (ORG, GROUP, CASE), SEALED, version=4),
        lambda: open_blob(KEY, LABEL, (ORG, GROUP), SEALED, version=3),
        lambda: open_blob(KEY, LABEL, (ORG, GROUP), SEALED, version=4, step=512),
    ],
    ids=["another key", "another label", "ids swapped", "an id less", "an id more", "replayed version", "another step"],
)
def test_a_blob_moved_elsewhere_is_refused(open_elsewhere: Callable[[], bytes]) -> None:
    with pytest.raises(OpenFailed):
        open_elsewhere()


def test_label_and_ids_cannot_trade_bytes() -> None:
    sealed = seal_blob(KEY, b"a", (ORG,), b"")
    with pytest.raises(OpenFailed):
        open_blob(KEY, b"a" + ORG.bytes, (), sealed)


@pytest.mark.parametrize("step", [256, 1024])
def test_contents_of_one_step_have_the_same_length_sealed(step: int) -> None:
    lengths = {len(seal_blob(KEY, LABEL, (), bytes(n), step=step)) for n in (0, 1, step // 2, step - 4)}
    assert lengths == {2 + 12 + step + 16}


def test_an_unknown_format_is_named_as_such() -> None:
    with pytest.raises(UnknownFormat):
        open_blob(KEY, LABEL, (ORG, GROUP), b"\x06\x02" + SEALED[2:], version=4)


@pytest.mark.parametrize(
    "content", [b"", b"\0\0\0", bytes(255), bytes(512), b"\0\0\0\1x" + bytes(250) + b"\1", b"\0\0\1\0" + bytes(252)]
)
def test_lengths_and_zeros_are_checked_exactly(content: bytes) -> None:
    with pytest.raises(OpenFailed):
        primitives.remove_padding(content, 256, what="test")


def test_a_failure_does_not_repeat_the_content() -> None:
    with pytest.raises(OpenFailed) as caught:
        open_blob(KEY, LABEL, (ORG, GROUP), SEALED, version=5)
    assert "Olena" not in str(caught.value)


def test_labels_that_derive_from_one_key_are_not_beginnings_of_each_other() -> None:
    # group key: wrap | half, index, roster; a label that began another could meet it with the right tail.
    for names in (("group wrap", "group index", "group roster"), ("session id", "session key")):
        labels = [LABELS[name] for name in names]
        assert not any(a != b and b.startswith(a) for a in labels for b in labels)
        assert len(set(labels)) == len(labels)
