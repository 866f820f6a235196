# SPDX-License-Identifier: GPL-3.0-or-later
"""A latent's object as pictures: by volume rendering (NeRF) or from its mesh (STF)."""
