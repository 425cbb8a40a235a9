"""Search for cases by name, number, telephone or ref: in memory, over the words of the group.

A query word is compared with the different words of the group (exact, prefix, spelling, sound), not with each case. A
case matches if a name of it has enough of the query's words, in any order: rare words count more (`ranking.py`).
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Final, NamedTuple

from caseapp.index import text_keys
from caseapp.index.columns.case_sets import CaseSet
from caseapp.index.columns.orders import TextOrder
from caseapp.index.lookup.known_words import SAME_WORD, KnownWords, merge_alike
from caseapp.index.lookup.numbers import Numbers
from caseapp.index.lookup.ranking import INITIAL, MIN_SHARE, NOT_ALIKE, AskedWord, score_name
from caseapp.index.lookup.word_columns import WordColumns, words_of
from caseapp.index.rows import RowSummary
from caseapp.index.spellings.readings import writes_few_vowels
from caseapp.lib.text.phones import is_same_number

BIRTH_BYTES: Final = 300  # for each different day
MAX_WORDS: Final = 6  # words of a query that are used
TAIL_DIGITS: Final = 3  # minimum digits of a number in a query
PART_DIGITS: Final = 4  # minimum digits of a part of a number, and of a telephone number, in a query
MAX_PARTS: Final = 1_000  # numbers with a typed part that are read
MAX_COMMON_ALIKE: Final = 20  # of them, where the word is common
MAX_CANDIDATES: Final = 2_000  # cases with a word alike that are looked at
ROUNDING: Final = 0.0001  # scores that differ by less are equal
MAX_DIVISIONS: Final = 3  # other divisions of a name that are looked up
MAX_BEST: Final = 20  # matches of a query that are kept in order
WHOLE: Final = 0.85  # score of a name from which no other division is looked up
MAX_RESCORED: Final = 60  # of them, those whose names are compared with the query
FIRST_SIGN: Final = "\u3400"  # of Chinese and Korean script; scripts with an alphabet are before it
TITLES: Final = frozenset(
    ("mr", "mrs", "ms", "miss", "dr", "prof", "sr", "sra", "srta", "don", "dona", "haji", "hajji", "sheikh", "ustad")
)


class CaseMatch(NamedTuple):
    """A case that matches. `why` is name, spelling, sound, number, phone or ref; `score` 0 to 1."""

    slot: int
    score: float
    why: str


Scores = dict[int, tuple[float, str]]


class Vocabulary:
    """The words, numbers, telephones and refs of a group's cases, each with the cases that contain it."""

    def __init__(self, columns: WordColumns, refs: TextOrder, ref_key: Callable[[int], tuple[str, bytes]]) -> None:
        self._words = KnownWords(columns.cases)
        self._numbers, self._phones = Numbers(columns.numbers), Numbers(columns.phones)
        self._births = {born: CaseSet.from_ascending(cases) for born, cases in columns.births.items()}
        self._ref_key, self._refs = ref_key, refs

    def add(self, slot: int, keys: RowSummary) -> None:
        """Add the row of a new case."""
        for word in words_of(keys.names):
            self._words.add(word, slot)
        self._numbers.add(slot, keys.numbers)
        self._phones.add(slot, keys.contact_phones)
        for born in keys.births:
            self._births.setdefault(born, CaseSet()).add(slot)
        self._refs.add(slot)

    def remove(self, slot: int, keys: RowSummary) -> None:
        """Remove a row. `keys` must be the same as when it was added."""
        for word in words_of(keys.names):
            self._words.remove(word, slot)
        self._numbers.remove(slot, keys.numbers)
        self._phones.remove(slot, keys.contact_phones)
        for born in keys.births:
            self._births[born].discard(slot)
        self._refs.remove(slot)

    @property
    def weight(self) -> int:
        """Return the bytes in memory, approximately: of each word its spelling, sounds and cases."""
        numbers = self._numbers.weight + self._phones.weight + len(self._births) * BIRTH_BYTES
        return self._words.weight + numbers + self._refs.weight

    @property
    def cases(self) -> Mapping[str, CaseSet]:
        """Return the words of all names, each with its cases."""
        return self._words.cases

    def find_cases(self, query: str, fronts: Mapping[int, RowSummary], limit: int) -> list[CaseMatch]:
        """Return the best matches, best first."""
        query = query[: text_keys.MAX_QUERY_LENGTH]
        best: Scores = {}
        _keep_best(best, self._by_ref(query))
        _keep_best(best, self._by_phone(query))
        _keep_best(best, self._by_number(query))
        _keep_best(best, self._by_name(query, fronts))
        matches = [CaseMatch(slot, round(score, 4), why) for slot, (score, why) in best.items()]
        matches.sort(key=lambda hit: (-hit.score, fronts[hit.slot].closed, fronts[hit.slot].ref))
        return matches[:limit]

    def cases_with_fact(self, numbers: Iterable[str], phones: Iterable[str], born: str) -> set[int]:
        """Return the cases with one of these numbers or telephones, or a person born on this day ("1987-05-09").

        Numbers and telephones are in the form of `text_keys`; a telephone may lack its country.
        """
        cases = set(self._births.get(born, ()))
        for wanted in numbers:
            cases |= self._numbers.cases_with(wanted)
        for wanted in phones:
            for number, slot in self._phones.with_tail_of(wanted):
                if is_same_number(number, wanted):
                    cases.add(slot)
        return cases

    def _by_ref(self, query: str) -> Scores:
        start = query.strip().lower()
        if not 3 <= len(start) <= 12 or not start.isalnum():
            return {}
        scores: Scores = {}
        for slot in self._refs.walk_from(start):
            ref = self._ref_key(slot)[0]
            if not ref.startswith(start):
                break
            scores[slot] = (1.0 if ref == start else 0.8, "ref")
        return scores

    def _by_number(self, query: str) -> Scores:
        """Return the cases with a number that is the typed one, ends with it, or contains at least 4 digits typed."""
        wanted = text_keys.normalise_number(query)
        if sum(map(str.isdigit, wanted)) < TAIL_DIGITS or not wanted[-TAIL_DIGITS:].isdigit():
            return {}
        whole = wanted.zfill(9) if wanted.isdigit() and len(wanted) >= 7 else wanted
        scores = _scores_of_parts(self._numbers, wanted, "number")
        for number, slot in self._numbers.with_tail_of(wanted):
            if number in {wanted, whole} or number.endswith(wanted):
                score = 1.0 if number in {wanted, whole} else 0.9
                _keep_best(scores, {slot: (score, "number")})
        return scores

    def _by_phone(self, query: str) -> Scores:
        """Return the cases with a telephone number that has the typed digits; each may lack its country."""
        typed = text_keys.normalise_number(query)
        if not typed.isdigit() or len(typed) < PART_DIGITS:
            return {}
        wanted = next(iter(text_keys.phone_digits(query)), typed)
        scores = _scores_of_parts(self._phones, wanted, "phone")
        for number, slot in self._phones.with_tail_of(wanted):
            if number.endswith(wanted) or wanted.endswith(number):
                score = 1.0 if number == wanted else 0.9
                _keep_best(scores, {slot: (score, "phone")})
        return scores

    def _by_name(self, query: str, fronts: Mapping[int, RowSummary]) -> Scores:
        best: Scores = {}
        total = len(fronts)
        few_vowels = writes_few_vowels(query)

        @cache
        def ask_for(texts: tuple[str, ...]) -> AskedWord:
            alike = [self._words.similar_words(texts[0], has_few_vowels=few_vowels)]
            for word in texts[1:]:
                if query < FIRST_SIGN:
                    alike.append(self._words.similar_words(word, has_few_vowels=few_vowels))
                elif word in self.cases:  # another spelling of a sign, which a case has unchanged
                    alike.append({word: SAME_WORD})
            return AskedWord(texts[0], merge_alike(alike), self.cases, total)

        def match(readings: Iterable[Sequence[str]]) -> None:
            for positions in _positions(readings):
                self._match_words([ask_for(texts) for texts in positions], fronts, best)

        readings = [_words_of_query(reading) for reading in text_keys.name_readings(query)]
        match([*readings, *map(_join_particles, readings)])
        if max((score for score, _ in best.values()), default=0.0) < WHOLE:
            for words in readings[:1]:
                for each in islice(self._divisions(words), MAX_DIVISIONS):
                    match([each])
        return best

    def _divisions(self, asked: list[str]) -> Iterator[tuple[str, ...]]:
        """Yield the words with two joined, or one divided in two, where that gives words of the group.

        Two words are joined in any case: Abdul Rahman may be stored as Abdurrahman.
        """
        if len(asked) == 2:
            yield ("".join(asked),)
        for at, word in enumerate(asked):
            if at + 1 < len(asked) and (joined := word + asked[at + 1]) in self.cases:
                yield (*asked[:at], joined, *asked[at + 2 :])
            for cut in range(2, len(word) - 1):
                if word[:cut] in self.cases and word[cut:] in self.cases:
                    yield (*asked[:at], word[:cut], word[cut:], *asked[at + 1 :])

    def _match_words(self, asked: Sequence[AskedWord], fronts: Mapping[int, RowSummary], best: Scores) -> None:
        """Add to the best the cases with a name that has enough of these words, each weighed by how rare it is.

        Names are read until no other case can be among the first 20.
        """
        total = sum(word.weight for word in asked)
        unlisted = sum(INITIAL * word.weight for word in asked if word.is_initial)  # what initials can add to a gain
        top = heapq.nlargest(MAX_BEST, (score for score, _ in best.values()))
        heapq.heapify(top)
        for gain, slot in self._candidates(asked, total):
            if len(top) == MAX_BEST and gain + unlisted < (top[0] - ROUNDING) * total:
                break
            scored = max(score_name(asked, total, name) for name in fronts[slot].names)
            known = best.get(slot, NOT_ALIKE)
            if scored[0] > known[0]:
                best[slot] = scored
                if known is NOT_ALIKE:
                    (heapq.heappush if len(top) < MAX_BEST else heapq.heappushpop)(top, scored[0])

    def _candidates(self, asked: Sequence[AskedWord], total: float) -> list[tuple[float, int]]:
        """Return the cases with one of the rarest words, since with the others alone no case has enough of a query.

        The most alike words are read first, and common ones only for cases with a rarer one. Best are those with the
        most and rarest words; each is given with the most that its names can gain.
        """
        left, enough = total, MIN_SHARE * total
        gained: dict[int, float] = {}
        for word in sorted(asked, key=lambda word: -word.weight):
            chosen: list[tuple[Iterable[int], float]] = []
            budget = MAX_CANDIDATES if left >= enough else 0
            for at, (gain, cases, count) in enumerate(word.best_first):
                if count <= budget:
                    budget -= count
                    chosen.append((cases, gain))
                elif at < MAX_COMMON_ALIKE:
                    chosen.append((gained.keys() & cases, gain))
            mine: dict[int, float] = {}
            for some, gain in reversed(chosen):  # the most alike word of a case wins
                mine.update(dict.fromkeys(some, gain))
            for slot, gain in mine.items():
                gained[slot] = gained.get(slot, 0.0) + gain
            left -= word.weight
        likely = [(gain, slot) for slot, gain in gained.items() if gain >= enough]
        likely.sort(reverse=True)
        return likely[:MAX_RESCORED]

    def cases_with_word(self, asked: str) -> Scores:
        """Return the cases with a word that is similar to one word of a name, with the likeness of the two."""
        scores: Scores = {}
        for word, scored in self._words.similar_words(asked).items():
            for slot in self.cases[word]:
                if slot not in scores or scores[slot][0] < scored[0]:
                    scores[slot] = scored
        return scores


