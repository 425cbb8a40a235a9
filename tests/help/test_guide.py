"""The guide: in three languages, searched without scripts, linked from each page, the same text in docs/guide."""

import pytest
from django.conf import settings
from django.test import Client

from caseapp.help import pages
from caseapp.ui.help_topics import help_topic_of
from tests.docs.our_names import ROOT
from tests.helpers.two_offices import Worker

TOPICS = [
    "first-day", "first-week", "intake", "hearing", "notice", "arrest", "leaving", "moving-in", "whole-file", "keys",
]  # fmt: skip


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_each_topic_is_there_in_every_language_with_as_many_steps(language: str) -> None:
    shape = [[(block.kind, len(block.lines)) for block in topic.blocks] for topic in pages.read_guide("en")]
    topics = pages.read_guide(language)
    assert [topic.slug for topic in topics] == TOPICS
    assert [[(block.kind, len(block.lines)) for block in topic.blocks] for topic in topics] == shape


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_docs_have_the_very_text_of_the_pages(language: str) -> None:
    assert (ROOT / "docs" / "guide" / f"guide.{language}.md").resolve() == (pages.TEXTS / f"{language}.md").resolve()


def test_a_member_reads_the_guide_and_finds_a_word_in_it(attorney: Worker) -> None:
    assert "A notice or event" in attorney.client.get("/help/").content.decode()
    found = attorney.client.post("/help/", {"words": "Stolen LAPTOP"}).content.decode()
    assert "Leaving the office" in found
    assert "First week" not in found.partition("<main")[2].partition("</main>")[0]
    nothing = attorney.client.post("/help/", {"words": "zebra"}).content.decode()
    assert "Nothing found in the guide." in nothing
    assert attorney.client.post("/help/", {"words": ""}).status_code == 422
    assert attorney.client.post("/help/", {"words": "x" * 5_000}).status_code == 422


def test_one_topic_has_its_page_and_an_unknown_one_is_not_found(attorney: Worker) -> None:
    assert "Preview its dates" in attorney.client.get("/help/hearing/").content.decode()
    assert attorney.client.get("/help/no-such-topic/").status_code == 404
    assert attorney.client.post("/help/hearing/").status_code == 405
    assert Client().get("/help/hearing/").status_code == 302


def test_each_page_links_to_its_section_last_in_the_footer(attorney: Worker) -> None:
    slugs = {"/": "first-week", "/cases/new/": "first-day", "/law/": "notice", "/team/": "first-day"}
    for path, slug in slugs.items():
        foot = (
            attorney.client.get(path).content.decode().partition('<footer class="foot">')[2].partition("</footer>")[0]
        )
        assert f'href="/help/{slug}/"' in foot
        assert foot.rfind("<details") < foot.rfind(f'href="/help/{slug}/"')
    assert help_topic_of("/cases/1/people/2/custody/") == "arrest"
    assert help_topic_of("/cases/1/hearings/new/") == "hearing"
    assert help_topic_of("/team/1/remove/") == "leaving"
    assert help_topic_of("/intake/1/who/") == help_topic_of("/conflicts/new/") == "intake"
    assert help_topic_of("/moving/import/1/mapping/") == "moving-in"
    assert help_topic_of("/moving/export/") == help_topic_of("/cases/1/export/") == "whole-file"
