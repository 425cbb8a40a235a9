"""Search for cases by name, number, telephone or ref: in memory, over the words of the group.

A query word is compared once with each different word (exact, prefix, spelling, sound), not with each case. A case
matches if it has all words of the query, in any order; in a query of three or more words one may be missing.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from caseapp.index import text_keys
from caseapp.index.rows import RowSummary
from caseapp.lib.text.phones import is_same_number

MAX_WORDS: Final = 6  # words of a query that are used
MIN_SPELLING_LIKENESS: Final = 0.74  # minimum similarity of two spellings: one error in four letters, two in eight
MIN_SOUND_LIKENESS: Final = 0.4  # minimum similarity of two words that sound alike
MIN_INNER_LETTERS: Final = 4  # minimum letters of a match inside a word: Emeka in Chukwuemeka
TAIL_DIGITS: Final = 3  # minimum digits of a number in a query
PHONE_DIGITS: Final = 4  # minimum digits of a telephone number in a query
MAX_RESCORED: Final = 200  # number of best candidates whose full names are compared with the query


class CaseMatch(NamedTuple):
    """A case that matches. `why` is name, spelling, sound, number, phone or ref; `score` 0 to 1."""

    case_id: bytes
    score: float
    why: str


Scores = dict[bytes, tuple[float, str]]


class Vocabulary:
    """The words, numbers, telephones and refs of a group's cases, each with the cases that contain it."""

    def __init__(self, fronts: Mapping[bytes, RowSummary]) -> None:
        self.cases: dict[str, set[bytes]] = {}
        self._by_length: dict[int, dict[str, None]] = {}
        self._by_sound: dict[str, dict[str, None]] = {}
        self._tails: dict[str, set[tuple[str, bytes]]] = {}
        self._phones: dict[str, set[tuple[str, bytes]]] = {}
        self._births: dict[str, set[bytes]] = {}
        self._refs: list[tuple[str, bytes]] = []
        self._sorted: list[str] = []
        self._text = ""  # all words in one string, built at the next use
        for case_id, keys in fronts.items():
            self._add_words(case_id, keys)
            self._refs.append((keys.ref.lower(), case_id))
        self._refs.sort()
        self._sorted = sorted(self.cases)

    def add(self, case_id: bytes, keys: RowSummary) -> None:
        """Add the row of a new case."""
        for word in self._add_words(case_id, keys):
            insort(self._sorted, word)
            self._text = ""
        insort(self._refs, (keys.ref.lower(), case_id))

    def remove(self, case_id: bytes, keys: RowSummary) -> None:
        """Remove a row. `keys` must be the same as when it was added."""
        for word in _words_of(keys):
            self.cases[word].discard(case_id)
            if not self.cases[word]:
                self._forget_word(word)
        for tails, numbers in ((self._tails, keys.numbers), (self._phones, keys.contact_phones)):
            for number in numbers:
                tails[number[-TAIL_DIGITS:]].discard((number, case_id))
        for born in keys.births:
            self._births[born].discard(case_id)
        del self._refs[bisect_left(self._refs, (keys.ref.lower(), case_id))]

    def _add_words(self, case_id: bytes, keys: RowSummary) -> list[str]:
        new = []
        for word in _words_of(keys):
            known = self.cases.get(word)
            if known is None:
                known = self.cases[word] = set()
                new.append(word)
                self._by_length.setdefault(len(word), {})[word] = None
                for code in text_keys.sound_codes(word):
                    self._by_sound.setdefault(code, {})[word] = None
            known.add(case_id)
        for tails, numbers in ((self._tails, keys.numbers), (self._phones, keys.contact_phones)):
            for number in numbers:
                tails.setdefault(number[-TAIL_DIGITS:], set()).add((number, case_id))
        for born in keys.births:
            self._births.setdefault(born, set()).add(case_id)
        return new

    def _forget_word(self, word: str) -> None:
        del self.cases[word], self._by_length[len(word)][word]
        for code in text_keys.sound_codes(word):
            del self._by_sound[code][word]
        del self._sorted[bisect_left(self._sorted, word)]
        self._text = ""

    def find_cases(self, query: str, fronts: Mapping[bytes, RowSummary], limit: int) -> list[CaseMatch]:
        """Return the best matches, best first."""
        query = query[: text_keys.MAX_QUERY_LENGTH]
        best: Scores = {}
        _keep_best(best, self._by_ref(query))
        _keep_best(best, self._by_phone(query))
        _keep_best(best, self._by_number(query))
        _keep_best(best, self._by_name(query, fronts))
        matches = [CaseMatch(case_id, round(score, 4), why) for case_id, (score, why) in best.items()]
        matches.sort(key=lambda hit: (-hit.score, fronts[hit.case_id].closed, fronts[hit.case_id].ref))
        return matches[:limit]

    def cases_with_fact(self, numbers: Iterable[str], phones: Iterable[str], born: str) -> set[bytes]:
        """Return the cases with one of these numbers or telephones, or a person born on this day ("1987-05-09").

        Numbers and telephones are in the form of `text_keys`; a telephone may lack its country.
        """
        cases = set(self._births.get(born, ()))
        for wanted in numbers:
            cases |= {case_id for number, case_id in self._tails.get(wanted[-TAIL_DIGITS:], ()) if number == wanted}
        for wanted in phones:
            cases |= {
                case_id
                for number, case_id in self._phones.get(wanted[-TAIL_DIGITS:], ())
                if is_same_number(number, wanted)
            }
        return cases

    def _by_ref(self, query: str) -> Scores:
        start = query.strip().lower()
        if not 3 <= len(start) <= 12 or not start.isalnum():
            return {}
        scores: Scores = {}
        at = bisect_left(self._refs, (start, b""))
        while at < len(self._refs) and self._refs[at][0].startswith(start):
            ref, case_id = self._refs[at]
            scores[case_id] = (1.0 if ref == start else 0.8, "ref")
            at += 1
        return scores

    def _by_number(self, query: str) -> Scores:
        wanted = text_keys.normalise_number(query)
        if sum(map(str.isdigit, wanted)) < TAIL_DIGITS or not wanted[-TAIL_DIGITS:].isdigit():
            return {}
        whole = wanted.zfill(9) if wanted.isdigit() and len(wanted) >= 7 else wanted
        return {
            case_id: (1.0 if number in {wanted, whole} else 0.9, "number")
            for number, case_id in self._tails.get(wanted[-TAIL_DIGITS:], ())
            if number in {wanted, whole} or number.endswith(wanted)
        }

    def _by_phone(self, query: str) -> Scores:
        """Return the cases with a telephone number that is or ends with the typed digits; each may lack its country."""
        typed = text_keys.normalise_number(query)
        if not typed.isdigit() or len(typed) < PHONE_DIGITS:
            return {}
        wanted = next(iter(text_keys.phone_digits(query)), typed)
        return {
            case_id: (1.0 if number == wanted else 0.9, "phone")
            for number, case_id in self._phones.get(wanted[-TAIL_DIGITS:], ())
            if number.endswith(wanted) or wanted.endswith(number)
        }

    def _by_name(self, query: str, fronts: Mapping[bytes, RowSummary]) -> Scores:
        normal = text_keys.normalise_name(query)
        asked = [word for word in normal.replace("-", " ").split() if word.isalpha()][:MAX_WORDS]
        best: Scores = {}
        for reading in {tuple(asked), tuple(_join_particles(asked)), ("".join(asked),)}:
            if reading and reading[0]:
                _keep_best(best, self._match_words(reading))
        candidates = sorted(best.items(), key=lambda item: -item[1][0])[:MAX_RESCORED]
        return {
            case_id: (_rescore_by_name(score, normal, fronts[case_id]), why) for case_id, (score, why) in candidates
        }

    def _match_words(self, asked: tuple[str, ...]) -> Scores:
        """Return the cases that contain enough of these words, with the mean of the words' scores."""
        per_word = [self.cases_with_word(word) for word in asked]
        needed = len(asked) if len(asked) < 3 else len(asked) - 1
        per_word.sort(key=len)
        # A match must contain one of the rarest words, so the longest lists are only used for look-ups, not iterated.
        candidates = set[bytes]().union(*per_word[: len(asked) - needed + 1])
        scores: Scores = {}
        for case_id in candidates:
            scored = [occurrences[case_id] for occurrences in per_word if case_id in occurrences]
            if len(scored) >= needed:
                scores[case_id] = (sum(score for score, _ in scored) / len(asked), min(scored)[1])
        return scores

    def cases_with_word(self, asked: str) -> Scores:
        """Return the cases with a word that is similar to one word of a name, with the likeness of the two."""
        scores: Scores = {}
        for word, scored in self._similar_words(asked).items():
            for case_id in self.cases[word]:
                if case_id not in scores or scores[case_id][0] < scored[0]:
                    scores[case_id] = scored
        return scores

    def _similar_words(self, asked: str) -> dict[str, tuple[float, str]]:
        """Return the words of the group that are similar to one word of a query."""
        alike: dict[str, tuple[float, str]] = {}
        for code in text_keys.sound_codes(asked):
            for word in self._by_sound.get(code, ()):
                likeness = OSA.normalized_similarity(asked, word)
                if likeness >= MIN_SOUND_LIKENESS:
                    alike[word] = (0.5 + 0.3 * likeness, "sound")
        for word, likeness in self._close_spellings(asked):
            alike[word] = (0.9 * likeness, "spelling")
        if len(asked) >= MIN_INNER_LETTERS:
            alike |= {word: (0.6 + 0.2 * len(asked) / len(word), "name") for word in self._words_containing(asked)}
        if len(asked) > 1:
            at = bisect_left(self._sorted, asked)
            while at < len(self._sorted) and self._sorted[at].startswith(asked):
                alike[self._sorted[at]] = (0.8 + 0.15 * len(asked) / len(self._sorted[at]), "name")
                at += 1
        if asked in self.cases:
            alike[asked] = (1.0, "name")
        return alike

    def _words_containing(self, asked: str) -> Iterator[str]:
        """Yield the words that contain the given letters as a substring."""
        if not self._text:
            self._text = "\n" + "\n".join(self._sorted) + "\n"
        at = self._text.find(asked)
        while at >= 0:
            stop = self._text.index("\n", at)
            yield self._text[self._text.rindex("\n", 0, at) + 1 : stop]
            at = self._text.find(asked, stop)

    def _close_spellings(self, asked: str) -> Iterator[tuple[str, float]]:
        if len(asked) < 4 or asked.isdigit():
            return
        for length in range(len(asked) - 2, len(asked) + 3):
            near = self._by_length.get(length)
            if near:
                yield from (
                    (word, likeness)
                    for word, likeness, _ in process.extract(
                        asked,
                        list(near),
                        scorer=OSA.normalized_similarity,
                        score_cutoff=MIN_SPELLING_LIKENESS,
                        limit=None,
                    )
                )


def _words_of(keys: RowSummary) -> tuple[str, ...]:
    if len(keys.names) == 1:
        return text_keys.split_words(keys.names[0])
    return tuple({word: None for name in keys.names for word in text_keys.split_words(name)})


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


def _rescore_by_name(score: float, asked: str, keys: RowSummary) -> float:
    """Return a score that ranks words within one name above words from the names of several people."""
    whole = max((fuzz.token_sort_ratio(asked, name) for name in keys.names), default=0.0)
    return 0.85 * score + 0.15 * whole / 100


def _keep_best(best: Scores, more: Scores) -> None:
    for case_id, scored in more.items():
        if case_id not in best or best[case_id][0] < scored[0]:
            best[case_id] = scored
