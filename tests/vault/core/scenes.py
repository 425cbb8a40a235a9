"""One scene for each format: fixed inputs, how it is sealed, how it is opened. The vectors are these scenes, kept.

`python -m tests.vault.core.scenes` writes the vectors that are missing and never touches one that exists: what once was
sealed must open for ever.
"""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch
from uuid import UUID

from caseapp.vault.core import blob, files, form_marks, hybrid, primitives, session, wraps
from caseapp.vault.core.bundle import RECOVERY, Bundle, Kdf, new_bundle
from caseapp.vault.core.envelope import CaseCipher
from caseapp.vault.core.form_marks import FormAnswer
from caseapp.vault.core.inboxes import drafts, stops
from caseapp.vault.core.keyring import GroupKey, Keyring

from .damage import FixedStream

VECTORS = Path(__file__).parent.parent / "vectors"
ORG = UUID("0a0b0c0d-0000-4000-8000-000000000001")
CASE = UUID("0a0b0c0d-0000-4000-8000-000000000002")
RECORD = UUID("0a0b0c0d-0000-4000-8000-000000000003")
MEMBER = UUID("0a0b0c0d-0000-4000-8000-000000000004")
GROUP = UUID("0a0b0c0d-0000-4000-8000-000000000005")
KEY = bytes(range(32))
WRAPPING = bytes(range(100, 132))
PEPPER, HALF = bytes([7]) * 32, bytes([8]) * 32
PASSPHRASE = "six fictional words of Amina Diallo"
CODE = "0410-820G-0410-820G-0410-820G-0410-820G-H1TM"
PLAIN = bytes(range(200))
PADDED = 20480  # of the file's scene: 20,000 bytes and zeros
CONTENT = (b"Samira, Tuan, Olena, Jose. " * 741)[:20_000]
INFO = hybrid.grant_info(ORG, 1, GROUP, MEMBER, 3)
SIGNER = bytes(range(50, 82))
KEYRING = Keyring(
    hpke_private=bytes(range(96)),
    sign_private=SIGNER,
    org_root_public=bytes(range(1, 33)),
    org_root_private=bytes(range(2, 34)),
    groups=(GroupKey(group=GROUP, epoch=3, key=KEY, role="lead", hpke_private=bytes(range(96))),),
    office_file=CASE,
    roster_version=9,
)
SESSION = {"org": ORG, "member": MEMBER, "created": 1_790_000_000, "expires": 1_790_043_200, "epoch": 2}
TOKEN = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"  # base64url of KEY


@dataclass(frozen=True)
class Scene:
    """`exact`: the same bytes come out again when the generator is fixed (not where the library draws by itself)."""

    seal: Callable[[], bytes]
    open: Callable[[bytes], object]
    holds: object
    exact: bool = True


def _record() -> bytes:
    return CaseCipher(KEY, ORG, CASE).seal(record=RECORD, version=7, kver=2, kind=6, schema=1, body=PLAIN)


def _wrapset() -> bytes:
    filled = wraps.set_slot(wraps.new_wrapset(), 2, WRAPPING, KEY, object_id=CASE.bytes, ctx=b"case/1")
    return wraps.add_slots(filled)


def _bundle() -> bytes:
    made = new_bundle(
        KEYRING, member=MEMBER, bundle_key=KEY, passphrase=PASSPHRASE, pepper=PEPPER, shred_half=HALF, kdf=Kdf(64, 1, 1)
    )
    return Bundle.parse(made, MEMBER).with_code(KEY, CODE, PEPPER, HALF)


def _open_bundle(sealed: bytes) -> object:
    bundle = Bundle.parse(sealed, MEMBER)
    key = bundle.unlock_with_passphrase(PASSPHRASE, PEPPER, HALF)
    return key, bundle.unlock_with_code(CODE, PEPPER, HALF), bundle.open_keyring(key), bundle.has_kind(RECOVERY)


def _file() -> bytes:
    sealer = files.Sealer(KEY, files.file_context(ORG, CASE, 1))
    return sealer.update(CONTENT) + sealer.finish(PADDED)


def _open_file(sealed: bytes) -> object:
    place = files.file_context(ORG, CASE, 1)
    stream = files.open_stream(io.BytesIO(sealed), KEY, place, size=len(CONTENT), padded=PADDED)
    reader = files.RangeReader(io.BytesIO(sealed), KEY, place, size=len(CONTENT), padded=PADDED)
    return b"".join(stream), b"".join(reader.read(16_000, 17_000))


def _private(alg: int) -> bytes:
    return bytes(range(96)) if alg == hybrid.HYBRID else KEY


