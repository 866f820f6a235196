# SPDX-License-Identifier: GPL-3.0-or-later
"""uv and pip, their settings and errors, and which PyTorch build to install."""
