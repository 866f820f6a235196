# SPDX-License-Identifier: GPL-3.0-or-later
"""GLIDE: text to a picture of 64 x 64 pixels, and that to 256 x 256; the first of Point-E's three steps.

In the shapes, B is the batch, C channels, H and W the picture's height and width, L text tokens, D the width of the
text; pictures are in [-1, 1].
"""
