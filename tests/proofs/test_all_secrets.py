"""The thief's attempt finds what it should: one thing deliberately sealed under each server key, by each format."""

import ast
import base64
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from caseapp.vault.core import (
    blob,
    files,
    hybrid,
    operational,
    parts,
    primitives,
    session,
    shares,
    wraps,
)
from caseapp.vault.core.bundle import Kdf, new_bundle
from caseapp.vault.core.envelope import CaseCipher
from caseapp.vault.core.inboxes import conflict_requests, drafts, imports, stops
from caseapp.vault.core.keyring import GroupKey, Keyring
from caseapp.vault.core.labels import LABELS
from tests.helpers.attacker import ATTEMPTS, BLOB_LABELS, BLOB_STEPS, Sealed, keys_from, opened

ORG, ROW, CASE = uuid4(), uuid4(), uuid4()
SECRET = primitives.new_key()
PACKAGE = Path(__file__).resolve().parents[2] / "caseapp"
# Every function of the vault that seals, and the control that is made with it.
SEALED_BY = {
    "blob.seal_blob": "small blob",
    "bundle.new_bundle": "bundle",
    "conflict_requests.seal_answer": "small blob",
    "conflict_requests.seal_copy": "small blob",
    "conflict_requests.seal_entry": "key wrap",
    "conflict_requests.seal_request": "key wrap",
    "drafts.seal_draft": "draft",
    "drafts.seal_inbox": "small blob",
    "envelope.CaseCipher.seal": "record",
    "files.Sealer": "file",
    "files.Sealer.seal_pieces": "file",
    "form_marks.seal_answer": "small blob",
    "hybrid.seal_grant": "key wrap",
    "hybrid.seal_to": "key wrap",
    "imports.seal_part": "small blob",
    "imports.seal_state": "small blob",
    "list_views.seal_views": "small blob",
    "operational.seal_fire": "fire row",
    "operational.seal_log_recipient": "log line",
    "operational.seal_plan": "plan",
    "operational.seal_setting": "address",
    "parts.seal": "index part",
    "parts.seal_to_group": "key wrap",
    "primitives.seal": "bare",
    "session.seal_owner": "small blob",
    "session.seal_session": "session",
    "stops.seal_stop": "stop",
    "wraps.seal_key": "single wrap",
    "wraps.set_slot": "wrap set",
}


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
        "single wrap": _single_wrap(key),
        "key wrap": hybrid.seal_to(
            hybrid.derive_public_key(key), b"x" * 32, LABELS["cover"] + ORG.bytes + ROW.bytes, alg=hybrid.X25519
        ),
        "session": session.seal_session(
            _token(key), primitives.new_key(), org=ORG, member=ROW, created=1, expires=2, epoch=1
        ),
        "stop": stops.seal_stop(hybrid.derive_public_key(key), ORG, ROW, b"x"),
        "draft": drafts.seal_draft(drafts.derive_inbox(key).public, ORG, ROW, b"x"),
        "log line": operational.seal_log_recipient(key, ORG, "<a@b>", ROW),
    }
    whose = session.seal_owner(_token(key), session.SessionOwner(ROW, 1, 2), org=ORG, chain=ROW)
    more = {"epoch": 1, "lo": 4, "hi": 5, "padded": 20_480, "chain": ROW, "whose": whose, "message_id": "<a@b>"}
    return {way: Sealed(way, {**place, **more}, content) for way, content in made.items()}


def _token(key: bytes) -> str:
    """The cookie whose token is this key."""
    return base64.urlsafe_b64encode(key).rstrip(b"=").decode()


def _single_wrap(key: bytes) -> bytes:
    """A key wrapped as in a bundle, under a key that a passphrase would give."""
    ctx = LABELS["bundle wrap"] + ROW.bytes + bytes([1])
    return wraps.seal_key(key, primitives.new_key(), object_id=ROW.bytes, ctx=ctx, epoch=1)


def _sealing_functions() -> Iterator[str]:
    """Everything public in the vault's core that seals, as `module.name` or `module.Class.name`."""
    for path in sorted((PACKAGE / "vault" / "core").rglob("*.py")):
        for node in ast.parse(path.read_text()).body:
            inside = node.body if isinstance(node, ast.ClassDef) else []
            owners = [("", node), *((f"{node.name}.", each) for each in inside if isinstance(node, ast.ClassDef))]
            for owner, each in owners:
                name = getattr(each, "name", "")
                if name.lower().startswith("seal") or name in {"set_slot", "new_bundle"}:
                    yield f"{path.stem}.{owner}{name}"


def _blob_labels_in_use() -> set[str]:
    """Names of the labels that small blobs are sealed under: in a call, or by a constant whose name ends in LABEL."""
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        if "tools" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("seal_blob"):
                found |= _names_in(node.args[1])
            if isinstance(node, ast.Assign):
                names = [ast.unparse(name) for name in getattr(node.targets[0], "elts", node.targets)]
                values = getattr(node.value, "elts", [node.value])
                for name, value in zip(names, values, strict=False):
                    if name.endswith("LABEL") and name not in {"TAG_LABEL", "KEY_LABEL"}:
                        found |= _names_in(value)
    return found


