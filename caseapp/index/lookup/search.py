"""Search for cases by name, number, telephone or ref: in memory, over the words of the group.

A query word is compared with the different words of the group (exact, prefix, spelling, sound), not with each case. A
case matches if a name of it has enough of the query's words, in any order: rare words count more (`ranking.py`).
"""

import heapq
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Final, NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from caseapp.index import text_keys
from caseapp.index.columns.case_sets import CaseSet
from caseapp.index.columns.orders import TextOrder
from caseapp.index.lookup.numbers import Numbers
from caseapp.index.lookup.ranking import MIN_SHARE, NOT_ALIKE, PARTICLES, AskedWord, score_name
from caseapp.index.lookup.word_columns import WordColumns, words_of
from caseapp.index.rows import RowSummary
from caseapp.index.spellings.sounds import fold_spelling, likeness_of_words, sound_codes
from caseapp.lib.text.phones import is_same_number

WORD_BYTES: Final = 1300  # of Python objects for each different word (measured, rounded up)
BIRTH_BYTES: Final = 300  # for each different day
MAX_WORDS: Final = 6  # words of a query that are used
MIN_SPELLING_LIKENESS: Final = 0.74  # of two spellings, with one for each sound: one error in four letters
MIN_SPELLED_LETTERS: Final = 4  # minimum letters of a word that is looked for in other spellings
MIN_INNER_LETTERS: Final = 4  # minimum letters of a match inside a word: Emeka in Chukwuemeka
TAIL_DIGITS: Final = 3  # minimum digits of a number in a query
PART_DIGITS: Final = 4  # minimum digits of a part of a number, and of a telephone number, in a query
MAX_PARTS: Final = 1_000  # numbers with a typed part that are read
MAX_ALIKE: Final = 80  # words of the group for one asked word
MAX_COMMON_ALIKE: Final = 20  # of them, where the word is common
MAX_CANDIDATES: Final = 2_000  # cases with a word alike that are looked at
MAX_DIVISIONS: Final = 3  # other divisions of a name that are looked up
MAX_LIKENESS: Final = 0.98  # of a word that is not the asked one
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
        self.cases = {word: CaseSet.from_ascending(cases) for word, cases in columns.cases.items()}
        self._by_fold: dict[str, dict[str, None]] = {}
        self._folds: dict[tuple[str, int], list[str]] = {}  # by first letter and length
        self._by_sound: dict[str, dict[str, str]] = {}  # code: word: fold
        self._numbers, self._phones = Numbers(columns.numbers), Numbers(columns.phones)
        self._births = {born: CaseSet.from_ascending(cases) for born, cases in columns.births.items()}
        self._text = ""  # all words in one string, built at the next use
        self._sorted = sorted(self.cases)
        for word in self.cases:
            self._learn_word(word)
        self._ref_key, self._refs = ref_key, refs

    def add(self, slot: int, keys: RowSummary) -> None:
        """Add the row of a new case."""
        for word in self._add_words(slot, keys):
            insort(self._sorted, word)
            self._text = ""
        self._refs.add(slot)

    def remove(self, slot: int, keys: RowSummary) -> None:
        """Remove a row. `keys` must be the same as when it was added."""
        for word in words_of(keys.names):
            self.cases[word].discard(slot)
            if not self.cases[word]:
                self._forget_word(word)
        self._numbers.remove(slot, keys.numbers)
        self._phones.remove(slot, keys.contact_phones)
        for born in keys.births:
            self._births[born].discard(slot)
        self._refs.remove(slot)

    def _add_words(self, slot: int, keys: RowSummary) -> list[str]:
        new = []
        for word in words_of(keys.names):
            known = self.cases.get(word)
            if known is None:
                known = self.cases[word] = CaseSet()
                new.append(word)
                self._learn_word(word)
            known.add(slot)
        self._numbers.add(slot, keys.numbers)
        self._phones.add(slot, keys.contact_phones)
        for born in keys.births:
            self._births.setdefault(born, CaseSet()).add(slot)
        return new

    def _learn_word(self, word: str) -> None:
        fold = fold_spelling(word)
        if fold not in self._by_fold:
            self._by_fold[fold] = {}
            self._folds.setdefault((fold[0], len(fold)), []).append(fold)
        self._by_fold[fold][word] = None
        for code in sound_codes(word):
            self._by_sound.setdefault(code, {})[word] = fold

    def _forget_word(self, word: str) -> None:
        fold = fold_spelling(word)
        del self.cases[word], self._by_fold[fold][word]
        if not self._by_fold[fold]:
            del self._by_fold[fold]
            self._folds[fold[0], len(fold)].remove(fold)
        for code in sound_codes(word):
            del self._by_sound[code][word]
        del self._sorted[bisect_left(self._sorted, word)]
        self._text = ""

    @property
    def weight(self) -> int:
        """Return the bytes in memory, approximately: of each word its spelling, sounds and cases."""
        words = len(self.cases) * WORD_BYTES + sum(cases.weight for cases in self.cases.values())
        return words + self._numbers.weight + self._phones.weight + len(self._births) * BIRTH_BYTES + self._refs.weight

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
        heap: list[float] = []
        total = len(fronts)
        known = cache(lambda word: AskedWord(word, self._similar_words(word), self.cases, total))
        for at, reading in enumerate(text_keys.name_readings(query)):
            words = [word for word in reading.replace("-", " ").split() if word.isalpha()][:MAX_WORDS]
            words = [word for word in words if word not in TITLES] or words
            if at and query >= FIRST_SIGN and not any(word in self.cases for word in words):
                continue  # another spelling of the family name, that no case has
            asked = dict.fromkeys((tuple(words), tuple(_join_particles(words))))
            for each in filter(None, asked):
                _keep_best(best, self._match_words([known(word) for word in each], fronts, heap))
            if max((score for score, _ in best.values()), default=0.0) < WHOLE:
                for each in islice(self._divisions(words), MAX_DIVISIONS):
                    _keep_best(best, self._match_words([known(word) for word in each], fronts, heap))
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

    def _match_words(self, asked: Sequence[AskedWord], fronts: Mapping[int, RowSummary], best: list[float]) -> Scores:
        """Return the cases with a name that has enough of these words, each weighed by how rare it is.

        Names are read until no other case can be among the best. `best` is the heap of the best scores of the query.
        """
        scores: Scores = {}
        total = sum(word.weight for word in asked)
        for gain, slot in self._candidates(asked, total):
            if len(best) == MAX_BEST and gain < best[0] * total:
                break
            score, why = max(score_name(asked, total, name) for name in fronts[slot].names)
            if score > 0:
                scores[slot] = (score, why)
                (heapq.heappush if len(best) < MAX_BEST else heapq.heappushpop)(best, score)
        return scores

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
            for at, (known, gain) in enumerate(word.best_first()):
                cases = self.cases[known]
                if len(cases) <= budget:
                    budget -= len(cases)
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
        for word, scored in self._similar_words(asked).items():
            for slot in self.cases[word]:
                if slot not in scores or scores[slot][0] < scored[0]:
                    scores[slot] = scored
        return scores

    def _similar_words(self, asked: str) -> dict[str, tuple[float, str]]:
        """Return the words of the group that are similar to one word of a query, the best 80."""
        others, same_sound, spelled = self._nearby_words(asked)
        likenesses = likeness_of_words(asked, others, same_sound)
        alike = {
            word: (min(likeness, MAX_LIKENESS), "spelling" if word in spelled else "sound")
            for word, likeness in likenesses.items()
        }
        if len(asked) >= MIN_INNER_LETTERS:
            for word in self._words_containing(asked):
                alike[word] = max(alike.get(word, NOT_ALIKE), (0.6 + 0.2 * len(asked) / len(word), "name"))
        if len(asked) > 1:
            at = bisect_left(self._sorted, asked)
            while at < len(self._sorted) and self._sorted[at].startswith(asked):
                alike[self._sorted[at]] = (0.8 + 0.15 * len(asked) / len(self._sorted[at]), "name")
                at += 1
        if asked in self.cases:
            alike[asked] = (1.0, "name")
        if len(alike) > MAX_ALIKE:
            return dict(heapq.nlargest(MAX_ALIKE, alike.items(), key=lambda item: item[1][0]))
        return alike

    def _nearby_words(self, asked: str) -> tuple[dict[str, str], set[str], set[str]]:
        """Return the words that may be similar with their folds, those with a sound code in common, and those alike.

        Particles are no sound of another word. Other spellings have the same first sound: errors in front are a matter
        of sound.
        """
        others: dict[str, str] = {}
        for code in sound_codes(asked):
            others.update(self._by_sound.get(code, {}))
        for particle in PARTICLES & others.keys():
            del others[particle]
        same_sound, spelled = set(others), set[str]()
        if len(asked) >= MIN_SPELLED_LETTERS and not asked.isdigit():
            fold = fold_spelling(asked)
            spread = 1 if len(fold) < 6 else 2
            for length in range(len(fold) - spread, len(fold) + spread + 1):
                near = self._folds.get((fold[0], length))
                if near:
                    close = process.extract(
                        fold, near, scorer=OSA.normalized_similarity, score_cutoff=MIN_SPELLING_LIKENESS, limit=None
                    )
                    for other, _, _ in close:
                        for word in self._by_fold[other]:
                            others[word] = other
                            spelled.add(word)
        return others, same_sound, spelled

    def _words_containing(self, asked: str) -> Iterator[str]:
        """Yield the words that contain the given letters as a substring."""
        if not self._text:
            self._text = "\n" + "\n".join(self._sorted) + "\n"
        at = self._text.find(asked)
        while at >= 0:
            stop = self._text.index("\n", at)
            yield self._text[self._text.rindex("\n", 0, at) + 1 : stop]
            at = self._text.find(asked, stop)


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
