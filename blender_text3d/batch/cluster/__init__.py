# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the objects of a list on all cores and GPUs of a machine or of a Ray cluster. Ray only gives the machines."""
