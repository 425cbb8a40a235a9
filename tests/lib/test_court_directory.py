"""The directory of immigration courts: an address only for a court that is named without doubt."""

import datetime as dt

import pytest

from caseapp.lib import courts

NEWARK = "970 Broad Street, Room 1200, Newark, NJ 07102"


@pytest.mark.parametrize(
    "name", ["Newark", "newark immigration court", "NEW", " Newark, NJ ", "Immigration Court Newark", "EOIR Newark"]
)
def test_a_court_is_found_by_its_name_its_code_or_its_city(name: str) -> None:
    court = courts.find_court(name)
    assert court is not None
    assert (court.name, court.address) == ("Newark Immigration Court", NEWARK)
    assert (court.zone, court.read_on) == ("America/New_York", dt.date(2026, 9, 15))


@pytest.mark.parametrize("name", ["", "Court North", "Los Angeles", "New York", "Houston", "Newark office", "N"])
def test_a_city_with_several_courts_and_an_unknown_name_have_no_address(name: str) -> None:
    assert courts.find_court(name) is None


@pytest.mark.parametrize("name", ["San Francisco", "Hagatna", "Batavia"])
def test_a_court_that_is_not_confirmed_as_open_has_no_address(name: str) -> None:
    assert courts.find_court(name) is None


def test_every_open_court_has_an_address_and_is_found_by_its_own_name() -> None:
    listed = courts.list_courts()
    assert len(listed) == 73
    for court in listed:
        assert court.address.count(",") >= 2
        assert courts.find_court(court.name) == court
        assert courts.find_court(court.code) == court
