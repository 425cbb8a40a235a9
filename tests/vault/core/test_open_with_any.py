"""Keys of a group are tried one after the other, newest epoch first."""

import pytest

from caseapp.vault.core.keyring import open_with_any
from caseapp.vault.errors import NoKey, OpenFailed


def open_with(key: int) -> str:
    if key < 3:
        raise OpenFailed(f"epoch {key}")
    return f"opened by {key}"


def test_the_first_fitting_key_opens() -> None:
    assert open_with_any([1, 4, 3], open_with, what="roster") == "opened by 4"


def test_the_last_error_is_raised_when_no_key_fits() -> None:
    with pytest.raises(OpenFailed, match="epoch 2"):
        open_with_any([1, 2], open_with, what="roster")


def test_without_any_key_it_names_what_has_none() -> None:
    with pytest.raises(NoKey, match="roster"):
        open_with_any([], open_with, what="roster")
