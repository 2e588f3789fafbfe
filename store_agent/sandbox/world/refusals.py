"""How the relayed upstreams refuse.

"Generic Statuses and Errors": 404 for what is not found by its id; everything else that a call cannot do comes with
status 200 and `"status": "error"`.
"""

from store_agent.errors import BadInput


def unknown(code: str, words: str) -> BadInput:
    """Build the refusal of an id that names nothing."""
    return BadInput(code, words, status=404)


def declined(code: str, words: str) -> BadInput:
    """Build the refusal of a call that was understood and cannot be done."""
    return BadInput(code, words, status=200)