def _words_of_query(reading: str) -> list[str]:
    """Return the words of a normalised query that are looked up: without titles, at most 6."""
    words = [word for word in reading.replace("-", " ").split() if word.isalpha()][:MAX_WORDS]
    return [word for word in words if word not in TITLES] or words


def _positions(readings: Iterable[Sequence[str]]) -> list[list[tuple[str, ...]]]:
    """Return the readings with as many words as one: at each position its words, each once, that of the first first."""
    by_count: dict[int, list[dict[str, None]]] = {}
    for words in filter(None, readings):
        positions = by_count.setdefault(len(words), [{} for _ in words])
        for position, word in zip(positions, words, strict=True):
            position[word] = None
    return [list(map(tuple, positions)) for positions in by_count.values()]


def _join_particles(asked: list[str]) -> list[str]:
    """Return the words with short ones joined to the next word: de la cruz -> delacruz."""
    joined: list[str] = []
    open_end = False
    for word in asked:
        if open_end:
            joined[-1] += word
        else:
            joined.append(word)
        open_end = len(word) <= text_keys.PARTICLE_LENGTH
    return joined


def _scores_of_parts(numbers: Numbers, part: str, why: str) -> Scores:
    """Return the cases with a number that contains a part of at least 4 digits."""
    if len(part) < PART_DIGITS or not part.isdigit():
        return {}
    listed = islice(numbers.with_part(part), MAX_PARTS)
    return {slot: (0.7, why) for _, slot in listed}


def _keep_best(best: Scores, more: Scores) -> None:
    for slot, scored in more.items():
        if slot not in best or best[slot][0] < scored[0]:
            best[slot] = scored
