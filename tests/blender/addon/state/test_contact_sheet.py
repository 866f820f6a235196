# SPDX-License-Identifier: GPL-3.0-or-later
"""The contact sheet as plain values: places, moves, marks, and what is kept."""

import math

import pytest

from blender_text3d.addon.state.contact_sheet import (
    SPACING,
    Cell,
    ContactSheet,
    Mark,
    cell_locations,
    column_count,
    grid_axes,
)


def sheet_of(count):
    """A sheet with the jobs "0", "1" …"""
    cells = [Cell((float(index), 0.0, 0.0), str(index), 100 + index) for index in range(count)]
    return ContactSheet(cells, column_count(count), 1.0, "Scene")


@pytest.mark.parametrize(("count", "columns"), [(2, 2), (4, 2), (5, 3), (9, 3), (10, 4), (16, 4)])
def test_a_sheet_is_as_square_as_possible(count, columns):
    assert column_count(count) == columns


def test_cells_stand_row_by_row_from_the_top_left_around_the_center():
    step = 2.0 * SPACING
    locations = cell_locations(4, (10.0, 0.0, 1.0), 2.0, (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    expected = [
        (10 - step / 2, 0, 1 + step),
        (10 + step / 2, 0, 1 + step),
        (10 - step / 2, 0, 1),
        (10 + step / 2, 0, 1),
    ]
    assert locations == [pytest.approx(place) for place in expected]


def test_an_incomplete_last_row_is_the_lowest():
    locations = cell_locations(3, (0.0, 0.0, 0.0), 1.0, (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    assert [place[2] for place in locations] == pytest.approx([SPACING, SPACING, 0.0])


def test_seen_from_the_side_rows_stand_above_each_other_along_the_view():
    turned = (math.cos(0.5), math.sin(0.5), 0.0)
    right, up = grid_axes(turned, (0.0, 0.2, 0.9), (math.sin(0.5), -math.cos(0.5), 0.4))
    assert right == pytest.approx(turned)
    assert up == (0.0, 0.0, 1.0)


def test_seen_from_above_the_grid_lies_on_the_ground():
    right, up = grid_axes((1.0, 0.0, 0.0), (0.0, 0.98, 0.2), (0.0, -0.2, 0.98))
    assert right == (1.0, 0.0, 0.0)
    assert up == pytest.approx((0.0, 1.0, 0.0))
    assert grid_axes((1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, -1.0))[1] == (0.0, -1.0, 0.0)


def test_a_view_along_its_own_up_still_has_axes():
    assert grid_axes((0.0, 0.0, 1.0), (0.0, 0.0, 1.0), (0.0, 0.0, 1.0)) == ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))


@pytest.mark.parametrize(
    ("start", "move", "end"),
    [(4, (1, 0), 5), (4, (-1, 0), 3), (4, (0, -1), 1), (4, (0, 1), 7), (5, (1, 0), 5), (3, (-1, 0), 3), (1, (0, -1), 1),
     (7, (0, 1), 7)],
)  # fmt: skip
def test_moves_stop_at_the_edges(start, move, end):
    sheet = sheet_of(9)
    sheet.go_to(start)
    sheet.move(*move)
    assert sheet.current == end


def test_a_move_into_a_missing_cell_of_the_last_row_does_nothing():
    sheet = sheet_of(5)
    sheet.go_to(2)
    sheet.move(0, 1)
    assert sheet.current == 2
    sheet.go_to(99)
    assert sheet.current == 2


def test_a_mark_goes_on_to_the_next_cell_without_one():
    sheet = sheet_of(4)
    sheet.toggle(Mark.KEPT)
    assert (sheet.cells[0].mark, sheet.current) == (Mark.KEPT, 1)
    sheet.go_to(3)
    sheet.toggle(Mark.REJECTED)
    assert sheet.current == 1
    sheet.go_to(0)
    sheet.toggle(Mark.KEPT)
    assert (sheet.cells[0].mark, sheet.current) == (Mark.NONE, 0)


def test_a_mark_with_the_mouse_stays_where_the_mouse_is():
    sheet = sheet_of(4)
    sheet.hover(2)
    sheet.toggle(Mark.KEPT)
    assert (sheet.cells[2].mark, sheet.current) == (Mark.KEPT, 2)
    sheet.toggle(Mark.REJECTED)
    assert (sheet.cells[2].mark, sheet.current) == (Mark.REJECTED, 2)


def test_keys_and_a_mouse_that_rests_do_not_fight_for_the_current_cell():
    sheet = sheet_of(9)
    sheet.hover(0)
    sheet.move(1, 0)
    sheet.hover(0)
    assert sheet.current == 1
    sheet.toggle(Mark.KEPT)
    sheet.hover(0)
    assert sheet.current == 2
    sheet.hover(None)
    assert sheet.current == 2
    sheet.hover(0)
    assert sheet.current == 0


def test_marks_with_keys_pass_through_the_cell_that_the_mouse_rests_on():
    sheet = sheet_of(4)
    sheet.hover(1)
    sheet.move(-1, 0)
    for expected in (1, 2, 3):
        sheet.toggle(Mark.KEPT)
        assert sheet.current == expected


def test_a_row_holds_its_jobs_in_the_order_of_their_cells():
    sheet = sheet_of(4)
    sheet.center = (5.0, 0.0, 0.0)
    assert list(sheet.row_locations({"3", "1"}).items()) == [
        ("1", pytest.approx((5 - SPACING / 2, 0, 0))), ("3", pytest.approx((5 + SPACING / 2, 0, 0))),
    ]  # fmt: skip


def test_a_mark_replaces_the_other_one():
    sheet = sheet_of(4)
    sheet.toggle(Mark.KEPT)
    sheet.go_to(0)
    sheet.toggle(Mark.REJECTED)
    assert sheet.cells[0].mark == Mark.REJECTED


def test_when_all_are_marked_the_current_cell_stays():
    sheet = sheet_of(2)
    sheet.toggle(Mark.KEPT)
    sheet.toggle(Mark.KEPT)
    assert sheet.current == 1


def test_only_kept_results_stay_if_any_is_kept():
    sheet = sheet_of(4)
    sheet.cells[1].mark, sheet.cells[2].mark = Mark.KEPT, Mark.REJECTED
    assert sheet.kept_job_ids() == {"1"}


def test_without_a_kept_result_all_but_the_rejected_ones_stay():
    sheet = sheet_of(3)
    assert sheet.kept_job_ids() == {"0", "1", "2"}
    sheet.cells[2].mark = Mark.REJECTED
    assert sheet.kept_job_ids() == {"0", "1"}


def test_rejected_results_are_hidden_and_comparing_shows_two():
    sheet = sheet_of(4)
    sheet.cells[3].mark = Mark.REJECTED
    assert sheet.shown_job_ids() == {"0", "1", "2"}
    sheet.go_to(2)
    sheet.go_to(3)
    sheet.is_comparing = True
    assert sheet.shown_job_ids() == {"2", "3"}


def test_a_replaced_cell_has_the_new_job_and_no_mark():
    sheet = sheet_of(2)
    sheet.cells[1].mark = Mark.REJECTED
    assert sheet.rejected() == [sheet.cells[1]]
    sheet.replace(sheet.cells[1], "new", 7)
    cell = sheet.cells[1]
    assert (cell.job_id, cell.seed, cell.mark) == ("new", 7, Mark.NONE)
    assert sheet.rejected() == []