def _hpke(alg: int) -> Scene:
    private = _private(alg)
    return Scene(
        lambda: hybrid.seal_to(hybrid.derive_public_key(private), KEY, b"info", alg=alg),
        lambda sealed: hybrid.open_from(private, sealed, b"info"),
        KEY,
        exact=False,
    )


def _grant() -> bytes:
    public = hybrid.derive_public_key(_private(hybrid.HYBRID))
    known = hybrid.signer_id(hybrid.derive_verify_key(SIGNER))
    return hybrid.seal_grant(public, KEY, signer_private=SIGNER, signer_id=known, hpke_info=INFO)


def _open_grant(sealed: bytes) -> bytes:
    public = hybrid.derive_verify_key(SIGNER)
    return hybrid.open_grant(_private(hybrid.HYBRID), sealed, INFO, roster={hybrid.signer_id(public): public})


def _subkeys() -> bytes:
    group = KEYRING.groups[0]
    unused = primitives.expand(group.key, b"token/1")  # the vector holds it; the program derives it no more
    keys = (group.wrap_key(), group.wrap_key(HALF), group.index_key(), unused, group.roster_key())
    return b"".join(keys) + session.session_row_key(TOKEN) + primitives.mac(KEY, b"a", b"bc") + wraps.kid_of(KEY, b"o")


SCENES = {
    "record": Scene(
        _record, lambda b: tuple(CaseCipher(KEY, ORG, CASE).open(record=RECORD, version=7, sealed=b)), (6, 1, PLAIN, 2)
    ),
    "wrap_s": Scene(
        lambda: wraps.seal_key(WRAPPING, KEY, object_id=CASE.bytes, ctx=b"ctx", epoch=5),
        lambda b: wraps.open_key(WRAPPING, b, object_id=CASE.bytes, ctx=b"ctx"),
        KEY,
    ),
    "wrapset": Scene(_wrapset, lambda b: wraps.open_wrapset(b, WRAPPING, object_id=CASE.bytes, ctx=b"case/1"), KEY),
    "wrap_h_hybrid": _hpke(hybrid.HYBRID),
    "wrap_h_x25519": _hpke(hybrid.X25519),
    "grant": Scene(_grant, _open_grant, KEY, exact=False),
    "bundle": Scene(_bundle, _open_bundle, (KEY, KEY, KEYRING, True)),
    "keyring": Scene(KEYRING.encode, Keyring.decode, KEYRING),
    "session": Scene(
        lambda: session.seal_session(TOKEN, WRAPPING, **SESSION),  # type: ignore[arg-type]  # one dict of mixed types
        lambda b: session.open_session(TOKEN, b, **SESSION),  # type: ignore[arg-type]  # the same
        WRAPPING,
    ),
    "blob": Scene(
        lambda: blob.seal_blob(KEY, b"roster/1", (ORG, GROUP), PLAIN, version=4),
        lambda b: blob.open_blob(KEY, b"roster/1", (ORG, GROUP), b, version=4),
        PLAIN,
    ),
    "file": Scene(_file, _open_file, (CONTENT, CONTENT[16_000:17_000]), exact=False),
    "stop": Scene(
        lambda: stops.seal_stop(hybrid.derive_public_key(_private(hybrid.HYBRID)), ORG, RECORD, PLAIN),
        lambda b: stops.open_stop(_private(hybrid.HYBRID), ORG, RECORD, b),
        PLAIN,
        exact=False,
    ),
    "draft": Scene(
        lambda: drafts.seal_draft(drafts.derive_inbox(KEY).public, ORG, RECORD, PLAIN),
        lambda b: drafts.open_draft(drafts.derive_private_key(KEY), ORG, RECORD, b),
        PLAIN,
        exact=False,
    ),
    "sent_form": Scene(
        lambda: form_marks.seal_answer(KEY, ORG, RECORD, FormAnswer(bytes(16), "/cases/")),
        lambda b: form_marks.open_answer(KEY, ORG, RECORD, b),
        FormAnswer(bytes(16), "/cases/"),
    ),
    "subkeys": Scene(_subkeys, lambda b: b, None),
}


def sealed_now(scene: Scene, name: str) -> bytes:
    """The scene's bytes with the generator fixed."""
    with patch.object(primitives, "random_bytes", FixedStream(name.encode())):
        return scene.seal()


def kept(name: str) -> bytes:
    """The bytes in the vector."""
    return bytes.fromhex(json.loads((VECTORS / f"{name}.json").read_text())["sealed"])


if __name__ == "__main__":
    for name, scene in SCENES.items():
        path = VECTORS / f"{name}.json"
        if not path.exists():
            vector = {"scene": name, "exact": scene.exact, "sealed": sealed_now(scene, name).hex()}
            path.write_text(json.dumps(vector, indent=1) + "\n")
