-- name: schema_item
-- Numbers are in the order of search results. Lists are JSON, NULL if they are empty.
CREATE TABLE item (
    number            INTEGER NOT NULL PRIMARY KEY,
    item_id           TEXT    NOT NULL,
    name              TEXT    NOT NULL,
    sku               TEXT,
    description       TEXT,
    barcodes          TEXT,
    is_modifier       INTEGER NOT NULL,
    modifies_item_ids TEXT,
    external_ids      TEXT,
    CONSTRAINT item_has_an_id CHECK (length(item_id) > 0),
    CONSTRAINT item_is_modifier_or_not CHECK (is_modifier IN (0, 1))
) STRICT;

-- name: index_id
-- Indexes are made once the rows are there, by sorting.
CREATE UNIQUE INDEX item_by_id ON item (item_id);

-- name: index_sku
CREATE INDEX item_by_sku ON item (sku) WHERE sku IS NOT NULL;

-- name: schema_barcode
CREATE TABLE barcode (
    barcode TEXT    NOT NULL,
    item    INTEGER NOT NULL REFERENCES item (number),
    PRIMARY KEY (barcode, item)
) STRICT, WITHOUT ROWID;

-- name: schema_modifier
-- Which items change an item.
CREATE TABLE modifier (
    item     INTEGER NOT NULL REFERENCES item (number),
    modifier INTEGER NOT NULL REFERENCES item (number),
    PRIMARY KEY (item, modifier)
) STRICT, WITHOUT ROWID;

-- name: schema_category
-- Numbers are in the order given; `place` is that among the children of the parent. `path` are the names from the root.
CREATE TABLE category (
    number       INTEGER NOT NULL PRIMARY KEY,
    category_id  TEXT    NOT NULL UNIQUE,
    name         TEXT    NOT NULL,
    description  TEXT,
    external_ids TEXT,
    parent       INTEGER REFERENCES category (number) DEFERRABLE INITIALLY DEFERRED,
    place        INTEGER NOT NULL,
    path         TEXT    NOT NULL,
    children     INTEGER NOT NULL,
    items        INTEGER NOT NULL,
    CONSTRAINT category_has_an_id CHECK (length(category_id) > 0),
    CONSTRAINT category_stands_not_in_itself CHECK (parent <> number)
) STRICT;

-- name: index_parent
CREATE UNIQUE INDEX category_by_parent ON category (parent, place);

-- name: schema_shelf
-- Which items stand in a category, in the order given.
CREATE TABLE shelf (
    category INTEGER NOT NULL REFERENCES category (number),
    place    INTEGER NOT NULL,
    item     INTEGER NOT NULL REFERENCES item (number),
    PRIMARY KEY (category, place)
) STRICT, WITHOUT ROWID;

-- name: index_shelf
CREATE UNIQUE INDEX shelf_by_item ON shelf (item, category);

-- name: add_item
INSERT INTO item
    (number, item_id, name, sku, description, barcodes, is_modifier, modifies_item_ids, external_ids)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: add_barcode
INSERT INTO barcode (barcode, item) VALUES (?, ?) ON CONFLICT DO NOTHING;

-- name: add_modifier
INSERT INTO modifier (item, modifier) VALUES (?, ?) ON CONFLICT DO NOTHING;

-- name: add_category
INSERT INTO category
    (number, category_id, name, description, external_ids, parent, place, path, children, items)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: add_shelf
INSERT INTO shelf (category, place, item) VALUES (?, ?, ?);

-- name: add_names
-- Make some items searchable by their names.
INSERT INTO names (rowid, name) SELECT number, name FROM item WHERE number BETWEEN ? AND ? ORDER BY number;

-- name: add_words
-- Make some items searchable by all that is told of them, and by the names of the categories that they stand in.
INSERT INTO words (rowid, told)
SELECT
    number,
    concat_ws(
        ' ', name, item_id, sku, barcodes, description,
        (SELECT group_concat(path, ' ') FROM shelf JOIN category ON category.number = category WHERE item = item.number)
    )
FROM item WHERE number BETWEEN ? AND ? ORDER BY number;

