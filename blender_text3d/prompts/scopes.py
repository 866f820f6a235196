# SPDX-License-Identifier: GPL-3.0-or-later
"""The reach of negations, words about looks, shades and counts: the neighbors that they change or take."""

from .item import Item
from .notation import is_command
from .phrases import DENIES_ALL, NEGATIONS, role_words
from .roles import Reason, Role

NOUNS = frozenset({Role.OBJECT, Role.PART, Role.NOTHING_NOUN, Role.UNKNOWN, Role.SURFACE, Role.STYLE_HEAD})
DESCRIBING = frozenset({Role.ATTRIBUTE, Role.ADJECTIVE, Role.STYLE, Role.FILLER})
ENDS = frozenset({Role.BREAK, Role.LINK, Role.AND, Role.NEGATION})


def deny(items: list[Item]) -> None:
    """Mark what negations deny."""
    for index, item in enumerate(items):
        if item.role == Role.NEGATION and not item.reason:
            if item.text in DENIES_ALL:
                deny_rest(items[index:])
                continue
            takes_thing = NEGATIONS.get(item.text, True)
            end = index + 1
            while end < len(items) and (is_weak(items[end]) or items[end].text in VERBS):
                takes_thing |= items[end].text in VERBS
                end += 1
            has_article = end < len(items) and items[end].role == Role.ARTICLE
            end = end_of_denied(items, end, takes_thing=takes_thing or has_article, has_article=has_article)
            for denied in items[index:end]:
                denied.reason = Reason.DENIED


def is_weak(item: Item) -> bool:
    """True for a word between a negation and what it denies: "not too tall"."""
    return item.role in (Role.FILLER, Role.BREAK) and item.text in WEAK


def deny_rest(items: list[Item]) -> None:
    """Mark the items up to the next command of another program."""
    end = next((place for place, item in enumerate(items) if place and is_command(item.text)), len(items))
    for item in items[:end]:
        item.reason = Reason.DENIED


WEAK = frozenset(["any", "have", "has", "having", "too", "so", "very", "even", "in", "at"])
VERBS = frozenset(["add", "include", "make", "draw", "show", "want", "need", "use", "put", "give", "create"])
"""Verbs after "not" that take a thing: "do not add arms"."""


def end_of_denied(items: list[Item], start: int, *, takes_thing: bool, has_article: bool) -> int:
    """Return the index after the denied words that begin at an index."""
    end = end_of_phrase(items, start, takes_thing=takes_thing)
    while end + 1 < len(items) and end > start and items[end].role == Role.AND and not items[end].pauses:
        following = items[end + 1]
        if following.role == Role.NEGATION or (following.role == Role.ARTICLE) != has_article:
            break
        end = end_of_phrase(items, end + 1, takes_thing=takes_thing)
    return end


def end_of_phrase(items: list[Item], start: int, *, takes_thing: bool) -> int:
    """Return the index after the words of one thing: what describes it, and its nouns."""
    end, has_noun = start, False
    while end < len(items) and not (end > start and items[end].pauses):
        role = items[end].role
        if role in ENDS or (role == Role.ARTICLE and end > start) or (has_noun and role in DESCRIBING):
            break
        is_noun = role in NOUNS
        has_part = end > start and items[end - 1].role == Role.PART
        if is_noun and ((not takes_thing and end > start) or (has_part and role == Role.OBJECT)):
            break
        has_noun |= is_noun
        end += 1
    return end


def drop_looks(items: list[Item]) -> None:
    """Mark words about looks, and what describes a background, a view or a quality."""
    for index, item in enumerate(items):
        if item.role != Role.STYLE_HEAD:
            continue
        start = index
        while start and not items[start].pauses and items[start - 1].role in LOOKS:
            start -= 1
        before = items[start - 1] if start and not items[start].pauses else None
        takes_all = item.text in role_words().scenes or (
            before is not None and before.role in (Role.BREAK, Role.LINK, Role.ARTICLE)
        )
        start = start if takes_all else max(start, index - 1)
        for taken in items[start : index + 1]:
            taken.reason = Reason.LOOK


COMPARISONS = frozenset({"shaped", "themed", "like", "sized", "patterned"})
LOOKS = frozenset({Role.ATTRIBUTE, Role.ADJECTIVE, Role.NOTHING_NOUN, Role.UNKNOWN, Role.STYLE, Role.STYLE_HEAD})


