from __future__ import annotations

from io import BytesIO

from matplotlib.image import imread
from sprint.dag_creation.picture import draw_dag


def shape(parents: dict[int, list[int]], executed: set[int]) -> tuple[int, ...]:
    return imread(BytesIO(draw_dag(parents, executed)), format="png").shape


def test_a_phase_more_makes_the_picture_higher() -> None:
    chain = {1: [], 2: [1], 3: [2]}
    assert shape(chain, {1, 2, 3})[0] > shape(chain, {2, 3})[0] > shape(chain, set())[0]


def test_a_wider_phase_makes_the_picture_wider() -> None:
    assert shape({1: [], 2: [], 3: []}, {1, 2, 3})[1] > shape({1: [], 2: [1], 3: [2]}, {1, 2, 3})[1]
