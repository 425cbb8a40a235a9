"""Sentences about a file and its rows, in the language of the page."""

from django.utils.translation import gettext as _

from caseapp.moving.reading import sentences
from caseapp.moving.reading.errors import FileQuestion, UnreadableFile
from caseapp.moving.reading.plans.row_plan import Problem


def explain_problem(problem: Problem) -> str:
    """Return the sentence of a problem of a row."""
    return _(sentences.problem_template(problem)) % sentences.problem_values(problem)


def explain_question(question: FileQuestion) -> str:
    """Return a question about a file."""
    return _(sentences.QUESTIONS[question.code])


def explain_unreadable(refused: UnreadableFile) -> str:
    """Return why a file cannot be read."""
    return _(sentences.UNREADABLE[refused.code]) % refused.values
