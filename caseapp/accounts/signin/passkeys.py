"""Passkeys (WebAuthn): the browser signs a challenge with a key that never leaves the device, after a touch or PIN.

Where browser and device offer it (the PRF extension), a passkey also gives 32 secret bytes, always the same for this
site: they are wrapped into the bundle, so that a locked page opens without the passphrase.

challenge = random 16 | seconds u64 | HMAC(operational key, purpose | session row | random | seconds), 24 bytes
It is bound to the cookie that asked, which is renewed after a correct answer: an answer is valid once.
"""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_noop
from msgspec.structs import replace

from caseapp.accounts.keys import bundles
from caseapp.accounts.models import Member
from caseapp.accounts.signin import factors
from caseapp.accounts.signin.factors import BundleHolder, FactorRecord
from caseapp.lib import base64url, clock
from caseapp.lib.errors import Refused
from caseapp.vault import server_keys, shred_keys
from caseapp.vault.core import primitives, session
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction

CHALLENGE_SECONDS = 300  # seconds a challenge is valid
MAX_ANSWER_LENGTH = 20_000  # characters of a browser's answer
WRONG = gettext_noop("The passkey did not match, or the answer was too late. Try again.")
# The PRF input from which a passkey derives its 32 secret bytes. It need not be secret; it must never change.
PRF_INPUT = primitives.digest(LABELS["passkey unlock"])
_MAC, _RANDOM = 24, 16


@dataclass(frozen=True)
class Site:
    """The browser's location: passkeys belong to a host name. `token` is the cookie that asks."""

    host: str
    origin: str
    token: str


def registration_options(holder: BundleHolder, site: Site, *, name: str) -> str:
    """Return options for `navigator.credentials.create`, as JSON. `name` is shown by the device next to the key."""
    from caseapp.accounts.keys import passkey_ceremonies

    user_id = primitives.mac(server_keys.operational_key(), LABELS["passkey user"], holder.member_id.bytes)
    options = passkey_ceremonies.make_registration_options(
        site.host, user_id, name, _new_challenge(site, b"register"), _passkeys_of(holder)
    )
    return json.dumps(_with_prf(options, ask=False))


def register(holder: BundleHolder, site: Site, answer: str, *, name: str) -> UUID:
    """Store the passkey that answered and return its id. Raises Refused(code="passkey", "many" or "known")."""
    from caseapp.accounts.keys import passkey_ceremonies

    credential = _parse_answer(answer)["credential"]
    try:
        challenge = _check_challenge(site, b"register", credential)
        verified = passkey_ceremonies.verify_registration(site.host, site.origin, challenge, credential)
    except passkey_ceremonies.REFUSALS as exc:
        raise Refused("passkey", WRONG) from exc
    transports = credential["response"].get("transports") or []
    means = FactorRecord(
        kind="passkey",
        name=name,
        made_on=factors.current_day(),
        credential=verified.credential_id,
        public_key=verified.credential_public_key,
        counter=verified.sign_count,
        transports=tuple(str(transport)[:20] for transport in transports[:8]),
    )
    return factors.add(holder, means)


def authentication_options(site: Site, holder: BundleHolder | None = None) -> str:
    """Return options for `navigator.credentials.get`, as JSON.

    Without a holder the device offers its passkeys for this host.
    """
    from caseapp.accounts.keys import passkey_ceremonies

    held = _passkeys_of(holder) if holder is not None else []
    options = passkey_ceremonies.make_authentication_options(site.host, _new_challenge(site, b"show"), held)
    return json.dumps(_with_prf(options, ask=True))


def verify_passkey(holder: BundleHolder, site: Site, answer: str) -> None:
    """Verify a passkey's answer. If it gave its secret and the bundle has no wrap for it yet, add one.

    Raises Refused(code="passkey").
    """
    parsed = _parse_answer(answer)
    with office_transaction(holder.org_id):
        for held in factors.lock_factors(holder, "passkey"):
            if held.means.credential == _credential_id(parsed):
                used = replace(
                    held.means, counter=_verify_assertion(held.means, site, parsed), used_on=factors.current_day()
                )
                if secret := prf_secret(answer):
                    used = replace(used, way=_ensure_wrap(holder, used.way, secret))
                factors.change(holder, held.id, seen=held.means, now=used)
                return
    raise Refused("passkey", WRONG)


def prf_secret(answer: str) -> bytes:
    """Return the passkey's 32 secret bytes from the browser's answer, or nothing."""
    prf = _parse_answer(answer).get("prf")
    try:
        secret = base64url.decode(prf) if isinstance(prf, str) and len(prf) <= 50 else b""
    except ValueError:
        return b""
    return secret if len(secret) == primitives.KEY_LENGTH else b""


