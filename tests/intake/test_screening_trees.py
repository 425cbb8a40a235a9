"""Screening trees are data: dated, with sources, in three languages, and they promise nothing."""

import re
from pathlib import Path

import pytest

from caseapp.intake.services.screening_trees import FOLDER, TREE_IDS, TreeError, read_tree, read_trees
from caseapp.records.answer import SKIPPED

TEXT = (FOLDER / "tps.toml").read_text()


def test_the_five_trees_read() -> None:
    assert list(read_trees()) == ["asylum", "sij", "u", "tps", "family"]
    assert {path.stem for path in Path(FOLDER).glob("*.toml")} == set(TREE_IDS)


@pytest.mark.parametrize("tree_id", TREE_IDS)
def test_each_question_and_hint_cites_a_source_that_says_where_it_was_read(tree_id: str) -> None:
    tree = read_trees()[tree_id]
    for cited in (*(each.sources for each in tree.questions), *(each.sources for each in tree.hints.values())):
        assert cited
        assert all(re.match(r"(law/|domain\.md)", tree.sources[name].read) for name in cited)


@pytest.mark.parametrize("tree_id", TREE_IDS)
def test_each_tree_can_be_skipped_to_its_end(tree_id: str) -> None:
    tree, answers = read_trees()[tree_id], dict[str, str]()
    while (question := tree.next_question(answers)) is not None:
        answers[question.id] = SKIPPED
    assert list(answers) == [question.id for question in tree.questions]
    assert tree.hints_of(answers) == ()


def test_an_arrival_within_the_year_leads_past_the_exceptions() -> None:
    tree = read_trees()["asylum"]
    answers = {"fear": "yes", "filed": "no", "arrival": "within"}
    assert [question.id for question in tree.walk(answers)] == ["fear", "filed", "arrival", "child"]
    assert [hint.words.en[:41] for hint in tree.hints_of(answers)] == [
        "Asylum and withholding of removal are pos",
        "The one-year deadline may still be open. ",
    ]


def test_an_answer_off_the_walk_gives_no_hint() -> None:
    tree = read_trees()["asylum"]
    assert tree.hints_of({"fear": "no", "arrival": "over"}) == ()


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ('id = "tps"', 'id = "tpx"', "the id is"),
        ("dated = 2026-11-30", 'dated = "soon"', "dated"),
        ('pack = "us-federal"', 'pack = "elsewhere"', "no pack"),
        ('sources = ["late"]', "sources = []", "no source"),
        ('sources = ["late"]', 'sources = ["rumour"]', "rumour"),
        ('hint = "expiry"', 'hint = "gone"', "gone"),
        ('next = "permit"', 'next = "designated"', "not a later question"),
        ('en = "TPS is a possible path', 'en = "The person is eligible for TPS', "promises"),
        ('es = "Terminó', 'de = "Terminó', "es"),
        ('id = "had"', 'id = "status"', "one id"),
        ('hint = "late"', 'hint = ""', "given by no answer"),
    ],
)
def test_a_tree_with_a_fault_does_not_load(before: str, after: str, problem: str) -> None:
    source = TEXT if before in TEXT else TEXT.replace('es = "¿Terminó', 'es = "Terminó')
    assert before in source
    with pytest.raises(TreeError, match=problem):
        read_tree(source.replace(before, after, 1), "tps")


def test_a_changed_text_has_another_digest() -> None:
    assert read_tree(TEXT, "tps").digest == read_trees()["tps"].digest
    assert read_tree(TEXT + "\n", "tps").digest != read_trees()["tps"].digest
