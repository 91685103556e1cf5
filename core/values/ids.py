"""Own `Id`: a MongoDB object id that pydantic reads from its 24 hexadecimal digits."""

from typing import Annotated, Any

from bson import ObjectId
from pydantic import BeforeValidator, InstanceOf, PlainSerializer, WithJsonSchema


def _parse(value: Any) -> ObjectId:
    if isinstance(value, ObjectId):
        return value
    if isinstance(value, str) and ObjectId.is_valid(value):
        return ObjectId(value)
    msg = "is not an id of 24 hexadecimal digits"
    raise ValueError(msg)


Id = Annotated[
    InstanceOf[ObjectId],
    BeforeValidator(_parse),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": "^[0-9a-f]{24}$"}),
]
