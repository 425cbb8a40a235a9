"""Tokens of mailed links: their text is read back, and each kind of link has tags and keys of its own."""

from uuid import UUID

import pytest

from caseapp.accounts.keys import link_tokens
from caseapp.accounts.keys.link_tokens import LinkToken
from caseapp.lib.errors import NotFound

ORG = UUID(int=7)


def test_a_token_is_read_back_from_its_link() -> None:
    token = link_tokens.new_token(ORG)
    assert link_tokens.parse_token(token.text) == token
    assert len(token.text) == 64
    assert token.secret.hex() not in repr(token)


@pytest.mark.parametrize("text", ["", "A", "é", "A" * 63, "A" * 68])
def test_another_text_is_no_link_of_ours(text: str) -> None:
    with pytest.raises(NotFound):
        link_tokens.parse_token(text)


def test_tags_and_keys_differ_between_kinds_and_between_links() -> None:
    token, other = LinkToken(ORG, bytes(32)), LinkToken(ORG, bytes(31) + b"\x01")
    assert len({token.tag(b"a/1"), token.tag(b"b/1"), other.tag(b"a/1")}) == 3
    assert len({token.derive_key(b"a/1"), token.derive_key(b"b/1"), other.derive_key(b"a/1")}) == 3


def test_the_key_of_a_link_never_changes() -> None:
    expected = "22683674268953eeead68eaa0392135c"
    assert LinkToken(ORG, bytes(32)).derive_key(b"invitation/1").hex()[:32] == expected