def remove_wrap(holder: BundleHolder, means: FactorRecord) -> None:
    """Remove a removed passkey's wrap from the bundle."""
    if not means.way:
        return
    with office_transaction(holder.org_id):
        row = Member.objects.select_for_update().get(org_id=holder.org_id, id=holder.member_id)
        _store_bundle(row, bundles.without_wrap(bytes(row.bundle), row.id, holder.bundle_key, means.way))


def _ensure_wrap(holder: BundleHolder, known: bytes, secret: bytes) -> bytes:
    row = Member.objects.select_for_update().get(org_id=holder.org_id, id=holder.member_id)
    if known and bundles.has_wrap(bytes(row.bundle), row.id, known):
        return known
    half = shred_keys.read_half("members", holder.member_id)
    sealed, locator = bundles.with_prf(bytes(row.bundle), row.id, holder.bundle_key, secret, half)
    _store_bundle(row, sealed)
    return locator


def _store_bundle(row: Member, sealed: bytes) -> None:
    Member.objects.filter(org_id=row.org_id, id=row.id).update(bundle=sealed, bundle_version=row.bundle_version + 1)


def _verify_assertion(means: FactorRecord, site: Site, answer: dict[str, Any]) -> int:
    """Verify an assertion and return the passkey's new counter. Raises Refused."""
    from caseapp.accounts.keys import passkey_ceremonies

    credential = answer["credential"]
    try:
        challenge = _check_challenge(site, b"show", credential)
        shown = passkey_ceremonies.verify_authentication(
            site.host, site.origin, challenge, credential, (means.public_key, means.counter)
        )
    except passkey_ceremonies.REFUSALS as exc:
        raise Refused("passkey", WRONG) from exc
    return shown.new_sign_count


def _parse_answer(answer: str) -> dict[str, Any]:
    try:
        parsed = json.loads(answer) if len(answer) <= MAX_ANSWER_LENGTH else None
    except ValueError as exc:
        raise Refused("passkey", WRONG) from exc
    if not (isinstance(parsed, dict) and isinstance(parsed.get("credential"), dict)):
        raise Refused("passkey", WRONG)
    if not isinstance(parsed["credential"].get("response"), dict):
        raise Refused("passkey", WRONG)
    return parsed


def _credential_id(answer: dict[str, Any]) -> bytes:
    try:
        return base64url.decode(str(answer["credential"].get("rawId", "")))
    except ValueError:
        return b""


def _passkeys_of(holder: BundleHolder) -> list[tuple[bytes, tuple[str, ...]]]:
    held = factors.list_factors(holder, kind="passkey")
    return [(factor.means.credential, tuple(factor.means.transports)) for factor in held]


def _with_prf(options: dict[str, Any], *, ask: bool) -> dict[str, Any]:
    given = {"eval": {"first": base64url.encode(PRF_INPUT)}} if ask else {}
    return {**options, "extensions": {"prf": given}}


def _new_challenge(site: Site, purpose: bytes) -> bytes:
    stamp = primitives.random_bytes(_RANDOM) + int(clock.now().timestamp()).to_bytes(8, "big")
    return stamp + _stamp_mac(site, purpose, stamp)


def _check_challenge(site: Site, purpose: bytes, credential: dict[str, Any]) -> bytes:
    """Return the challenge in the answer, if it is ours, of this cookie and fresh. Raises one of REFUSALS."""
    from caseapp.accounts.keys import passkey_ceremonies

    client_json = base64url.decode(str(credential["response"].get("clientDataJSON", "")))
    challenge = passkey_ceremonies.read_challenge(client_json)
    stamp, mac = challenge[:-_MAC], challenge[-_MAC:]
    if len(stamp) != _RANDOM + 8 or not primitives.is_equal(mac, _stamp_mac(site, purpose, stamp)):
        raise ValueError("challenge is not ours")
    age = int(clock.now().timestamp()) - int.from_bytes(stamp[_RANDOM:], "big")
    if not 0 <= age <= CHALLENGE_SECONDS:
        raise ValueError("challenge is too old")
    return challenge


def _stamp_mac(site: Site, purpose: bytes, stamp: bytes) -> bytes:
    try:
        row = session.session_row_key(site.token)
    except OpenFailed as exc:
        raise ValueError("no session asks") from exc
    return primitives.mac(server_keys.operational_key(), LABELS["passkey proof"], purpose, row, stamp)[:_MAC]
