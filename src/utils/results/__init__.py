"""Result folders: the only writer, the readers, and the critical path of a problem's calls."""
