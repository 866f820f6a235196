# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of interface texts is current and uses Blender's terms."""

import re

import pytest

from scripts.release.interface_texts import PAGE, ROOT, Text, page, texts, texts_of

FORBIDDEN = r"""
    pictures? | processors? | graphics\ parts? | licen[c]e[sd]? | colours? | coloured | grey | metres? | set-ups? | anew
    | mend(s|ed|ing)? | heed(s|ed)? | wish(es|ed)? | spoilt | of\ ours | just\ now | at\ work | as\ ever | make\ again
    | take\ back | brought?\ in | nobody | somebody | anybody | said | told
"""
"""Terms and spellings to avoid; Blender's are image, CPU, GPU, license, color, setup, again, fix, running."""
FORBIDDEN_IN_PANELS = "workers?"
PANELS = ("addon/panels/", "addon/operators/", "addon/settings/", "addon/jobs/")


def whole_words(pattern: str) -> re.Pattern[str]:
    """Return a case-insensitive pattern with word boundaries."""
    return re.compile(rf"\b({pattern})\b", re.IGNORECASE | re.VERBOSE)


@pytest.fixture(scope="module")
def all_texts() -> list[Text]:
    return texts()


def test_the_page_is_current():
    assert PAGE.read_text(encoding="utf-8") == page(), "run python3 scripts/release/interface_texts.py"


def test_no_text_has_a_forbidden_word(all_texts):
    found = [text for text in all_texts if whole_words(FORBIDDEN).search(text.text)]
    assert not found, "\n".join(f"{text.file}: {text.text}" for text in found)


def test_panels_and_operators_do_not_mention_the_worker(all_texts):
    found = [
        text
        for text in all_texts
        if text.file.startswith(PANELS) and whole_words(FORBIDDEN_IN_PANELS).search(text.text)
    ]
    assert found == []


def test_tooltips_have_no_final_period(all_texts):
    tooltips = [text for text in all_texts if "_OT_" in text.owner and text.owner.count(".") == 0]
    assert [text.text for text in tooltips if text.text.endswith(".")] == []


def test_the_texts_of_a_file_are_its_labels_tooltips_and_messages(tmp_path, monkeypatch):
    source = '''
"""A docstring."""
class TEXT3D_OT_go(Operator):
    """Start the engine"""
    bl_label = "Go"
    name: StringProperty(name="Name", description="Name of the\\n    engine")
    def execute(self, context: "Context"):
        """Do it."""
        self.report({"ERROR"}, f"{self.name} cannot be started.")
        layout.operator("text3d.go", icon="FILE_REFRESH")
        re.compile("not a text")
'''
    monkeypatch.setattr("scripts.release.interface_texts.PACKAGE", tmp_path)
    file = tmp_path / "addon" / "go.py"
    file.parent.mkdir()
    file.write_text(source, encoding="utf-8")
    assert [text.text for text in texts_of(file)] == [
        "Start the engine", "Go", "Name", "Name of the engine", "{…} cannot be started.",
    ]  # fmt: skip


def test_every_room_of_the_package_has_texts(all_texts):
    rooms = {folder.name for folder in (ROOT / "blender_text3d").iterdir() if (folder / "__init__.py").exists()}
    assert rooms <= {text.file.split("/")[0] for text in all_texts}
