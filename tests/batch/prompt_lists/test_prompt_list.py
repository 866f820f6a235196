# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of prompts as people write them: any editor's text, spreadsheets, JSON lines, pipes."""

import io
import os
import threading
from pathlib import Path

import pytest

from blender_text3d.batch.prompt_lists import prompt_list
from blender_text3d.batch.prompt_lists.prompt_list import read_prompt_list
from blender_text3d.batch.prompt_lists.row_values import with_words
from blender_text3d.protocol.errors import BadRequest


@pytest.fixture
def read(tmp_path):
    """A function that writes a file and reads it as a list of prompts."""

    def from_file(content: bytes | str, name: str = "prompts.txt"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_prompt_list(path)

    return from_file


TEXT = "# chairs\n\na red chair\n  a café table  \n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_text_of_every_editor_is_read(read, encoding, ending):
    prompts = read(TEXT.replace("\n", ending).encode(encoding))
    assert [row.prompt for row in prompts.rows] == ["a red chair", "a café table"]
    assert [row.place for row in prompts.rows] == ["line 3", "line 4"]
    assert bool(prompts.notices) == (encoding == "cp1252")


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff"])
def test_utf_16_with_either_mark_is_read(read, mark):
    encoding = "utf-16-le" if mark == b"\xff\xfe" else "utf-16-be"
    assert [row.prompt for row in read(mark + "ein grüner Stuhl\r\n".encode(encoding)).rows] == ["ein grüner Stuhl"]


@pytest.mark.parametrize(
    "text", ["“quoted” – dash", "naïve", "Stühle", "señal", "œuvre", "prix 3€", "façade", "å", "ß", "Ž"]
)
def test_windows_letters_are_kept_and_told(read, text):
    prompts = read(f"a {text}\n".encode("cp1252"))
    assert [row.prompt for row in prompts.rows] == [f"a {text}"]
    assert "was read as Windows-1252" in prompts.notices[0]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "contains no prompt"),
        (b"# nothing\n\n", "contains no prompt"),
        ("a chair\n".encode("utf-16-le"), "UTF-16 without its mark"),
        (b"\xff\xfea", "begins like UTF-16 but is not"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "UTF-16 without its mark"),
        (b"a \x81 chair", "nor Windows-1252"),
        (b"prompt,seed\n", "contains no prompt"),
        (b"[]", "contains no prompt"),
        (b"seed,size\n1,2\n", ""),
    ],
)
def test_what_is_no_list_is_told_in_one_sentence(read, content, sentence):
    if not sentence:  # without a column of prompts it is a list of lines
        assert len(read(content).rows) == 2
        return
    with pytest.raises(BadRequest, match=sentence) as refusal:
        read(content)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("path", ["gone.txt", "."])
def test_a_path_that_cannot_be_read_is_named(tmp_path, path):
    with pytest.raises(BadRequest, match="cannot be read"):
        read_prompt_list(tmp_path / path)


def test_a_pipe_is_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_text, args=("a red chair\n",))
    writer.start()
    assert [row.prompt for row in read_prompt_list(tmp_path / "pipe").rows] == ["a red chair"]
    writer.join()


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("name", ["list.csv", "list.txt"])
def test_a_spreadsheet_has_a_column_for_each_setting(read, separator, name):
    rows = ["prompt,seed,size,quality,flat", "a chair,7,0.5,draft,yes", "a mug,,,,", ",,,,"]
    made = read("\n".join(rows).replace(",", separator), name).rows
    assert [(row.prompt, row.error) for row in made] == [("a chair", ""), ("a mug", "")]
    assert made[0].values == {"seed": 7, "size_m": 0.5, "quality": "draft", "is_flat": True}
    assert made[1].values == {}


def test_quoted_cells_may_contain_separators_and_line_breaks(read):
    (row, other) = read('prompt,seed\n"a chair, red","1"\n"a\nmug",2\n', "list.csv").rows
    assert (row.prompt, row.values["seed"]) == ("a chair, red", 1)
    assert (other.prompt, other.place) == ("a\nmug", "line 4")


@pytest.mark.parametrize("header", ["Prompt,Seed", " prompt , seed ", "\ufeffprompt,seed", "text,seed", "PROMPT,SEED"])
def test_names_of_columns_may_be_written_in_any_way(read, header):
    (row,) = read(f"{header}\na chair,3\n", "list.csv").rows
    assert (row.prompt, row.values) == ("a chair", {"seed": 3})


def test_a_column_that_is_no_setting_is_told_and_not_used(read):
    prompts = read("prompt,id,notes\na chair,1,x\n", "list.csv")
    assert prompts.rows[0].values == {}
    assert "'id', 'notes'" in prompts.notices[0]


