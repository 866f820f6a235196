# SPDX-License-Identifier: GPL-3.0-or-later
"""A layout that finds texts which Blender would cut in a sidebar of 280 pixels.

Widths are those of Blender's own font and default theme at a resolution scale of 1. A row cuts its texts if they need
more than its width together; in a split or a column each has the width of its part.
"""

from pathlib import Path

import blf
import bpy

from tests.blender.recording_layout import Button

SIDEBAR = 280
TABS, PANEL_MARGIN, BOX_MARGIN, GAP = 22, 8, 5, 1
ICON = TEXT_MARGIN = 20
LIST_MARGIN = 5
LABEL_MARGIN, BUTTON_MARGIN = 4, 8
NAME_SHARE = 0.4
"""Share of the name of a property beside its value, with use_property_split."""
CONTENT = SIDEBAR - TABS - 2 * PANEL_MARGIN


def text_width(text: str) -> float:
    """Return the width of a text in pixels in Blender's interface font."""
    fonts = Path(bpy.utils.resource_path("LOCAL")) / "datafiles" / "fonts"
    font = blf.load(str(next(fonts.glob("Inter*"))))
    blf.size(font, 11)
    return blf.dimensions(font, text)[0]


class SidebarContext:
    """Blender's context with a sidebar as its region."""

    region = type("Region", (), {"width": SIDEBAR})

    def __getattr__(self, name):
        return getattr(bpy.context, name)


class MeasuringLayout:
    """Stand-in for a layout that keeps its parts; `cut` lists the texts that do not fit."""

    def __init__(self, kind="column", factor=0.0, columns=0, margin=0):
        vars(self).update(kind=kind, factor=factor, columns=columns, margin=margin)
        self.parts = []
        self.use_property_split = False
        self.operator_context = "EXEC_DEFAULT"

    def part(self, kind, **options):
        part = MeasuringLayout(kind, **options)
        part.use_property_split = self.use_property_split
        self.parts.append(part)
        return part

    def row(self, **_):
        return self.part("row")

    def column(self, **_):
        return self.part("column")

    def box(self):
        return self.part("column", margin=BOX_MARGIN)

    def split(self, *, factor=0.0, **_):
        return self.part("split", factor=factor)

    def grid_flow(self, *, columns=0, **_):
        return self.part("grid", columns=columns)

    def separator(self, **_):
        pass

    def template_list(self, kind, list_id, data, name, active_data, active_name, *, rows):
        assert data.bl_rna.properties[name].type == "COLLECTION"
        assert active_data.bl_rna.properties[active_name].type == "INT"
        for item in getattr(data, name):
            getattr(bpy.types, kind).draw_item(
                None, bpy.context, self.part("column", margin=LIST_MARGIN), data, item, 0, active_data, active_name
            )

    def template_icon(self, **_):
        pass

    def progress(self, *, factor, type, text):
        self.add(text, BUTTON_MARGIN)

    def label(self, *, text="", icon="NONE", icon_value=0):
        self.add(text, LABEL_MARGIN + ICON * (icon != "NONE" or icon_value != 0))

    def operator(self, identifier, *, text=None, icon="NONE", **_):
        group, name = identifier.split(".")
        rna = getattr(getattr(bpy.ops, group), name).get_rna_type()
        self.add_button(rna.name if text is None else text, icon)
        return Button(rna)

    def operator_menu_enum(self, identifier, name, *, text=None, icon="NONE"):
        return self.operator(identifier, text=text, icon=icon)

    def menu(self, identifier, *, text=None, icon="NONE"):
        self.add_button(getattr(bpy.types, identifier).bl_label if text is None else text, icon)

    def popover(self, panel, *, text=None, icon="NONE"):
        self.add_button(getattr(bpy.types, panel).bl_label if text is None else text, icon)

    def prop_enum(self, data, name, value):
        self.add_button(data.bl_rna.properties[name].enum_items[value].name, "NONE")

    def prop(self, data, name, *, text=None, icon="NONE", expand=False, **_):
        rna = data.bl_rna.properties[name]
        text = rna.name if text is None else text
        if expand:
            for item in rna.enum_items:
                self.add_button(item.name, "NONE")
        elif self.use_property_split and text:
            part = self.part("split", factor=NAME_SHARE)
            part.add("" if rna.type == "BOOLEAN" else text, LABEL_MARGIN)
            part.add(text if rna.type == "BOOLEAN" else "", LABEL_MARGIN + ICON)
        else:
            self.add(text, BUTTON_MARGIN + ICON * (icon != "NONE"))

    def add_button(self, text, icon):
        self.add(text, (BUTTON_MARGIN if text else 0) + ICON * (icon != "NONE"))

    def add(self, text, margin):
        self.parts.append((text, (text_width(text) if text else 0) + margin))

    @property
    def needed(self) -> float:
        """Width in pixels with which no text is cut."""
        widths = [part.needed if isinstance(part, MeasuringLayout) else part[1] for part in self.parts]
        total = sum(widths) + GAP * max(0, len(widths) - 1) if self.kind == "row" else max(widths, default=0)
        return total + 2 * self.margin

    def cut(self, width: float = CONTENT) -> list[str]:
        """Return the texts that do not fit."""
        inner = width - 2 * self.margin
        if self.kind == "row":
            return [] if self.needed <= width else [f"{' | '.join(self.texts())} ({self.needed:.0f} > {width:.0f} px)"]
        return [text for place, part in enumerate(self.parts) for text in cut_part(part, self.part_width(place, inner))]

    def part_width(self, place: int, width: float) -> float:
        """Return the width of a part."""
        if self.kind == "grid":
            return width / self.columns
        if self.kind != "split":
            return width
        rest = len(self.parts) - 1
        return width * self.factor if place == 0 and rest else width * (1 - self.factor) / max(rest, 1)

    def texts(self) -> list[str]:
        """Return all texts inside."""
        return [
            text
            for part in self.parts
            for text in (part.texts() if isinstance(part, MeasuringLayout) else [part[0]])
            if text
        ]


def cut_part(part, width: float) -> list[str]:
    """Return the texts of a part that do not fit its width."""
    if isinstance(part, MeasuringLayout):
        return part.cut(width)
    text, needed = part
    return [f"{text} ({needed:.0f} > {width:.0f} px)"] if needed > width else []
