"""Throttling of guesses that lets no person lock another one out.

A try is counted before its work begins, so that a hundred at once count as a hundred. From a browser that this account
signed in with before (`known_browsers`), tries count in a separate bucket that no other person can fill. From elsewhere
they count for this account from this address, for the address, and for the account. A bucket is an HMAC: the table does
not reveal which account or address it was.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F

from caseapp.accounts import queries
from caseapp.accounts.errors import TooManyTries
from caseapp.accounts.models import Throttle
from caseapp.lib import clock
from caseapp.vault import server_keys
from caseapp.vault.core import primitives
from caseapp.vault.core.labels import LABELS

WINDOW = timedelta(minutes=15)
FACTOR_WINDOW = timedelta(hours=1)
KEPT = timedelta(days=30)  # how long a count of failed tries is kept for the audit trail
KEPT_AFTER_WINDOW = timedelta(days=1)  # how long every other count is kept
KNOWN = 10  # tries a window from a browser this account signed in with before
PAIR = 10  # ... for one account from one address
ADDRESS = 50  # ... from one address, for any accounts: enough for an office behind one router
ACCOUNT = 100  # ... for one account from everywhere
HOOK = 600  # messages at one webhook address, or from one network at unknown addresses
SETUP = 20  # set-up codes from one network, while there is no office
FACTOR = 10  # codes a window: six digits are quickly guessed


@dataclass(frozen=True)
class Bucket:
    """A bucket of tries that are counted together, and its limit a window."""

    name: bytes
    limit: int
    window: timedelta = WINDOW


def for_sign_in(account: bytes, *, address: str, device: bytes = b"") -> tuple[Bucket, ...]:
    """Return the buckets of one sign-in try.

    account  a tag of the e-mail address, with or without an account
    address  where the request came from; only its network counts
    device   the mark of a browser this account signed in with before, or nothing
    """
    if device:
        return (Bucket(_bucket_name(b"known", account, device), KNOWN),)
    network = network_of(address)
    return (
        Bucket(_bucket_name(b"pair", account, network), PAIR),
        Bucket(_bucket_name(b"address", network), ADDRESS),
        Bucket(_bucket_name(b"account", account), ACCOUNT),
    )


def for_factor(member: bytes, *, device: bytes = b"") -> tuple[Bucket, ...]:
    """Return the buckets of one try at a member's second factor; the passphrase was right already."""
    name = _bucket_name(b"factor", member, device)
    return (Bucket(name, FACTOR, FACTOR_WINDOW),)


def for_check(member: bytes) -> tuple[Bucket, ...]:
    """Return the bucket of a signed-in member's own passphrase, asked for again."""
    return (Bucket(_bucket_name(b"check", member), KNOWN),)


def for_setup(address: str) -> tuple[Bucket, ...]:
    """Return the bucket of one try at the set-up code: strangers elsewhere cannot fill it for the operator."""
    return (Bucket(_bucket_name(b"setup", network_of(address)), SETUP),)


def for_hook(tag: bytes, *, is_known: bool, address: str) -> tuple[Bucket, ...]:
    """Return the bucket of one webhook message.

    Each known hook has its own, since messages of many offices may arrive from one network.
    """
    if is_known:
        return (Bucket(_bucket_name(b"hook", tag), HOOK),)
    return (Bucket(_bucket_name(b"no hook", network_of(address)), HOOK),)


def count_try(buckets: tuple[Bucket, ...]) -> None:
    """Count one try in each bucket. Raises Slow when one is full; then no work is done for the try."""
    now, wait = clock.now(), 0
    for bucket in buckets:
        tries, since = queries.count_try(bucket.name, now, bucket.window)
        if tries > bucket.limit:
            wait = max(wait, int((since + bucket.window - now).total_seconds()) + 1)
    if wait:
        raise TooManyTries(wait)


def refund_try(buckets: tuple[Bucket, ...]) -> None:
    """Take back a try that was not checked because the server was busy."""
    names = [bucket.name for bucket in buckets]
    Throttle.objects.filter(bucket__in=names, tries__gt=0).update(tries=F("tries") - 1)


def clear_tries(buckets: tuple[Bucket, ...]) -> None:
    """Clear the buckets after a correct try.

    Buckets that only this person can fill are emptied; the address's bucket gets the one try back. A bucket without
    tries is deleted: a holder of the operational key could find the network that the member signed in from.
    """
    addresses = tuple(bucket for bucket in buckets if bucket.limit == ADDRESS)
    refund_try(addresses)
    Throttle.objects.filter(bucket__in=[bucket.name for bucket in addresses], tries__lte=0).delete()
    Throttle.objects.filter(bucket__in=[bucket.name for bucket in buckets if bucket.limit != ADDRESS]).delete()


def delete_old_counts(now: datetime, members: Iterable[UUID]) -> None:
    """Delete the counts whose window began more than a day ago. Runs in the clock's role.

    members  their failed tries wait for their next sign-in, which writes them to the audit trail, for up to 30 days
    """
    failed = [_bucket_name(b"failed", member.bytes) for member in members]
    Throttle.objects.filter(window_start__lt=now - KEPT_AFTER_WINDOW).exclude(bucket__in=failed).delete()
    Throttle.objects.filter(window_start__lt=now - KEPT).delete()


def record_failure(member: bytes) -> None:
    """Count a try that did not open an account, for the audit trail at the next sign-in. It slows no person down.

    member  id of the account, or as many bytes for an address without one: the same work for both
    """
    queries.count_try(_bucket_name(b"failed", member), clock.now(), KEPT)


def take_failure_count(member: bytes) -> int:
    """Return how many tries failed since the last call."""
    return queries.take_tries(_bucket_name(b"failed", member))


def network_of(address: str) -> bytes:
    """Return the network of an address: all of an IPv4 address, the /64 of an IPv6 one (one customer of a provider).

    All invalid addresses count as one network.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return b"?"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return parsed.ipv4_mapped.packed
        return parsed.packed[:8]
    return parsed.packed


def _bucket_name(*parts: bytes) -> bytes:
    return primitives.mac(server_keys.operational_key(), LABELS["throttle"], *parts)
