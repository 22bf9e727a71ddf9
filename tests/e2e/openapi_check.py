"""Checks answers against an OpenAPI 3.1 document: the operation, its status, media type and schema must be documented."""

import json
import re

import jsonschema


class Spec:
    def __init__(self, document):
        self.document = document
        self.routes = []
        for template, item in document["paths"].items():
            pattern = re.compile("^" + re.sub(r"\{[^}]+\}", "[^/]+", template.replace(".", r"\.")) + "$")
            self.routes.append((template.count("{"), pattern, template, item))
        self.routes.sort(key=lambda route: route[0])
        self.validators = {}
        self.checked = set()

    def operation(self, method, path):
        for _, pattern, template, item in self.routes:
            if pattern.match(path) and method.lower() in item:
                return template, item[method.lower()]
        return None, None

    def check(self, method, path, answer):
        """Raises AssertionError when the document does not describe this answer."""
        template, operation = self.operation("GET" if method == "HEAD" else method, path)
        if operation is None:
            assert answer.status in (400, 401, 404, 405, 421, 429, 431, 501), f"undocumented: {method} {path} {answer.status}"
            self.problem(answer)
            return
        response = operation["responses"].get(str(answer.status))
        assert response, f"{method} {template} answered an undocumented {answer.status}: {answer.body[:300]}"
        response = self.resolve(response)
        self.checked.add((method, template, answer.status))
        if not answer.body or method == "HEAD":
            return
        media = answer.headers.get("content-type", "").split(";")[0]
        content = response.get("content", {})
        assert media in content, f"{method} {template} {answer.status} answered an undocumented {media}"
        if media in ("application/json", "application/problem+json") and "schema" in content[media]:
            key = (template, method, answer.status, media)
            if key not in self.validators:
                schema = {"$schema": "https://json-schema.org/draft/2020-12/schema",
                          "components": self.document.get("components", {}), "allOf": [content[media]["schema"]]}
                self.validators[key] = jsonschema.Draft202012Validator(schema)
            errors = list(self.validators[key].iter_errors(json.loads(answer.body)))
            assert not errors, f"{method} {template} {answer.status}: {errors[0].message} at {list(errors[0].path)}"
        if answer.status >= 400:
            self.problem(answer)

    def resolve(self, node):
        while "$ref" in node:
            target = self.document
            for step in node["$ref"].lstrip("#/").split("/"):
                target = target[step]
            node = target
        return node

    @staticmethod
    def problem(answer):
        if answer.status < 400 or not answer.body:
            return
        assert answer.headers["content-type"].startswith("application/problem+json"), answer.headers
        problem = json.loads(answer.body)
        for member in ("type", "title", "status", "code", "request_id"):
            assert problem.get(member), f"a problem without {member}: {problem}"
        assert problem["status"] == answer.status
