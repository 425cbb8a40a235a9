"""The comparison itself, in an officer's session and nowhere else: who in the office's cases may be an asked person.

Candidates are found by numbers, telephones and words (equal, alike in spelling or in sound), then each is compared with
reasons for and against (`index.likeness`), as the duplicate check does.
"""

import heapq
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from caseapp.conflicts.services.content import AskedPerson
from caseapp.index import text_keys
from caseapp.index.conflicts.memory import PHONE_TAIL, ConflictIndex, words_of
from caseapp.index.conflicts.rows import ConflictPerson
from caseapp.index.likeness import Identity, Likeness, compare
from caseapp.lib.partial_dates import PartialDate

MAX_MATCHES: Final = 15  # shown for one asked person
SHOWN_FROM: Final = 0.3  # likeness from which a person is shown to the officer
MIN_ALIKE: Final = 0.72  # likeness of two words in spelling
MAX_ALIKE: Final = 120  # words of the office that are alike to one asked word
MAX_POSTINGS: Final = 25_000  # people looked at for one asked word
RESCORED: Final = 250  # candidates whose whole names are compared roughly
COMPARED: Final = 60  # of them, compared with reasons
MAX_WORDS: Final = 12  # words of an asked person that are looked up
DIFFERENT_YEARS: Final = 60  # birth years in use: how rare one is
SAME_YEAR: Final = 0.25  # what the same birth year adds to a rough score


@dataclass(frozen=True)
class ConflictMatch:
    """A person of a case who may be the asked one."""

    case_id: UUID
    person: ConflictPerson = field(repr=False)
    likeness: Likeness = field(repr=False)


def find_matches(index: ConflictIndex, asked: AskedPerson, *, leave_out: UUID | None = None) -> list[ConflictMatch]:
    """Return the most alike people of all cases, the most alike first, at most 15, one for each case.

    leave_out  the case that the check is about
    """
    identity = identity_of_asked(asked)
    excluded = leave_out.bytes if leave_out is not None else b""
    with index.lock:
        candidates = _candidates(index, asked)
        best: dict[bytes, ConflictMatch] = {}
        for at in candidates:
            person, case_id = index.people[at], index.case_ids[at]
            if person is None or case_id == excluded:
                continue
            likeness = compare(identity, identity_of_person(person))
            known = best.get(case_id)
            if likeness.score >= SHOWN_FROM and (known is None or likeness.score > known.likeness.score):
                best[case_id] = ConflictMatch(UUID(bytes=case_id), person, likeness)
    ranked = sorted(best.values(), key=lambda match: (-match.likeness.score, match.case_id))
    return ranked[:MAX_MATCHES]


def identity_of_asked(asked: AskedPerson) -> Identity:
    """Return what an asked person is recognised by."""
    birth = PartialDate.of_text(asked.born) if asked.born else None
    return Identity(names=asked.names, a_number=asked.a_number, numbers=asked.numbers, phones=asked.phones, birth=birth)


def identity_of_person(person: ConflictPerson) -> Identity:
    """Return what a person of the index is recognised by: of the birth only the year is known."""
    birth = PartialDate(person.year) if person.year else None
    return Identity(
        names=person.names, a_number=person.a_number, numbers=person.numbers, phones=person.phones, birth=birth
    )


def _candidates(index: ConflictIndex, asked: AskedPerson) -> list[int]:
    """Return the people that are compared: those with a number in common, and the best by name."""
    by_fact = dict.fromkeys(_same_numbers(index, asked))
    year = int(asked.born[:4]) if asked.born else 0
    texts = [text_keys.normalise_name(name) for name in asked.names]
    rough: dict[int, float] = {}
    for at in _likely_by_words(index, asked.names, year):
        person = index.people[at]
        if person is not None:
            score = max(
                fuzz.token_sort_ratio(text, text_keys.normalise_name(name)) / 100
                for text in texts
                for name in person.names
            )
            rough[at] = score + (SAME_YEAR if year and person.year == year else 0)
    best = sorted(rough, key=lambda at: (-rough[at], at))[:COMPARED]
    return list(dict.fromkeys((*by_fact, *best)))


def _same_numbers(index: ConflictIndex, asked: AskedPerson) -> Iterable[int]:
    for text in (asked.a_number, *asked.numbers):
        yield from index.by_number.get(text_keys.normalise_number(text), ())
    for text in asked.phones:
        for digits in text_keys.phone_digits(text):
            yield from index.by_phone.get(digits[-PHONE_TAIL:], ())


def _likely_by_words(index: ConflictIndex, names: Sequence[str], year: int) -> list[int]:
    """Return the people who have words alike to those of the names, the rarest words counting most."""
    scores: dict[int, float] = {}
    rarest_first = sorted(words_of(names), key=lambda word: len(index.by_word.get(word, ())))
    for word in rarest_first[:MAX_WORDS]:
        for at, weight in _weights_of_word(index, word, scores).items():
            scores[at] = scores.get(at, 0.0) + weight
    if year:
        for at in scores:
            person = index.people[at]
            if person is not None and person.year == year:
                scores[at] += math.log(DIFFERENT_YEARS)
    return heapq.nsmallest(RESCORED, scores, key=lambda at: (-scores[at], at))


def _weights_of_word(index: ConflictIndex, word: str, scores: Mapping[int, float]) -> dict[int, float]:
    """Return what one asked word adds to each person who has it or an alike one: more for a rarer word.

    Of very common words only those people are read who have a rarer one in common (`scores`).
    """
    total, read = len(index.people) + 1, 0
    best: dict[int, float] = {}
    for known, likeness in _alike_words(index, word):
        postings: Sequence[int] = index.by_word[known]
        weight = likeness * math.log(total / len(postings))
        if read + len(postings) > MAX_POSTINGS:
            among = scores.keys() & set(postings)
            postings = tuple(among) if scores else postings[: MAX_POSTINGS - read]
        read += len(postings)
        for at in postings:
            if weight > best.get(at, 0.0):
                best[at] = weight
    return best


def _alike_words(index: ConflictIndex, word: str) -> list[tuple[str, float]]:
    """Return the office's words that are alike in spelling or sound, with their likeness, the most alike first."""
    alike: dict[str, float] = {word: 1.0} if word in index.by_word else {}
    spread = max(1, len(word) // 4)
    for length in range(len(word) - spread, len(word) + spread + 1):
        near = index.by_length.get(length)
        if near:
            close = process.extract(
                word, near, scorer=OSA.normalized_similarity, score_cutoff=MIN_ALIKE, limit=MAX_ALIKE
            )
            alike.update({known: max(score, alike.get(known, 0.0)) for known, score, _ in close})
    for code in text_keys.sound_codes(word):
        for known in index.by_sound.get(code, ()):
            closeness = OSA.normalized_similarity(word, known)
            alike[known] = max(alike.get(known, 0.0), 0.6 + 0.3 * closeness)
    return sorted(alike.items(), key=lambda pair: (-pair[1], pair[0]))[:MAX_ALIKE]
