#include "api/schema.hpp"

namespace evidenced::api {
namespace {

constexpr SchemaText key_schema_table[] = {
    {"Role", R"({"type": "string", "enum": ["admin", "operator", "reviewer", "auditor"]})"},

    {"Window", R"({
      "type": "object", "optional": ["from", "to"],
      "description": "The span of time that the key is limited to, both ends included. Of each artifact the key sees the revisions that were observed within: lists, single artifacts, raw bytes, exports and counts show an artifact as its newest revision within the window left it, and one without any is not there (404). So without `from` a key sees the state at `to`; with `from` only what came, changed or went since. A sync is shown when a part of it lies within, an event when it happened within; gaps are those of the syncs shown. workspace, project and repository are those of today, also in filters; sources and their health are shown as they are now.",
      "properties": {
        "from": {"type": ["string", "null"], "format": "date-time"},
        "to": {"type": ["string", "null"], "format": "date-time"}}})"},

    {"ApiKeyInput", R"({
      "type": "object", "optional": ["expires_at", "source_ids", "window"],
      "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 200},
        "roles": {"type": "array", "minItems": 1, "maxItems": 4, "items": {"$ref": "Role"}},
        "expires_at": {"type": ["string", "null"], "format": "date-time",
          "description": "At most a year ahead."},
        "source_ids": {"type": ["array", "null"], "minItems": 1, "maxItems": 1000, "items": {"type": "string"},
          "description": "The sources the key sees; without it all."},
        "window": {"x-must": "must be null or an object",
          "oneOf": [{"type": "null"}, {"$ref": "Window"}]}}})"},

    {"ApiKey", R"({
      "type": "object", "optional": ["key"],
      "properties": {
        "id": {"type": "string"},
        "kid": {"type": "string", "description": "The public part of the key."},
        "name": {"type": "string"},
        "roles": {"type": "array", "items": {"$ref": "Role"}},
        "source_ids": {"type": ["array", "null"], "items": {"type": "string"}},
        "window": {"x-must": "must be null or an object",
          "oneOf": [{"type": "null"}, {"$ref": "Window"}]},
        "created_at": {"type": "string", "format": "date-time"},
        "expires_at": {"type": ["string", "null"], "format": "date-time"},
        "revoked_at": {"type": ["string", "null"], "format": "date-time"},
        "last_used_at": {"type": ["string", "null"], "format": "date-time"},
        "key": {"type": ["string", "null"],
          "description": "The key itself, in the answer that creates it and never again: null in a replay."}}})"},

    {"ApiKeyList", R"({
      "type": "object", "properties": {
        "items": {"type": "array", "items": {"$ref": "ApiKey"}},
        "next": {"type": ["string", "null"]},
        "has_more": {"type": "boolean"},
        "as_of_seq": {"type": "integer"}}})"},

    {"Principal", R"({
      "type": "object", "description": "Who the key is.",
      "properties": {
        "id": {"type": "string"},
        "kid": {"type": "string"},
        "name": {"type": "string"},
        "tenant": {"type": "string"},
        "roles": {"type": "array", "items": {"$ref": "Role"}},
        "source_ids": {"type": ["array", "null"], "items": {"type": "string"}},
        "window": {"x-must": "must be null or an object",
          "oneOf": [{"type": "null"}, {"$ref": "Window"}]},
        "created_at": {"type": "string", "format": "date-time"},
        "expires_at": {"type": ["string", "null"], "format": "date-time"}}})"},
};

}  // namespace

std::span<const SchemaText> key_schemas() {
  return key_schema_table;
}

}  // namespace evidenced::api
