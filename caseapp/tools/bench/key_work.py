"""Key operations, each against the primitive it needs: sign-in, grant, opening a case key, new wraps of a group.

The 20,000 wrap sets belong to an office that is created and removed here.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

from django.db import connection

from caseapp.tools.bench import make_figure
from caseapp.vault import store
from caseapp.vault.core import bundle, hybrid, primitives, wraps
from caseapp.vault.core.bundle import DEFAULT_KDF
from caseapp.vault.core.keyring import GroupKey, Keyring
from caseapp.vault.tenancy import office_transaction

CASES = 20_000
BATCH = 500
ROUNDS = 200


def run() -> list[dict[str, object]]:
    """Return the figures; lower is better. A goal is the cost allowed for the code around a primitive."""
    return [_sign_in_figure(), _grant_figure(), _open_figure(), _rewrap_figure()]


def _measure_in_turn(
    ours: Callable[[], object], peer: Callable[[], object], rounds: int
) -> tuple[list[float], list[float]]:
    """Return the milliseconds of each, measured in turn."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for kept, act in zip(times, (ours, peer), strict=True):
            began = time.perf_counter()
            act()
            kept.append((time.perf_counter() - began) * 1000)
    return times


def _sign_in_figure() -> dict[str, object]:
    """Measure opening a bundle of forty groups by passphrase, against the derivation alone."""
    words, pepper, half, member = "harbor candle orchard violet meadow lantern", bytes(32), bytes(32), uuid4()
    groups = tuple(GroupKey(group=uuid4(), epoch=1, key=primitives.new_key()) for _ in range(40))
    ring = Keyring(
        hpke_private=hybrid.new_key_pair().private,
        sign_private=primitives.new_key(),
        org_root_public=bytes(32),
        groups=groups,
    )
    sealed = bundle.new_bundle(
        ring,
        member=member,
        bundle_key=primitives.new_key(),
        passphrase=words,
        pepper=pepper,
        shred_half=half,
        kdf=DEFAULT_KDF,
    )

    def ours() -> None:
        opened = bundle.Bundle.parse(sealed, member)
        opened.open_keyring(opened.unlock_with_passphrase(words, pepper, half))

    mine, limit = _measure_in_turn(ours, lambda: bundle.derive(words, bytes(16), DEFAULT_KDF), 7)
    return make_figure(
        "sign-in, the bundle opened", unit="ms", ours=mine, peer=limit, peer_name="Argon2id alone", goal=1.1
    )


def _grant_figure() -> dict[str, object]:
    pair, signing = hybrid.new_key_pair(), hybrid.new_signing_key()
    public, org, row, member = hybrid.derive_verify_key(signing), uuid4(), uuid4(), uuid4()
    grant = hybrid.grant_info(org, 1, row, member, 1)
    signer = hybrid.signer_id(public)

    def ours() -> None:
        blob = hybrid.seal_grant(
            pair.public, primitives.new_key(), signer_private=signing, signer_id=signer, hpke_info=grant
        )
        hybrid.open_grant(pair.private, blob, grant, roster={signer: public})

    def peer() -> None:
        hybrid.open_from(pair.private, hybrid.seal_to(pair.public, bytes(32), grant), grant)

    mine, limit = _measure_in_turn(ours, peer, ROUNDS)
    return make_figure("grant given and taken", unit="ms", ours=mine, peer=limit, peer_name="HPKE alone", goal=2.0)


def _open_figure() -> dict[str, object]:
    group, case, org = GroupKey(group=uuid4(), epoch=1, key=primitives.new_key()), uuid4(), uuid4()
    ctx = store.wrap_context(org, case, 1)
    blob = wraps.set_slot(wraps.new_wrapset(), 2, group.wrap_key(), primitives.new_key(), object_id=case.bytes, ctx=ctx)
    key = primitives.new_key()
    sealed = primitives.seal(key, bytes(32), b"")
    mine, limit = _measure_in_turn(
        lambda: wraps.open_wrapset(blob, group.wrap_key(), object_id=case.bytes, ctx=ctx),
        lambda: primitives.open_sealed(key, sealed, b"", what="bench"),
        ROUNDS * 5,
    )
    return make_figure("a case's key opened", unit="ms", ours=mine, peer=limit, peer_name="AES-GCM alone", goal=15.0)


def _rewrap_figure() -> dict[str, object]:
    """Measure a group's next epoch: 20,000 wrap sets opened, rewrapped and written, against only writing as many."""
    org, old = uuid4(), GroupKey(group=uuid4(), epoch=1, key=primitives.new_key())
    new = GroupKey(group=old.group, epoch=2, key=primitives.new_key())
    with _stored_cases(org, old) as ids:
        mine = _measure_once(
            lambda: _update_in_batches(org, ids, lambda case, blob: _rewrap_case(org, case, blob, old, new))
        )
        limit = _measure_once(lambda: _update_in_batches(org, ids, lambda _case, blob: blob))
    return make_figure(
        f"new wraps of {CASES:,} cases", unit="s", ours=[mine], peer=[limit], peer_name="reading and writing", goal=3.0
    )


def _measure_once(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


@contextmanager
def _stored_cases(org: UUID, group: GroupKey) -> Iterator[list[UUID]]:
    ids = [uuid4() for _ in range(CASES)]
    try:
        for start in range(0, CASES, BATCH):
            rows = [(org, case, _first_wrap(org, case, group)) for case in ids[start : start + BATCH]]
            with office_transaction(org), connection.cursor() as cursor:
                cursor.executemany("INSERT INTO vault_case (org_id, case_id, kver, wraps) VALUES (%s, %s, 1, %s)", rows)
        yield ids
    finally:
        with office_transaction(org), connection.cursor() as cursor:
            cursor.execute("DELETE FROM vault_case WHERE org_id = %s", [org])


def _first_wrap(org: UUID, case: UUID, group: GroupKey) -> bytes:
    return wraps.set_slot(
        wraps.new_wrapset(),
        0,
        group.wrap_key(),
        primitives.new_key(),
        object_id=case.bytes,
        ctx=store.wrap_context(org, case, 1),
    )


def _rewrap_case(org: UUID, case: UUID, blob: bytes, old: GroupKey, new: GroupKey) -> bytes:
    ctx = store.wrap_context(org, case, 1)
    key = wraps.open_wrapset(blob, old.wrap_key(), object_id=case.bytes, ctx=ctx)
    return wraps.set_slot(blob, 0, new.wrap_key(), key, object_id=case.bytes, ctx=ctx)


def _update_in_batches(org: UUID, ids: list[UUID], change: Callable[[UUID, bytes], bytes]) -> None:
    for start in range(0, CASES, BATCH):
        with office_transaction(org), connection.cursor() as cursor:
            cursor.execute(
                "SELECT case_id, wraps FROM vault_case WHERE org_id = %s AND case_id = ANY(%s) FOR UPDATE",
                [org, ids[start : start + BATCH]],
            )
            changed = [(change(case, bytes(blob)), org, case) for case, blob in cursor.fetchall()]
            cursor.executemany("UPDATE vault_case SET wraps = %s WHERE org_id = %s AND case_id = %s", changed)
