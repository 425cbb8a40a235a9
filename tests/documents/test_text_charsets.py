"""Texts that people bring, from any program and in their languages, are shown as what was written."""

import codecs
import os
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import example, given
from hypothesis import strategies as st

from caseapp.documents.file_types import detect_charset, detect_media_type
from caseapp.records.document import Document
from tests.helpers.two_offices import Worker

TEXTS = {
    "Arabic": ("أشهد أن الأسرة وصلت في شهر نيسان مع طفلين وحقيبة زرقاء، وكانت الأم مريضة جدا.", "windows-1256"),
    "Persian": (
        "اين نامه گواهي مي دهد که خانواده در فروردين به اينجا رسيد و دو فرزند دارد. پدر چهار ساعت ماند.",
        "windows-1256",
    ),
    "Hebrew": ("מכתב זה מאשר כי המשפחה הגיעה בחודש אפריל עם שני ילדים ומזוודה כחולה אחת.", "windows-1255"),
    "Russian": ("Подтверждаю, что семья прибыла в апреле с двумя детьми и синим чемоданом.", "windows-1251"),
    "Ukrainian": ("Підтверджую, що родина прибула у квітні з двома дітьми та синьою валізою.", "windows-1251"),
    "Spanish": ("Certifico que la señora Muñoz llegó en abril con dos niños y una maleta azul.", "windows-1252"),
    "French": ("Je certifie que la famille est arrivée en avril; elle a été reçue à la préfecture.", "windows-1252"),
    "Portuguese": ("Declaro que a família chegou em abril com duas crianças. Não há mais irmãos.", "windows-1252"),
    "Turkish": (
        "Ailenin nisan ayında iki çocuk ve mavi bir bavulla geldiğini onaylarım. Şüphesiz güneş.",
        "windows-1254",
    ),
    "Polish": ("Zaświadczam, że rodzina przybyła w kwietniu z dwójką dzieci. Zażółć gęślą jaźń.", "windows-1250"),
    "Greek": ("Βεβαιώνω ότι η οικογένεια έφτασε τον Απρίλιο με δύο παιδιά και μια μπλε βαλίτσα.", "windows-1253"),
    "Hindi": ("मैं प्रमाणित करता हूँ कि परिवार अप्रैल में दो बच्चों के साथ आया। क्\u200dष", ""),
    "Amharic": ("ቤተሰቡ በሚያዝያ ወር ከሁለት ልጆች ጋር እንደደረሰ አረጋግጣለሁ።", ""),
    "Persian with joiners": ("این نامه گواهی می\u200cدهد که خانواده‌ها رسیدند.\u200f", ""),
    "Tigrinya": ("ስድራቤት ኣብ ሚያዝያ ምስ ክልተ ቆልዑ ከም ዝመጹ የረጋግጽ።", ""),
}
UNICODE = [
    (b"", "utf-8", "utf-8"),
    (codecs.BOM_UTF8, "utf-8", "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16le"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16be"),
]


@pytest.mark.parametrize(("mark", "encoding", "charset"), UNICODE)
@pytest.mark.parametrize("language", TEXTS)
def test_a_text_in_unicode_is_a_text_in_each_language(language: str, mark: bytes, encoding: str, charset: str) -> None:
    content = mark + TEXTS[language][0].encode(encoding)
    assert detect_charset(content) == charset
    assert detect_media_type(content[:512]) == "text/plain"


@pytest.mark.parametrize("language", [language for language, (_, charset) in TEXTS.items() if charset])
def test_a_text_of_an_older_windows_is_read_in_its_code_page(language: str) -> None:
    text, charset = TEXTS[language]
    content = text.encode(charset)
    assert content.decode(detect_charset(content)) == text
    assert detect_media_type(content[:512]) == "text/plain"


@pytest.mark.parametrize("length", [100, 512, 4096])
def test_random_bytes_and_bytes_with_controls_are_no_text(length: int) -> None:
    for _ in range(20):
        assert detect_charset(os.urandom(length) + b"\x00") == ""
    assert detect_charset("señor\x07".encode("windows-1252")) == ""
    assert detect_charset(b"") == detect_charset(codecs.BOM_UTF8) == ""


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn"]), min_size=1, max_size=300), st.integers(1, 512)
)
@example("Señor Núñez llegó. " * 20 + "ñ" * 100, 511)  # as the first 512 bytes of a file end
@example("أشهد " * 90, 511)
@example("ቤተሰቡ" * 60, 512)
def test_a_text_cut_in_a_character_is_a_text(text: str, length: int) -> None:
    content = text.encode()[:length]
    assert not content.decode(errors="ignore") or detect_charset(content) == "utf-8"


@given(st.binary(max_size=600))
def test_any_bytes_are_judged(content: bytes) -> None:
    charset = detect_charset(content)
    assert not charset or codecs.lookup(charset)


@pytest.mark.parametrize(
    ("language", "encoding", "charset"),
    [("Arabic", "windows-1256", "windows-1256"), ("Hebrew", "windows-1255", "windows-1255"),
     ("Amharic", "utf-16", "utf-16le"), ("Hindi", "utf-8-sig", "utf-8"), ("Spanish", "windows-1252", "windows-1252")],
)  # fmt: skip
def test_an_uploaded_text_is_shown_with_its_charset_and_kept_bit_for_bit(
    attorney: Worker, case_id: UUID, language: str, encoding: str, charset: str
) -> None:
    content = TEXTS[language][0].encode(encoding)
    sent = {"papers": SimpleUploadedFile("letter.txt", content, "application/octet-stream")}
    attorney.client.post(reverse("documents:papers", args=[case_id]), sent)
    [entry] = attorney.file(case_id).entries_of(Document)
    shown = attorney.client.get(reverse("documents:file", args=[entry.id]))
    assert shown.headers["Content-Type"] == f"text/plain; charset={charset}"
    assert b"".join(shown.streaming_content) == content  # type: ignore[attr-defined]  # a streaming answer
    part = attorney.client.get(reverse("documents:file", args=[entry.id]), headers={"Range": "bytes=20-"})
    assert (part.status_code, part.headers["Content-Type"]) == (206, f"text/plain; charset={charset}")
