"""The client for model servers: requests, retries, replicas, batches and limits."""
