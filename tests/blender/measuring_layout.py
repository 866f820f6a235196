# SPDX-License-Identifier: GPL-3.0-or-later
"""A layout that finds texts which Blender would cut in a sidebar of 280 pixels.

Widths are those of Blender's own font and default theme at a resolution scale of 1, measured in a window of 5.2. A row
gives every part with a text the same width, however long the text is, and no part gets the width that another
one leaves empty. Only a row that is aligned left, right or centered gives each text the width it needs.
"""

from pathlib import Path
from typing import NamedTuple

import blf
import bpy

from tests.blender.recording_layout import Button

SIDEBAR, CONTENT = 280, 236
BOX_MARGIN, LIST_MARGIN, GAP = 5, 5, 8
UNIT = 20
TEXT_UNITS, MIN_UNITS = 10, 2
"""Width of a part with a text before it is shrunk, and the least that it is shrunk to, in units."""
LABEL_MARGIN, BUTTON_MARGIN, MENU_MARGIN = 2, 6, 18
LABEL_ICON, BUTTON_ICON = 22, 18
CHECKBOX = 20
FITTED_MARGIN = 30
"""Space that a row which is not expanded gives a text."""
NAME_SHARE = 0.4
"""Share of the name of a property beside its value, with use_property_split."""


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


class Part(NamedTuple):
    """A label, button or field: its text, the width with which the text is not cut, and its width before shrinking."""

    text: str
    needed: float
    natural: float
    is_fixed: bool


