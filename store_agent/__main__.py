"""`python -m store_agent` and the console script `store-agent`."""

from store_agent.cli.main import main

if __name__ == "__main__":
    main()
