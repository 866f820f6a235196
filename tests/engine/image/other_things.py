# SPDX-License-Identifier: GPL-3.0-or-later
"""Flat pictures on a plain ground: things that the small models do not know, and a few kinds as they never saw them."""

import math

from PIL import Image, ImageDraw, ImageFont

SIDE = 240
CENTER = SIDE / 2


def star(draw: ImageDraw.ImageDraw) -> None:
    points = [(100 if index % 2 == 0 else 40, math.pi * (index / 5 - 0.5)) for index in range(10)]
    draw.polygon([(CENTER + r * math.cos(a), CENTER + r * math.sin(a)) for r, a in points], fill=(245, 200, 40))


def fish(draw: ImageDraw.ImageDraw) -> None:
    draw.ellipse((40, 80, 170, 160), fill=(235, 130, 50))
    draw.polygon([(160, 120), (215, 80), (215, 160)], fill=(235, 130, 50))
    draw.ellipse((65, 102, 77, 114), fill=(20, 20, 20))


def phone(draw: ImageDraw.ImageDraw) -> None:
    draw.rounded_rectangle((75, 25, 165, 215), 14, fill=(30, 30, 34))
    draw.rectangle((82, 42, 158, 190), fill=(120, 180, 230))
    draw.ellipse((113, 196, 127, 210), fill=(90, 90, 95))


def face(draw: ImageDraw.ImageDraw) -> None:
    draw.ellipse((40, 40, 200, 200), fill=(255, 215, 70))
    for x in (90, 150):
        draw.ellipse((x - 10, 85, x + 10, 110), fill=(60, 40, 20))
    draw.arc((80, 100, 160, 175), 20, 160, fill=(60, 40, 20), width=8)


def lettering(draw: ImageDraw.ImageDraw) -> None:
    draw.text((25, 85), "SALE", font=ImageFont.load_default(size=80), fill=(200, 30, 40))


def sketch(draw: ImageDraw.ImageDraw) -> None:
    draw.line([(50, 190), (120, 60), (190, 190), (50, 190)], fill=(40, 40, 40), width=3)
    draw.ellipse((95, 100, 145, 150), outline=(40, 40, 40), width=3)
    draw.line([(30, 200), (210, 200)], fill=(40, 40, 40), width=3)


def heart(draw: ImageDraw.ImageDraw) -> None:
    draw.ellipse((40, 50, 125, 135), fill=(215, 30, 50))
    draw.ellipse((115, 50, 200, 135), fill=(215, 30, 50))
    draw.polygon([(50, 118), (190, 118), (120, 210)], fill=(215, 30, 50))


def umbrella(draw: ImageDraw.ImageDraw) -> None:
    draw.pieslice((30, 40, 210, 220), 180, 360, fill=(60, 90, 190))
    draw.line([(120, 130), (120, 205)], fill=(90, 60, 40), width=7)
    draw.arc((92, 185, 123, 220), 0, 180, fill=(90, 60, 40), width=7)


def guitar(draw: ImageDraw.ImageDraw) -> None:
    draw.ellipse((70, 130, 170, 225), fill=(180, 110, 50))
    draw.ellipse((82, 85, 158, 160), fill=(180, 110, 50))
    draw.ellipse((104, 125, 136, 157), fill=(40, 25, 15))
    draw.rectangle((113, 15, 127, 120), fill=(70, 45, 25))


def scissors(draw: ImageDraw.ImageDraw) -> None:
    for low, high in ((70, 170), (170, 70)):
        draw.line([(low, 170), (high, 30)], fill=(150, 155, 165), width=12)
        draw.ellipse((low - 25, 160, low + 25, 215), outline=(200, 40, 40), width=10)


def butterfly(draw: ImageDraw.ImageDraw) -> None:
    for left, right in ((25, 118), (122, 215)):
        draw.ellipse((left, 45, right, 125), fill=(150, 60, 180))
        draw.ellipse((left + 15, 115, right - 10, 185), fill=(240, 150, 60))
    draw.rectangle((116, 60, 124, 180), fill=(30, 20, 20))