def join_shades(items: list[Item]) -> list[Item]:
    """Return the items with "light green" as one that stands for green; a shade alone keeps its own meaning."""
    joined: list[Item] = []
    for index, item in enumerate(items):
        shades = 0 if item.pauses else shades_before(joined, has_object=has_object_after(items, index))
        if not (item.is_used and shades and can_be_shaded(item)):
            joined.append(item)
            continue
        first = joined[-shades]
        if item.role == Role.OBJECT:
            item.role, item.tokens = Role.ATTRIBUTE, (item.attribute,)
        item.start, item.pauses, item.is_told = first.start, first.pauses, True
        item.text = " ".join([*(shade.text for shade in joined[-shades:]), item.text])
        joined[-shades:] = [item]
    return joined


def can_be_shaded(item: Item) -> bool:
    """True for a color or a material, and for "orange"."""
    if item.role not in (Role.ATTRIBUTE, Role.OBJECT) or (
        item.role == Role.OBJECT and item.text not in role_words().shade_bases
    ):
        return False
    return item.tokens[0] in role_words().shade_bases or item.tokens[0] in ("wooden", "golden", "silver", "stone")


def shades_before(items: list[Item], *, has_object: bool) -> int:
    """Return how many of the last items only change the shade of a color after them."""
    count = 0
    while count < len(items):
        item = items[-1 - count]
        is_color_itself = item.role == Role.ATTRIBUTE and item.text in role_words().shade_bases
        pauses = items[-count].pauses if count else False
        is_shade = item.text in role_words().shades
        if item.role == Role.OBJECT:
            is_shade = has_object and not has_color_before(items[: len(items) - 1 - count])
        if not is_shade or is_color_itself or not item.is_used or pauses:
            break
        count += 1
    return count


def has_color_before(items: list[Item]) -> bool:
    """True if the last item is a color, so that what follows is an object: "red chair blue car"."""
    return bool(items) and items[-1].role == Role.ATTRIBUTE and items[-1].tokens[0] in role_words().shade_bases


def has_object_after(items: list[Item], index: int) -> bool:
    """True if an object follows before the words of the thing end."""
    for item in items[index + 1 :]:
        if item.pauses or item.role in ENDS or item.role == Role.ARTICLE:
            return False
        if item.role == Role.OBJECT:
            return True
    return False


def counts(items: list[Item]) -> list[tuple[Item, Item]]:
    """Return every count with the noun that it counts; "a row of" is a count, too."""
    found = []
    for index, item in enumerate(items):
        if item.text in role_words().collections and [other.text for other in items[index + 1 : index + 2]] == ["of"]:
            item.role = Role.COUNT
        is_count = item.role == Role.COUNT and item.text.strip("x") != "1"
        noun = counted_noun(items[index + 1 :]) if is_count else None
        if is_count and item.text.startswith("x") and index:
            noun = counted_noun(items[index - 1 : index])
        following = items[index + 1] if index + 1 < len(items) else None
        if noun and following and following.role in COUNTED_PARTS and following.text.endswith("ed"):
            item.reason = Reason.LEFT  # "three-legged"
        elif noun and noun.role in (Role.OBJECT, Role.PART):
            found.append((item, noun))
        elif noun:
            item.reason = Reason.LEFT
    return found


COUNTED_PARTS = frozenset({Role.ADJECTIVE, Role.NOTHING_NOUN, Role.UNKNOWN})
"""Roles of "legged" in "three-legged"."""


def drop_comparisons(items: list[Item]) -> None:
    """Leave out what an object is shaped like: "a dog-shaped robot"."""
    for index, item in enumerate(items[1:], start=1):
        following = items[index + 1] if index + 1 < len(items) else None
        is_apart = item.pauses or following is None or following.pauses or following.role in (*ENDS, Role.ARTICLE)
        if item.text in COMPARISONS and not is_apart:
            item.role = Role.FILLER
            if items[index - 1].role in (Role.OBJECT, Role.PART):
                items[index - 1].reason = Reason.OTHER


def counted_noun(items: list[Item]) -> Item | None:
    """Return the first noun of the items, or None if the words of the thing end before it."""
    for item in items:
        if item.pauses or (item.role in ENDS and item.text != "of"):
            return None
        if item.role in (Role.OBJECT, Role.PART, Role.NOTHING_NOUN, Role.UNKNOWN):
            return item
    return None
