# SPDX-License-Identifier: GPL-3.0-or-later
"""A layout that records what a panel draws."""

from types import SimpleNamespace

import bpy


class RecordingLayout:
    """Stand-in for a panel's layout that fails on names that Blender would not find."""

    operator_context = "EXEC_DEFAULT"

    def __init__(self, texts=None, buttons=None, menus=None):
        self.texts = [] if texts is None else texts
        self.buttons = [] if buttons is None else buttons
        self.menus = [] if menus is None else menus

    def part(self, *_, **__):
        return type(self)(self.texts, self.buttons, self.menus)

    row = column = box = split = grid_flow = part

    def label(self, *, text="", icon="NONE", icon_value=0):
        assert icon in bpy.types.UILayout.bl_rna.functions["label"].parameters["icon"].enum_items
        self.texts += [f"[icon {icon_value}]"] * bool(icon_value)
        self.texts.append(text)

    def prop(self, data, name, **options):
        assert name in data.bl_rna.properties, name
        known = bpy.types.UILayout.bl_rna.functions["prop"].parameters
        assert set(options) <= set(known.keys())
        assert options.get("icon", "NONE") in known["icon"].enum_items
        self.texts.append(data.bl_rna.properties[name].name)

    def prop_enum(self, data, name, value):
        assert value in data.bl_rna.properties[name].enum_items
        self.texts.append(data.bl_rna.properties[name].enum_items[value].name)

    def operator(self, identifier, *, text="", icon="NONE", emboss=True, depress=False):
        group, name = identifier.split(".")
        known = getattr(getattr(bpy.ops, group), name).get_rna_type()
        assert icon in bpy.types.UILayout.bl_rna.functions["operator"].parameters["icon"].enum_items
        self.texts.append(text or identifier)
        self.buttons.append(Button(known))
        return self.buttons[-1]

    def menu(self, identifier, *, text="", icon="NONE"):
        assert issubclass(getattr(bpy.types, identifier), bpy.types.Menu)
        assert icon in bpy.types.UILayout.bl_rna.functions["menu"].parameters["icon"].enum_items
        self.texts.append(text or getattr(bpy.types, identifier).bl_label)
        self.menus.append(identifier)

    def operator_menu_enum(self, identifier, name, *, text="", icon="NONE"):
        assert name in self.operator(identifier, text=text, icon=icon).rna.properties

    def popover(self, panel, *, text="", icon="NONE"):
        assert getattr(bpy.types, panel).is_registered
        self.texts.append(text)

    def separator(self, **_):
        pass

    def progress(self, *, factor, type, text):
        assert 0 <= factor <= 1
        self.texts.append(text)

    def template_list(self, kind, list_id, data, name, active_data, active_name, *, rows):
        assert data.bl_rna.properties[name].type == "COLLECTION"
        assert active_data.bl_rna.properties[active_name].type == "INT"
        for item in getattr(data, name):
            getattr(bpy.types, kind).draw_item(None, bpy.context, self.row(), data, item, 0, active_data, active_name)

    def template_icon(self, *, icon_value, scale):
        assert icon_value > 0
        assert scale > 0
        self.texts.append(f"[icon {icon_value}]")


class Button:
    """Record of the properties that a panel sets on an operator; fails on unknown ones."""

    def __init__(self, rna):
        vars(self).update(rna=rna, identifier=rna.identifier, values={})

    def __setattr__(self, name, value):
        assert name in self.rna.properties, name
        self.values[name] = value


def drawn(layout=None) -> str:
    """Return the texts of all visible panels of the add-on, joined by line breaks."""
    from blender_text3d.addon.registration import CLASSES

    layout = layout or RecordingLayout()
    for kind in CLASSES:
        if issubclass(kind, bpy.types.Panel) and is_in_sidebar(kind):
            for draw in ("draw_header", "draw_header_preset", "draw"):
                getattr(kind, draw, lambda *_: None)(SimpleNamespace(layout=layout), bpy.context)
    return "\n".join(layout.texts)


def is_in_sidebar(panel) -> bool:
    """Return True if the sidebar shows the panel, which is not a popover and whose poll succeeds."""
    return panel.bl_region_type == "UI" and (not hasattr(panel, "poll") or panel.poll(bpy.context))
