# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from blender_text3d.protocol.errors import BadRequest
from blender_text3d.protocol.face_budget import most_faces
from blender_text3d.protocol.request import Request, make_requests


def budget_of(**choices) -> str:
    return make_requests("a red chair", **choices)[0].face_budget


def test_a_new_request_has_the_budget_of_its_quality_and_a_stored_one_without_a_budget_keeps_all_faces():
    assert budget_of() == "auto"
    stored = make_requests("a red chair")[0].to_values()
    del stored["face_budget"]
    assert Request.from_values(stored).face_budget == "full"


@pytest.mark.parametrize("budget", ["auto", "full", "4", "2500", "10000000"])
def test_words_and_numbers_are_accepted(budget):
    assert budget_of(face_budget=budget) == budget


def test_a_number_is_stored_as_text():
    assert budget_of(face_budget=2500) == "2500"


@pytest.mark.parametrize(
    "budget",
    [0, 3, -1, 10**9, "0", "3", "-5", "1e4", "\u0663\u0660\u0660", "9" * 5000, "Auto", "", None, True, 2.5, [4]],
)
def test_other_budgets_are_refused_with_the_least_and_the_largest(budget):
    with pytest.raises(BadRequest, match="The face budget is .* from 4 .a closed mesh has no fewer. to 10000000"):
        budget_of(face_budget=budget)


@pytest.mark.parametrize(("quality", "faces"), [("draft", 3000), ("standard", 10_000), ("exact", 40_000)])
@pytest.mark.parametrize("model", ["mini/shap-e", "mini/point-e", "mini/three-step", "shap-e/text300M"])
def test_each_quality_has_its_budget(model, quality, faces):
    request = make_requests("a red chair", model=model, quality=quality)[0]
    assert most_faces(request.face_budget, model, quality, request.grid) == faces


def test_a_finer_grid_has_proportionally_more_faces_and_a_coarser_one_no_fewer():
    assert most_faces("auto", "mini/shap-e", "standard", 256) == 40_000
    assert most_faces("auto", "mini/shap-e", "standard", 32) == 10_000
    assert most_faces("auto", "point-e/base40M-textvec", "exact", 512) == 10_000_000


def test_a_number_holds_for_every_grid_and_full_is_0():
    assert most_faces("2500", "mini/shap-e", "standard", 256) == 2500
    assert most_faces("full", "mini/shap-e", "standard", 256) == 0


def test_the_official_pipelines_keep_all_faces_unless_a_number_is_chosen():
    assert most_faces("auto", "reference/shap-e-text", "standard", 128) == 0
    assert most_faces("500", "reference/shap-e-text", "standard", 128) == 500
