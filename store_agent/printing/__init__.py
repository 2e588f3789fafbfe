"""Receipt codes as pictures: on a terminal and on paper. No network but to a printer."""
