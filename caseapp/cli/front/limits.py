"""Limits of the front: time, bytes, connections. All numbers are in one place, with their units."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

VARIABLE = "CASEAPP_LIMITS"
KIB, MIB = 1024, 1024 * 1024


class BadLimit(ValueError):
    """A limit that cannot be read; the message is a sentence without a period."""


@dataclass(frozen=True)
class Limits:
    """The limits of the front. Bytes of memory are bounded by `bodies` and `answers` for all connections together."""

    header_seconds: int = 10  # until a request's header is whole, also of a connection that sends nothing
    header_bytes: int = 16 * KIB
    idle_seconds: int = 75  # a connection between two requests
    floor_bytes: int = 4 * KIB  # a second, that a client sends or reads at least
    floor_seconds: int = 30  # ... over so many seconds in which the front waits for it
    guest_body: int = 64 * KIB  # a body without an open session
    returning_body: int = 1 * MIB  # of a member whose session ended lately: the longest text that a form may have
    collected_body: int = 4 * MIB  # of a member: up to here it is collected, beyond it is passed on as it comes
    body: int = 4_096 * MIB  # of a member, in all: twenty files
    bodies: int = 64 * MIB  # all collected bodies of members together
    guest_bodies: int = 32 * MIB  # all bodies without a session together
    returning_bodies: int = 8 * MIB  # all bodies of members whose session ended lately together
    returning_uploads: int = 2  # of those over `returning_body`, at the same time
    answer: int = 4 * MIB  # an answer that waits in memory for a slow reader, so that its thread is free
    system_buffer: int = 128 * KIB  # what the system keeps of one connection, in each direction
    answers: int = 64 * MIB  # all of them together
    per_address: int = 256  # connections of one address: forty people with six each, behind one router
    connections: int = 2_000
    sign_ins: int = 2  # at the same time; each costs a core for a moment and 64 MiB
    waiting_sign_ins: int = 300
    sign_in_seconds: int = 60  # that a sign-in may wait for its turn


def read_limits(environ: Mapping[str, str]) -> Limits:
    """Return the limits, changed by `CASEAPP_LIMITS` ("name=number name=number"). Raises BadLimit."""
    known = {field.name for field in fields(Limits)}
    changed: dict[str, int] = {}
    for word in environ.get(VARIABLE, "").replace(",", " ").split():
        name, _, number = word.partition("=")
        if name not in known or not number.isascii() or not number.isdigit() or not 1 <= int(number) <= 2**40:
            raise BadLimit(f"{VARIABLE} is a list like per_address=256 of {', '.join(sorted(known))}")
        changed[name] = int(number)
    return replace(Limits(), **changed)
