# SPDX-License-Identifier: GPL-3.0-or-later
"""Summary of a report: counts, seconds, devices, versions, failures by reason, and histograms."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from statistics import median

from scripts.cli.report_histograms import histogram
from scripts.cli.report_row import CANCELLED, COMPLETE, FAILED, UNFINISHED, ReportRow

MAX_LISTED_FAILURES = 500
MAX_LISTED_REASONS = 20
MAX_LISTED_VALUES = 8


@dataclass
class Summary:
    """Sums over all rows.

    Attributes:
        statuses, models, qualities, devices, engines, torches: Number of objects by value.
        reasons: Number of objects by the reason why they are missing.
        seconds, faces, sizes: The known values of all objects.
        listed: Place and row of the first objects that failed or were not made.
    """

    statuses: Counter[str] = field(default_factory=Counter)
    models: Counter[str] = field(default_factory=Counter)
    qualities: Counter[str] = field(default_factory=Counter)
    devices: Counter[str] = field(default_factory=Counter)
    engines: Counter[str] = field(default_factory=Counter)
    torches: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    faces: list[float] = field(default_factory=list)
    sizes: list[float] = field(default_factory=list)
    listed: list[tuple[int, ReportRow]] = field(default_factory=list)

    @property
    def objects(self) -> int:
        """Number of rows."""
        return self.statuses.total()

    @property
    def failures(self) -> int:
        """Number of objects that failed."""
        return self.statuses[FAILED]

    def add(self, place: int, row: ReportRow) -> None:
        """Count a row."""
        self.statuses[row.status] += 1
        self.models[row.setting("model")] += 1
        self.qualities[row.setting("quality")] += 1
        self.devices[row.device] += 1
        self.engines[row.engine] += 1
        self.torches[row.torch] += 1
        if row.status == COMPLETE:
            self.seconds += [] if row.seconds is None else [row.seconds]
            self.faces += [row.faces] if row.faces else []
            self.sizes += [row.size_bytes] if row.size_bytes else []
        elif row.reason:
            self.reasons[row.reason] += 1
            if len(self.listed) < MAX_LISTED_FAILURES:
                self.listed.append((place, row))


def summary_html(summary: Summary) -> str:
    """Return the part of the page above the contact sheet."""
    facts = "".join(f"<div><dt>{escape(name)}</dt><dd>{value}</dd></div>" for name, value in facts_of(summary).items())
    figures = (
        histogram("Seconds", summary.seconds, seconds_text)
        + histogram("Faces", summary.faces, lambda value: f"{value:,.0f}")
        + histogram("File size", summary.sizes, bytes_text)
    )
    charts = f'<section class="charts" aria-label="Histograms">{figures}</section>' if figures else ""
    return f'<dl class="facts">{facts}</dl>{charts}{failures_html(summary)}'


def facts_of(summary: Summary) -> dict[str, str]:
    """Return facts by name, as HTML; what is not known is left out."""
    facts = {"Objects": f"<b>{summary.objects:,}</b>"}
    for status in (COMPLETE, FAILED, CANCELLED, UNFINISHED):
        if count := summary.statuses[status]:
            facts[status.capitalize()] = f'<b class="{status}">{count:,}</b>'
    if summary.seconds:
        total, middle = seconds_text(sum(summary.seconds)), seconds_text(median(summary.seconds))
        facts["Time of complete jobs"] = f"<b>{total}</b> <span>median {middle}</span>"
    if summary.sizes:
        facts["Files"] = f"<b>{bytes_text(sum(summary.sizes))}</b>"
    counted = {"Model": summary.models, "Quality": summary.qualities, "Device": summary.devices}
    counted |= {"Engine": summary.engines, "PyTorch": summary.torches}
    return facts | {name: text for name, values in counted.items() if (text := counts_html(values))}


def counts_html(counts: Mapping[str, int]) -> str:
    """Return the most frequent values, with their counts if there are several."""
    known = Counter({value: count for value, count in counts.items() if value})
    shown = known.most_common(MAX_LISTED_VALUES)
    if len(known) == 1:
        return escape(shown[0][0])
    lines = [f"{escape(value)} <span>{count:,}</span>" for value, count in shown]
    more = len(known) - len(shown)
    return "<br>".join([*lines, f"<span>and {more:,} more</span>"] if more else lines)


def failures_html(summary: Summary) -> str:
    """Return the objects that are missing with their reasons, or "" if nothing failed."""
    if not summary.listed:
        return ""
    count = summary.reasons.total()
    reasons = "".join(
        f"<li><b>{number:,}</b> {escape(reason)}</li>"
        for reason, number in summary.reasons.most_common(MAX_LISTED_REASONS)
    )
    more = len(summary.reasons) - MAX_LISTED_REASONS
    reasons += f"<li>and {more:,} more reasons</li>" if more > 0 else ""
    rows = "".join(failure_row(place, row) for place, row in summary.listed)
    rest = count - len(summary.listed)
    note = f"<p>The first {len(summary.listed):,} of {count:,}; filter by status for all.</p>" if rest else ""
    is_open = " open" if len(summary.listed) <= 12 else ""
    return (
        f'<section class="failures" aria-labelledby="failures"><h2 id="failures">Failures <span>{count:,}</span></h2>'
        f'<ul>{reasons}</ul><details{is_open}><summary>Every object</summary>{note}<div class="scroll"><table>'
        '<thead><tr><th scope="col">Prompt<th scope="col">Seed<th scope="col">Model<th scope="col">Status'
        f'<th scope="col">Reason</tr></thead><tbody>{rows}</tbody></table></div></details></section>'
    )


def failure_row(place: int, row: ReportRow) -> str:
    """Return a row of the table of failures, whose button opens the object."""
    name = escape(row.setting("prompt") or row.name)
    cells = (row.setting("seed"), row.setting("model"), row.status, row.reason)
    return (
        f'<tr><td><button type="button" data-place="{place}"><bdi>{name}</bdi></button></td>'
        f"{''.join(f'<td><bdi>{escape(cell)}</bdi></td>' for cell in cells)}</tr>"
    )


def seconds_text(seconds: float) -> str:
    """Return a duration: 1.2 s, 45 s, 12 min, 3.4 h."""
    if seconds < 120:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:,.1f} h"


def bytes_text(size: float) -> str:
    """Return a size: 900 B, 45 kB, 1.2 MB, 3.4 GB."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= scale:
            return f"{size / scale:.1f} {unit}" if size < 10 * scale else f"{size / scale:,.0f} {unit}"
    return f"{size:.0f} B"
