# SPDX-License-Identifier: GPL-3.0-or-later
"""Check of a prompt against the small models' vocabulary while the user types, and edits of single words. No bpy.

The reader of prompts is imported at its first use: registering the add-on needs none of it.
"""

from functools import lru_cache
from typing import TYPE_CHECKING

from ...protocol.models import MODELS
from ...system.lazy_dataclass import lazy_dataclass

if TYPE_CHECKING:
    from ...prompts.reader import Reading
    from ...prompts.vocabulary import Vocabulary

MODELS_WITH_VOCABULARY = frozenset(name for name in MODELS if name.startswith("mini/"))
BEFORE_OBJECT = ("colors", "materials", "sizes")
"""Kinds whose words go before the object: "a red chair"."""
MAX_CORRECTED = 5

_is_loaded = [False]


@lazy_dataclass(frozen=True)
class PromptCheck:
    """The result for one prompt.

    Attributes:
        unknown: Words that no table has.
        unused: Other words and phrases that have no effect.
        read_as: Words and the known words that they are read as.
        corrections: A word and a known one that it may mean, or is probably a typo of.
        main: The object that is made, or "".
        elsewhere: The object to make, if the model does not know it, and a small model that does, if any; () otherwise.
        parts: Words for the parts of the object that is made.
        notice: Sentences on all of it, the same as the job gives; "" if every word is used as it is written.
    """

    unknown: tuple[str, ...]
    unused: tuple[str, ...]
    read_as: tuple[tuple[str, str], ...]
    corrections: tuple[tuple[str, str], ...]
    main: str
    elsewhere: tuple[str, ...]
    parts: tuple[str, ...]
    notice: str

    @property
    def names_object(self) -> bool:
        """True if an object is made."""
        return bool(self.main)


def is_loaded() -> bool:
    """Return True once the tables of words are in memory."""
    return _is_loaded[0]


def load() -> None:
    """Read the tables of words, which takes longer than a redraw may."""
    from ...prompts.reader import read_prompt

    read_prompt("a throne")  # a word that only the last table has
    _is_loaded[0] = True


def vocabulary_of(model: str) -> "Vocabulary | None":
    """Return the vocabulary of a model, or None for one that understands free text."""
    from ...prompts.vocabulary import read_vocabulary

    return read_vocabulary(model) if model in MODELS_WITH_VOCABULARY else None


def check_prompt(prompt: str, model: str) -> PromptCheck | None:
    """Return the result for a prompt, or None if the model has no vocabulary. Panels call it while they draw."""
    return _check(prompt, model) if vocabulary_of(model) else None


@lru_cache(16)
def _check(prompt: str, model: str) -> PromptCheck | None:
    from ...prompts.notices import prompt_notice
    from ...prompts.reader import read_prompt
    from ...prompts.vocabulary import read_vocabulary

    vocabulary, reading = read_vocabulary(model), read_prompt(prompt, model)
    if vocabulary is None or reading is None:
        return None
    return PromptCheck(
        unknown=reading.unknown,
        unused=unused_words(reading),
        read_as=reading.read_as or (((prompt, " ".join(reading.tokens)),) if reading.language else ()),
        corrections=corrections_of(reading, vocabulary),
        main=reading.main,
        elsewhere=(reading.elsewhere[0], *vocabulary.models_elsewhere[:1]) if reading.elsewhere else (),
        parts=tuple(vocabulary.parts_of.get(reading.main, ())),
        notice=prompt_notice(reading, vocabulary) or "",
    )


def unused_words(reading: "Reading") -> tuple[str, ...]:
    """Return the words and phrases without an effect, the most important first; unknown ones are not among them."""
    counts = tuple(count for count, _, _ in reading.counts)
    unsettable = (*counts, *reading.beyond, *reading.measurements, *reading.looks)
    return (*reading.elsewhere[:1], *reading.nothing, *reading.others, *reading.denied, *unsettable)


def corrections_of(reading: "Reading", vocabulary: "Vocabulary") -> tuple[tuple[str, str], ...]:
    """Return a known word for each word that may mean it, or is probably a typo of it."""
    from ...prompts.typos import typo_suggestions

    typos = ((word, meant) for word in reading.unknown[:MAX_CORRECTED] for meant in typo_suggestions(word, vocabulary))
    return (*typos, *reading.offers)


def replace_word(prompt: str, word: str, replacement: str, model: str = "") -> str:
    """Return the prompt with every use of a word replaced."""
    from ...prompts.reader import read_prompt

    reading = read_prompt(prompt, model)
    for item in reversed(reading.items if reading else ()):
        if item.text == word:
            prompt = prompt[: item.start] + replacement + prompt[item.end :]
    return prompt


def insert_word(prompt: str, word: str, model: str = "") -> str:
    """Return the prompt with a known word: colors and the like before the object, parts after "with", others last."""
    from ...prompts.reader import read_prompt
    from ...prompts.vocabulary import read_vocabulary

    vocabulary, reading = read_vocabulary(model), read_prompt(prompt, model)
    kind = vocabulary.kinds.get(word) if vocabulary else None
    named = next((item for item in reading.items if item.is_used and item.role == "object"), None) if reading else None
    if kind in BEFORE_OBJECT and named:
        return f"{prompt[: named.start]}{word} {prompt[named.start :]}"
    if kind == "parts" and named and reading:
        return f"{prompt.rstrip()} {link_before_part(reading)}{word}"
    return f"{prompt.rstrip()} {word}" if prompt.strip() else word


def link_before_part(reading: "Reading") -> str:
    """Return what joins a part to the end of a prompt: "with ", "and ", or "" after "with red"."""
    has_link = any(item.role == "link" for item in reading.items)
    is_open = has_link and reading.items[-1].role in ("link", "attribute")
    return "" if is_open else "and " if has_link else "with "
