"""Analysis of results: tables, figures, the viewer, the run report and the judge."""
