"""What people do to prompts over REST, step by step, compared with a model in plain Python."""

import itertools
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.api.people import Visitor
from tests.api.served import Served

ROLES = ("viewer", "editor", "operator", "admin")
WORDS = st.sampled_from(["Say hello.", "Greet {{ name }}.", "Hej.", "Good day, {{ name }}!"])
BUMPS = st.sampled_from(["major", "minor", "patch"])
LABELS = st.sampled_from(["production", "staging"])
RUNS = itertools.count()


@dataclass
class Version:
    """What is known of a version."""

    content: str
    is_published: bool = False
    was_made_current: bool = False


@dataclass
class Model:
    """What the server must say about the prompt."""

    versions: dict[str, Version] = field(default_factory=dict[str, Version])
    used: set[str] = field(default_factory=set[str])
    current: str | None = None
    labels: dict[str, str] = field(default_factory=dict[str, str])
    executions: int = 0
    is_in_service: bool = True
    role_of_colleague: str | None = None

    def published(self) -> list[str]:
        return [number for number, one in self.versions.items() if one.is_published]

    def drafts(self) -> list[str]:
        return [number for number, one in self.versions.items() if not one.is_published]


def served(machine: "PromptMachine") -> bool:
    return machine.model.is_in_service


def has_versions(machine: "PromptMachine") -> bool:
    return served(machine) and bool(machine.model.versions)


def has_published(machine: "PromptMachine") -> bool:
    return served(machine) and bool(machine.model.published())


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


