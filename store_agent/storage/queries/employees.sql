-- name: schema
-- Numbers are in the order of search results. Dates are moments in the documented form in UTC, which sort as text.
CREATE TABLE employee (
    number      INTEGER NOT NULL PRIMARY KEY,
    employee_id TEXT    NOT NULL UNIQUE,
    first_name  TEXT    NOT NULL,
    last_name   TEXT    NOT NULL,
    start_date  TEXT,
    end_date    TEXT,
    CONSTRAINT employee_has_an_id CHECK (length(employee_id) > 0),
    CONSTRAINT employee_ends_after_the_start CHECK (end_date >= start_date)
) STRICT;

-- name: add_employee
INSERT INTO employee (number, employee_id, first_name, last_name, start_date, end_date) VALUES (?, ?, ?, ?, ?, ?);

-- name: add_names
-- Make some employees searchable by their names.
INSERT INTO names (rowid, name)
SELECT number, concat_ws(' ', first_name, last_name) FROM employee WHERE number BETWEEN ? AND ? ORDER BY number;

-- name: add_words
-- Make some employees searchable by all that is told of them.
INSERT INTO words (rowid, told)
SELECT number, concat_ws(' ', first_name, last_name, employee_id)
FROM employee WHERE number BETWEEN ? AND ? ORDER BY number;

-- name: holds
-- How many there are.
SELECT count(*) FROM employee;

-- name: employees
-- Every employee, in order of the id.
SELECT employee_id, first_name, last_name, start_date, end_date FROM employee ORDER BY employee_id;

-- name: employee
-- One employee by the id.
SELECT employee_id, first_name, last_name, start_date, end_date FROM employee WHERE employee_id = ?;

-- name: numbered
-- One employee by the number.
SELECT employee_id, first_name, last_name, start_date, end_date FROM employee WHERE number = ?;

-- name: codes
-- The employees with an id between two, in order of the ids.
SELECT number FROM employee WHERE employee_id BETWEEN :first AND :last ORDER BY employee_id LIMIT :limit;

-- name: active_at
-- A page of those who work here at a moment, in order of the id.
SELECT employee_id, first_name, last_name, start_date, end_date FROM employee
WHERE employee_id > :after
    AND (start_date IS NULL OR start_date <= :moment)
    AND (end_date IS NULL OR :moment <= end_date)
ORDER BY employee_id LIMIT :limit;