def _names_in(node: ast.expr) -> set[str]:
    return {
        str(each.slice.value)
        for each in ast.walk(node)
        if isinstance(each, ast.Subscript)
        and ast.unparse(each.value) == "LABELS"
        and isinstance(each.slice, ast.Constant)
    }


def test_every_function_that_seals_has_a_control() -> None:
    assert set(_sealing_functions()) == set(SEALED_BY)
    assert set(SEALED_BY.values()) == set(ATTEMPTS)


def test_every_label_of_a_small_blob_is_tried() -> None:
    assert _blob_labels_in_use() == set(BLOB_LABELS)


@pytest.mark.parametrize("label", BLOB_LABELS)
def test_a_small_blob_of_any_label_is_found(label: str) -> None:
    ids = (ORG, CASE, ROW) if label == "audit of case" else (ORG, ROW)
    version = 7 if label == "audit" else 0
    row = {"org_id": ORG, "id": ROW, "case_id": CASE, "seq": version}
    for step in BLOB_STEPS:
        sealed = blob.seal_blob(SECRET, LABELS[label], ids, b"x", version=version, step=step)
        assert [found for _, found in opened([Sealed("row", row, sealed)], [SECRET])] == ["small blob"]


def test_each_padding_of_a_small_blob_is_tried() -> None:
    place = {"org_id": ORG, "id": ROW, "number": 7}
    made = {
        **{
            f"copy of {size}": conflict_requests.seal_copy(SECRET, ORG, ROW, bytes(size - 4))
            for size in conflict_requests.SIZE_CLASSES
        },
        "answer": conflict_requests.seal_answer(SECRET, ORG, ROW, b"x"),
        "state": imports.seal_state(SECRET, ORG, ROW, b"x"),
        "part": imports.seal_part(SECRET, ORG, ROW, 7, b"x"),
    }
    for name, sealed in made.items():
        row = place if name == "part" else {**place, "number": 0}
        assert [found for _, found in opened([Sealed(name, row, sealed)], [SECRET])] == ["small blob"], name


@pytest.mark.parametrize("what", ["request", "entry"])
def test_a_conflict_request_to_a_pair_that_is_a_server_secret_is_found(what: str) -> None:
    pair = shares.derive_key_pair(SECRET)
    seal = conflict_requests.seal_request if what == "request" else conflict_requests.seal_entry
    row = {"org_id": ORG, "id": ROW}
    sealed = seal(pair.public, ORG, ROW, b"x")
    assert "key wrap" in {found for _, found in opened([Sealed(what, row, sealed)], [SECRET])}
    assert not list(opened([Sealed(what, row, sealed)], [primitives.new_key()]))


KEY_WRAPS = {
    "an escrow row": LABELS["cover"] + ORG.bytes + ROW.bytes,
    "a grant": hybrid.grant_info(ORG, 1, ROW, CASE, 0),
    "a stop's key": LABELS["stop"] + ORG.bytes + ROW.bytes,
    "a test opening": LABELS["recovery test"] + ORG.bytes,
    "a recovery sheet": LABELS["recovery sheet"] + ORG.bytes + ROW.bytes + CASE.bytes,
    "an hour of the audit trail": LABELS["audit"] + ORG.bytes + b"8 bytes.",
    "an answer to a returning member": LABELS["return"] + ORG.bytes + ROW.bytes + CASE.bytes,
}


@pytest.mark.parametrize("kind", sorted(KEY_WRAPS))
@pytest.mark.parametrize("is_hybrid", [True, False])
def test_a_key_wrapped_to_a_pair_that_is_a_server_secret_is_found(kind: str, is_hybrid: bool) -> None:
    pair = shares.derive_key_pair(SECRET) if is_hybrid else None
    public = pair.public if pair else hybrid.derive_public_key(SECRET)
    alg = hybrid.HYBRID if is_hybrid else hybrid.X25519
    row = {"org_id": ORG, "id": ROW, "member_id": CASE, "recipient": CASE, "kid": b"8 bytes."}
    sealed = hybrid.seal_to(public, b"x" * 32, KEY_WRAPS[kind], alg=alg)
    assert "key wrap" in {found for _, found in opened([Sealed("row", row, sealed)], [SECRET])}
    assert not list(opened([Sealed("row", row, sealed)], [primitives.new_key()]))


def test_an_index_part_sealed_to_a_group_whose_key_is_a_server_secret_is_found() -> None:
    span = parts.Span(ORG, ROW, 1, 4, 5)
    row = {"org_id": ORG, "group_id": ROW, "epoch": 1, "lo": 4, "hi": 5}
    (sealed,) = parts.seal_to_group(hybrid.derive_public_key(SECRET), span, b"x")
    assert "key wrap" in {found for _, found in opened([Sealed("part", row, sealed)], [SECRET])}


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
