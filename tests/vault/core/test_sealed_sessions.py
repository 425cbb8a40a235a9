"""A session's row opens with its cookie only, and only as the session it is."""

from typing import TypedDict
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caseapp.vault.core import session
from caseapp.vault.errors import OpenFailed

from .damage import damaged, flips, misshapen
from .scenes import CASE, KEY, MEMBER, ORG, TOKEN


class Place(TypedDict):
    org: UUID
    member: UUID
    created: int
    expires: int
    epoch: int


PLACE = Place(org=ORG, member=MEMBER, created=1_790_000_000, expires=1_790_043_200, epoch=2)
SEALED = session.seal_session(TOKEN, KEY, **PLACE)


def test_the_cookie_opens_its_row() -> None:
    token = session.new_token()
    assert session.open_session(token, session.seal_session(token, KEY, **PLACE), **PLACE) == KEY


def test_a_token_is_43_characters_of_a_url_and_never_the_same() -> None:
    tokens = {session.new_token() for _ in range(50)}
    assert len(tokens) == 50
    assert {len(token) for token in tokens} == {43}


def test_the_row_is_found_by_a_hash_that_neither_is_nor_yields_the_token() -> None:
    key = session.session_row_key(TOKEN)
    assert len(key) == 32
    assert key not in {session._token_bytes(TOKEN), SEALED}
    assert key != session.session_row_key(session.new_token())


def test_every_spoiled_session_is_refused() -> None:
    for other in (*flips(SEALED), *misshapen(SEALED)):
        with pytest.raises(OpenFailed):
            session.open_session(TOKEN, other, **PLACE)


@given(damaged(SEALED))
@settings(deadline=None)
def test_damage_of_any_shape_is_refused(other: bytes) -> None:
    with pytest.raises(OpenFailed):
        session.open_session(TOKEN, other, **PLACE)


@pytest.mark.parametrize(
    "other",
    [
        PLACE | {"org": CASE},
        PLACE | {"member": CASE},
        PLACE | {"org": MEMBER, "member": ORG},
        PLACE | {"created": PLACE["created"] + 1},
        PLACE | {"expires": PLACE["expires"] + 43_200},
        PLACE | {"created": PLACE["expires"], "expires": PLACE["created"]},
        PLACE | {"epoch": 3},
    ],
    ids=["office", "member", "both swapped", "created", "prolonged", "times swapped", "after a restore"],
)
def test_a_session_of_other_fields_is_refused(other: Place) -> None:
    with pytest.raises(OpenFailed):
        session.open_session(TOKEN, SEALED, **other)


def test_another_cookie_does_not_open_it() -> None:
    with pytest.raises(OpenFailed):
        session.open_session(session.new_token(), SEALED, **PLACE)


WHOSE = session.SessionOwner(MEMBER, PLACE["created"], PLACE["expires"])
SEALED_WHOSE = session.seal_owner(TOKEN, WHOSE, org=ORG, chain=CASE)


def test_the_cookie_tells_whose_row_it_is_and_nothing_else_does() -> None:
    assert session.open_owner(TOKEN, SEALED_WHOSE, org=ORG, chain=CASE) == WHOSE
    assert MEMBER.bytes not in SEALED_WHOSE
    for token, org, chain in ((session.new_token(), ORG, CASE), (TOKEN, CASE, CASE), (TOKEN, ORG, MEMBER)):
        with pytest.raises(OpenFailed):
            session.open_owner(token, SEALED_WHOSE, org=org, chain=chain)


def test_every_spoiled_name_of_a_session_is_refused() -> None:
    for other in (*flips(SEALED_WHOSE), *misshapen(SEALED_WHOSE)):
        with pytest.raises(OpenFailed):
            session.open_owner(TOKEN, other, org=ORG, chain=CASE)


@pytest.mark.parametrize(
    "token", ["", TOKEN[:-1], TOKEN + "A", TOKEN + "=", TOKEN[:-1] + "9", TOKEN[:-1] + "é", TOKEN[:-1] + " ", "\0" * 43]
)
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(OpenFailed):
        session.session_row_key(token)


@given(st.text(max_size=60))
def test_any_cookie_raises_nothing_but_open_failed(token: str) -> None:
    with pytest.raises(OpenFailed):
        session.open_session(token, SEALED, **PLACE)
