"""Catalog and employees: taken from the store, and kept in step at the platform.

Source: SessionM POS API, Metadata. `imports` takes a new state, `uploads` sends it when its content has changed.
"""
