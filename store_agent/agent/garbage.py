"""Python's collector of garbage, kept away from what a start loads.

What is loaded stays. Looking through it again and again takes a tenth of the start, and later a sale would wait while
all of it is looked through.
"""

import gc

LOADING_OBJECTS = 100_000
"""How many objects are made before garbage is looked for while the agent loads."""

_USUAL = gc.get_threshold()


def rest() -> None:
    """Look for garbage rarely, while the agent loads."""
    gc.set_threshold(LOADING_OBJECTS)


def keep_what_is_loaded() -> None:
    """Look for garbage as usual from now on, but not in what was loaded.

    Of an agent that started over, what the start before has left is garbage.
    """
    if gc.get_freeze_count():
        gc.unfreeze()
        gc.collect()
    gc.freeze()
    gc.set_threshold(*_USUAL)
