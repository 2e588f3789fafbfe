"""The files in which catalogs and employees come, read as streams, and the form in which they go to the platform.

`loading` is the way in: it finds the form by content, reads, has the whole checked, and gives it or refuses it with
all that is wrong. `json_stream` and `table` know JSON and CSV; `catalog_json`, `catalog_table` and `employee_lists`
know what is written in them. Nothing here keeps a file's text: memory is for what was read. `uploads` writes.
"""
