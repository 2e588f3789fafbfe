"""The real agent that forgets what was minted ahead once a sale comes, for the control."""

from store_agent.cli.main import main
from store_agent.domain.receipts import Code
from store_agent.storage import codes, intake, sqlite


def only_written(transaction_id: str, written: str | None, raw: sqlite.Connection) -> dict[str, Code]:
    """Look only at the revisions of a transaction."""
    return {code.payment: code for code, _ in codes.read_codes(written)}


vars(intake)["codes_so_far"] = only_written

if __name__ == "__main__":
    main()
