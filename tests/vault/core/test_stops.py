"""A sealed stop opens at its own row with the office's private key, and nowhere else."""

from uuid import UUID, uuid4

import pytest

from caseapp.vault.core import hybrid
from caseapp.vault.core.inboxes import stops
from caseapp.vault.errors import OpenFailed

ORG, ROW = UUID(int=1), UUID(int=2)
PAIR = hybrid.new_key_pair()
CONTENT = b"+12125550122"


def _sealed() -> bytes:
    return stops.seal_stop(PAIR.public, ORG, ROW, CONTENT)


def test_it_opens_where_it_was_sealed() -> None:
    assert stops.open_stop(PAIR.private, ORG, ROW, _sealed()) == CONTENT


@pytest.mark.parametrize(("org", "row"), [(uuid4(), ROW), (ORG, uuid4())])
def test_moved_to_another_row_or_office_it_stays_shut(org: UUID, row: UUID) -> None:
    with pytest.raises(OpenFailed):
        stops.open_stop(PAIR.private, org, row, _sealed())


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(OpenFailed):
        stops.open_stop(hybrid.new_key_pair().private, ORG, ROW, _sealed())


def test_no_flipped_byte_and_no_cut_opens() -> None:
    sealed = _sealed()
    for at in range(0, len(sealed), 13):
        damaged = bytearray(sealed)
        damaged[at] ^= 1
        with pytest.raises(OpenFailed):
            stops.open_stop(PAIR.private, ORG, ROW, bytes(damaged))
    for length in (0, 1, 90, 1177, 1178, 1179, len(sealed) - 1):
        with pytest.raises(OpenFailed):
            stops.open_stop(PAIR.private, ORG, ROW, sealed[:length])


def test_halves_of_two_stops_do_not_fit_together() -> None:
    length = hybrid.WRAPPED_KEY[hybrid.HYBRID]
    with pytest.raises(OpenFailed):
        stops.open_stop(PAIR.private, ORG, ROW, _sealed()[:length] + _sealed()[length:])
