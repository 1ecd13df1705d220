"""Stage 5: rounds of self-training, after which a model's answers take less time.

A round solves the training problems several times, keeps the fastest right trajectory of each, and
fine-tunes on them; run/run_latency_tuning.sh runs the rounds. Time is the priced path
(`utils/latency`), because samples are solved many at once, so that their wall clock says little.
"""
