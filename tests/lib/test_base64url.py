"""Bytes as text in links and cookies."""

import pytest

from caseapp.lib import base64url


@pytest.mark.parametrize(("raw", "text"), [(b"", ""), (b"\xff", "_w"), (b"\xfb\xef", "--8"), (b"abc", "YWJj")])
def test_the_text_of_bytes_has_no_padding_and_is_read_back(raw: bytes, text: str) -> None:
    assert base64url.encode(raw) == text
    assert base64url.decode(text) == raw


@pytest.mark.parametrize("text", ["A", "é"])
def test_another_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"base64url|ASCII"):
        base64url.decode(text)
