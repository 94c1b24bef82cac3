"""JSON Schemas from attrs types, so that the document cannot say anything else than the code."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import Enum
from inspect import cleandoc
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs

_PLAIN: Mapping[object, Mapping[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    Decimal: {"type": "number"},
    NoneType: {"type": "null"},
    object: {},
}


class Schemas:
    """The components of one document, collected as they are referred to."""

    def __init__(self) -> None:
        """Begin with none."""
        self.components: dict[str, dict[str, Any]] = {}

    def of(self, kind: Any) -> dict[str, Any]:
        """The schema of a type; an attrs class becomes a component and a reference to it.

        Raises TypeError for a type that has no JSON form.
        """
        if kind in _PLAIN:
            return dict(_PLAIN[kind])
        origin, arguments = get_origin(kind), get_args(kind)
        if origin is Annotated:
            return {**self.of(arguments[0]), "description": arguments[1]}
        if origin is Literal:
            return {"type": "string", "enum": list(arguments)}
        if origin in {Union, UnionType}:
            return self._any_of(arguments)
        if origin is tuple:
            return {"type": "array", "items": self.of(arguments[0])}
        if origin is Mapping or (isinstance(origin, type) and issubclass(origin, Mapping)):
            return {"type": "object", "additionalProperties": self.of(arguments[1])}
        if isinstance(kind, type) and issubclass(kind, Enum):
            return {"type": "string", "enum": [member.value for member in kind]}
        if isinstance(kind, type) and attrs.has(kind):
            return self._component(kind)
        raise TypeError(f"no JSON schema for {kind!r}")

    def _any_of(self, arguments: Sequence[Any]) -> dict[str, Any]:
        schemas = [self.of(argument) for argument in arguments]
        if all(set(schema) == {"type"} for schema in schemas):
            return {"type": [schema["type"] for schema in schemas]}
        return {"anyOf": schemas}

    def _component(self, kind: type[attrs.AttrsInstance]) -> dict[str, Any]:
        name = kind.__name__
        if name not in self.components:
            self.components[name] = {}  # claimed before its fields are looked at: a type may refer to itself
            hints = get_type_hints(kind, include_extras=True)
            fields = [field for field in attrs.fields(kind) if field.init]
            self.components[name] = {
                "type": "object",
                "description": cleandoc(kind.__doc__ or "").partition("\n\n")[0].replace("\n", " ").replace("``", ""),
                "properties": {field.name: self.of(hints[field.name]) for field in fields},
                "required": [field.name for field in fields if field.default is attrs.NOTHING],
            }
        return {"$ref": f"#/components/schemas/{name}"}
