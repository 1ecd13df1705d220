"""What the curation stages share: lines, components, DAGs, and the files they meet in."""
