"""The needles of the main job: its scan also reads what other tests leave in the machine's temp folders meanwhile."""

from pathlib import Path

from caseapp.tools.seal_scan.needles import Needle, texts_of
from tests.stack.main_job import needles

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("caseapp", "docs", "tests")
KINDS = {".html", ".js", ".json", ".md", ".po", ".py", ".toml", ".txt"}


def test_no_part_of_a_needle_of_the_main_job_is_in_another_file_of_the_project() -> None:
    """A test that copies the docs, or types the same name in a browser of its own, would look like a leak."""
    files = [*ROOT.glob("*.md"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*"))]
    texts = {
        path: path.read_text(encoding="utf-8", errors="replace").casefold()
        for path in files
        if path.suffix in KINDS and Path(needles.__file__).parent not in path.parents
    }
    found = [
        (label, which, str(path.relative_to(ROOT)))
        for label, needle in needles.NEEDLES.items()
        for which, part in texts_of(Needle(label, needle)).items()
        for path, text in texts.items()
        if part.casefold() in text
    ]
    assert len(texts) > 500
    assert found == []
