#include "api/schema.hpp"

namespace evidenced::api {
namespace {

constexpr SchemaText system_schema_table[] = {
    {"Nothing", R"({"type": "object", "properties": {}})"},

    {"Cause", R"({
      "type": "object", "properties": {
        "text": {"type": "string"},
        "likelihood": {"type": "string", "enum": ["likely", "possible", "unlikely"]}}})"},

    {"Problem", R"({
      "type": "object", "description": "RFC 9457.",
      "optional": ["instance", "scopes"],
      "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "code": {"type": "string"},
        "request_id": {"type": "string"},
        "retryable": {"type": "boolean"},
        "errors": {"type": "array", "items": {"type": "object", "properties": {
          "pointer": {"type": "string",
            "description": "RFC 6901 into the body; \"?name\" for a query parameter."},
          "code": {"type": "string"},
          "detail": {"type": "string"}}}},
        "causes": {"type": "array", "items": {"$ref": "Cause"}},
        "remedy": {"type": "array", "items": {"type": "string"}},
        "scopes": {"type": "object", "properties": {
          "required": {"type": "array", "items": {"type": "string"}},
          "granted": {"type": "array", "items": {"type": "string"}}}}}})"},

    {"ProblemType", R"({
      "type": "object", "description": "One row of the catalogue of problems.",
      "properties": {
        "type": {"type": "string"},
        "code": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "exit_code": {"type": "integer"},
        "retryable": {"type": "boolean"},
        "remedy": {"type": "array", "items": {"type": "string"}}}})"},

    {"ProblemTypeList", R"({
      "type": "object", "properties": {
        "items": {"type": "array", "items": {"$ref": "ProblemType"}}}})"},

    {"Alive", R"({
      "type": "object", "properties": {"status": {"type": "string", "enum": ["ok"]}}})"},

    {"Ready", R"({
      "type": "object", "optional": ["checks"],
      "properties": {
        "status": {"type": "string", "enum": ["ready"]},
        "checks": {"type": "array", "items": {"type": "object", "properties": {
          "id": {"type": "string"},
          "status": {"type": "string", "enum": ["passed", "failed"]},
          "detail": {"type": "string"}}}}}})"},

    {"Status", R"({
      "type": "object", "properties": {
        "version": {"type": "string"},
        "started_at": {"type": "string", "format": "date-time"},
        "uptime_seconds": {"type": "integer"},
        "sources": {"type": "object", "properties": {
          "total": {"type": "integer"},
          "by_state": {"type": "object", "additionalProperties": {"type": "integer"}},
          "by_health": {"type": "object", "additionalProperties": {"type": "integer"}}}},
        "syncs": {"type": "object", "properties": {
          "running": {"type": "integer"},
          "queued": {"type": "integer"}}},
        "artifacts": {"type": "integer"},
        "upstream": {"type": "object", "properties": {
          "requests_last_hour": {"type": "integer",
            "description": "By the Atlassian accounts of the sources above, whoever else uses these accounts here."},
          "requests_per_hour": {"type": "integer"}}},
        "as_of_seq": {"type": "integer"}}})"},

    {"OpenApi", R"({"type": "object", "description": "OpenAPI 3.1."})"},

    {"Text", R"({"type": "string"})"},
};

}  // namespace

std::span<const SchemaText> system_schemas() {
  return system_schema_table;
}

}  // namespace evidenced::api
