"""The document and the code are one: made from the table and the types, kept in the repository, valid."""

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

import attrs
import pytest
from openapi_spec_validator import validate
from tests.support.http_client import DOCUMENT

from petrosa_adapters.http.app import openapi_text
from petrosa_adapters.http.routes import ENDPOINTS
from petrosa_adapters.http.schemas import Schemas
from petrosa_core.decision import Outcome


def test_the_document_is_valid_openapi():
    """given the generated document, when it is held against the OpenAPI 3.1 schema, then it passes."""
    validate(DOCUMENT)


def test_the_committed_document_is_the_generated_one(root: Path):
    """given the copy in docs/reference, when the code has changed, then this fails until the copy is made again."""
    committed = (root / "docs" / "reference" / "openapi.json").read_bytes()

    assert json.loads(committed) == json.loads(openapi_text())


def test_every_open_route_is_in_the_document():
    """given the table, when the document is read, then each route that is not hidden is there with its scopes."""
    for endpoint in ENDPOINTS:
        path = endpoint.path.replace(":path}", "}")
        described = DOCUMENT["paths"].get(path, {}).get(endpoint.method.lower())
        assert (described is None) == endpoint.hidden, path
        if described is not None:
            assert {scope for each in described["security"] for scope in each["token"]} == set(endpoint.admits)


def test_every_route_is_described_in_the_reference(root: Path):
    """given the reference page, when a route is added, then the page has to name it."""
    page = (root / "docs" / "reference" / "http.md").read_text("utf-8")

    assert [each.path for each in ENDPOINTS if f"`{each.method} {each.path.replace(':path}', '}')}`" not in page] == []


@attrs.frozen
class Example:
    """One of everything."""

    number: Decimal
    choice: Literal["a", "b"]
    either: Decimal | str
    documented: Annotated[str | None, "What it is."]
    outcome: Outcome
    again: "tuple[Example, ...]" = ()
    anything: Mapping[str, object] = attrs.Factory(dict)


def test_a_schema_says_what_the_type_says():
    """given a type with one of everything, when its schema is made, then each field is there as it is meant."""
    schemas = Schemas()

    assert schemas.of(Example) == {"$ref": "#/components/schemas/Example"}
    assert schemas.components["Example"] == {
        "type": "object",
        "description": "One of everything.",
        "properties": {
            "number": {"type": "number"},
            "choice": {"type": "string", "enum": ["a", "b"]},
            "either": {"type": ["number", "string"]},
            "documented": {"type": ["string", "null"], "description": "What it is."},
            "outcome": {"type": "string", "enum": [outcome.value for outcome in Outcome]},
            "again": {"type": "array", "items": {"$ref": "#/components/schemas/Example"}},
            "anything": {"type": "object", "additionalProperties": {}},
        },
        "required": ["number", "choice", "either", "documented", "outcome"],
    }


@pytest.mark.parametrize("kind", [float, bytes, set[str]])
def test_a_type_without_a_json_form_is_refused(kind: type):
    """given a float or bytes in a body's type, when its schema is made, then it is refused: it could not be written."""
    with pytest.raises(TypeError):
        Schemas().of(kind)
