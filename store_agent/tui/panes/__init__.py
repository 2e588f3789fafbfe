"""The screens, one a file; each asks `calls` for what it shows, and shows what it is told."""
