# SPDX-License-Identifier: GPL-3.0-or-later
"""German, French, Spanish and Italian names in a prompt, put into English word by word."""

import csv
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

from .splitting import Word, without_accents

FILE = Path(__file__).with_name("names_in_five_languages.csv")
LANGUAGES = {"de": "German", "fr": "French", "es": "Spanish", "it": "Italian"}
ADJECTIVE_LAST = frozenset({"fr", "es", "it"})
"""Languages in which most adjectives follow the noun."""
MAX_PHRASE_WORDS, MIN_NAME_LETTERS, MIN_LAST_LETTERS, MAX_COMPOUND_LETTERS = 4, 3, 4, 30
LINKING_LETTERS = ("", "s", "n", "en", "er", "es")
"""Letters between the two words of a German compound: "Blume-n-topf"."""
ELISION = re.compile(r"^(?:d|l|un|dell|all|nell|qu)'")
ENGLISH_SIGNS = frozenset(
    ["the", "with", "of", "and", "from", "for", "made", "without", "its", "that", "is", "are", "has"]
)
SIGNS = {
    "de": frozenset(["ein", "eine", "einen", "einem", "einer", "mit", "und", "der", "das", "ohne", "aus"]),
    "fr": frozenset(["un", "une", "avec", "le", "les", "du"]),
    "es": frozenset(["un", "una", "el", "los", "las", "del"]),
    "it": frozenset(["un", "una", "uno", "il", "di", "della"]),
}
"""Words of grammar that an English prompt does not have, though a table of English words may."""
FUNCTION_WORDS = {
    "de": "ein=a eine=a einen=a einem=a einer=a eines=a der=the die=the das=the den=the dem=the mit=with ohne=without "
    "und=and oder=or auf=on aus=of von=of im=in kein=no keine=no keinen=no nicht=not zwei=two drei=three vier=four "
    "fünf=five sechs=six viele=many sehr=very ist=is",
    "fr": "un=a une=a le=the la=the les=the l=the avec=with sans=without et=and ou=or sur=on de=of du=of des=of en=in "
    "dans=in pas=not deux=two trois=three quatre=four cinq=five plusieurs=several très=very est=is à=with au=with",
    "es": "un=a una=a unos=some unas=some el=the la=the los=the las=the con=with sin=without y=and o=or sobre=on de=of "
    "del=of en=in no=not dos=two tres=three cuatro=four cinco=five muchos=many muchas=many muy=very es=is",
    "it": "un=a una=a uno=a il=the lo=the la=the i=the gli=the le=the con=with senza=without e=and o=or su=on di=of "
    "del=of della=of in=in non=not due=two tre=three quattro=four cinque=five molti=many molto=very è=is",
}

HOMONYMS = {
    "de": {"castle": ("lock", frozenset({"chest"}))},
    "es": {"candle": ("sail", frozenset({"boat", "sailboat", "windmill"}))},
}
"""Words whose name means another thing beside some objects: "vela" is a candle, or the sail of a boat."""


@lru_cache(1)
def read_names() -> dict[str, dict[str, str]]:
    """Return the English word of each name, by language; {} if the file is missing or damaged."""
    names: dict[str, dict[str, str]] = {}
    try:
        with FILE.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        for code in LANGUAGES:
            exact = {name.replace("-", " "): row["en"] for row in rows for name in row[code].split("|") if name}
            accented = {name: english for name, english in exact.items() if not name.isascii()}
            loose = {other: english for name, english in accented.items() for other in spellings(name)}
            names[code] = loose | exact | function_words(code)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
    return names


@lru_cache
def names_of_several_words(code: str) -> tuple[str, ...]:
    """Return the names of a language that have several words: "barca a vela"."""
    return tuple(name for name in read_names()[code] if " " in name)


def function_words(code: str) -> dict[str, str]:
    """Return the English word of a language's articles, prepositions, counts and negations."""
    return dict(pair.split("=") for pair in FUNCTION_WORDS[code].split())


