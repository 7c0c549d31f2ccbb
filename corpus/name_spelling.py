"""How names are spelled: folded, and in transliterated Arabic with any vowels.

    name -> parts without accents, honorifics and articles -> alike part by part?

Vowels and doubled letters are passed over only where an article ("al-") or a given name shows that
the name was written in Arabic: "Haftar" and "Hifter", "Sarraj" and "Serraj" are one spelling,
"Miller" and "Mueller" two.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from corpus import name_words as words

_ARTICLE = re.compile(
    r"(?<![\w-])(?:(?:[Aa](?:[dlnrtz]|sh?)|[Ee](?:[dlnrtz]|sh?))[-’']|(?:al|el)\s)(?=\w)"
)
_SLAVIC_ENDING = re.compile(r"sk(?:iy|yy|ii|ij|yi|i)\b")
_UNDECOMPOSED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "ð": "d", "æ": "ae"})
# Consonants that transliterations of Arabic use for one another, longest first.
_CONSONANTS = (("kh", "h"), ("gh", "g"), ("dh", "d"), ("dj", "j"), ("th", "t"), ("q", "g"))
_VOWELS = re.compile(r"[aeiouwy']+")
_LAST_VOWEL = re.compile(r"[aeiouy]+h?$")
_DOUBLED = re.compile(r"([^_])\1+")
SHORTEST_SKELETON = 3
"""Consonants; with fewer, "Ali" and "Ola" would be one name."""

ARABIC_GIVEN = frozenset(
    """
    abd abdel abdul abdallah abdullah abdelfattah abdelaziz abdulaziz abdulrahman abdelrahman
    abdou abu adel adil ahmad ahmed akram ali amin amir ammar anwar aref ashraf awad ayman
    aziz bashar bashir fadi fahd faisal farid farouk fathi fayez fayiz fawzi ghassan habib
    hadi hafez hakim hamad hamdi hamid hamza hani hasan hassan haider hazem hisham hosni
    hussein husayn ibrahim idris imad ismail issa jalal jamal kamal kamel karim khaled khalid
    khalifa khalil mahdi mahmoud mahmud majid malik mansour marwan moammar mohamed mohammad
    mohammed moncef mostafa moussa muammar muhammad mukhtar munir musa mustafa nabil naguib
    najib nasser nayef nizar nouri omar osama othman qasem qassim rachid rafik rami rashid
    riad riyad saad sabah sadiq saeed said salah salam saleh salem salim salman sameh samir
    saud seif sharif sultan suleiman tamim tarek tariq usama wael walid yahya yasser yusuf
    youssef zaid zayed ziad
    """.split()
)
FAMILY_FIRST = frozenset(
    """
    ban cao chang chen cho choe choi deng fu gao guo han ho hu huang hwang jang jiang jung kang kim
    li lim lin liu lu ma moon nguyen pak park qin ri ryu shin song sun tran wang wu xi xu yang yi
    yoon yun zhang zhao zheng zhou zhu
    """.split()
)
"""Family names that stand first, in Chinese, Korean and Vietnamese: "Xi Jinping", "Ri Yong Ho"."""
_NO_PART = words.HONORIFICS | {"jr", "sr"}


def speaker_key(name: str) -> str:
    """A name folded: no case, accents, honorifics, possessive, Arabic article or punctuation."""
    return " ".join(name_parts(name))


def same_name(one: str, other: str) -> bool:
    """Whether two names have the same parts, spelled alike."""
    first, second = name_parts(one), name_parts(other)
    arabic = is_arabic(one, first) or is_arabic(other, second)
    return len(first) == len(second) and all(
        alike(a, b, arabic) for a, b in zip(first, second, strict=True)
    )


@lru_cache(maxsize=65_536)
def folded(word: str) -> str:
    """A word without case, accents and possessive; Slavic endings are spelled one way."""
    plain = unicodedata.normalize("NFKD", word.casefold().translate(_UNDECOMPOSED))
    plain = "".join(c for c in plain if not unicodedata.combining(c)).replace("’", "'")
    return _SLAVIC_ENDING.sub("sky", plain.removesuffix("'s")).strip(".,'\"")


@lru_cache(maxsize=65_536)
def name_parts(name: str) -> tuple[str, ...]:
    """Folded words of a name without honorifics, articles and initials that only divide."""
    bare = re.split(r"[\s-]+", _ARTICLE.sub("", name))
    plain = [folded(word).strip("'") for word in bare]
    return tuple(part for part in plain if part and part not in _NO_PART)


def is_arabic(name: str, parts: Sequence[str]) -> bool:
    """Whether an article or a given name shows that a name was written in Arabic."""
    return bool(_ARTICLE.search(name)) or any(part in ARABIC_GIVEN for part in parts)


@lru_cache(maxsize=65_536)
def skeleton(part: str) -> str:
    """A transliterated Arabic word with its consonants, and "_" for vowels between them.

    A vowel at the end tells names apart: Salami is not Salamé, Salama and Salameh are.
    """
    for spelled, sound in _CONSONANTS:
        part = part.replace(spelled, sound)
    ending = _LAST_VOWEL.search(part)
    last = ("i" if ending[0][0] in "iy" else "a") if ending and ending.start() else ""
    stem = part[: ending.start()] if last and ending else part
    return _DOUBLED.sub(r"\1", _VOWELS.sub("_", stem)) + last


def alike(one: str, other: str, arabic: bool) -> bool:
    """Whether two parts of names are spelled alike."""
    if one == other:
        return True
    if not arabic:
        return False
    bare = skeleton(one)
    return len(bare.replace("_", "")) >= SHORTEST_SKELETON and bare == skeleton(other)
