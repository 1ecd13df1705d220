"""What looks at results: tables, figures, the viewer, the report of a run, and the judge."""
