"""What requests and answers of the API are made of."""

from collections.abc import Iterator
from typing import Any, Self, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from backend.core.errors import Invalid

SENTENCES = {
    "missing": "必填。",
    "extra_forbidden": "不需要这一项。",
    "string_type": "应为文字。",
    "string_too_short": "太短了。",
    "string_too_long": "太长了。",
    "string_pattern_mismatch": "格式不对。",
    "bool_type": "应为是或否。",
    "bool_parsing": "应为是或否。",
    "float_type": "应为数字。",
    "float_parsing": "应为数字。",
    "finite_number": "应为数字。",
    "int_type": "应为整数。",
    "int_parsing": "应为整数。",
    "enum": "不在可选的范围内。",
    "greater_than_equal": "太小了。",
    "less_than_equal": "太大了。",
    "too_long": "太多了。",
    "datetime_parsing": "日期时间的格式不对。",
    "datetime_from_date_parsing": "日期时间的格式不对。",
    "timezone_aware": "日期时间要带时区。",
    "date_parsing": "日期的格式不对。",
    "date_from_datetime_parsing": "日期的格式不对。",
    "date_from_datetime_inexact": "只要日期，不要时间。",
    "uuid_parsing": "编号的格式不对。",
}
UNREADABLE = "含有无法识别的字符，请重新填写。"


class Body(BaseModel):
    """A request's part: nothing unknown passes, refusals are Chinese and name the field."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:  # noqa: ANN401 - pydantic's own signature
        """Refuses: Invalid("invalid_input") with a sentence for each field at fault."""
        if any(_unreadable(text) for text in _texts(obj)):
            raise Invalid("invalid_input", UNREADABLE)
        try:
            return super().model_validate(obj, **options)
        except ValidationError as fault:
            fields = {
                ".".join(map(str, e["loc"])) or "body": SENTENCES.get(e["type"], "内容不对。") for e in fault.errors()
            }
            raise Invalid("invalid_input", "填写的内容有误，请按提示修改。", fields=fields) from fault


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(key)
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _unreadable(text: str) -> bool:
    """NUL, which PostgreSQL can't store, and halves of UTF-16 pairs, which UTF-8 can't write."""
    return "\0" in text or any("\ud800" <= character <= "\udfff" for character in text)


def many(item: type[BaseModel]) -> type[BaseModel]:
    """An answer that is a list of these; APIFlask understands it, its annotations don't say so."""
    return cast("type[BaseModel]", list[item])  # type: ignore[valid-type] # a type made at run time


class Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Once(Body):
    """The header by which a repeated request is known as the same one."""

    model_config = ConfigDict(extra="ignore")

    idempotency_key: str = Field(
        alias="Idempotency-Key",
        min_length=8,
        max_length=64,
        pattern=r"^[0-9A-Za-z_-]+$",
        description="A fresh random text for each form; sending the form again with the same text does it once.",
        examples=["0197c1a2-7f5e-7d31-9a36-2f1f0c1b7c11"],
    )

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:  # noqa: ANN401 - pydantic's own signature
        """Header names arrive as idempotency_key. Refuses: Invalid when it is missing or malformed."""
        key = obj.get("idempotency_key") if isinstance(obj, dict) else None
        return super().model_validate({} if key is None else {"Idempotency-Key": key}, **options)


class Fault(Answer):
    code: str = Field(examples=["invalid_input"])
    message: str = Field(examples=["填写的内容有误，请按提示修改。"])
    fields: dict[str, str] = Field(examples=[{"name": "必填。"}])


class Refusal(Answer):
    """Every refusal of the API."""

    error: Fault
    request_id: str
