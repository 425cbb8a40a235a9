"""Names of rules in the languages of the pages."""

import pytest

from caseapp import rules
from caseapp.rules.packs import names
from tests.rules.office import PACK


@pytest.mark.parametrize("language", names.LANGUAGES)
def test_every_rule_has_a_name_in_every_language_and_no_name_lacks_its_rule(language: str) -> None:
    assert set(names.load_rule_names(language)) == {rule.id for rule in rules.list_rules()}
    assert all(0 < len(text) <= 120 for text in names.load_rule_names(language).values())


def test_no_two_rules_have_the_same_name() -> None:
    for language in names.LANGUAGES:
        assert len(set(names.load_rule_names(language).values())) == 170
    assert len({rule.what for rule in rules.list_rules()}) == 170


def test_a_name_comes_in_the_language_asked_for_and_else_in_english() -> None:
    assert rules.rule_name("us.scotus.cert", "es") == "Petición de certiorari"
    assert rules.rule_name("fr.refere.suspension", "fr") == "Référé-suspension"
    assert rules.rule_name("us.scotus.cert", "es-mx") == "Petición de certiorari"
    for other in ("en", "de", ""):
        assert rules.rule_name("us.scotus.cert", other) == "Petition for certiorari"


def test_an_office_rule_is_called_as_the_office_calls_it() -> None:
    law = rules.standard().with_office(rules.read_office_pack(PACK))
    assert rules.rule_name("office.foia.file", "es", law) == "Ask for the file under FOIA"


def test_an_unknown_rule_has_no_name() -> None:
    with pytest.raises(rules.RuleError, match="there is no rule"):
        rules.rule_name("us.no.such", "es")


def test_a_stored_name_is_told_in_another_language_and_a_persons_own_words_stay() -> None:
    assert rules.translate_rule_name("Petition for certiorari", "es") == "Petición de certiorari"
    assert rules.translate_rule_name("Petition for certiorari", "en") == "Petition for certiorari"
    assert rules.translate_rule_name("Call the school about the letter", "es") == "Call the school about the letter"


def test_a_list_shows_a_short_name_and_a_name_without_one_as_it_is() -> None:
    appeal = "Notice of appeal from an immigration judge's decision, EOIR-26 received by the Board"
    assert rules.short_rule_name(appeal, "en") == "Notice of appeal, EOIR-26 to the BIA"
    assert rules.short_rule_name(appeal, "es-mx") == "Aviso de apelación, EOIR-26 a la BIA"
    assert rules.short_rule_name(appeal, "fr") == "Acte d'appel, EOIR-26 à la BIA"
    assert rules.short_rule_name("Petition for certiorari", "es") == "Petición de certiorari"
    assert rules.short_rule_name("Call the school about the letter", "fr") == "Call the school about the letter"


def test_short_names_are_short_in_every_language_and_tell_rules_apart() -> None:
    short = names._load_short_names()
    assert set(short) <= {rule.id for rule in rules.list_rules()}
    for code in ("en", *names.LANGUAGES):
        shown = [rules.short_rule_name(rule.what, code) for rule in rules.list_rules()]
        assert len(set(shown)) == 170
        assert all(len(short[rule][code]) <= 44 for rule in short)
    assert all(len(rules.short_rule_name(rule.what, "en")) <= 44 for rule in rules.list_rules())
