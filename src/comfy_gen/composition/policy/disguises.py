"""Undoes what people do to words so that they are not recognised. Pure.

A text has several readings, for what undoes one disguise spoils another word: ``12yo`` is an age as it stands, while
``l0l1`` is a word once its digits are letters.
"""

from __future__ import annotations

import re
import unicodedata

_LOOK_ALIKES = str.maketrans(
    {
        # Cyrillic
        **dict(zip("авеёкмнорстухіјѕԁһӏԛԝьзпгл", "abeekmhopctyxijsdhlqwb3nrn", strict=True)),
        # Greek
        **dict(zip("αβγδεζηικλμνορστυχωϲϳ", "abydezniklmvopstuxwcj", strict=True)),
        # Small capitals, and letters of other uses of the Latin script that NFKD leaves alone
        **dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢıłøđħŧæœɑɡɩɾʋ", "abcdefghijklmnoprstuvwyzilodhtaoagiru", strict=True)),
        **{chr(0x1F130 + place): chr(97 + place) for place in range(26)},  # squared
        **{chr(0x1F150 + place): chr(97 + place) for place in range(26)},  # circled, white on black
        **{chr(0x1F170 + place): chr(97 + place) for place in range(26)},  # squared, white on black
        **{chr(0x1F1E6 + place): chr(97 + place) for place in range(26)},  # of flags
    }
)
_DIGITS = str.maketrans("03457@$+€", "oeastaste")
_ONE_AS = ("i", "l")
_LEET_WORD = re.compile(r"[a-z0-9@$+!|€]*[a-z][a-z0-9@$+!|€]*")
_LEET = re.compile(r"[a-z][0-9@$+!|€]|[0-9@$+!|€][a-z]")
_WEIGHT = re.compile(r":\s*\d+(?:\.\d+)?\s*(?=[)\]>])")
_WORD = re.compile(r"[a-z0-9]+|[,;\n]|\.(?=\s)")
_SPELT_OUT = re.compile(r"(?<![a-z0-9])(?:[a-z] ){2,}[a-z](?![a-z0-9])")
_INSIDE = re.compile(r"(?<=[a-z])[^a-z0-9\s,;]{1,3}(?=[a-z])")
_STRETCHED = re.compile(r"([a-z])\1{2,}")


def plain(text: str) -> str:
    """Return a text in lower-case Latin letters, as far as its characters look like such; its punctuation stays."""
    return _WEIGHT.sub(" ", text.lower() if text.isascii() else _latin(text))


def _latin(text: str) -> str:
    return text.translate({ord(one): _folded(one) for one in {*text}})  # each once: some unfold into many


def _folded(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).casefold().translate(_LOOK_ALIKES)
    unseen = {"Mn", "Me", "Cf"}  # accents, and characters without width
    return "".join(one for one in unicodedata.normalize("NFKD", folded) if unicodedata.category(one) not in unseen)


def readings(text: str) -> tuple[str, ...]:
    """Return what a text may be read as, each reading once.

    There are blanks between its words, and of the punctuation only what ends a phrase.
    """
    bare = plain(text)
    spelt = [bare, *(_unleet(bare, one) for one in _ONE_AS if _LEET.search(bare))]
    found: dict[str, None] = {}
    for one in spelt:
        found[_words(one)] = None
        joined = _words(_SPELT_OUT.sub(_without_blanks, _INSIDE.sub("", one)))
        found[joined] = None
        if _STRETCHED.search(joined):
            found[_STRETCHED.sub(r"\1", joined)] = None
            found[_STRETCHED.sub(r"\1\1", joined)] = None
    return tuple(found)


def _words(text: str) -> str:
    return " ".join(_WORD.findall(text)).replace("\n", ";")


def _unleet(text: str, one: str) -> str:
    """Return a text with letters for the digits and signs inside words; ``one`` is what a 1 stands for."""
    ones = str.maketrans("1!|", one * 3)
    return _LEET_WORD.sub(lambda word: _trimmed(word[0]).translate(_DIGITS).translate(ones), text)


def _trimmed(word: str) -> str:
    """Return a word without the signs that more likely belong to the sentence: ``wow!``, ``@tag``."""
    return word.rstrip("!|+").lstrip("@+!|")


def _without_blanks(found: re.Match[str]) -> str:
    return found[0].replace(" ", "")
