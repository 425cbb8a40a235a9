"""A search stops reading names when no other case can be among the best: its answer is that of reading all of them."""

from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import patch

from hypothesis import example, given, settings
from hypothesis import strategies as st

from caseapp.index.columns.orders import TextOrder
from caseapp.index.lookup import ranking, search
from caseapp.index.lookup.search import Vocabulary
from caseapp.index.lookup.word_columns import WordColumns

# Few sounds, so that many words are alike, with initials, particles and words that others join.
FEW = "karim kareem karima k haidari haydari heidari h abd abdul rahman abdulrahman al de cruz delacruz krus maria m"
WORDS = st.sampled_from([*FEW.split(), "mariam", "marie", "jean", "jeanmarie", "ali", "aly"])
NAMES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)


def vocabulary_of(names: list[str]) -> tuple[Vocabulary, dict[int, Any]]:
    fronts = {
        slot: SimpleNamespace(
            names=(name,),
            numbers=(),
            contact_phones=(),
            births=(),
            closed=False,
            ref=f"{slot:05}",
        )
        for slot, name in enumerate(names)
    }
    columns = WordColumns()
    columns.read_rows(list(fronts), cast(Any, list(fronts.values())))

    def ref_key(slot: int) -> tuple[str, bytes]:
        return fronts[slot].ref, b"%05d" % slot

    return Vocabulary(columns, TextOrder(list(fronts), lambda slot: fronts[slot].ref, ref_key), ref_key), fronts


@settings(max_examples=150, deadline=None)
@given(st.lists(NAMES, min_size=25, max_size=60), NAMES)
@example(  # an initial of the name
    [*["karim haidari m"] * 19, *["kareem heidari mariam olena"] * 10, *["karima heidari cruz tesfaye jean maria"] * 10,
     *["mariam cruz", "jean nguyen", "olena jean", "ali ali"] * 5], "karim haidari maria",
)  # fmt: skip
@example(  # an initial of the query
    [*["kareem haidari"] * 20, *["kareem heidari maria"] * 5, *["haidari karim"] * 10, *["karima heidari"] * 19,
     *["karim heidari jean tesfaye olena m"] * 10, *["ali mariam", "mariam cruz", "olena mariam"] * 67], "karim h",
)  # fmt: skip
@example(  # scores that are equal
    [*["karim haidari"] * 19, *["karima haidari nguyen olena"] * 19, *["h k"] * 19, *["mariam heidari karim"] * 13,
     *["olena jean", "ali nguyen", "olena mariam", "tesfaye tesfaye"] * 50], "karim haidari maria",
)  # fmt: skip
def test_a_search_that_stops_early_has_the_first_of_one_that_reads_all(names: list[str], query: str) -> None:
    vocabulary, fronts = vocabulary_of(names)
    stopped = vocabulary.find_cases(query, fronts, search.MAX_BEST)
    with patch.object(search, "MAX_BEST", len(names) + 1):
        whole = vocabulary.find_cases(query, fronts, len(stopped))
    assert [match[:2] for match in stopped] == [match[:2] for match in whole]


def test_a_search_reads_fewer_names_than_are_alike() -> None:
    names = [*["karim haidari"] * 25, *[f"karima heidari {letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]]
    vocabulary, fronts = vocabulary_of(names)
    with patch.object(search, "score_name", wraps=ranking.score_name) as scored:
        assert len(vocabulary.find_cases("karim haidari", fronts, 10)) == 10
    assert 20 <= scored.call_count < len(names)


def test_a_name_with_the_initial_of_an_asked_word_is_found_and_with_another_is_not() -> None:
    names = ["k haidari", "m haidari", *["olena jean"] * 20]
    vocabulary, fronts = vocabulary_of(names)
    assert [names[match.slot] for match in vocabulary.find_cases("karim haidari", fronts, 10)] == ["k haidari"]
