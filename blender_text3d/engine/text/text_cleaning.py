# SPDX-License-Identifier: GPL-3.0-or-later
"""Clean a prompt as CLIP's tokenizer does before it splits the text.

CLIP was trained on captions that were repaired by the package ftfy, unescaped twice by `html.unescape`, reduced to
single spaces and lowercased. The repairs of ftfy that can apply to a prompt are here; its guesses at text that was read
as Mac Roman, Windows-1250, -1251 and similar are not.

Source: openai/CLIP, clip/simple_tokenizer.py, basic_clean and whitespace_clean; ftfy 6.3, the list of its fixes.
"""

import html
import re
import unicodedata
from html.entities import html5

from .mojibake import fix_mojibake

ENTITY = re.compile(r"&#?[0-9A-Za-z]{1,24};")
TERMINAL_COLOR = re.compile(r"\x1b\[[\d;]*[a-zA-Z]")
SURROGATE_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
LIGATURES = "ĲĳŉǄǅǆǇǈǉǊǋǌǱǲǳﬀﬁﬂﬃﬄﬅﬆ"
REMOVED_CODES = [*range(0x09), 0x0B, *range(0x0E, 0x20), 0x7F, *range(0x206A, 0x2070), 0xFEFF, *range(0xFFF9, 0xFFFD)]


def _decompose(character: str) -> str:
    """Return the letters of a ligature, one level deep: NFKC would also turn a long s into s."""
    return "".join(chr(int(code, 16)) for code in unicodedata.decomposition(character).split()[1:])


REPLACED = (
    {ord(ligature): _decompose(ligature) for ligature in LIGATURES}
    | {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFF01, 0xFFF0)}
    | dict.fromkeys([0x02BC, *range(0x2018, 0x201C)], "'")
    | dict.fromkeys(range(0x201C, 0x2020), '"')
)
REMOVED = dict.fromkeys(REMOVED_CODES)


def clean_text(prompt: str) -> str:
    """Return the prompt lowercased on one line, as CLIP's captions were. It may be empty."""
    text = html.unescape(html.unescape(_repair(prompt)))
    return re.sub(r"\s+", " ", text).strip().lower()


def _repair(prompt: str) -> str:
    """Repair each line; from the first "<" on, which may be markup, entities are left to `html.unescape`."""
    lines, is_markup = [], False
    for line in re.findall("[^\n]*\n|[^\n]+", prompt):
        is_markup = is_markup or "<" in line
        lines.append(_repair_line(line, is_markup))
    return "".join(lines)


def _repair_line(line: str, is_markup: bool) -> str:
    """Apply all repairs until nothing changes."""
    before = None
    while line != before:
        before = line
        line = fix_mojibake(line if is_markup else ENTITY.sub(_unescape_entity, line))
        line = LONE_SURROGATE.sub("\ufffd", SURROGATE_PAIR.sub(_join_surrogates, line.translate(REPLACED)))
        line = unicodedata.normalize("NFC", TERMINAL_COLOR.sub("", line).translate(REMOVED))
    return line


def _unescape_entity(entity: re.Match) -> str:
    """Return the character of an HTML entity, also of one in capitals, or the entity if it is unknown."""
    text, name = entity[0], entity[0][1:]
    if text.startswith("&#"):
        unescaped = html.unescape(text)
        return text if ";" in unescaped else unescaped
    if name in html5:
        return html5[name]
    is_uppercase = name == name.upper() and html.unescape(text) == text
    return html5.get(name.lower(), text).upper() if is_uppercase else text


def _join_surrogates(pair: re.Match) -> str:
    return pair[0].encode("utf-16", "surrogatepass").decode("utf-16")
