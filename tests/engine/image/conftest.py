# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes scripts/mini importable as `mini`, as its commands do."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "scripts"))
