# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of runs on a cluster: sentences for the user, with one argument, since Ray pickles what a node raises."""


class RayMissing(Exception):
    """Ray cannot be imported, or is of another version than the one that is pinned."""


class NoCluster(Exception):
    """The cluster at an address does not answer, or does not accept this machine."""


class UnfitNode(Exception):
    """A machine cannot make these objects, such as one without their weights."""


class FolderTaken(Exception):
    """Another run fills the output folder."""


class RunFailed(Exception):
    """Nothing can make the rest; what was made is kept."""
