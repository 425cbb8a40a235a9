"""The needles of the main job: every text that it types. Those of an intake are made from the fields of its forms."""

import hashlib
from collections.abc import Iterator

from django import forms

from caseapp.intake.forms import start, steps

SYLLABLES = ("bru", "dash", "fel", "gwin", "hov", "jarn", "kesh", "lum", "morv", "nilt", "pra", "quos", "rund", "skel")
MORE = ("tarn", "ulm", "vash", "wix", "yorb", "zel", "brask", "chov", "drin", "esk", "flum", "grov", "hask", "inth")

EMAIL = "ana.ruiz@harbor-office.test"
NAME, OTHER_NAME, A_NUMBER = "Zarmineh Qaderzoy", "Zarmeeneh Quaderzoy", "000-583-917"
STORY = "Her uncle Bashirzamin hid the twelve letters below the well"
NOTE = "Telephoned; the landlord Mr Oyelowokan knows nothing"
PAPER, PAPER_WORDS = "tazkira-qaderzoy.pdf", "Sworn statement of the bookseller Wadsworth"
PHONE, DIALLED, SISTER = "(212) 555-0186", "+12125550186", "Nilufarin Esmati"
INVITED, INVITED_NAME = "solveig.brandvik@posthuset.test", "Solveig Brandvik"
UNSAVED = "Her cousin Farahnaz works at the tannery"
CALL = "Her sister answers in Pashto after four"
PHOTO, PHOTO_WORDS = "courtyard-kandibagh.png", "Photographed by Esfandyari behind the mosque"
NEEDLES = {
    "name": NAME, "name-other": OTHER_NAME, "a-number": A_NUMBER, "story": STORY, "note": NOTE, "file-name": PAPER,
    "file-body": PAPER_WORDS, "photo-name": PHOTO, "photo-comment": PHOTO_WORDS, "uncle": "Bashirzamin",
    "landlord": "Oyelowokan", "phone": PHONE, "phone-dialled": DIALLED, "told-by": SISTER, "call": CALL,
    "confirmation": "QZL-88241-7730",
    "invited": INVITED, "invited-name": INVITED_NAME,
    "unsaved": UNSAVED, "cousin": "Farahnaz", "facility": "Quarvane Skellholm",
    "reason-of-a-reading": "Vashtimore v. Quellindale", "court-of-paper": "Zephyrine Quay",
    "note-of-a-key-date": "Card kept by Gulnoza Rahmatullah",
    "view": "Asked for by Perpetua Oduyale", "asker": "Perpetua Oduyale",
    "video-link": "https://court-video.test/Quenby-4417", "to-bring": "The letter of grandmother Parwaneshah",
    "reply": "My niece Ozodamoh waits at the ferry", "niece": "Ozodamoh",
    "checked-name": "Thandolwethu Vashkornby", "checked-other": "Vashkornbee", "checked-number": "ZQ-7741-90018",
    "check-note": "Her cousin Ysoldebrand rang", "check-cousin": "Ysoldebrand",
    "check-sentence": "Please ring Quorissa before the intake", "check-ring": "Quorissa",
    "entry-place": "Crossing near Ojindarra", "gender": "tumtunirra", "referred-by": "Shelter of Amberlynne Quash",
    "earlier-order": "Removed from Brackendune in absentia", "docket": "QXV-5518-2071",
    "export-reason": "We move to the server of Ondrejkova",
    "palette": "Where is Skarpovian Velloso",
    "intake-left": "Yusubalieva Torgoishi",
    "import-file": "moved-from-klovernik.csv", "import-name": "Mekdelawit Gebreyohanse",
    "import-number": "000-518-346", "import-id": "KLV-7730-18825", "import-title": "Petition of the Ferrymaid",
    "import-heading": "Zunterfeld remark", "import-cell": "Paid by the bell-founder Drusovich",
    "import-lead": "Wenzelina Okparaebo", "import-rejected": "Sparrowgate, no family name",
    "import-paper": "baptism-mekdelawit.pdf", "import-paper-words": "Baptised by deacon Haileyesusgebre",
    "import-stopped-file": "left-halfway-klovernik.xlsx", "import-stopped-first": "Ashenafiwork Bezuneshtal",
    "import-stopped-last": "Tsionawitmar Alemtsehaye",
    "check-reason": "Adverse party of Wrenfeather in 2019", "check-party": "Wrenfeather",
}  # fmt: skip


def intake_fields() -> Iterator[str]:
    """The name of each field of an intake's forms that takes any text.

    Choices, countries and days are left out: what is chosen is in the program too.
    """
    pages = [each for module in (start, steps) for each in vars(module).values() if isinstance(each, type)]
    for form in pages:
        if issubclass(form, forms.Form) and form.__module__.startswith("caseapp.intake."):
            for name, field in form.base_fields.items():
                if type(field) is forms.CharField and not isinstance(field.widget, forms.HiddenInput):
                    yield name


def invented(name: str) -> str:
    """A text for a field that is nowhere else, in the form that the field asks for."""
    digest = hashlib.sha256(name.encode()).digest()
    first, second = (
        "".join(SYLLABLES[n % 14] + MORE[n // 14 % 14] for n in part) for part in (digest[:2], digest[2:4])
    )
    number = int.from_bytes(digest[4:8])
    return {
        "a_number": f"000-{number % 900 + 100}-{number // 1000 % 1000:03d}",
        "phone": f"(307) 555-01{number % 100:02d}",
        "mail": f"{first}.{second}@posteo.test",
    }.get(name, f"{first.title()} {second.title()}")


INTAKE = {name: invented(name) for name in intake_fields()}
NEEDLES |= {f"intake-{name.replace('_', '-')}": text for name, text in INTAKE.items()}
