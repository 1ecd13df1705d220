"""Talking to model servers: one client, its retries, replicas, batches and limits."""
