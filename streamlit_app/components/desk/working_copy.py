"""Own the text being edited: what was typed, and the body of a version it makes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self, cast

from pydantic import ValidationError

from core.errors import Invalid
from core.values.body import VersionBody
from core.values.dependency import Dependency
from core.values.generation import ModelParams
from core.values.guardrail_policy import GuardrailPolicy
from streamlit_app.components.desk.check_rows import (
    TypedChecks,
    read_policy,
    tidy_checks,
    type_policy,
)
from streamlit_app.components.desk.field_rows import FieldRow, read_rows, row_of, tidy_row

TextArea = Literal["content", "system_prompt", "metaprompt"]
AREAS: tuple[tuple[TextArea, str], ...] = (
    ("content", "Prompt"),
    ("system_prompt", "System"),
    ("metaprompt", "Metaprompt"),
)
EMPTY = VersionBody(content="")


@dataclass
class WorkingCopy:
    """What stands in the editor, as typed: it may break rules until it is saved.

    `guardrails` are those it began with, `checks` what is typed of them.
    """

    texts: dict[TextArea, str]
    fields: list[FieldRow]
    model: str | None = None
    params: dict[str, Any] = field(default_factory=dict[str, Any])
    guardrails: GuardrailPolicy = EMPTY.guardrail_config
    checks: TypedChecks = field(default_factory=lambda: type_policy(EMPTY.guardrail_config))
    dependencies: tuple[Dependency, ...] = ()

    @classmethod
    def of_body(cls, body: VersionBody) -> Self:
        """Start from what a version says."""
        return cls(
            texts={area: getattr(body, area) for area, _ in AREAS},
            fields=[row_of(declared) for declared in body.required_fields],
            model=body.model,
            params=body.model_params.model_dump(exclude_none=True),
            guardrails=body.guardrail_config,
            checks=type_policy(body.guardrail_config),
            dependencies=body.dependencies,
        )

    @classmethod
    def of_draft(cls, typed: Mapping[str, Any], base: VersionBody) -> Self:
        """Start from what `as_typed` once gave; what is missing there comes from `base`."""
        copy = cls.of_body(base)
        for area, _ in AREAS:
            if isinstance(typed.get(area), str):
                copy.texts[area] = typed[area]
        if isinstance(typed.get("required_fields"), list):
            rows = cast("list[Mapping[str, object]]", typed["required_fields"])
            copy.fields = [tidy_row(row) for row in rows]
        copy.model = typed.get("model", copy.model)
        copy.params = dict(typed.get("model_params", copy.params))
        copy.checks = tidy_checks(typed.get("checks", {}), copy.checks)
        if isinstance(typed.get("dependencies"), list):
            copy.dependencies = tuple(map(Dependency.model_validate, typed["dependencies"]))
        return copy

    def as_typed(self) -> dict[str, Any]:
        """Return everything as plain data, for keeping unsaved edits."""
        return {
            **self.texts,
            "required_fields": [dict(row) for row in self.fields],
            "model": self.model,
            "model_params": dict(self.params),
            "checks": dict(self.checks),
            "dependencies": [one.model_dump(mode="json") for one in self.dependencies],
        }

    def body(self) -> VersionBody:
        """Return the body to save.

        Raises:
            Invalid: a field, a parameter or a text breaks a rule.
        """
        problems = read_rows(self.fields).problems
        if problems:
            raise Invalid(problems[0], field="required_fields", remedy="See Variables.")
        return self._make(self.policy())

    def readable(self) -> VersionBody:
        """Return the body without the fields and checks that break a rule, to look at.

        Raises:
            Invalid: a parameter or a text breaks a rule.
        """
        try:
            policy = self.policy()
        except Invalid:
            policy = self.guardrails
        return self._make(policy)

    def policy(self) -> GuardrailPolicy:
        """Return the checks that are typed.

        Raises:
            Invalid: they can't be read.
        """
        return read_policy(self.checks, self.guardrails)

    def _make(self, policy: GuardrailPolicy) -> VersionBody:
        try:
            return VersionBody(
                **self.texts,
                model=self.model,
                required_fields=read_rows(self.fields).fields,
                model_params=ModelParams.model_validate(self.params),
                guardrail_config=policy,
                dependencies=self.dependencies,
            )
        except ValidationError as error:
            first = error.errors()[0]
            where = " ".join(str(part) for part in first["loc"]).replace("_", " ")
            reason = first["msg"].removeprefix("Value error, ")
            raise Invalid(
                f"The {where} can't be used: {reason}.", field=str(first["loc"][0])
            ) from None
