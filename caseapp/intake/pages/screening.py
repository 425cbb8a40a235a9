"""Pages of screening: the trees of an office, one question, and what the answers point to."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import office_law
from caseapp.intake.services import screening
from caseapp.intake.services.screening_trees import Hint, ScreeningTree, TreeQuestion, TreeWords
from caseapp.intake.services.tree_signatures import signature_of, trees_in_use
from caseapp.records.answer import SKIPPED, Answer
from caseapp.ui.display.colleagues import colleagues_of, names_of
from caseapp.vault.store import SealedFile


@dataclass(frozen=True)
class Signature:
    """Signature of the text of a tree; without a name it is not signed off."""

    name: str = ""
    on: dt.date | None = None

    @property
    def is_signed(self) -> bool:
        """Return whether an attorney of the office signed this text."""
        return self.on is not None


@dataclass(frozen=True)
class HintLine:
    """A possible path, with its sources."""

    text: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class AnswerLine:
    """A question that was answered, and the page that changes it."""

    ask: str
    answer: str
    href: str


@dataclass(frozen=True)
class QuestionLine:
    """A question as a page asks it."""

    id: str
    ask: str
    why: str
    choices: tuple[tuple[str, str], ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class TreeLine:
    """A tree in the list of an intake. `state`: new, begun, stopped or done."""

    id: str
    title: str
    href: str
    dated: dt.date
    signature: Signature
    state: str
    answered: int
    hints: tuple[HintLine, ...]


@dataclass(frozen=True)
class ScreeningPage:
    """One tree of one person: the next question, or none, what was answered, and the hints."""

    line: TreeLine
    question: QuestionLine | None
    answers: tuple[AnswerLine, ...]
    is_older: bool


@dataclass(frozen=True)
class TreeText:
    """The whole text of a tree, for the attorney who signs it."""

    id: str
    title: str
    dated: dt.date
    digest: str
    signature: Signature
    questions: tuple[QuestionLine, ...]
    hints: tuple[HintLine, ...]
    sources: tuple[tuple[str, str], ...]
    href: str


def tree_lines(staff: Staff, file: SealedFile) -> tuple[TreeLine, ...]:
    """Return the trees that can be asked in an intake; () where the office's law has none."""
    return tuple(_tree_line(staff, file, tree) for tree in trees_in_use(staff.keys))


def screening_page(staff: Staff, file: SealedFile, tree: ScreeningTree, *, asked: str = "") -> ScreeningPage:
    """Return the page of a tree. `asked` is a question to answer again."""
    entry = screening.answers_of(file, tree.id)
    record = entry.record if entry is not None else Answer(tree=tree.id)
    walked = list(tree.walk(record.answers))
    again = next((question for question in walked if question.id == asked), None)
    following = None if record.stopped else tree.next_question(record.answers)
    question = again or following
    base = reverse("intake:screening", args=[file.id, tree.id])
    return ScreeningPage(
        line=_tree_line(staff, file, tree),
        question=_question_line(tree, question) if question is not None else None,
        answers=tuple(
            AnswerLine(
                _in_language(each.ask), _answer_words(each, record.answers[each.id]), f"{base}?question={each.id}"
            )
            for each in walked
            if each.id in record.answers
        ),
        is_older=bool(record.digest) and record.digest != tree.digest,
    )


def tree_texts(staff: Staff) -> tuple[TreeText, ...]:
    """Return the trees of the office's packs, as the attorney reads them."""
    return tuple(tree_text(staff, tree) for tree in trees_in_use(staff.keys))


def tree_text(staff: Staff, tree: ScreeningTree) -> TreeText:
    """Return the whole text of a tree."""
    return TreeText(
        id=tree.id,
        title=_in_language(tree.title),
        dated=tree.dated,
        digest=tree.digest,
        signature=_signature(staff, tree),
        questions=tuple(_question_line(tree, question) for question in tree.questions),
        hints=_hint_lines(tree, tree.hints.values()),
        sources=tuple((source.text, source.read) for source in tree.sources.values()),
        href=reverse("intake:tree", args=[tree.id]),
    )


def _tree_line(staff: Staff, file: SealedFile, tree: ScreeningTree) -> TreeLine:
    entry = screening.answers_of(file, tree.id)
    record = entry.record if entry is not None else Answer(tree=tree.id)
    state = "new" if entry is None else "begun"
    if record.stopped:
        state = "stopped"
    elif entry is not None and tree.next_question(record.answers) is None:
        state = "done"
    return TreeLine(
        id=tree.id,
        title=_in_language(tree.title),
        href=reverse("intake:screening", args=[file.id, tree.id]),
        dated=tree.dated,
        signature=_signature(staff, tree),
        state=state,
        answered=sum(question.id in record.answers for question in tree.walk(record.answers)),
        hints=_hint_lines(tree, tree.hints_of(record.answers)),
    )


def _signature(staff: Staff, tree: ScreeningTree) -> Signature:
    signed = signature_of(office_law.law_of(staff.keys).office, tree)
    if signed is None:
        return Signature()
    return Signature(names_of(colleagues_of(staff.keys)).get(signed.by, _("a member who left")), signed.on)


def _question_line(tree: ScreeningTree, question: TreeQuestion) -> QuestionLine:
    return QuestionLine(
        id=question.id,
        ask=_in_language(question.ask),
        why=_in_language(question.why) if question.why is not None else "",
        choices=tuple((choice.id, _in_language(choice.words)) for choice in question.choices),
        sources=tuple(tree.sources[name].text for name in question.sources),
    )


def _hint_lines(tree: ScreeningTree, hints: Iterable[Hint]) -> tuple[HintLine, ...]:
    return tuple(
        HintLine(_in_language(hint.words), tuple(tree.sources[name].text for name in hint.sources)) for hint in hints
    )


def _answer_words(question: TreeQuestion, answer: str) -> str:
    if answer == SKIPPED:
        return _("skipped")
    return next((_in_language(choice.words) for choice in question.choices if choice.id == answer), answer)


def _in_language(words: TreeWords) -> str:
    return words.in_language(get_language() or "en")
