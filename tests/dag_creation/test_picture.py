from __future__ import annotations

from io import BytesIO

from matplotlib.image import imread
from sprint.dag_creation.picture import draw_dag
from sprint.utils.thoughts.packing import assign_phases


def drawn(parents: dict[int, list[int]], executed: set[int]) -> bytes:
    return draw_dag(parents, assign_phases(parents, parents.keys() - executed), executed)


def shape(parents: dict[int, list[int]], executed: set[int]) -> tuple[int, ...]:
    return imread(BytesIO(drawn(parents, executed)), format="png").shape


def test_a_phase_more_makes_the_picture_higher() -> None:
    chain = {1: [], 2: [1], 3: [2]}
    assert shape(chain, {1, 2, 3})[0] > shape(chain, {2, 3})[0] > shape(chain, set())[0]


def test_a_wider_phase_makes_the_picture_wider() -> None:
    assert shape({1: [], 2: [], 3: []}, {1, 2, 3})[1] > shape({1: [], 2: [1], 3: [2]}, {1, 2, 3})[1]


def test_filled_and_hollow_components_look_different() -> None:
    assert drawn({1: []}, {1}) != drawn({1: []}, set())


def test_thirty_components_in_a_row_fit_on_a_page() -> None:
    height, width, _ = shape({component: [] for component in range(1, 31)}, set(range(1, 31)))
    assert height < width < 3000


def test_a_crowd_of_edges_is_drawn_as_the_chain_that_it_is() -> None:
    everything = {child: list(range(1, child)) for child in range(1, 31)}
    chain = {child: [child - 1] if child > 1 else [] for child in range(1, 31)}
    executed = set(everything)
    assert shape(everything, executed) == shape(chain, executed)
