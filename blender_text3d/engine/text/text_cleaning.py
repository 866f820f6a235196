# SPDX-License-Identifier: GPL-3.0-or-later
"""What CLIP's tokenizer makes of a prompt before it looks for words.

CLIP was trained on captions that went through the package ftfy, then twice through `html.unescape`, then to one
space between words and to lower case. What of ftfy can happen to a prompt is here; its guesses at text that was read
as Mac Roman, Windows-1250, -1251 and their like are not.

Source: openai/CLIP, clip/simple_tokenizer.py, basic_clean and whitespace_clean; ftfy 6.3, the list of its fixes.
"""

import html
import re
import unicodedata
from html.entities import html5

from .mojibake import reread

ENTITY = re.compile(r"&#?[0-9A-Za-z]{1,24};")
TERMINAL_COLOR = re.compile(r"\x1b\[[\d;]*[a-zA-Z]")
PAIR_OF_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
LIGATURES = "ĲĳŉǄǅǆǇǈǉǊǋǌǱǲǳﬀﬁﬂﬃﬄﬅﬆ"
UNWANTED = [*range(0x09), 0x0B, *range(0x0E, 0x20), 0x7F, *range(0x206A, 0x2070), 0xFEFF, *range(0xFFF9, 0xFFFD)]


def _one_level(character: str) -> str:
    """The characters that a ligature stands for, themselves left whole: NFKC would turn a long s to s."""
    return "".join(chr(int(code, 16)) for code in unicodedata.decomposition(character).split()[1:])


PLAIN = (
    {ord(ligature): _one_level(ligature) for ligature in LIGATURES}
    | {wide: unicodedata.normalize("NFKC", chr(wide)) for wide in range(0xFF01, 0xFFF0)}
    | dict.fromkeys([0x02BC, *range(0x2018, 0x201C)], "'")
    | dict.fromkeys(range(0x201C, 0x2020), '"')
)
REMOVED = dict.fromkeys(UNWANTED)


def cleaned(prompt: str) -> str:
    """The prompt in lower case on one line, as CLIP's captions were; never fails, may be empty."""
    text = html.unescape(html.unescape(_repaired(prompt)))
    return re.sub(r"\s+", " ", text).strip().lower()


def _repaired(prompt: str) -> str:
    """Line by line; entities are left to `html.unescape` from the first line with a "<" on, which looks like markup."""
    lines, markup = [], False
    for line in re.findall("[^\n]*\n|[^\n]+", prompt):
        markup = markup or "<" in line
        lines.append(_settled(line, markup))
    return "".join(lines)


def _settled(line: str, markup: bool) -> str:
    """All repairs, again and again until nothing changes."""
    before = None
    while line != before:
        before = line
        line = reread(line if markup else ENTITY.sub(_character, line))
        line = LONE_SURROGATE.sub("\ufffd", PAIR_OF_SURROGATES.sub(_joined, line.translate(PLAIN)))
        line = unicodedata.normalize("NFC", TERMINAL_COLOR.sub("", line).translate(REMOVED))
    return line


def _character(entity: re.Match) -> str:
    """What an HTML entity stands for, also one whose name was put in capitals; itself where it means nothing."""
    text, name = entity[0], entity[0][1:]
    if text.startswith("&#"):
        plain = html.unescape(text)
        return text if ";" in plain else plain
    if name in html5:
        return html5[name]
    shouted = name == name.upper() and html.unescape(text) == text
    return html5.get(name.lower(), text).upper() if shouted else text


def _joined(pair: re.Match) -> str:
    return pair[0].encode("utf-16", "surrogatepass").decode("utf-16")
