"""Questions and notices in front of the screens, one a file."""
