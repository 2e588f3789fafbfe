"""What an operator can set: one TOML file, overridden by the environment, secrets also from files.

`settings` holds every key with its unit, bounds and default; `load` reads them and explains what is wrong.
"""
