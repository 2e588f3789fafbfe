"""A sale that was taken before, read again from what is kept of it."""

from store_agent.domain.container import Identity, read_container
from store_agent.domain.transaction import Sale, read_sale


def read_kept(payload: bytes, forwarded: str) -> Sale:
    """Read a revision's payload and the container's members that go with it. Raises BadInput where it is not intact."""
    members = b", " + forwarded.encode() if forwarded else b""
    container = read_container(b'{"request_payload": ' + payload + members + b"}", Identity("", ""))
    return read_sale(container.payload, "", user_known=container.user_known)
