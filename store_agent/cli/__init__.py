"""The commands, thin: read the configuration, call a part, print (DESIGN, section 7).

Heavy imports wait inside the commands, so that each loads only what it needs. A command that looks at or changes the
store asks the running agent through its local API (`local`); only when none runs does it open the database itself.
"""