@pytest.mark.parametrize(
    ("column", "meant"), [("sede", "seed"), ("promt", "prompt"), ("qualty", "quality"), ("colour", "")]
)
def test_a_misspelled_column_is_refused_with_the_right_name(read, column, meant):
    content = f"prompt,{column}\na chair,1\n"
    if not meant:
        assert read(content.replace(",1", ",red"), "list.csv").rows[0].prompt == "a red chair"
        return
    with pytest.raises(BadRequest, match=f"Name it '{meant}'"):
        read(content, "list.csv")


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ("a chair,abc,", "The seed is 'abc'. Write an integer."),
        ("a chair,1.5,", "The seed is '1.5'. Write an integer."),
        ("a chair,,big", "The size in meters is 'big'. Write a number."),
        ("a chair,1,2,3,4", "The line has 5 cells"),
    ],
)
def test_a_wrong_cell_is_an_error_of_its_line(read, cells, sentence):
    wrong, right = read(f"prompt,seed,size\n{cells}\na mug,1,1\n", "list.csv").rows
    assert sentence in wrong.error
    assert (right.prompt, right.error) == ("a mug", "")


@pytest.mark.parametrize("name", ["list.jsonl", "list.txt"])
def test_json_lines_have_the_same_names(read, name):
    rows = read(
        '{"prompt": "a chair", "seed": 7, "size": 2, "flat": true}\n"a mug"\n{"prompt": "x", "seed": "1"}\n', name
    ).rows
    if name == "list.jsonl":
        assert [row.prompt for row in rows] == ["a chair", "a mug", "x"]
    assert rows[0].values == {"seed": 7, "size_m": 2.0, "is_flat": True}


@pytest.mark.parametrize("prompt", ["[a red chair]", "{a red chair}", '"a red chair"', "(a red chair)"])
def test_a_prompt_in_brackets_is_a_prompt(read, prompt):
    assert [row.prompt for row in read(f"{prompt}\na mug\n").rows] == [prompt, "a mug"]


def test_a_json_file_that_is_damaged_is_refused(read):
    with pytest.raises(BadRequest, match="is not JSON"):
        read('["a", ', "list.json")


def test_one_json_list_is_read_too(read):
    rows = read('[{"prompt": "a chair"},\n "a mug"]', "list.json").rows
    assert [(row.place, row.prompt) for row in rows] == [("entry 1", "a chair"), ("entry 2", "a mug")]


@pytest.mark.parametrize(
    "line", ['{"prompt": 5}', '{"prompt": "a", "seed": true}', "{broken", "5", "null", '{"prompt": "a", "prompt": "b"}']
)
def test_a_wrong_json_line_is_an_error_of_its_line(read, line):
    wrong, right = read(f'{line}\n{{"prompt": "a mug"}}\n', "list.jsonl").rows
    assert wrong.error
    assert right.error == ""


def test_files_of_a_list_are_relative_to_it(read, tmp_path):
    (row,) = read("prompt,image\n,mug.png\n", "list.csv").rows
    assert row.values == {"image": str(tmp_path / "mug.png")}


@pytest.mark.parametrize(
    ("prompt", "words", "whole"),
    [
        ("a chair", ["red"], "a red chair"), ("a chair", ["orange"], "an orange chair"),
        ("an apple", ["red"], "a red apple"), ("chair", ["red"], "red chair"), ("the chair", ["red"], "the red chair"),
        ("a red chair", ["red"], "a red chair"), ("a chair", ["red", "wooden"], "a red wooden chair"),
        ("a chair", [""], "a chair"), ("A Chair", ["blue"], "a blue Chair"), ("", ["red"], "red"),
    ],
)  # fmt: skip
def test_color_and_material_stand_before_the_noun(prompt, words, whole):
    assert with_words(prompt, words) == whole


def test_messages_name_standard_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"# nothing")))
    with pytest.raises(BadRequest, match="^Standard input contains no prompt"):
        read_prompt_list(Path("-"))


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ('{"prompt": "a mug", "face_budget": 500}\n{"prompt": "a mug", "face_budget": "full"}\n', "list.jsonl"),
        ("prompt,face-budget\na mug,500\na mug,full\n", "list.csv"),
    ],
)
def test_the_face_budget_of_a_row_is_a_number_or_a_word(read, content, name):
    assert [row.values["face_budget"] for row in read(content, name).rows] == ["500", "full"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.csv", "prompt,seed\na chair,1\na mug,2\na table,3\n"),
        ("list.jsonl", '{"prompt": "a chair"}\n{"prompt": "a mug", "seed": 2}\n{"prompt": "a table"}\n'),
        ("list.json", '["a chair", {"prompt": "a mug", "seed": 2}, "a table"]'),
        ("list.txt", "a chair\n# a comment\na mug\na table\n"),
    ],
)
def test_the_values_of_chosen_entries_only_are_read(tmp_path, monkeypatch, name, text):
    (tmp_path / name).write_text(text, encoding="utf-8")
    asked, values_of = [], prompt_list.values_of
    monkeypatch.setattr(prompt_list, "values_of", lambda entry, folder: asked.append(entry) or values_of(entry, folder))
    found = prompt_list.read_prompt_list(tmp_path / name, lambda entries: entries[1:2])
    assert ([row.prompt for row in found.rows], found.length) == (["a mug"], 3)
    assert len(asked) == (0 if name == "list.txt" else 1)
