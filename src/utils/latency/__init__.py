"""What a trajectory costs in seconds: prices, and the critical path that they give."""
