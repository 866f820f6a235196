# SPDX-License-Identifier: GPL-3.0-or-later
"""ResultStrip: the page of results that the panel shows, loaded in steps. In memory only; panels read no files."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ...client.results.entry import ResultEntry
from ...client.results.index import ResultFilter, ResultIndex
from .file_jobs import file_jobs
from .view import View

PAGE_SIZE = 12


class ResultStrip:
    """The shown page.

    Attributes:
        view: What is shown, or being loaded; None before the panel was first drawn.
        page: Index of the page that is shown.
        entries: The results on it, newest first.
        has_next: True if there is another page.
        is_loaded: True once the page was searched for completely.
        searched: Number of jobs that were looked through for this page.
        version: Changes with everything that the panel shows.
    """

    def __init__(self) -> None:
        self.view: View | None = None
        self.page = 0
        self.entries: list[ResultEntry] = []
        self.has_next = False
        self.is_loaded = False
        self.searched = 0
        self.version = 0
        self._index: ResultIndex | None = None
        self._wanted = ResultFilter()
        self._steps: Iterator[None] | None = None

    @property
    def is_busy(self) -> bool:
        """True while the next step has something to do."""
        return self._steps is not None

    @property
    def job_count(self) -> int:
        """Number of jobs in the folder."""
        return len(self._index.names) if self._index else 0

    def show(self, view: View) -> None:
        """Load a view, unless it is shown. Another filter starts at its first page."""
        if view == self.view:
            return
        is_same_filter = self.view is not None and replace(view, page=self.view.page) == self.view
        self.view = view if is_same_filter else replace(view, page=0)
        self.is_loaded = False
        self._steps = self._load(self.view, is_new=True)

    def reload(self) -> None:
        """Load the view again, because job folders have changed."""
        if self.view is not None:
            self._steps = self._load(self.view, is_new=False)

    def reread(self, job_id: str) -> None:
        """Show one result as it is now, on whichever page it is, and load the view again."""
        if self._index is None:
            return
        self._index.read(job_id)
        entries = [entry for shown in self.entries if (entry := self.entry(shown.job_id))]
        self._set_entries([entry for entry in entries if self._wanted.matches(entry)])
        self.version += 1
        self.reload()

    def check(self) -> None:
        """Look for changes by others, unless something is being loaded."""
        if self.view is not None and not self.is_busy:
            self._steps = self._look_for_changes(self.view)

    def step(self) -> None:
        """Take one step of a fraction of a millisecond."""
        steps = self._steps
        if steps is not None and next(steps, StopIteration) is StopIteration and self._steps is steps:
            self._steps = None

    def entry(self, job_id: str) -> ResultEntry | None:
        """Return a result as it was last read, also from another page, or None."""
        return self._index.known(job_id) if self._index else None

    def _load(self, view: View, *, is_new: bool) -> Iterator[None]:
        """Load a page; while a new one is searched for, its first results are shown already."""
        index = self._index_of(view.jobs_dir)
        if index.is_outdated():
            yield from index.list_names()
        self._wanted = view.wanted._replace(job_ids=(yield from file_jobs())) if view.is_this_file else view.wanted
        found: list[str] = []  # names: the garbage collector would follow thousands of entries
        start = view.page * PAGE_SIZE
        for searched, entry in enumerate(index.search(self._wanted), start=1):
            self.searched = searched
            found += [entry.job_id] if entry else []
            if entry and is_new:
                self._set_page(found, view.page)
            if len(found) > start + PAGE_SIZE:
                break
            yield
        last = min(view.page, max(0, len(found) - 1) // PAGE_SIZE)
        self._set_page(found, last)
        self.view, self.is_loaded = replace(view, page=last), True
        self.version += is_new

    def _look_for_changes(self, view: View) -> Iterator[None]:
        """Read the shown results again, and load the view again if another Blender changed what belongs to it."""
        index = self._index_of(view.jobs_dir)
        is_changed = index.is_outdated() or index.has_newly_finished()
        yield
        if view.is_this_file and not is_changed:
            is_changed = (yield from file_jobs()) != self._wanted.job_ids
        entries = [entry for shown in self.entries if (entry := index.read(shown.job_id))]
        if is_changed or len(entries) < len(self.entries) or not all(map(self._wanted.matches, entries)):
            self.reload()
        else:
            self._set_entries(entries)

    def _set_page(self, found: list[str], page: int) -> None:
        """Show a page of the results that were found so far."""
        end = (page + 1) * PAGE_SIZE
        if (page, len(found) > end) != (self.page, self.has_next):
            self.page, self.has_next = page, len(found) > end
            self.version += 1
        self._set_entries([entry for job_id in found[page * PAGE_SIZE : end] if (entry := self.entry(job_id))])

    def _set_entries(self, entries: list[ResultEntry]) -> None:
        if entries != self.entries:
            self.entries = entries
            self.version += 1

    def _index_of(self, jobs_dir: Path) -> ResultIndex:
        if self._index is None or self._index.jobs_dir != jobs_dir:
            self._index = ResultIndex(jobs_dir)
        return self._index


strip = ResultStrip()
