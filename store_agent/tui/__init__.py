"""The manager's screen: one more client of the local API, and nothing else (DESIGN, sections 4 and 6).

Constraints. No screen speaks HTTP: `calls` does. Nothing blocks the loop that draws. Text from outside is shown to the
letter and never read as markup, without its control codes (`domain.plain`). Nothing is told by colour alone.

Flow::

    access     how the agent is reached: socket, token in the storage directory, or name and token
    calls      the questions and orders, as methods
    feed       follows status and events, and tells when nobody answers
    app        the frame: heading, screens, keys      panes   one screen a file      dialogs   one question a file

What can be decided without a screen stands apart and is tested so: `verdict`, `progress`, `window`, `receipt`,
`words`, `filters`, `deeds`.
"""
