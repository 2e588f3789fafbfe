"""Histories of offers: from the counter over the queue to the platform, and to rest."""
