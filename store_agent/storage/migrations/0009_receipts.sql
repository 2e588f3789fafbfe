-- Receipt codes that are printed before a sale comes, codes that are not needed any more, and finding a receipt by what a
-- guest reads off it (DESIGN, section 5, G8). It only adds. Programs of schema 6 give the codes to their sales as they do
-- with those of a sale that is gone; a code that such a program used says until the next state of its sale that it waits.

INSERT INTO meta (key, value) VALUES ('schema_9_usable_from', '6')
ON CONFLICT (key) DO UPDATE SET value = excluded.value;

-- The terminal that asked for a code before a sale came with it; NULL once one has, and for codes minted with a sale.
-- While there is no sale at all, `orphaned` is the lived time at which the code was minted.
ALTER TABLE receipt_code ADD COLUMN ahead TEXT;
-- When a state of the sale came that names its guest, so that nobody needs the code; NULL while somebody may.
ALTER TABLE receipt_code ADD COLUMN retired_at INTEGER;

-- How many codes of a terminal wait for their sale.
CREATE INDEX receipt_code_ahead ON receipt_code (ahead) WHERE ahead IS NOT NULL;
-- The last letters of a code, and of a transaction; newest last.
CREATE INDEX receipt_code_by_end ON receipt_code (substr(lower(replace(replace(code, '-', ''), ' ', '')), -4), kept_at);
CREATE INDEX receipt_code_by_transaction_end
ON receipt_code (substr(lower(replace(replace(transaction_id, '-', ''), ' ', '')), -4), kept_at);
-- What a guest remembers of a sale whose receipt is lost: the amount, and about when.
CREATE INDEX revision_by_amount ON revision (amount, accepted_at) WHERE call IS NULL;
