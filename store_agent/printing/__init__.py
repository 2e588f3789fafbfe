"""Receipt codes as pictures: on a terminal so far, on paper later. No network but to a printer."""
