"""Receipt codes as pictures, text and the bytes of receipt printers, and the way to these. No network but to a printer.

`qr` draws a code; `layout` says what stands on a stub (a `Slip`) and where; `escpos` writes a stub for a printer with
a `paper`; `forms` names all that a receipt can be rendered as. Other people's text goes through `domain.plain`, so that
no sale can move a cursor or cut the paper. `delivery` brings bytes to a `printer` in bounded time, by `network` or
`device`; all else here sends nothing anywhere.
"""
