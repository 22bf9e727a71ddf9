#include "api/schema.hpp"

namespace evidenced::api {
namespace {

constexpr SchemaText table[] = {
    {"SyncInput", R"({
      "type": "object", "optional": ["mode", "streams"],
      "properties": {
        "mode": {"type": "string", "enum": ["incremental", "full"],
          "description": "Default: incremental."},
        "streams": {"type": "array", "minItems": 1, "maxItems": 100,
          "items": {"type": "string"},
          "description": "Kinds to collect; without it all are."}}})"},

    {"SyncError", R"({
      "type": "object", "optional": ["scopes", "partitions_failed"],
      "properties": {
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "scopes": {"type": "array", "items": {"type": "string"}},
        "partitions_failed": {"type": "integer"}}})"},

    {"SyncStream", R"({
      "type": "object", "properties": {
        "name": {"type": "string"},
        "state": {"type": "string",
          "enum": ["pending", "running", "complete", "incomplete", "unavailable", "failed"]},
        "complete": {"type": "boolean"},
        "partitions_done": {"type": "integer"},
        "partitions_total": {"type": "integer"},
        "requests": {"type": "integer"},
        "seen": {"type": "integer"},
        "created": {"type": "integer"},
        "revised": {"type": "integer"},
        "removed": {"type": "integer"},
        "error": {"x-must": "must be null or an error",
          "oneOf": [{"type": "null"}, {"$ref": "SyncError"}]}}})"},

    {"Sync", R"({
      "type": "object", "properties": {
        "id": {"type": "string"},
        "source_id": {"type": "string"},
        "mode": {"type": "string", "enum": ["incremental", "full"]},
        "trigger": {"type": "string",
          "enum": ["api", "schedule", "hook", "credential", "recovery"]},
        "state": {"type": "string", "enum": ["queued", "running", "done"]},
        "result": {"type": ["string", "null"],
          "enum": [null, "succeeded", "partial", "failed", "cancelled"]},
        "cancel_requested": {"type": "boolean"},
        "progress": {"type": "object", "properties": {
          "requests_done": {"type": "integer"},
          "requests_planned": {"type": "integer"},
          "eta_seconds": {"type": ["integer", "null"]},
          "waiting_until": {"type": ["string", "null"], "format": "date-time"}}},
        "only_streams": {"type": ["array", "null"], "items": {"type": "string"}},
        "streams": {"type": "array", "items": {"$ref": "SyncStream"}},
        "error": {"x-must": "must be null or an error",
          "oneOf": [{"type": "null"}, {"$ref": "SyncError"}]},
        "queued_at": {"type": "string", "format": "date-time"},
        "started_at": {"type": ["string", "null"], "format": "date-time"},
        "finished_at": {"type": ["string", "null"], "format": "date-time"}}})"},

    {"SyncList", R"({
      "type": "object", "properties": {
        "items": {"type": "array", "items": {"$ref": "Sync"}},
        "next": {"type": ["string", "null"]},
        "has_more": {"type": "boolean"},
        "as_of_seq": {"type": "integer"}}})"},
};

}  // namespace

std::span<const SchemaText> sync_schemas() {
  return table;
}

}  // namespace evidenced::api
