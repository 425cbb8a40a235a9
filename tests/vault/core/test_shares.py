"""Recovery shares: enough of them open the secret, fewer or wrong ones do not, and each refusal says what to do."""

from itertools import combinations

import pytest

from caseapp.vault.core import hybrid, primitives, shares

SECRET = bytes(range(32))


@pytest.mark.parametrize(("needed", "holders"), shares.SCHEMES)
def test_any_enough_shares_open_the_secret_and_one_fewer_never(needed: int, holders: int) -> None:
    made = shares.split_secret(SECRET, needed, holders)
    assert len(made) == holders
    assert {len(text.split()) for text in made} == {33}
    for some in combinations(made, needed):
        assert shares.recover_secret(some) == SECRET
    for few in combinations(made, needed - 1):
        with pytest.raises(shares.BadShares, match="too few"):
            shares.recover_secret(few)


def test_shares_are_read_as_people_type_them() -> None:
    one, two, _ = shares.split_secret(SECRET, 2, 3)
    numbered = "\n".join(f"{n}. {word.upper()}" for n, word in enumerate(one.split(), start=1))
    assert shares.recover_secret([numbered, f"  {two.replace(' ', '   ')}\n"]) == SECRET


def test_a_misspelt_word_is_named_by_its_share_and_a_swapped_one_by_the_checksum() -> None:
    one, two, _ = shares.split_secret(SECRET, 2, 3)
    words = two.split()
    with pytest.raises(shares.BadShares, match="Share 2"):
        shares.recover_secret([one, " ".join(["harbour", *words[1:]])])
    swapped = [*words[:5], words[6], words[5], *words[7:]]
    if swapped != words:
        with pytest.raises(shares.BadShares, match="Share 2"):
            shares.recover_secret([one, " ".join(swapped)])


def test_shares_of_two_sets_do_not_mix_and_one_given_twice_counts_once() -> None:
    one, _, _ = shares.split_secret(SECRET, 2, 3)
    other, _, _ = shares.split_secret(primitives.new_key(), 2, 3)
    with pytest.raises(shares.BadShares, match="belong together"):
        shares.recover_secret([one, other])
    with pytest.raises(shares.BadShares, match="twice"):
        shares.recover_secret([one, one])


def test_other_schemes_are_refused() -> None:
    for needed, holders in ((1, 1), (1, 3), (2, 2), (5, 5)):
        with pytest.raises(ValueError, match="two of three"):
            shares.split_secret(SECRET, needed, holders)


def test_the_pair_of_a_secret_is_always_the_same_and_opens_what_is_sealed_to_it() -> None:
    pair = shares.derive_key_pair(SECRET)
    assert pair == shares.derive_key_pair(SECRET)
    sealed = hybrid.seal_to(pair.public, b"group key", b"recovery/test")
    assert hybrid.open_from(pair.private, sealed, b"recovery/test") == b"group key"
    # Kept for ever: another version of the derivation would strand every office's papers.
    assert primitives.digest(pair.public).hex() == "f6c651dd83eb5e69737ace858cc99f4e962598a1472e29b253de628fd22d0286"


def test_a_share_tells_its_place() -> None:
    made = shares.split_secret(SECRET, 3, 5)
    assert shares.threshold_and_number([made[3]]) == (3, 4)


def test_a_sheet_is_recognised_by_its_commitment_and_no_other_sheet_is() -> None:
    texts = shares.split_secret(SECRET, 2, 3)
    commitments = {shares.commit_to_sheet(text) for text in texts}
    assert len(commitments) == 3
    assert {len(commitment) for commitment in commitments} == {32}
    typed = "\n".join(f"{n}. {word.upper()}" for n, word in enumerate(texts[0].split(), start=1))
    assert shares.commit_to_sheet(typed) == shares.commit_to_sheet(texts[0])
    assert hybrid.derive_verify_key(shares.derive_sheet_key(texts[1])) in commitments


def test_words_that_are_no_sheet_have_no_commitment() -> None:
    one = shares.split_secret(SECRET, 2, 3)[0]
    for text in ("", one.rpartition(" ")[0], f"{one} acid", "acid " * 33, "harbour " + one.partition(" ")[2]):
        with pytest.raises(shares.BadShares):
            shares.commit_to_sheet(text)


def test_two_splits_of_one_secret_share_no_commitment() -> None:
    """A commitment is of the words, not of the secret: it tells nothing about it."""
    one, other = shares.split_secret(SECRET, 2, 3), shares.split_secret(SECRET, 2, 3)
    assert not {shares.commit_to_sheet(text) for text in one} & {shares.commit_to_sheet(text) for text in other}
