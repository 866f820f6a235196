# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of a color emoji font, with a stand-in for the font's bitmaps, which the tests do not have."""

from types import SimpleNamespace

import pytest
from PIL import Image, ImageDraw

from scripts.training.images import emoji_pictures


@pytest.fixture
def drawn(monkeypatch):
    """Draw a red square for the sun and for a code without a name, and nothing for other characters."""

    def text(self, place, character, **_):
        if character in ("\u2600", "\U0001f5f0"):
            self.rectangle((40, 40, 120, 120), fill=(200, 30, 30, 255))

    monkeypatch.setattr(ImageDraw.ImageDraw, "text", text)
    monkeypatch.setattr(emoji_pictures.ImageFont, "truetype", lambda *_: None)


def test_each_character_of_the_font_is_a_file_with_its_name(drawn, tmp_path, capsys):
    emoji_pictures.run(SimpleNamespace(font="font.ttf", out=tmp_path / "emoji"))
    names = sorted(path.name for path in (tmp_path / "emoji").iterdir())
    assert "black_sun_with_rays.png" in names
    assert len(names) == 2
    assert capsys.readouterr().out == "2 pictures\n"
    with Image.open(tmp_path / "emoji" / "black_sun_with_rays.png") as picture:
        assert (picture.mode, picture.getpixel((80, 80)), picture.getpixel((0, 0))) == (
            "RGBA",
            (200, 30, 30, 255),
            (0,) * 4,
        )
