"""Words of passphrases are read aloud by people who were detained or bereaved: what hurts is left out."""

import math
from importlib.resources import files

from caseapp.accounts.keys import word_list

LEFT_OUT = (files("caseapp.accounts.keys") / "words_left_out.txt").read_text("ascii").splitlines()


def test_no_word_of_detention_violence_death_or_insult_is_in_a_passphrase() -> None:
    calm = set(word_list.load_calm_words())
    hurting = "handcuff prison deport jailbreak captive battered strangle graveyard widow anguished cruelty aliens"
    assert set(hurting.split()) <= set(word_list.load_words())
    assert calm & set(hurting.split()) == set()
    for _ in range(300):
        assert set(word_list.new_passphrase().split()) <= calm


def test_each_word_left_out_is_of_the_list_and_named_once() -> None:
    named = [word for line in LEFT_OUT if not line.startswith("#") for word in line.split()]
    assert len(named) == len(set(named))
    assert set(named) <= set(word_list.load_words())


def test_six_words_still_have_76_bits() -> None:
    count = len(word_list.load_calm_words())
    assert count == 6861
    assert math.floor(6 * math.log2(count)) == 76


def test_words_on_paper_stay_what_they_were_and_spoken_ones_are_calm() -> None:
    """Recovery sheets of earlier versions carry the first; the second are compared at once and stored nowhere."""
    digest = bytes(range(32))
    number, printed = int.from_bytes(digest, "big"), []
    for _ in range(6):
        number, index = divmod(number, 7776)
        printed.append(word_list.load_words()[index])
    assert word_list.words_for_digest(digest) == tuple(printed)
    calm = set(word_list.load_calm_words())
    for seed in range(200):
        assert set(word_list.spoken_words_for_digest(bytes([seed]) * 32)) <= calm
