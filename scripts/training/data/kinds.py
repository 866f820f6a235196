# SPDX-License-Identifier: GPL-3.0-or-later
"""The names of the kinds of the first training, and of those that were added later."""

FIRST_KINDS = [
    "chair", "armchair", "stool", "table", "bed", "shelf", "lamp", "mug", "bottle", "vase", "teapot", "bowl",
    "car", "truck", "bus", "rocket", "boat", "plane", "house", "tower", "castle",
    "tree", "pine", "cactus", "mushroom", "flower", "apple", "snowman", "robot", "dog",
    "sword", "hammer", "key", "crown", "donut", "burger", "icecream",
]  # fmt: skip

ADDED_KINDS = [
    "cat", "rabbit", "duck", "fish", "bird", "horse", "elephant", "bear", "penguin", "dinosaur", "dragon",
    "sofa", "desk", "wardrobe", "bench", "clock", "candle", "mirror", "pillow",
    "cup", "plate", "fork", "spoon", "knife", "pan", "pot", "barrel", "box", "gift", "crate", "chest",
    "basket", "bag", "backpack",
    "laptop", "phone", "camera", "guitar", "piano", "drum", "ball", "dice", "chesspiece",
    "banana", "pear", "carrot", "pumpkin", "pizza", "hotdog", "egg", "cheese",
    "bicycle", "tank", "helicopter", "submarine", "spaceship",
    "axe", "bow", "shield", "helmet", "wand", "potion", "gem", "crystal", "coin",
    "bridge", "tent", "well", "fence",
    "hat", "shoe", "glove", "glasses", "person", "skull", "hand", "heart", "star", "moon",
    "train", "sailboat", "church", "lighthouse", "windmill", "cake",
]  # fmt: skip

ALL_KINDS = FIRST_KINDS + ADDED_KINDS
