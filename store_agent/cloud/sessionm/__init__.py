"""The SessionM POS API: requests made of stored payloads, answers read as outcomes."""