class MeasuringLayout:
    """Stand-in for a layout that keeps its parts; `cut` lists the texts that do not fit."""

    def __init__(self, kind="column", factor=0.0, columns=0, margin=0, gap=GAP):
        vars(self).update(kind=kind, factor=factor, columns=columns, margin=margin, gap=gap)
        self.parts = []
        self.use_property_split = False
        self.operator_context = "EXEC_DEFAULT"
        self.alignment = "EXPAND"

    def part(self, kind, **options):
        part = MeasuringLayout(kind, **options)
        part.use_property_split, part.alignment = self.use_property_split, self.alignment
        self.parts.append(part)
        return part

    def row(self, *, align=False, **_):
        return self.part("row", gap=0 if align else GAP)

    def column(self, **_):
        return self.part("column")

    def box(self):
        return self.part("column", margin=BOX_MARGIN)

    def split(self, *, factor=0.0, **_):
        return self.part("split", factor=factor)

    def grid_flow(self, *, columns=0, align=False, **_):
        return self.part("grid", columns=columns, gap=0 if align else GAP)

    def separator(self, **_):
        pass

    def template_list(self, kind, list_id, data, name, active_data, active_name, *, rows):
        assert data.bl_rna.properties[name].type == "COLLECTION"
        assert active_data.bl_rna.properties[active_name].type == "INT"
        column = self.part("column", margin=LIST_MARGIN)
        column.add("", 0)
        for item in getattr(data, name):
            getattr(bpy.types, kind).draw_item(
                None, bpy.context, column.part("column"), data, item, 0, active_data, active_name
            )

    def template_icon(self, **_):
        self.parts.append(Part("", 0, TEXT_UNITS * UNIT, False))

    def progress(self, *, factor, type, text):
        self.add(text, BUTTON_MARGIN)

    def label(self, *, text="", icon="NONE", icon_value=0):
        has_icon = icon != "NONE" or icon_value != 0
        self.add(text, LABEL_MARGIN + LABEL_ICON * has_icon, "BLANK1" if has_icon else "NONE")

    def operator(self, identifier, *, text=None, icon="NONE", **_):
        group, name = identifier.split(".")
        rna = getattr(getattr(bpy.ops, group), name).get_rna_type()
        self.add_button(rna.name if text is None else text, icon)
        return Button(rna)

    def operator_menu_enum(self, identifier, name, *, text=None, icon="NONE"):
        group, operator = identifier.split(".")
        rna = getattr(getattr(bpy.ops, group), operator).get_rna_type()
        self.add_button(rna.name if text is None else text, icon, MENU_MARGIN)
        return Button(rna)

    def menu(self, identifier, *, text=None, icon="NONE"):
        self.add_button(getattr(bpy.types, identifier).bl_label if text is None else text, icon, MENU_MARGIN)

    def popover(self, panel, *, text=None, icon="NONE"):
        self.add_button(getattr(bpy.types, panel).bl_label if text is None else text, icon, MENU_MARGIN)

    def prop_enum(self, data, name, value):
        self.add_button(data.bl_rna.properties[name].enum_items[value].name, "NONE")

    def prop(self, data, name, *, text=None, icon="NONE", expand=False, **_):
        rna = data.bl_rna.properties[name]
        text = rna.name if text is None else text
        if expand:
            row = self.part("row", gap=0)
            for item in rna.enum_items:
                row.add_button(item.name, "NONE")
        elif self.use_property_split and text:
            part = self.part("split", factor=NAME_SHARE)
            part.add("" if rna.type == "BOOLEAN" else text, LABEL_MARGIN)
            part.add_value(data, rna, text)
        elif not text and icon != "NONE" and rna.type == "BOOLEAN":
            self.add_button("", icon)
        else:
            self.add_value(data, rna, text)

    def add_value(self, data, rna, text):
        """Add a checkbox with its text, a menu with the name of its value, or a field, whose value is not measured."""
        if rna.type == "BOOLEAN":
            self.add(text, CHECKBOX)
        elif rna.type == "ENUM":
            item = rna.enum_items.get(getattr(data, rna.identifier))
            self.add_button(item.name if item else "", item.icon if item else "NONE", MENU_MARGIN)
        else:
            self.add("", 0)

    def add_button(self, text, icon, margin=BUTTON_MARGIN):
        self.add(text, margin + BUTTON_ICON * (icon != "NONE") if text else 0, icon)

    def add(self, text, margin, icon="NONE"):
        needed = text_width(text) + margin if text else 0
        is_fixed = self.alignment != "EXPAND" and bool(text)
        natural = needed + FITTED_MARGIN if is_fixed else UNIT if icon != "NONE" and not text else TEXT_UNITS * UNIT
        self.parts.append(Part(text, needed, natural, is_fixed))

    @property
    def is_fixed(self) -> bool:
        """True if the layout keeps its width, as Blender lets one do that is not expanded."""
        return self.alignment != "EXPAND"

    @property
    def natural(self) -> float:
        """Width in pixels before shrinking."""
        widths = [part.natural for part in self.parts]
        total = max(widths, default=0) if self.kind == "column" else sum(widths) + self.gap * max(0, len(widths) - 1)
        return total + 2 * self.margin

    def cut(self, width: float = CONTENT) -> list[str]:
        """Return the texts that do not fit."""
        widths = self.part_widths(width - 2 * self.margin)
        return [
            text for part, part_width in zip(self.parts, widths, strict=True) for text in cut_part(part, part_width)
        ]

    def part_widths(self, width: float) -> list[float]:
        """Return the width of each part."""
        count = len(self.parts)
        free = width - self.gap * max(0, count - 1)
        if self.kind == "grid":
            return [(width - self.gap * (self.columns - 1)) / self.columns] * count
        if self.kind == "row":
            return row_widths(self.parts, free)
        if self.kind != "split":
            return [width] * count
        first = free * (self.factor or 1 / max(count, 1))
        return [first, *[(free - first) / max(count - 1, 1)] * (count - 1)][:count]


def row_widths(parts: list, width: float) -> list[float]:
    """Return the width of each part of a row: in proportion to the natural widths, but at least two units.

    Source: Blender, source/blender/editors/interface/interface_layout.cc, the layout of rows.
    """
    if all(part.is_fixed for part in parts) and sum(part.natural for part in parts) <= width:
        return [part.natural for part in parts]
    kept: dict[int, float] = {}
    while True:
        total = sum(part.natural for place, part in enumerate(parts) if place not in kept)
        free = max(0.0, width - sum(kept.values()))
        shares = {place: part.natural * free / total for place, part in enumerate(parts) if place not in kept}
        new = {
            place: parts[place].natural if parts[place].is_fixed else least_width(parts[place])
            for place, share in shares.items()
            if parts[place].is_fixed or share < least_width(parts[place])
        }
        if not new:
            return [kept.get(place, shares.get(place, 0.0)) for place in range(len(parts))]
        kept |= new


def least_width(part) -> float:
    """Return the width below which Blender does not shrink a part of a row."""
    return min(part.natural, MIN_UNITS * UNIT)


def cut_part(part, width: float) -> list[str]:
    """Return the texts of a part that do not fit its width."""
    if isinstance(part, MeasuringLayout):
        return part.cut(width)
    return [f"{part.text} ({part.needed:.0f} > {width:.0f} px)"] if part.needed > width else []