def spellings(name: str) -> Iterator[str]:
    """Yield how a name is written on a keyboard without its letters: "stuehle", "sillon"."""
    yield without_accents(name)
    yield without_accents(name.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue"))


def language_of(words: list[Word], is_english: Callable[[str], bool], is_plain: Callable[[str], bool]) -> str:
    """Return the language of a prompt, or "" for English or an unknown one.

    A word is a sign of a language if it is one of its names and no English word; names that are English words, too,
    only decide between languages that have a sign. A prompt with as many plain English words is English, so that one
    foreign word in it changes nothing else.

    Args:
        words: The words of the prompt.
        is_english: True for a word that has a meaning in English.
        is_plain: True for an English word of grammar, and for a word of the vocabulary.
    """
    texts = [form for word in words for form in foreign_forms(word.text)]
    joined = f" {' '.join(word.text for word in words)} "
    best, found = "", (0, 0)
    for code, names in read_names().items():
        signs = sum(text in SIGNS[code] or (text in names and not is_english(text)) for text in texts)
        signs += code == "de" and begins_with_german_article(words)
        phrases = [phrase for phrase in names_of_several_words(code) if f" {phrase} " in joined]
        signs += sum(not is_english(phrase) for phrase in phrases)
        signs += sum(bool(german_compound(word)) for word in words if code == "de" and not is_english(word.text))
        single = sum(text in names for text in texts)
        named = single + sum(phrase.count(" ") + 1 for phrase in phrases)
        english = sum(is_plain(text) for text in texts if text not in names)
        is_named_whole = len(texts) > 1 and single == len(texts) and not any(map(is_plain, texts))
        if (signs > english or is_named_whole) and (signs > 0, named) > found:
            best, found = code, (signs > 0, named)
    return best


def begins_with_german_article(words: list[Word]) -> bool:
    """True for "die Vase": a single die of English is the last word, or is followed by English ones."""
    return len(words) > 1 and words[0].text == "die" and not words[1].pauses


def english_name(text: str) -> str:
    """Return the English word of a single name that means the same in each language that has it, or ""."""
    forms = (text, without_accents(text))
    meanings = {names[form] for names in read_names().values() for form in forms if form in names}
    return meanings.pop() if len(meanings) == 1 and len(text) >= MIN_NAME_LETTERS else ""


def german_compound(word: Word) -> list[Word]:
    """Return the two English words of a German compound of two names: "Holzstuhl" is a wooden chair; [] for others."""
    names, text = read_names().get("de", {}), word.text
    if len(text) > MAX_COMPOUND_LETTERS or text in names:
        return []
    for place in range(MIN_NAME_LETTERS, len(text) - MIN_LAST_LETTERS + 1):
        firsts = [text[:place].removesuffix(letters) for letters in LINKING_LETTERS if text[:place].endswith(letters)]
        first = next((name for name in firsts if name in names and len(name) >= MIN_NAME_LETTERS), "")
        if first and text[place:] in names:
            middle = word.start + place
            return [Word(word.start, middle, names[first], word.pauses), Word(middle, word.end, names[text[place:]])]
    return []


def foreign_forms(text: str) -> list[str]:
    """Return a word, and what follows an elided article or preposition: "l'arbre", "arbre"."""
    short = ELISION.sub("", text)
    return [text] if short == text else [text, short]


def translated(words: list[Word], code: str, is_english: Callable[[str], bool]) -> list[Word]:
    """Return the words with the English word of every name of a language; others are left as they are.

    English words of an English sentence with a foreign name in it are left, too.
    """
    names, found = read_names()[code], []
    is_mixed = any(word.text in ENGLISH_SIGNS and word.text not in names for word in words)
    while words:
        for length in range(min(MAX_PHRASE_WORDS, len(words)), 0, -1):
            phrase = " ".join(word.text for word in words[:length])
            forms = foreign_forms(phrase) if length == 1 else [phrase]
            known = (form for form in (*forms, *map(without_accents, forms)) if form in names)
            english = next((names[form] for form in known if not (is_mixed and is_english(form))), None)
            if english:
                break
        compound = german_compound(words[0]) if code == "de" and not english else []
        found += compound or [Word(words[0].start, words[length - 1].end, english or words[0].text, words[0].pauses)]
        words = words[length:]
    return [word._replace(text=meaning_beside(word.text, found, code)) for word in found]


def meaning_beside(text: str, words: list[Word], code: str) -> str:
    """Return the English word for a noun: another one if the prompt's other words change its meaning."""
    other, objects = HOMONYMS.get(code, {}).get(text, ("", frozenset[str]()))
    return other if any(word.text in objects for word in words) else text
