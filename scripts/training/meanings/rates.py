# SPDX-License-Identifier: GPL-3.0-or-later
"""Print how many words of labelled lists are read as labelled, and how many with a wrong label.

python -m scripts.training.meanings.rates tests/prompts/held_out_words.csv …
"""

import argparse
import csv
from pathlib import Path

from blender_text3d.prompts.reader import read_prompt
from blender_text3d.prompts.vocabulary import PARTS, read_vocabulary


def answer(word: str) -> str:
    """Return what a word alone is read as: an object, else a color, material or size, else "nothing"."""
    reading, kinds = read_prompt(f"a {word}"), read_vocabulary().kinds
    tokens = [token for token in reading.tokens if kinds[token] != PARTS]
    return reading.main or (tokens[0] if tokens else "nothing")


def main() -> None:
    """Print the rates of each list, and the words that are read otherwise."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lists", type=Path, nargs="+", help="CSV files with the columns word and label")
    for path in parser.parse_args().lists:
        with path.open(encoding="utf-8", newline="") as file:
            labels = {row["word"]: row["label"] for row in csv.DictReader(file)}
        answers = {word: answer(word) for word in labels}
        other = {word: found for word, found in answers.items() if found not in labels[word].split("|")}
        wrong = [word for word, found in other.items() if found != "nothing"]
        print(f"{path.name}: {1 - len(other) / len(labels):.1%} as labelled, {len(wrong) / len(labels):.1%} wrong")
        print("  ", ", ".join(f"{word}: {found}, not {labels[word]}" for word, found in other.items()))


if __name__ == "__main__":
    main()
