#include "api/schema.hpp"

namespace evidenced::api {
namespace {

constexpr SchemaText source_schema_table[] = {
    {"WorkspaceSelection", R"({
      "description": "The workspaces a source covers: their slugs, or \"all\" that the account sees.",
      "x-must": "must be \"all\" or an array of workspace slugs",
      "oneOf": [
        {"type": "string", "enum": ["all"]},
        {"type": "array", "minItems": 1, "maxItems": 500,
         "items": {"type": "string", "minLength": 1, "maxLength": 100}}]})"},

    {"ScheduleInput", R"({
      "type": "object", "optional": ["interval"],
      "properties": {
        "interval": {"type": "string", "format": "duration",
          "description": "ISO 8601, from a minute to 31 days."}}})"},

    {"CredentialInput", R"({
      "type": "object", "optional": ["type", "expires_at"],
      "properties": {
        "type": {"type": "string", "enum": ["atlassian_api_token"]},
        "email": {"type": "string", "maxLength": 320,
          "description": "E-mail of the Atlassian account."},
        "token": {"type": "string", "maxLength": 8192, "writeOnly": true,
          "description": "API token with scopes. Sealed at once, never returned."},
        "expires_at": {"type": ["string", "null"], "format": "date-time",
          "description": "As shown when the token was created. Without it a year is assumed."}}})"},

    {"SourceInput", R"({
      "type": "object",
      "optional": ["kind", "workspaces", "schedule", "tags", "start_sync"],
      "properties": {
        "kind": {"type": "string", "enum": ["bitbucket_cloud"]},
        "name": {"type": "string", "minLength": 1, "maxLength": 200},
        "credential": {"$ref": "CredentialInput"},
        "workspaces": {"$ref": "WorkspaceSelection"},
        "schedule": {"$ref": "ScheduleInput"},
        "tags": {"$ref": "Tags"},
        "start_sync": {"type": "boolean", "description": "Default: true."}}})"},

    {"SourcePatch", R"({
      "type": "object", "description": "JSON Merge Patch (RFC 7396); null restores the default.",
      "optional": ["name", "workspaces", "schedule", "tags"],
      "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 200},
        "workspaces": {
          "x-must": "must be null, \"all\" or an array of workspace slugs",
          "oneOf": [{"type": "null"}, {"$ref": "WorkspaceSelection"}]},
        "schedule": {
          "x-must": "must be null or an object",
          "oneOf": [{"type": "null"}, {"type": "object", "optional": ["interval"],
            "properties": {"interval": {"type": ["string", "null"], "format": "duration"}}}]},
        "tags": {
          "x-must": "must be null or an array of tags",
          "oneOf": [{"type": "null"}, {"$ref": "Tags"}]}}})"},

    {"Tags", R"({
      "type": "array", "maxItems": 50,
      "items": {"type": "string", "minLength": 1, "maxLength": 100}})"},

    {"Account", R"({
      "type": "object", "properties": {
        "uuid": {"type": "string"},
        "name": {"type": ["string", "null"]}}})"},

    {"KindCoverage", R"({
      "type": "object", "properties": {
        "kind": {"type": "string"},
        "status": {"type": "string",
          "enum": ["available", "missing_scope", "needs_role", "plan_limited", "not_visible",
            "removed_upstream", "incomplete", "failed", "pending", "out_of_scope"]},
        "reasons": {"type": "array", "items": {"type": "string"},
          "description": "One for each level (workspace, project, repository) with a gap."},
        "missing_scopes": {"type": "array", "items": {"type": "string"},
          "description": "Those that Bitbucket says the token lacks."},
        "scope": {"type": "string"},
        "needs_role": {"type": "boolean"},
        "count": {"type": "integer"},
        "partitions": {"type": "object", "properties": {
          "readable": {"type": "integer"},
          "total": {"type": "integer"}}},
        "complete_as_of": {"type": ["string", "null"], "format": "date-time",
          "description": "How old what is listed is: all partitions were read to their end since then, though some may have failed later. null: some never were."}}})"},

    {"Overview", R"({
      "type": "object", "properties": {
        "totals": {"type": ["object", "null"],
          "description": "Of all sources that the key sees. null: not on the first page.",
          "properties": {
            "sources": {"type": "integer"},
            "by_status": {"type": "object", "additionalProperties": {"type": "integer"},
              "description": "Sources by the status of their health."},
            "artifacts": {"type": "integer", "description": "That are not removed."},
            "gaps": {"type": "integer"},
            "next_expiry": {"type": ["object", "null"], "properties": {
              "source_id": {"type": "string"},
              "source_name": {"type": "string"},
              "expires_at": {"type": "string", "format": "date-time"},
              "days_left": {"type": "integer"}}},
            "requests_last_hour": {"type": "integer",
              "description": "By the Atlassian accounts of the sources, whoever else uses these accounts here."},
            "requests_per_hour": {"type": "integer",
              "description": "The most of one account and group of endpoints."}}},
        "items": {"type": "array", "items": {"type": "object", "properties": {
          "id": {"type": "string"},
          "name": {"type": "string"},
          "state": {"type": "string", "enum": ["active", "paused", "needs_credential", "deleted"]},
          "health": {"type": "object", "properties": {
            "status": {"type": "string", "enum": ["pending", "syncing", "healthy", "late",
              "failing", "action_required", "paused"]},
            "reason": {"type": ["string", "null"]}}},
          "artifacts": {"type": "integer", "description": "That are not removed."},
          "streams_ok": {"type": "integer", "description": "Without a gap."},
          "streams_total": {"type": "integer"},
          "next_run_at": {"type": ["string", "null"], "format": "date-time"},
          "last_sync": {"type": ["object", "null"], "properties": {
            "id": {"type": "string"},
            "result": {"type": ["string", "null"]},
            "finished_at": {"type": ["string", "null"], "format": "date-time"}}},
          "expires_at": {"type": ["string", "null"], "format": "date-time"},
          "days_left": {"type": ["integer", "null"]},
          "expiry_source": {"type": ["string", "null"], "description": "declared or assumed."},
          "requests_last_hour": {"type": "integer", "description": "By its Atlassian account."},
          "recent_syncs": {"type": "array", "description": "At most 60, the newest last.",
            "items": {"type": "object", "properties": {
              "id": {"type": "string"},
              "state": {"type": "string", "enum": ["queued", "running", "done"]},
              "result": {"type": ["string", "null"]},
              "trigger": {"type": "string",
                "enum": ["api", "schedule", "hook", "credential", "recovery"]},
              "queued_at": {"type": "string", "format": "date-time"},
              "started_at": {"type": ["string", "null"], "format": "date-time"},
              "finished_at": {"type": ["string", "null"], "format": "date-time"}}}},
          "gaps": {"type": "array", "items": {"type": "object", "properties": {
            "kind": {"type": "string"},
            "status": {"type": "string"},
            "missing_scopes": {"type": "array", "items": {"type": "string"}},
            "reason": {"type": "string"}}}}}}},
        "next": {"type": ["string", "null"]},
        "has_more": {"type": "boolean"},
        "as_of_seq": {"type": "integer"}}})"},

    {"Coverage", R"({
      "type": "object", "properties": {
        "source_id": {"type": "string"},
        "kinds": {"type": "array", "items": {"$ref": "KindCoverage"}}}})"},

    {"Drift", R"({
      "type": "object", "properties": {
        "what": {"type": "string",
          "enum": ["removed", "deprecated", "new_field", "vanished", "newly_null", "changed_type",
            "unknown_value"],
          "description": "removed: the endpoint answers 410. deprecated: its answers announce its end. new_field: no object had it. vanished: nearly all objects had it, the last 50 have not. newly_null: it was never null, and is in the last 50 objects. changed_type: it never was of that type. unknown_value: a word that is not documented where words are."},
        "stream": {"type": "string"},
        "kind": {"type": ["string", "null"]},
        "path": {"type": "string",
          "description": "Of the member, as in `participants[].state`; or of the endpoint."},
        "value": {"type": ["string", "null"],
          "description": "The word that is not documented, or the type that is new."},
        "before": {"type": ["string", "null"], "description": "The types that it had."},
        "after": {"type": ["string", "null"],
          "description": "The types that it has, or what announces the end."},
        "announcement": {"type": ["string", "null"]},
        "artifact_id": {"type": ["string", "null"],
          "description": "The first artifact that showed it."},
        "sync_id": {"type": "string"},
        "found_at": {"type": "string", "format": "date-time"},
        "ended_at": {"type": ["string", "null"], "format": "date-time",
          "description": "It was seen as before again. What is new stays: it is known from then on."},
        "times": {"type": "integer", "description": "How often it was found, having ended between."}}})"},

    {"DriftList", R"({
      "type": "object", "properties": {
        "source_id": {"type": "string"},
        "items": {"type": "array", "items": {"$ref": "Drift"}}}})"},

    {"Credential", R"({
      "type": "object",
      "description": "What may be known of a credential. The token is nowhere.",
      "properties": {
        "type": {"type": "string", "enum": ["atlassian_api_token"]},
        "email": {"type": "string",
          "description": "In full for admin and operator, else masked: a***@example.com."},
        "fingerprint": {"type": "string"},
        "expires_at": {"type": ["string", "null"], "format": "date-time"},
        "expiry_source": {"type": "string", "enum": ["declared", "assumed"]},
        "days_left": {"type": ["integer", "null"], "description": "Rounded down."},
        "scopes": {"type": "array", "items": {"type": "string"}},
        "last_verified_at": {"type": ["string", "null"], "format": "date-time"},
        "version": {"type": "integer"},
        "created_at": {"type": "string", "format": "date-time"}}})"},

    {"Health", R"({
      "type": "object", "properties": {
        "status": {"type": "string",
          "enum": ["pending", "syncing", "healthy", "late", "failing", "action_required", "paused"],
          "description": "late: the last complete sync ended more than two intervals ago. failing: the last sync failed. action_required: a person must act, the reason begins with the code."},
        "reason": {"type": ["string", "null"]}}})"},

    {"Warning", R"({
      "type": "object", "properties": {
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "remedy": {"type": "array", "items": {"type": "string"}}}})"},

    {"Source", R"({
      "type": "object", "optional": ["warnings"],
      "properties": {
        "id": {"type": "string"},
        "kind": {"type": "string", "enum": ["bitbucket_cloud"]},
        "name": {"type": "string"},
        "state": {"type": "string", "enum": ["active", "paused", "needs_credential", "deleted"]},
        "health": {"$ref": "Health"},
        "account": {"x-must": "must be null or an account",
          "description": "null: the token does not tell whose it is.",
          "oneOf": [{"type": "null"}, {"$ref": "Account"}]},
        "workspaces": {"$ref": "WorkspaceSelection"},
        "schedule": {"type": "object", "properties": {
          "interval": {"type": "string", "format": "duration"},
          "next_run_at": {"type": ["string", "null"], "format": "date-time"}}},
        "credential": {"x-must": "must be null or a credential",
          "oneOf": [{"type": "null"}, {"$ref": "Credential"}]},
        "last_sync": {"x-must": "must be null or an object",
          "oneOf": [{"type": "null"}, {"type": "object", "properties": {
            "id": {"type": "string"},
            "result": {"type": ["string", "null"]},
            "finished_at": {"type": ["string", "null"], "format": "date-time"}}}]},
        "tags": {"$ref": "Tags"},
        "created_at": {"type": "string", "format": "date-time"},
        "updated_at": {"type": "string", "format": "date-time"},
        "deleted_at": {"type": ["string", "null"], "format": "date-time"},
        "warnings": {"type": "array", "items": {"$ref": "Warning"},
          "description": "In the answer to a change only."}}})"},

    {"SourceList", R"({
      "type": "object", "properties": {
        "items": {"type": "array", "items": {"$ref": "Source"}},
        "next": {"type": ["string", "null"]},
        "has_more": {"type": "boolean"},
        "as_of_seq": {"type": "integer"}}})"},

    {"Confirmation", R"({
      "type": "object", "properties": {
        "source_id": {"type": "string"},
        "stream": {"type": "string"},
        "removed": {"type": "integer"}}})"},

    {"Validation", R"({
      "type": "object",
      "description": "What a credential is and reaches.",
      "properties": {
        "valid": {"type": "boolean"},
        "account": {"x-must": "must be null or an account",
          "oneOf": [{"type": "null"}, {"$ref": "Account"}]},
        "workspaces_visible": {"type": "array", "items": {"type": "object", "properties": {
          "slug": {"type": "string"},
          "uuid": {"type": "string"},
          "name": {"type": ["string", "null"]},
          "administrator": {"type": "boolean"}}}},
        "scopes": {"type": "object", "properties": {
          "known": {"type": "boolean"},
          "granted": {"type": "array", "items": {"type": "string"}},
          "missing": {"type": "array", "items": {"type": "string"}},
          "excess": {"type": "array", "items": {"type": "string"}}}},
        "checks": {"type": "array", "items": {"type": "object", "properties": {
          "id": {"type": "string"},
          "status": {"type": "string", "enum": ["passed", "warning", "failed", "skipped"]},
          "code": {"type": ["string", "null"]},
          "detail": {"type": "string"},
          "remedy": {"type": ["string", "null"]}}}},
        "coverage": {"type": "array", "items": {"$ref": "ForeseenCoverage"},
          "description": "What a sync with it will collect, by kind, as far as its scopes and the roles of the account tell. Empty where Bitbucket does not tell the scopes."},
        "causes": {"type": "array", "items": {"$ref": "Cause"}}}})"},

    {"ForeseenCoverage", R"({
      "type": "object", "properties": {
        "kind": {"type": "string"},
        "status": {"type": "string",
          "enum": ["available", "missing_scope", "needs_role", "incomplete"],
          "description": "incomplete: a part of it. Of needs_role and incomplete the account reads what it administrates itself."},
        "reason": {"type": ["string", "null"]},
        "missing_scopes": {"type": "array", "items": {"type": "string"}}}})"},
};

}  // namespace

std::span<const SchemaText> source_schemas() {
  return source_schema_table;
}

}  // namespace evidenced::api
