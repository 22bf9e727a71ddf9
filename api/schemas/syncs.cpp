#include "api/schema.hpp"

namespace evidenced::api {
namespace {

constexpr SchemaText sync_schema_table[] = {
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
        "retries": {"type": "integer",
          "description": "Of the requests, attempts beyond the first of their question."},
        "waited_seconds": {"type": "integer",
          "description": "Seconds in which at least one of its requests waited for the budget of the account, for a Retry-After or between attempts."},
        "seen": {"type": "integer"},
        "created": {"type": "integer"},
        "revised": {"type": "integer"},
        "removed": {"type": "integer"},
        "started_at": {"type": ["string", "null"], "format": "date-time",
          "description": "When its first request was due, before any wait; null: none was, or by a version that did not keep it."},
        "finished_at": {"type": ["string", "null"], "format": "date-time",
          "description": "When its last request so far was answered or given up."},
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
          "retries": {"type": "integer", "description": "Of all streams."},
          "waited_seconds": {"type": "integer", "description": "Of all streams."},
          "eta_seconds": {"type": ["integer", "null"]},
          "waiting_until": {"type": ["string", "null"], "format": "date-time"},
          "budget": {"type": ["object", "null"],
            "description": "The requests of the account in the last hour, of the group that the sync asked last; null unless it runs.",
            "properties": {
            "used": {"type": "integer"},
            "limit": {"type": "integer", "description": "Halved for an hour after a 429."},
            "reserve": {"type": "integer",
              "description": "Of the limit, what no sync uses."}}}}},
        "only_streams": {"type": ["array", "null"], "items": {"type": "string"}},
        "streams": {"type": "array", "items": {"$ref": "SyncStream"}},
        "error": {"x-must": "must be null or an error",
          "oneOf": [{"type": "null"}, {"$ref": "SyncError"}]},
        "queued_at": {"type": "string", "format": "date-time"},
        "started_at": {"type": ["string", "null"], "format": "date-time"},
        "finished_at": {"type": ["string", "null"], "format": "date-time"}}})"},

    {"SyncGap", R"({
      "type": "object", "properties": {
        "partition": {"type": "string",
          "description": "The uuid of the workspace, project or repository."},
        "mode": {"type": "string", "enum": ["incremental", "full"]},
        "pages": {"type": "integer"},
        "rows": {"type": "integer"},
        "size": {"type": ["integer", "null"], "description": "What the source said there are."},
        "complete_at": {"type": ["string", "null"], "format": "date-time",
          "description": "When the list was last read whole."},
        "error": {"x-must": "must be null or an error",
          "oneOf": [{"type": "null"}, {"$ref": "SyncError"}]}}})"},

    {"SyncStreamReport", R"({
      "type": "object", "properties": {
        "name": {"type": "string"},
        "kind": {"type": "string"},
        "asked": {"type": "object", "properties": {
          "targets": {"type": "array", "items": {"type": "string"}},
          "changes": {"type": ["string", "null"],
            "description": "What is added where only changes are asked for."},
          "way": {"type": "string", "enum": ["each_sync", "updated_on", "rotation",
            "newest_first", "since_head", "per_head"]},
          "scope": {"type": "string"},
          "needs_role": {"type": "boolean"},
          "not_before": {"type": ["string", "null"], "format": "date-time",
            "description": "What is older is not asked for."}}},
        "state": {"type": "string",
          "enum": ["pending", "running", "complete", "incomplete", "unavailable", "failed"]},
        "complete": {"type": "boolean"},
        "partitions_done": {"type": "integer"},
        "partitions_total": {"type": "integer"},
        "requests": {"type": "integer"},
        "retries": {"type": "integer",
          "description": "Of the requests, attempts beyond the first of their question."},
        "waited_seconds": {"type": "integer",
          "description": "Seconds in which at least one of its requests waited for the budget of the account, for a Retry-After or between attempts."},
        "seen": {"type": "integer"},
        "created": {"type": "integer"},
        "revised": {"type": "integer"},
        "removed": {"type": "integer"},
        "started_at": {"type": ["string", "null"], "format": "date-time",
          "description": "When its first request was due, before any wait; null: none was, or by a version that did not keep it."},
        "finished_at": {"type": ["string", "null"], "format": "date-time",
          "description": "When its last request so far was answered or given up."},
        "error": {"x-must": "must be null or an error",
          "oneOf": [{"type": "null"}, {"$ref": "SyncError"}]},
        "walks": {"type": ["object", "null"],
          "description": "null: nothing was kept (the sync ended without a walk, in an older version, or its evidence was purged).",
          "properties": {
          "whole": {"type": "integer"},
          "changes": {"type": "integer"},
          "running": {"type": "integer"},
          "pages": {"type": "integer"},
          "rows": {"type": "integer"},
          "size": {"type": ["integer", "null"],
            "description": "What the source said there are, of the walks of lists that tell; null: none of them did."},
          "earliest_since": {"type": ["string", "null"], "format": "date-time",
            "description": "The earliest {since} that changes were asked for with; null where none were, or not by time."},
          "gaps": {"type": "integer"}}},
        "gaps": {"type": "array", "items": {"$ref": "SyncGap"},
          "description": "The first 100 partitions whose rows do not add up, or that failed; for 400 days, then only their number."}}})"},

    {"SyncReport", R"({
      "type": "object", "properties": {
        "sync_id": {"type": "string"},
        "source_id": {"type": "string"},
        "mode": {"type": "string", "enum": ["incremental", "full"]},
        "result": {"type": ["string", "null"],
          "enum": [null, "succeeded", "partial", "failed", "cancelled"]},
        "requests": {"type": "integer"},
        "started_at": {"type": ["string", "null"], "format": "date-time"},
        "finished_at": {"type": ["string", "null"], "format": "date-time"},
        "version": {"type": ["string", "null"],
          "description": "Of the program that asked, and whose questions these are; null: not kept, the questions are those of today's."},
        "streams": {"type": "array", "items": {"$ref": "SyncStreamReport"}}}})"},

    {"SyncList", R"({
      "type": "object", "properties": {
        "items": {"type": "array", "items": {"$ref": "Sync"}},
        "next": {"type": ["string", "null"]},
        "has_more": {"type": "boolean"},
        "as_of_seq": {"type": "integer"}}})"},
};

}  // namespace

std::span<const SchemaText> sync_schemas() {
  return sync_schema_table;
}

}  // namespace evidenced::api