-- name: holds
-- How many items and categories there are.
SELECT (SELECT count(*) FROM item), (SELECT count(*) FROM category);

-- name: items
-- Every item, in order of the id.
SELECT item_id, name, sku, description, barcodes, is_modifier, modifies_item_ids, external_ids
FROM item ORDER BY item_id;

-- name: categories
-- Every category, in order of the id.
SELECT number, category_id, name, description, external_ids FROM category ORDER BY category_id;

-- name: child_ids
-- The child categories of one, in the order given.
SELECT category_id FROM category WHERE parent = ? ORDER BY place;

-- name: item_ids
-- The items of a category, in the order given.
SELECT item_id FROM shelf JOIN item ON item.number = shelf.item WHERE category = ? ORDER BY place;

-- name: item
-- One item by its id.
SELECT item_id, name, sku, description, barcodes, is_modifier, modifies_item_ids, external_ids
FROM item WHERE item_id = ?;

-- name: numbered
-- One item by its number.
SELECT item_id, name, sku, description, barcodes, is_modifier, modifies_item_ids, external_ids
FROM item WHERE number = ?;

-- name: by_sku
-- The items of a SKU: nothing keeps a store from having several.
SELECT item_id, name, sku, description, barcodes, is_modifier, modifies_item_ids, external_ids
FROM item WHERE sku = ? ORDER BY number LIMIT ?;

-- name: by_barcode
-- The items of a barcode.
SELECT item_id, name, sku, description, barcodes, is_modifier, modifies_item_ids, external_ids
FROM barcode JOIN item ON number = item WHERE barcode = ? ORDER BY item LIMIT ?;

-- name: modifiers_of
-- The items that modify one.
SELECT
    item.item_id, item.name, item.sku, item.description, item.barcodes, item.is_modifier, item.modifies_item_ids,
    item.external_ids
FROM item AS modified JOIN modifier ON modifier.item = modified.number JOIN item ON item.number = modifier.modifier
WHERE modified.item_id = ? ORDER BY modifier.modifier LIMIT ?;

-- name: codes
-- The items with a code between two, in order of the codes.
SELECT number FROM (
    SELECT * FROM (
        SELECT number, item_id AS code FROM item WHERE item_id BETWEEN :first AND :last ORDER BY item_id LIMIT :limit
    )
    UNION ALL
    SELECT * FROM (
        SELECT number, sku FROM item WHERE sku BETWEEN :first AND :last ORDER BY sku LIMIT :limit
    )
    UNION ALL
    SELECT * FROM (
        SELECT item, barcode FROM barcode WHERE barcode BETWEEN :first AND :last ORDER BY barcode LIMIT :limit
    )
)
GROUP BY number ORDER BY min(code), number LIMIT :limit;

-- name: missing
-- Those of a JSON list of ids that no item has.
SELECT value FROM json_each(?) AS asked WHERE NOT EXISTS (SELECT 1 FROM item WHERE item_id = asked.value);

-- name: branch
-- One category.
SELECT number, category_id, name, description, children, items, place FROM category WHERE category_id = ?;

-- name: roots
-- A page of the categories that stand in no other.
SELECT number, category_id, name, description, children, items, place FROM category
WHERE parent IS NULL AND place > :after ORDER BY place LIMIT :limit;

-- name: children
-- A page of the categories in one.
SELECT number, category_id, name, description, children, items, place FROM category
WHERE parent = :parent AND place > :after ORDER BY place LIMIT :limit;

-- name: way
-- The categories above one, from the root; of more than 100 the nearest.
WITH RECURSIVE above (number, steps) AS (
    SELECT parent, 1 FROM category WHERE number = ?
    UNION ALL
    SELECT parent, steps + 1 FROM category JOIN above USING (number) WHERE steps < 100
)
SELECT number, category_id, name, description, children, items, place
FROM above JOIN category USING (number) ORDER BY steps DESC;

-- name: shelf
-- A page of the items in a category, each after its place.
SELECT place, item_id, name, sku, description, barcodes, is_modifier, modifies_item_ids, external_ids
FROM shelf JOIN item ON number = item WHERE category = :category AND place > :after ORDER BY place LIMIT :limit;
