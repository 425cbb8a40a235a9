"""The fictional people of the demo office: three members, and the clients of `clients.toml`."""

from functools import cache
from pathlib import Path

import msgspec

STAFF = (
    ("Ana Ruiz", "attorney", "ana@demo.invalid"),
    ("Ben Okafor", "accredited_representative", "ben@demo.invalid"),
    ("Ines Duarte", "caseworker", "ines@demo.invalid"),
)


class Client(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The client of a demo case.

    family   (name, role, year of birth); role: rider (in the same case), spouse, child or caregiver
    held_in  a facility; empty for a person who is not detained
    """

    name: str
    country: str
    language: str
    note: str
    careful: str = ""
    held_in: str = ""
    family: tuple[tuple[str, str, int], ...] = ()


class _Clients(msgspec.Struct, frozen=True):
    client: tuple[Client, ...]


@cache
def read_clients() -> tuple[Client, ...]:
    """Return the fictional clients, one for each case."""
    text = Path(__file__).with_name("clients.toml").read_bytes()
    return msgspec.toml.decode(text, type=_Clients).client
