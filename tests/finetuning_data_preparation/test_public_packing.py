"""The public path of the packing rule."""

from sprint.finetuning_data_preparation.packing import assign_phases


def test_the_rule_can_be_imported_from_its_stage() -> None:
    assert assign_phases({1: [], 2: [1], 3: [2]}, plan_only={1}) == {1: 1, 2: 1, 3: 2}
