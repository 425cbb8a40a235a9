"""Screening trees: questions that lead to possible paths of relief, each with its source. They are data (TOML).

A tree is dated, and "not signed off" until an attorney signs its text (`services/tree_signatures.py`). A hint names a
possible path, never a promise. How to write one: docs/mechanisms/intake.md.
"""

import datetime as dt
import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import msgspec

from caseapp.records.answer import SKIPPED
from caseapp.records.case import STAGES_OF_PACK

FOLDER = Path(__file__).parent.parent / "trees"
TREE_IDS = ("asylum", "sij", "u", "tps", "family")  # in the order of the page
LANGUAGES = ("en", "es", "fr")
END = "end"
# Words of a promise: a hint says "possible", never these.
PROMISES = ("eligible", "qualif", "elegible", "califica", "éligible", "entitled", "derecho a", "droit à", "guarant")


class TreeError(ValueError):
    """A tree that does not read: which file, and what is wrong."""


class TreeWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text in the three languages."""

    en: str
    es: str
    fr: str

    def in_language(self, language: str) -> str:
        """Return the text in a language; English for another one."""
        return {"es": self.es, "fr": self.fr}.get(language.partition("-")[0], self.en)


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Source of a question or hint: the citation, and where we read it."""

    text: str
    read: str


class TreeChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An answer: the question that follows ("" is the next one, "end" ends the tree) and the hint it gives."""

    id: str
    words: TreeWords
    next: str = ""
    hint: str = ""


class TreeQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One question of a tree. `why` is said before a hard one."""

    id: str
    ask: TreeWords
    sources: tuple[str, ...]
    choices: tuple[TreeChoice, ...]
    why: TreeWords | None = None


class Hint(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A possible path, or what to check first."""

    words: TreeWords
    sources: tuple[str, ...]


class ScreeningTree(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One tree. `digest` is that of its file: an attorney signs it, and a changed text needs a new signature."""

    id: str
    dated: dt.date
    pack: str
    relief: str
    title: TreeWords
    sources: Mapping[str, Source]
    questions: tuple[TreeQuestion, ...]
    hints: Mapping[str, Hint] = {}
    digest: str = ""

    def question(self, question_id: str) -> TreeQuestion:
        """Return a question. Raises KeyError."""
        return next((each for each in self.questions if each.id == question_id), None) or _missing(question_id)

    def walk(self, answers: Mapping[str, str]) -> Iterator[TreeQuestion]:
        """Yield the questions that these answers lead through; the last one may be without an answer."""
        at: str = self.questions[0].id
        while at and at != END:
            question = self.question(at)
            yield question
            if question.id not in answers:
                return
            at = self._after(question, answers[question.id])

    def next_question(self, answers: Mapping[str, str]) -> TreeQuestion | None:
        """Return the first question of the walk without an answer, or None at the end."""
        return next((question for question in self.walk(answers) if question.id not in answers), None)

    def hints_of(self, answers: Mapping[str, str]) -> tuple[Hint, ...]:
        """Return the hints of the answers on the walk, each once, in the order of the questions."""
        given = ((question, answers.get(question.id)) for question in self.walk(answers))
        ids = [choice.hint for question, answer in given for choice in question.choices if choice.id == answer]
        return tuple(self.hints[hint] for hint in dict.fromkeys(ids) if hint)

    def _after(self, question: TreeQuestion, answer: str) -> str:
        choice = next((each for each in question.choices if each.id == answer), None)
        if choice is not None and choice.next and answer != SKIPPED:
            return choice.next
        later = self.questions[self.questions.index(question) + 1 :]
        return later[0].id if later else END


def _missing(question_id: str) -> TreeQuestion:
    raise KeyError(question_id)


@cache
def read_trees() -> Mapping[str, ScreeningTree]:
    """Return the trees by id, in the order of the page. Raises TreeError."""
    return {name: read_tree((FOLDER / f"{name}.toml").read_text(encoding="utf-8"), name) for name in TREE_IDS}


def read_tree(text: str, name: str) -> ScreeningTree:
    """Return a tree from its text, checked. Raises TreeError with what is wrong."""
    try:
        tree = msgspec.convert(tomllib.loads(text), ScreeningTree)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as exc:
        raise TreeError(f"{name}: {exc}") from exc
    for problem in _problems_of(tree, name):
        raise TreeError(f"{name}: {problem}")
    return msgspec.structs.replace(tree, digest=hashlib.sha256(text.encode()).hexdigest())


def _problems_of(tree: ScreeningTree, name: str) -> Iterator[str]:
    if tree.id != name:
        yield f"the id is {tree.id!r}, the file {name!r}"
    if tree.pack not in STAGES_OF_PACK:
        yield f"no pack {tree.pack!r}"
    if not tree.questions:
        yield "no questions"
    order = [question.id for question in tree.questions]
    if len(set(order)) != len(order):
        yield "two questions have one id"
    for at, question in enumerate(tree.questions):
        yield from _problems_of_question(tree, question, later={*order[at + 1 :], END})
    used = {choice.hint for question in tree.questions for choice in question.choices}
    for hint_id, hint in tree.hints.items():
        yield from _problems_of_hint(tree, hint_id, hint, is_used=hint_id in used)
    yield from (f"an empty text: {words}" for words in _all_words(tree) if not all((words.en, words.es, words.fr)))


def _problems_of_question(tree: ScreeningTree, question: TreeQuestion, later: set[str]) -> Iterator[str]:
    if len(question.choices) < 2:
        yield f"{question.id}: fewer than two answers"
    if SKIPPED in {choice.id for choice in question.choices}:
        yield f"{question.id}: {SKIPPED!r} is not an answer of a tree"
    if len({choice.id for choice in question.choices}) != len(question.choices):
        yield f"{question.id}: two answers have one id"
    yield from _problems_of_sources(tree, question.id, question.sources)
    for choice in question.choices:
        if choice.next and choice.next not in later:
            yield f"{question.id}: {choice.id} leads to {choice.next!r}, which is not a later question"
        if choice.hint and choice.hint not in tree.hints:
            yield f"{question.id}: no hint {choice.hint!r}"


def _problems_of_hint(tree: ScreeningTree, hint_id: str, hint: Hint, *, is_used: bool) -> Iterator[str]:
    if not is_used:
        yield f"hint {hint_id} is given by no answer"
    yield from _problems_of_sources(tree, hint_id, hint.sources)
    texts = " ".join((hint.words.en, hint.words.es, hint.words.fr)).casefold()
    yield from (f"hint {hint_id} promises: {word!r}" for word in PROMISES if word in texts)


def _problems_of_sources(tree: ScreeningTree, name: str, sources: tuple[str, ...]) -> Iterator[str]:
    if not sources:
        yield f"{name}: no source"
    yield from (f"{name}: no source {source!r}" for source in sources if source not in tree.sources)


def _all_words(tree: ScreeningTree) -> Iterator[TreeWords]:
    yield tree.title
    for question in tree.questions:
        yield question.ask
        yield from (choice.words for choice in question.choices)
        if question.why is not None:
            yield question.why
    yield from (hint.words for hint in tree.hints.values())
