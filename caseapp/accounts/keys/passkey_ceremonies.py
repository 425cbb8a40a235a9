"""The calls of the WebAuthn library: options for a browser, and the verification of what it answers.

Loading the library takes a tenth of the start of a process, and most processes never see a passkey: import this module
where it is used.
"""

from collections.abc import Iterable
from typing import Any

import webauthn
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import options_to_json_dict, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

Passkey = tuple[bytes, tuple[str, ...]]  # the credential's id, and its transports as the device named them
REFUSALS = (WebAuthnException, ValueError, KeyError, TypeError)  # what an answer that does not hold raises
VERIFIED = UserVerificationRequirement.REQUIRED  # always: a key's PRF answer differs with and without it


def make_registration_options(
    host: str, user_id: bytes, name: str, challenge: bytes, held: Iterable[Passkey]
) -> dict[str, Any]:
    """Return options for `navigator.credentials.create`. `held`: passkeys that the device must not register again."""
    options = webauthn.generate_registration_options(
        rp_id=host,
        rp_name="Caseapp",
        user_id=user_id,
        user_name=name,
        challenge=challenge,
        exclude_credentials=[_credential_descriptor(*passkey) for passkey in held],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=VERIFIED
        ),
    )
    return options_to_json_dict(options)


def verify_registration(host: str, origin: str, challenge: bytes, credential: dict[str, Any]) -> VerifiedRegistration:
    """Return the verified new credential. Raises one of REFUSALS."""
    return webauthn.verify_registration_response(
        credential=credential,
        expected_challenge=challenge,
        expected_rp_id=host,
        expected_origin=origin,
        require_user_verification=True,
    )


def make_authentication_options(host: str, challenge: bytes, held: Iterable[Passkey]) -> dict[str, Any]:
    """Return options for `navigator.credentials.get`. `held`: the passkeys asked for, empty for any of this host."""
    options = webauthn.generate_authentication_options(
        rp_id=host,
        challenge=challenge,
        allow_credentials=[_credential_descriptor(*passkey) for passkey in held],
        user_verification=VERIFIED,
    )
    return options_to_json_dict(options)


def verify_authentication(
    host: str, origin: str, challenge: bytes, credential: dict[str, Any], known: tuple[bytes, int]
) -> VerifiedAuthentication:
    """Return the verified answer of a passkey. `known`: its public key and last counter. Raises one of REFUSALS."""
    return webauthn.verify_authentication_response(
        credential=credential,
        expected_challenge=challenge,
        expected_rp_id=host,
        expected_origin=origin,
        credential_public_key=known[0],
        credential_current_sign_count=known[1],
        require_user_verification=True,
    )


def read_challenge(client_json: bytes) -> bytes:
    """Return the challenge that the browser signed. Raises one of REFUSALS."""
    return parse_client_data_json(client_json).challenge


def _credential_descriptor(credential_id: bytes, named: tuple[str, ...]) -> PublicKeyCredentialDescriptor:
    known = {transport.value for transport in AuthenticatorTransport}
    transports = [AuthenticatorTransport(name) for name in named if name in known]
    return PublicKeyCredentialDescriptor(id=credential_id, transports=transports or None)
