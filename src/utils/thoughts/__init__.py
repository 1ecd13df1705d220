"""A thought in lines, components and its dependency DAG, and the folders that hold them."""
