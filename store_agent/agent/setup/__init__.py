"""`store-agent init`: makes or completes the configuration of a store, tries it, and puts it into its place.

Constraints first. A configuration that cannot be used, or that the platform refuses, replaces nothing. What stands in
a file stays, its comments too, unless a person or a flag says otherwise; done twice, it changes nothing the second
time. The secret is on no command line and in no output, and lies where only the agent's user reads it. Files are there
whole or not at all, and whoever runs this, they are the agent's to read.

Flow: `written` reads what stands there, `questions` tells what is missing, `draft` fills it in and checks the whole,
`trial` asks the platform, `secret` and `writing` keep it, `service` has systemd take it over.
"""
