# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of a latent's object, by volume rendering (NeRF) or from its mesh (STF)."""
