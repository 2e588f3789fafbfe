"""What the stand-in platform knows: members, cards, points, offers and what happened to them.

One noun to a file, no network and no JSON of any one call in here. It is forgotten as a whole. Whatever cannot be done
is a `BadInput` with the platform's code, see `refusals`.
"""
