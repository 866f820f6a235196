# SPDX-License-Identifier: GPL-3.0-or-later
"""Real sizes by kind of object: a mug of 0.1 m, a house of 8 m.

Source: furniture after the averages of A. C. Nye, in F. E. Kidder, Building Construction and Superintendence (a chair's
back is 38 inches high, a bed 78 long); vehicles after a mid-size car, a rigid bus, a delivery truck, a Cessna 172 and a
Soyuz rocket; a ball of 22 cm, a club's sailboat of 10 m and a die of 16 mm after the usual ones; stars and moons are
those of a nursery; all others are typical products, animals and plants. Rounded to what one would say.
"""

from .reader import Reading, read_prompt

REAL_SIZES_M = {
    "chair": 0.95, "armchair": 0.95, "stool": 0.6, "table": 1.2, "bed": 2.0, "shelf": 1.8, "lamp": 0.5,
    "mug": 0.1, "bottle": 0.3, "vase": 0.3, "teapot": 0.25, "bowl": 0.18,
    "car": 4.5, "truck": 8.0, "bus": 12.0, "rocket": 50.0, "boat": 6.0, "plane": 11.0,
    "house": 8.0, "tower": 30.0, "castle": 60.0,
    "tree": 8.0, "pine": 15.0, "cactus": 2.0, "mushroom": 0.1, "flower": 0.4,
    "apple": 0.08, "snowman": 1.6, "robot": 1.7, "dog": 0.8,
    "sword": 1.0, "hammer": 0.33, "key": 0.07, "crown": 0.2,
    "donut": 0.09, "burger": 0.12, "icecream": 0.18,
    "cat": 0.5, "rabbit": 0.4, "duck": 0.5, "fish": 0.3, "bird": 0.2, "horse": 2.4, "elephant": 6.0, "bear": 2.0,
    "penguin": 0.7, "dinosaur": 12.0, "dragon": 8.0,
    "sofa": 2.1, "desk": 1.4, "wardrobe": 2.0, "bench": 1.5, "clock": 0.3, "candle": 0.2, "mirror": 1.0,
    "pillow": 0.6, "cup": 0.1, "plate": 0.27, "fork": 0.2, "spoon": 0.2, "knife": 0.3, "pan": 0.48, "pot": 0.3,
    "barrel": 0.9, "box": 0.4, "gift": 0.3, "crate": 0.6, "chest": 0.9, "basket": 0.4, "bag": 0.4, "backpack": 0.5,
    "laptop": 0.34, "phone": 0.15, "camera": 0.14, "guitar": 1.0, "piano": 1.5, "drum": 0.4, "ball": 0.22,
    "dice": 0.016, "chesspiece": 0.08,
    "banana": 0.18, "pear": 0.1, "carrot": 0.18, "pumpkin": 0.3, "pizza": 0.3, "hotdog": 0.15, "egg": 0.06,
    "cheese": 0.2, "cake": 0.25,
    "bicycle": 1.75, "tank": 9.0, "helicopter": 12.0, "submarine": 70.0, "spaceship": 20.0, "train": 20.0,
    "sailboat": 10.0,
    "axe": 0.8, "bow": 1.7, "shield": 0.8, "helmet": 0.3, "wand": 0.35, "potion": 0.15, "gem": 0.02, "crystal": 0.1,
    "coin": 0.025,
    "bridge": 30.0, "tent": 3.0, "well": 2.0, "fence": 2.0, "church": 25.0, "lighthouse": 30.0, "windmill": 20.0,
    "hat": 0.35, "shoe": 0.3, "glove": 0.25, "glasses": 0.14, "person": 1.75, "skull": 0.21, "hand": 0.19,
    "heart": 0.12, "star": 0.3, "moon": 0.5,
}  # fmt: skip
"""Longest side in meters by kind."""
FACTORS = {"tall": 1.25, "long": 1.25, "short": 0.8, "small": 0.7, "big": 1.4}
"""Factors of the words for sizes that the small models know. Other words for a size of the whole object do not change
its longest side."""
EXTREMES = {"tiny": 0.5, "mini": 0.5, "miniature": 0.5, "huge": 2.0, "giant": 3.0}
"""Factors of words that say more than the word that they stand for."""


def real_size_m(prompt: str, *, model: str = "", has_stand_ins: bool = True) -> float | None:
    """Return the longest side in meters of the object that a prompt names, or None if it names none that is known.

    Args:
        prompt: The prompt.
        model: The model with whose words the prompt is read; by default one of the latest training.
        has_stand_ins: True if the model draws another kind for a word that it does not know, as the small models do.
    """
    reading = read_prompt(prompt, model)
    if reading is None or reading.main not in REAL_SIZES_M:
        return None
    if not has_stand_ins and reading.main in {known for _, known in reading.read_as}:
        return None
    return round(REAL_SIZES_M[reading.main] * size_factor(reading), 4)


def size_factor(reading: Reading) -> float:
    """Return the factor of the words for sizes that describe the whole object: those before it."""
    factor = 1.0
    for item in reading.items:
        if reading.main in item.tokens and item.is_used:
            break
        if item.is_used:
            factor *= EXTREMES.get(item.text, FACTORS.get(item.tokens[0], 1.0) if item.tokens else 1.0)
    return factor
