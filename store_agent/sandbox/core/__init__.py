"""The core upstream: handlers of `/priv/...` and `/api/v1/...`, one noun to a file; each gives the answer's members."""
