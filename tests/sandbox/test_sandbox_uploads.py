"""upload_catalog and upload_employees: the last one counts."""

import pytest

CATALOG = {"items": [{"category_id": "C1", "name": "Drinks", "item_ids": ["1"]}, {"item_id": "1", "name": "Cola"}]}
EMPLOYEES = {"employees": [{"employee_id": "1000", "first_name": "Jo", "last_name": "Till"}]}


def uploads(till):
    return till.client.get("/sandbox/uploads").json()


def test_nothing_is_uploaded_at_first(till):
    assert uploads(till) == {"catalog": None, "employees": None}


def test_the_last_catalog_replaces_the_one_before(till):
    till.call("upload_catalog", {"items": []})

    answer = till.call("upload_catalog", CATALOG)

    assert (answer.status_code, answer.json()["payload"]) == (200, None)
    assert uploads(till) == {"catalog": CATALOG, "employees": None}


def test_the_last_employees_replace_those_before(till):
    till.call("upload_employees", {"employees": []})

    assert till.call("upload_employees", EMPLOYEES).status_code == 200
    assert uploads(till) == {"catalog": None, "employees": EMPLOYEES}


@pytest.mark.parametrize(
    ("endpoint", "payload", "path"),
    [
        ("upload_catalog", {}, "items"),
        ("upload_catalog", {"items": [5]}, "items"),
        ("upload_catalog", {"items": [{"item_id": "1", "name": "Cola"}, {"name": "?"}]}, "items.1.item_id"),
        ("upload_catalog", {"items": [{"category_id": "C1"}]}, "items.0.name"),
        ("upload_employees", {"employees": None}, "employees"),
        ("upload_employees", {"employees": [{"employee_id": "1", "first_name": "Jo"}]}, "employees.0.last_name"),
    ],
)
def test_a_row_without_its_identity_refuses_the_upload(till, endpoint, payload, path):
    till.call("upload_catalog", CATALOG)

    answer = till.call(endpoint, payload)

    assert answer.status_code == 400
    assert answer.json()["errors"]["fields"][0]["path"] == f"request_payload.{path}"
    assert uploads(till) == {"catalog": CATALOG, "employees": None}
