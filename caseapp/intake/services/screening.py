"""Answers of a person to a screening tree, one question at a time."""

from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.transaction import case_transaction
from caseapp.intake.services import intakes
from caseapp.intake.services.screening_trees import ScreeningTree
from caseapp.lib import clock
from caseapp.lib.errors import NotFound
from caseapp.records.answer import SKIPPED, Answer
from caseapp.vault.store import Draft, Entry, SealedFile


def answers_of(file: SealedFile, tree_id: str) -> Entry[Answer] | None:
    """Return the answers of a case to a tree, or None."""
    return next((entry for entry in file.entries_of(Answer) if entry.record.tree == tree_id), None)


def answer_question(staff: Staff, case_id: UUID, tree: ScreeningTree, question_id: str, answer: str) -> None:
    """Store the answer to a question, or SKIPPED. Raises NotFound for an answer that the tree does not have."""
    question = next((each for each in tree.questions if each.id == question_id), None)
    if question is None or answer not in {SKIPPED, *(choice.id for choice in question.choices)}:
        raise NotFound(f"answer of {tree.id}")
    with case_transaction(staff, case_id) as draft:
        entry = _answers_in(draft, staff, tree)
        answers = {**entry.record.answers, question_id: answer}
        draft.change(
            entry.id,
            replace(entry.record, answers=answers, stopped=False, version=f"{tree.dated:%Y.%m.%d}", digest=tree.digest),
        )
        intakes.change_intake(draft, staff, step=intakes.SITUATION)


def stop(staff: Staff, case_id: UUID, tree: ScreeningTree) -> None:
    """Store that the person chose to stop here: no further question of this tree is asked."""
    with case_transaction(staff, case_id) as draft:
        entry = _answers_in(draft, staff, tree)
        draft.change(entry.id, replace(entry.record, stopped=True))
        intakes.change_intake(draft, staff, step=intakes.SITUATION)


def _answers_in(draft: Draft, staff: Staff, tree: ScreeningTree) -> Entry[Answer]:
    entry = answers_of(draft.file, tree.id)
    if entry is None:
        draft.add(
            Answer(
                tree=tree.id,
                version=f"{tree.dated:%Y.%m.%d}",
                digest=tree.digest,
                party=intakes.client_of(draft.file).id,
                began_on=clock.today(staff.zone),
            )
        )
        entry = answers_of(draft.file, tree.id)
    assert entry is not None
    return entry
