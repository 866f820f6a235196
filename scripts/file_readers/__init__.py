# SPDX-License-Identifier: GPL-3.0-or-later
"""Other programs read the files that we write: `python3 -m scripts.file_readers` makes docs/file-readers.md."""