class PromptMachine(RuleBasedStateMachine):
    """One prompt of an owner, a colleague with changing roles, a stranger; the test sets them."""

    api: Served
    owner: Visitor
    colleague: Visitor
    colleague_id: str
    stranger: Visitor
    steps = 0

    def __init__(self) -> None:
        super().__init__()
        name = f"m{next(RUNS)}"
        made = self.ask("POST", "/applications", {"name": name}).json()
        self.application = made["id"]
        self.keyed = self.api.visitor.keyed(made["api_key"])
        new = {"application_id": self.application, "name": name, "prompt_id": name}
        assert self.ask("POST", "/prompts", new).status_code == 201
        self.name, self.prompt = name, f"/prompts/{name}"
        self.model = Model()

    def ask(self, method: str, path: str, body: Any = None, who: Visitor | None = None) -> Any:
        return self.api.ask(who or self.owner, method, path, body)

    @precondition(served)
    @rule(content=WORDS, bump=BUMPS, tail=st.integers(0, 5))
    def save(self, content: str, bump: str, tail: int) -> None:
        text = f"{content} {tail}"
        body = {"content": text, "bump": bump, "required_fields": [{"name": "name"}]}
        answer = self.ask("POST", f"{self.prompt}/versions", body)
        number = answer.json()["version"]

        twins = [one for one, known in self.model.versions.items() if known.content == text]
        assert answer.status_code == (200 if twins else 201), answer.text
        if twins:
            assert number in twins
            return
        assert number not in self.model.used, "a number was given twice"
        assert numbers(number) > max(map(numbers, self.model.used), default=(0,))
        self.model.used.add(number)
        self.model.versions[number] = Version(text)

    @precondition(has_versions)
    @rule(data=st.data(), make_current=st.booleans())
    def publish(self, data: st.DataObject, make_current: bool) -> None:
        number = data.draw(st.sampled_from(sorted(self.model.versions)))
        body = {"make_current": make_current}
        answer = self.ask("POST", f"{self.prompt}/versions/{number}/publish", body)

        assert answer.status_code == 200, answer.text
        known = self.model.versions[number]
        known.is_published = True
        if make_current and not known.was_made_current:  # once: going back is a roll-back
            known.was_made_current = True
            self.model.current = number

    @precondition(has_versions)
    @rule(data=st.data(), content=WORDS)
    def edit(self, data: st.DataObject, content: str) -> None:
        number = data.draw(st.sampled_from(sorted(self.model.versions)))
        text = f"{content} edited"
        answer = self.ask("PUT", f"{self.prompt}/versions/{number}", {"content": text})

        if self.model.versions[number].is_published:
            assert (answer.status_code, answer.json()["code"]) == (409, "version_frozen")
        elif answer.status_code == 200:
            self.model.versions[number].content = text
        else:
            assert answer.status_code == 409, answer.text

    @precondition(has_versions)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.model.versions)))
        answer = self.ask("DELETE", f"{self.prompt}/versions/{number}")

        is_published = self.model.versions[number].is_published
        assert answer.status_code == (409 if is_published else 204), answer.text
        if not is_published:
            del self.model.versions[number]

    @precondition(has_versions)
    @rule(data=st.data(), label=LABELS)
    def label(self, data: st.DataObject, label: str) -> None:
        number = data.draw(st.sampled_from(sorted(self.model.versions)))
        answer = self.ask("PUT", f"{self.prompt}/labels/{label}", {"version": number})

        is_published = self.model.versions[number].is_published
        assert answer.status_code == (200 if is_published else 409), answer.text
        if is_published:
            self.model.labels[label] = number

    @precondition(has_published)
    @rule(data=st.data())
    def roll_back(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.model.published())))
        path = f"{self.prompt}/versions/{number}/rollback"
        answer = self.ask("POST", path, {"reason": "as it was"})
        restored = answer.json()

        assert answer.status_code == 201, answer.text
        assert restored["version"] not in self.model.used
        assert restored["content"] == self.model.versions[number].content
        self.model.used.add(restored["version"])
        self.model.versions[restored["version"]] = Version(
            restored["content"], is_published=True, was_made_current=True
        )
        self.model.current = restored["version"]

    @precondition(served)
    @rule(selector=st.sampled_from(["latest", "label:production", "label:staging"]))
    def execute(self, selector: str) -> None:
        body = {"variables": {"name": "Bo"}, "model": "demo/echo"}
        path = f"/execute/{self.name}/{selector}"
        answer = self.ask("POST", path, body, who=self.keyed)

        meant = (
            self.model.current
            if selector == "latest"
            else self.model.labels.get(selector.removeprefix("label:"))
        )
        if meant is None:
            assert answer.status_code in {404, 409}, answer.text
            return
        assert (answer.status_code, answer.json()["version"]) == (200, meant)
        self.model.executions += 1

    @precondition(served)
    @rule()
    def go_out_of_service(self) -> None:
        assert self.ask("DELETE", self.prompt).status_code == 204
        self.model.is_in_service = False

    @precondition(lambda self: not served(self))
    @rule()
    def try_out_of_service(self) -> None:
        saved = self.ask("POST", f"{self.prompt}/versions", {"content": "Late."})
        ran = self.ask("POST", f"/execute/{self.name}/latest", {}, who=self.keyed)

        assert (saved.status_code, saved.json()["code"]) == (409, "conflict"), saved.text
        assert ran.status_code == 404, ran.text

    @precondition(lambda self: not served(self))
    @rule()
    def come_back(self) -> None:
        assert self.ask("POST", f"{self.prompt}/restore").status_code == 200
        self.model.is_in_service = True

    @rule()
    def change_the_key(self) -> None:
        old = self.keyed
        made = self.ask("POST", f"/applications/{self.application}/regenerate-key")
        self.keyed = self.api.visitor.keyed(made.json()["api_key"])

        assert self.ask("GET", self.prompt, who=old).status_code == 401
        seen = self.ask("GET", self.prompt, who=self.keyed).status_code
        assert seen == (200 if self.model.is_in_service else 404)

    @rule(role=st.sampled_from((None, *ROLES)))
    def give_a_role(self, role: str | None) -> None:
        path = f"/applications/{self.application}/members/{self.colleague_id}"
        if role is not None:
            assert self.ask("PUT", path, {"role": role}).status_code == 204
        elif self.model.role_of_colleague is not None:
            assert self.ask("DELETE", path).status_code == 204
        self.model.role_of_colleague = role

    @rule()
    def let_the_colleague_try(self) -> None:
        role = self.model.role_of_colleague
        rank = -1 if role is None else ROLES.index(role)
        for least, method, path, body in (
            (0, "GET", self.prompt, None),
            (1, "PUT", self.prompt, {"description": "Tidied."}),
            (2, "DELETE", f"{self.prompt}/labels/nothing", None),
            (3, "GET", f"/applications/{self.application}/members", None),
        ):
            answer = self.ask(method, path, body, who=self.colleague)

            if role is None:
                assert answer.status_code == 404, (path, answer.text)
            else:
                assert (answer.status_code == 403) == (rank < least), (role, path, answer.text)

    @rule()
    def intrude(self) -> None:
        for method, path in (
            ("GET", self.prompt),
            ("GET", f"{self.prompt}/versions"),
            ("DELETE", self.prompt),
            ("POST", f"{self.prompt}/versions/latest/publish"),
            ("POST", f"/applications/{self.application}/regenerate-key"),
        ):
            assert self.ask(method, path, who=self.stranger).status_code in {404, 422}

    @invariant()
    def all_is_as_the_model_says(self) -> None:
        type(self).steps += 1
        listed = self.ask("GET", f"{self.prompt}/versions?limit=100").json()
        shown = {one["version"]: one for one in listed["items"]}

        assert listed["total"] == len(self.model.versions)
        assert {number: (one["content"], one["is_published"]) for number, one in shown.items()} == {
            number: (one.content, one.is_published) for number, one in self.model.versions.items()
        }

        prompt = self.ask("GET", self.prompt).json()
        assert prompt["current_version"] == self.model.current
        assert prompt["labels"] == self.model.labels

    def teardown(self) -> None:
        path = f"/executions?application_id={self.application}&limit=100"
        rows = self.ask("GET", path).json()["items"]
        kept = [one for one in rows if one["status"] == "success"]

        assert len(kept) == self.model.executions
        assert all(one["status"] == "failed" and one["error"] for one in rows if one not in kept)
