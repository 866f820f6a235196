# SPDX-License-Identifier: GPL-3.0-or-later
"""Pipelines on the Hugging Face hub: their cards, and their download by consent."""
