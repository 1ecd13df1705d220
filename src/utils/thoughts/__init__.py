"""A thought as lines, components and a dependency DAG, and the folders that store them."""
