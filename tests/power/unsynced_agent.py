"""The real agent with a log that is synced at checkpoints only. For controls: a power cut must find it out."""

from store_agent.cli.main import main
from store_agent.storage import connection

connection._WRITER = (*connection._WRITER, "PRAGMA synchronous = NORMAL")  # type: ignore[assignment]  # one more

if __name__ == "__main__":
    main()
