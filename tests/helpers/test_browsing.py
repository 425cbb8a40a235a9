"""How browser tests click: a read right after a click that leads on sometimes reads the page that is about to go."""

from pathlib import Path

import tests

OWN = {"browsing.py", Path(__file__).name}


def test_every_click_of_a_browser_test_says_whether_it_leads_to_a_page() -> None:
    files = [file for file in Path(tests.__file__).parent.rglob("*.py") if file.name not in OWN]
    assert len(files) > 100
    bare = [file.name for file in files if ".click(" in file.read_text()]
    assert bare == [], "use `follow` or `press` of tests/web/frame/browsing.py"
