"""Paths of pages by ids: Django finds the pattern of a view once, and each path fills it in."""

import functools
from uuid import UUID

from django.urls import reverse

# Stand for the ids while the pattern of a view is read.
_SENTINELS = tuple(UUID(int=(0xCA5E << 112) + number) for number in range(1, 5))


def quick_reverse(name: str, *arguments: object) -> str:
    """Return the address of a view with its ids in order. Raises NoReverseMatch."""
    if all(type(argument) is UUID for argument in arguments) and len(arguments) <= len(_SENTINELS):
        return _pattern_of(name, len(arguments)).format(*arguments)
    return reverse(name, args=arguments)


@functools.cache
def _pattern_of(name: str, ids: int) -> str:
    sentinels = _SENTINELS[:ids]
    pattern = reverse(name, args=sentinels).replace("{", "{{").replace("}", "}}")
    for sentinel in sentinels:
        pattern = pattern.replace(str(sentinel), "{}")
    return pattern


def case_path(case_id: UUID) -> str:
    """Return the path of the case page, to which a write in a case redirects."""
    return quick_reverse("cases:case", case_id)