def envelope(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((30, 65, 210, 180), fill=(250, 240, 215), outline=(120, 100, 70), width=4)
    draw.line([(30, 65), (120, 130), (210, 65)], fill=(120, 100, 70), width=4)


def ladder(draw: ImageDraw.ImageDraw) -> None:
    for left in (75, 150):
        draw.rectangle((left, 20, left + 14, 220), fill=(170, 120, 60))
    for top in range(40, 210, 35):
        draw.rectangle((75, top, 164, top + 10), fill=(170, 120, 60))


def cloud(draw: ImageDraw.ImageDraw) -> None:
    for left, top, size in ((30, 100, 80), (75, 65, 100), (135, 95, 80)):
        draw.ellipse((left, top, left + size, top + size), fill=(120, 170, 220))
    draw.rectangle((70, 130, 175, 179), fill=(120, 170, 220))


def snail(draw: ImageDraw.ImageDraw) -> None:
    draw.ellipse((80, 60, 190, 170), fill=(190, 120, 60))
    draw.arc((105, 85, 165, 145), 0, 300, fill=(110, 60, 30), width=9)
    draw.rounded_rectangle((30, 160, 210, 190), 14, fill=(200, 190, 120))
    draw.line([(45, 165), (35, 105)], fill=(200, 190, 120), width=8)


BLACK = (12, 12, 12)


def horse(draw: ImageDraw.ImageDraw) -> None:
    draw.ellipse((60, 90, 180, 145), fill=BLACK)
    draw.polygon([(155, 105), (185, 45), (205, 40), (222, 70), (215, 82), (195, 76), (182, 125)], fill=BLACK)
    for left, bottom in ((66, 210), (84, 205), (150, 210), (168, 205)):
        draw.polygon([(left, 125), (left + 14, 125), (left + 9, bottom), (left + 1, bottom)], fill=BLACK)
    draw.polygon([(66, 105), (40, 120), (30, 170), (44, 165), (54, 130), (72, 122)], fill=BLACK)


def cat(draw: ImageDraw.ImageDraw) -> None:
    draw.ellipse((80, 105, 165, 215), fill=BLACK)
    draw.ellipse((88, 50, 158, 115), fill=BLACK)
    for left in (90, 132):
        draw.polygon([(left, 75), (left + 8, 30), (left + 26, 62)], fill=BLACK)
    draw.arc((140, 120, 215, 214), 270, 90, fill=BLACK, width=12)


def walker(draw: ImageDraw.ImageDraw) -> None:
    draw.ellipse((103, 20, 139, 58), fill=BLACK)
    draw.polygon([(100, 62), (142, 62), (136, 135), (106, 135)], fill=BLACK)
    for start, end in (
        ((110, 130), (80, 220)),
        ((130, 130), (165, 215)),
        ((104, 70), (70, 125)),
        ((138, 70), (178, 115)),
    ):
        draw.line([start, end], fill=BLACK, width=15)


def hand(draw: ImageDraw.ImageDraw) -> None:
    draw.rounded_rectangle((80, 110, 165, 220), 25, fill=BLACK)
    for left, top in ((80, 45), (102, 28), (124, 32), (146, 55)):
        draw.rounded_rectangle((left, top, left + 18, 150), 9, fill=BLACK)
    draw.line([(160, 175), (205, 130)], fill=BLACK, width=20)


def elephant(draw: ImageDraw.ImageDraw) -> None:
    draw.ellipse((50, 70, 180, 165), fill=BLACK)
    draw.ellipse((145, 60, 210, 130), fill=BLACK)
    draw.arc((175, 85, 225, 200), 300, 90, fill=BLACK, width=14)
    for left in (62, 92, 125, 152):
        draw.rectangle((left, 140, left + 20, 210), fill=BLACK)


def note(draw: ImageDraw.ImageDraw) -> None:
    for left in (50, 135):
        draw.ellipse((left, 165, left + 50, 205), fill=BLACK)
        draw.rectangle((left + 42, 50, left + 50, 185), fill=BLACK)
    draw.polygon([(92, 50), (185, 35), (185, 62), (92, 77)], fill=BLACK)


def airship(draw: ImageDraw.ImageDraw) -> None:
    draw.ellipse((25, 80, 200, 150), fill=BLACK)
    draw.polygon([(180, 115), (222, 75), (222, 155)], fill=BLACK)
    draw.rectangle((90, 150, 135, 168), fill=BLACK)


def gear(draw: ImageDraw.ImageDraw) -> None:
    for index in range(10):
        angle = math.tau * index / 10
        x, y = CENTER + 85 * math.cos(angle), CENTER + 85 * math.sin(angle)
        draw.ellipse((x - 18, y - 18, x + 18, y + 18), fill=BLACK)
    draw.ellipse((40, 40, 200, 200), fill=BLACK)
    draw.ellipse((90, 90, 150, 150), fill=(255, 255, 255))


def anchor(draw: ImageDraw.ImageDraw) -> None:
    draw.ellipse((103, 20, 137, 54), outline=BLACK, width=9)
    draw.rectangle((114, 50, 126, 205), fill=BLACK)
    draw.rectangle((80, 75, 160, 88), fill=BLACK)
    draw.arc((45, 90, 195, 215), 10, 170, fill=BLACK, width=14)


def spider(draw: ImageDraw.ImageDraw) -> None:
    draw.ellipse((88, 95, 152, 165), fill=BLACK)
    draw.ellipse((103, 68, 137, 102), fill=BLACK)
    for side in (-1, 1):
        for reach, top in ((85, 55), (95, 95), (95, 150), (85, 195)):
            knee = (CENTER + side * reach * 0.6, top - 15)
            draw.line([(CENTER, 125), knee, (CENTER + side * reach, top + 20)], fill=BLACK, width=8)


SILHOUETTES = {draw.__name__: draw for draw in (note, airship, gear, anchor, spider)}
KINDS_IN_BLACK = {"horse": horse, "cat": cat, "person": walker, "hand": hand, "elephant": elephant}
KINDS_IN_COLORS = {"star": star, "fish": fish, "phone": phone, "heart": heart, "guitar": guitar}
OTHER_THINGS = {
    draw.__name__: draw
    for draw in (face, lettering, sketch, umbrella, scissors, butterfly, envelope, ladder, cloud, snail)
} | SILHOUETTES
DRAWINGS = OTHER_THINGS | KINDS_IN_BLACK | KINDS_IN_COLORS


def picture(name: str) -> Image.Image:
    """Draw one of DRAWINGS on white."""
    image = Image.new("RGB", (SIDE, SIDE), (255, 255, 255))
    DRAWINGS[name](ImageDraw.Draw(image))
    return image
