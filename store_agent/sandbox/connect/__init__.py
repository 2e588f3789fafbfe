"""The connect upstream: handlers of `/offers/...` and `/incentives/...`; each gives the answer's payload."""
