"""Deadlines are called in the language of the page."""

from django.utils import translation

from caseapp.ui.display.rule_names import translate_deadline_name


def test_a_rule_is_called_in_the_language_of_the_page_and_a_persons_words_stay() -> None:
    with translation.override("es"):
        assert translate_deadline_name("Petition for certiorari") == "Petición de certiorari"
        assert translate_deadline_name("Call the school") == "Call the school"
    with translation.override("fr"):
        assert translate_deadline_name("Petition for certiorari") == "Demande de certiorari"
    with translation.override("en"):
        assert translate_deadline_name("Petition for certiorari") == "Petition for certiorari"
