"""Parts of screens that show one thing each."""
