"""store-agent: the offline-capable agent between a store's POS and its loyalty platform.

The way of a sale, the layers and the guarantees are told in ARCHITECTURE.md.
"""

__version__ = "0.1.0"
