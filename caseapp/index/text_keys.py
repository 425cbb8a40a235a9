"""Normal forms of names and numbers for comparison: without script, accents, spaces or exact spelling."""

import re
from typing import Final

import anyascii
import jellyfish

from caseapp.index.spellings.readings import read_scripts
from caseapp.lib.text.digits import normalise_digits
from caseapp.lib.text.phones import MAX_DIGITS, MIN_DIGITS

MAX_QUERY_LENGTH: Final = 200  # characters of a query that are used
PARTICLE_LENGTH: Final = 3  # words up to this length are also joined with the next word: De la Cruz, Abd al-Rahman
_APART = re.compile(r"[^a-z0-9-]+|-+(?![a-z0-9])|(?<![a-z0-9])-+")
_PARTICLE = re.compile(rf"(?<!\S)\S{{1,{PARTICLE_LENGTH}}}\s+\S")
_SILENT = re.compile(r"['’ʼʻʾʿ`´\u02b9\u02ba]")
_NO_SIGN = re.compile(r"[^a-z0-9]")
_A_NUMBER = re.compile(r"a(?:lien)?(?:number|no|nr)?([0-9]{7,9})")
_PHONE = re.compile(r"\+?[0-9](?:[ ()./-]{0,3}[0-9]){5,}")
_TRUNK_ZERO = re.compile(r"\( *0 *\)")  # "+33 (0)6 12": the zero is dialled only inside the country
_TWICE = re.compile(r"(.)\1+")
# Different spellings of one sound when the languages of our clients are written in Latin letters.
_ALIKE = (
    ("sch", "s"), ("tch", "c"), ("kh", "k"), ("gh", "g"), ("ph", "f"), ("sh", "s"), ("ch", "c"), ("zh", "j"),
    ("th", "t"), ("dh", "d"), ("ck", "k"), ("q", "k"), ("v", "b"), ("z", "s"), ("w", "u"), ("j", "y"),
)  # fmt: skip
_VOWELS = str.maketrans("", "", "aeiouh")
# In Chinese and Korean script the family name is first, usually one character, with no space after it.
_SYLLABLES = re.compile(r"([\u3400-\u9fff\uac00-\ud7af])([\u3400-\u9fff\uac00-\ud7af]{1,3})")


def normalise_name(name: str) -> str:
    """Return a name as lower-case Latin words with single spaces, hyphens kept; transliterate other scripts."""
    apart = _SYLLABLES.sub(r" \1 \2 ", _SILENT.sub("", name))
    return " ".join(_APART.split(anyascii.anyascii(apart).replace("'", "").lower())).strip()


def name_readings(name: str) -> tuple[str, ...]:
    """Return the normal forms of a name in each reading of its script: one for a name in Latin letters."""
    return tuple(dict.fromkeys(filter(None, map(normalise_name, read_scripts(name)))))


def normalise_number(text: str) -> str:
    """Return a number (A-Number, receipt, other) as lower-case letters and digits, without the A of an A-Number."""
    plain = _NO_SIGN.sub("", normalise_digits(text).lower())
    if match := _A_NUMBER.fullmatch(plain):
        return match[1].zfill(9)
    return plain


def phone_digits(text: str) -> tuple[str, ...]:
    """Return the digits of the telephone numbers in a text, without the zeros in front that only some callers dial."""
    plain = _TRUNK_ZERO.sub("", normalise_digits(text))
    numbers = (re.sub("[^0-9]", "", match[0]).lstrip("0") for match in _PHONE.finditer(plain))
    return tuple(dict.fromkeys(number for number in numbers if MIN_DIGITS - 1 <= len(number) <= MAX_DIGITS))


def split_words(normalised: str) -> tuple[str, ...]:
    """Return the words of a normalised name, also hyphenated words as one and short words joined with the next ones."""
    joined: list[str] = []
    if "-" in normalised:
        joined = [word.replace("-", "") for word in normalised.split() if "-" in word]
        normalised = normalised.replace("-", " ")
    parts = normalised.split()
    if not joined and not _PARTICLE.search(normalised):
        return tuple(parts) if len(parts) == 1 or len(set(parts)) == len(parts) else tuple(dict.fromkeys(parts))
    for at, part in enumerate(parts[:-1]):
        if len(part) <= PARTICLE_LENGTH:
            run = part
            for following in parts[at + 1 :]:
                run += following
                joined.append(run)
                if len(following) > PARTICLE_LENGTH:
                    break
    return tuple(dict.fromkeys((*parts, *joined)))


def sound_codes(word: str) -> tuple[str, ...]:
    """Return codes that words share when they sound alike; none for words under three letters and for numbers.

    The second code leaves out vowels, because scripts that do not write them (Arabic, Hebrew) give none.
    """
    if len(word) < 3 or word.isdigit():
        return ()
    code = jellyfish.metaphone(word)
    bare = consonant_skeleton(word)
    return tuple(("m" + code,) if len(code) > 1 else ()) + tuple(("s" + bare,) if len(bare) > 2 else ())


def consonant_skeleton(word: str) -> str:
    """Return the consonants, one spelling for each sound, no doubles: the same for Mohammed, Muhamad and mhmd."""
    for spelling, sound in _ALIKE:
        word = word.replace(spelling, sound)
    word = word[:1] + word[1:].replace("y", "")
    return _TWICE.sub(r"\1", word.lstrip("aeiouh").translate(_VOWELS))
