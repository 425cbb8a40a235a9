"""The conflict officers' index in the memory of an officer's session: people by word, number and telephone.

Loaded when an officer opens a check, kept up to date part by part, and dropped as every group's index is (`cache.py`).
"""

import threading
from array import array
from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from caseapp.index import text_keys
from caseapp.index.cache import Cache
from caseapp.index.conflicts import store
from caseapp.index.conflicts.rows import ConflictEntry, ConflictPerson
from caseapp.vault.core.keyring import GroupKey

PHONE_TAIL: Final = 7  # last digits by which telephone numbers are looked up
PERSON_OVERHEAD: Final = 700  # bytes of Python objects for a person, rounded up


class ConflictIndex:
    """People of all cases. Hold `lock` to change or read it; a person is known by the index in `people`."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.reset()

    def __repr__(self) -> str:
        return f"<ConflictIndex of {len(self.versions)} cases>"

    def reset(self) -> None:
        """Forget everything."""
        self.parts: frozenset[int] = frozenset()
        self.weight = 0  # bytes, approximately
        self.versions: dict[bytes, int] = {}
        self.ranges: dict[bytes, range] = {}
        self.people: list[ConflictPerson | None] = []  # None: replaced by a later entry of the case
        self.case_ids: list[bytes] = []
        self.by_word: dict[str, array[int]] = {}
        self.by_number: dict[str, array[int]] = {}
        self.by_phone: dict[str, array[int]] = {}
        self.by_sound: dict[str, list[str]] = {}
        self.by_length: dict[int, list[str]] = {}

    def apply(self, entries: Iterable[ConflictEntry]) -> None:
        """Take in the entries of a part; an older entry than the known one of its case changes nothing."""
        for entry in entries:
            known = self.versions.get(entry.case_id)
            if known is not None and entry.people is not None and entry.version <= known:
                continue
            for at in self.ranges.pop(entry.case_id, range(0)):
                self.people[at] = None
            # A destroyed case stays destroyed, whatever version comes with a later part.
            self.versions[entry.case_id] = entry.version if entry.people is not None else 2**63
            first = len(self.people)
            for person in entry.people or ():
                self._add_person(entry.case_id, person)
            self.ranges[entry.case_id] = range(first, len(self.people))

    def _add_person(self, case_id: bytes, person: ConflictPerson) -> None:
        at = len(self.people)
        self.people.append(person)
        self.case_ids.append(case_id)
        self.weight += PERSON_OVERHEAD
        for word in words_of(person.names):
            if word not in self.by_word:
                self._add_word(word)
            self.by_word[word].append(at)
        for number in (person.a_number, *person.numbers):
            if number:
                self.by_number.setdefault(number, array("I")).append(at)
        for phone in person.phones:
            self.by_phone.setdefault(phone[-PHONE_TAIL:], array("I")).append(at)

    def _add_word(self, word: str) -> None:
        self.by_word[word] = array("I")
        self.by_length.setdefault(len(word), []).append(word)
        for code in text_keys.sound_codes(word):
            self.by_sound.setdefault(code, []).append(word)


def words_of(names: Sequence[str]) -> tuple[str, ...]:
    """Return the different words of a person's names, in the form that is compared."""
    words = (word for name in names for word in text_keys.split_words(text_keys.normalise_name(name)))
    return tuple(dict.fromkeys(words))


_cache: Cache[ConflictIndex] = Cache(ConflictIndex)
drop_all = _cache.drop_all


def load(org_id: UUID, keys: Sequence[GroupKey]) -> ConflictIndex:
    """Return the index with everything that was committed before this call.

    keys    the officer's keys of the group, of every epoch
    Raises  IndexDamaged
    """
    newest = max(keys, key=lambda key: key.epoch)
    index = _cache.get(org_id, newest)
    with index.lock:
        stored = store.part_numbers(org_id)
        if index.parts != stored:
            if not index.parts <= stored:
                index.reset()  # parts were merged: what was taken out of them is in no part any more
            for part in store.open_parts(org_id, keys, sorted(stored - index.parts)):
                index.apply(part.entries)
            index.parts = stored
    _cache.trim()
    return index
