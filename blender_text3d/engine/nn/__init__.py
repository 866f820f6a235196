# SPDX-License-Identifier: GPL-3.0-or-later
"""Network blocks that Point-E and Shap-E share.

In the shapes, `float` is float32, or float16 if the network runs in half precision.
"""
