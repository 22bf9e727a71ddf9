#include "api/schema.hpp"

namespace evidenced::api {
namespace {

constexpr SchemaText report_schema_table[] = {
    {"AccessRepository", R"({
      "type": "object", "properties": {
        "artifact_id": {"type": "string"},
        "repository": {"type": "string", "description": "workspace/slug."},
        "project": {"type": ["string", "null"], "description": "Key."},
        "name": {"type": "string"}}})"},

    {"AccessPerson", R"({
      "type": "object",
      "properties": {
        "id": {"type": "string",
          "description": "What the person is known by: the {uuid}, where there is one; `unknown` for all accounts together that Bitbucket does not name any more."},
        "uuid": {"type": ["string", "null"]},
        "account_id": {"type": ["string", "null"]},
        "name": {"type": ["string", "null"]},
        "nickname": {"type": ["string", "null"]},
        "artifact_id": {"type": ["string", "null"], "description": "Of the membership in a workspace."},
        "member": {"type": "boolean", "description": "Of a workspace that is shown."},
        "workspace_permission": {"type": ["string", "null"], "description": "The highest held in one."}}})"},

    {"AccessRow", R"({
      "type": "object",
      "properties": {
        "id": {"type": "string",
          "description": "What the person is known by: the {uuid}, where there is one; `unknown` for all accounts together that Bitbucket does not name any more."},
        "uuid": {"type": ["string", "null"]},
        "account_id": {"type": ["string", "null"]},
        "name": {"type": ["string", "null"]},
        "nickname": {"type": ["string", "null"]},
        "artifact_id": {"type": ["string", "null"], "description": "Of the membership in a workspace."},
        "member": {"type": "boolean", "description": "Of a workspace that is shown."},
        "workspace_permission": {"type": ["string", "null"], "description": "The highest held in one."},
        "permissions": {"type": "string",
          "description": "A letter for each of `repositories`: A, W, R, - or ?."},
        "admin": {"type": "integer", "description": "Repositories with this permission."},
        "write": {"type": "integer"},
        "read": {"type": "integer"}}})"},

    {"AccessReport", R"({
      "type": "object", "properties": {
        "repositories": {"type": "array", "items": {"$ref": "AccessRepository"}},
        "more_repositories": {"type": "boolean",
          "description": "There are more repositories than can be shown: narrow the filters."},
        "observed_at": {"type": ["string", "null"], "format": "date-time",
          "description": "Everything that is known was read to its end since then."},
        "items": {"type": "array", "items": {"$ref": "AccessRow"}},
        "gaps": {"type": "array", "items": {"$ref": "Gap"}},
        "next": {"type": ["string", "null"]},
        "has_more": {"type": "boolean"},
        "as_of_seq": {"type": "integer"}}})"},

    {"AccessLine", R"({
      "description": "One line of the export: a person's permission on a repository, or the last line with count and SHA-256 of all bytes before it.",
      "x-must": "must be a row or the trailer",
      "oneOf": [{"type": "object", "properties": {
        "person": {"type": ["string", "null"]},
        "account_id": {"type": ["string", "null"]},
        "name": {"type": ["string", "null"]},
        "nickname": {"type": ["string", "null"]},
        "member": {"type": ["boolean", "null"]},
        "workspace_permission": {"type": ["string", "null"]},
        "repository": {"type": "string"},
        "project": {"type": ["string", "null"]},
        "permission": {"type": "string", "enum": ["admin", "write", "read", "unknown"]},
        "paths": {"type": ["string", "null"],
          "description": "The grants behind it: how, to which group, and what they give."}}},
        {"type": "object", "properties": {
        "trailer": {"type": "object", "properties": {
          "count": {"type": "integer"},
          "sha256": {"type": "string"}}}}}]})"},

    {"AccessPath", R"({
      "type": "object", "properties": {
        "via": {"type": "string",
          "enum": ["direct", "group", "project", "project_group", "workspace", "owner"]},
        "permission": {"type": "string", "enum": ["admin", "write", "read"]},
        "group": {"type": ["object", "null"], "properties": {
          "artifact_id": {"type": "string"},
          "slug": {"type": "string"},
          "name": {"type": "string"}}},
        "artifact_id": {"type": "string", "description": "Of what grants it."},
        "observed_at": {"type": "string", "format": "date-time"}}})"},

    {"AccessPaths", R"({
      "type": "object", "properties": {
        "person": {"$ref": "AccessPerson"},
        "repository": {"$ref": "AccessRepository"},
        "permission": {"type": ["string", "null"], "enum": ["admin", "write", "read", "none", null],
          "description": "What holds in the end. null: nobody knows."},
        "paths": {"type": "array", "items": {"$ref": "AccessPath"}},
        "explained": {"type": "boolean"},
        "reason": {"type": ["string", "null"]},
        "observed_at": {"type": ["string", "null"], "format": "date-time"},
        "gaps": {"type": "array", "items": {"$ref": "Gap"}}}})"},

    {"ChangeAccount", R"({
      "type": "object", "properties": {
        "id": {"type": "string"},
        "uuid": {"type": ["string", "null"]},
        "name": {"type": ["string", "null"]},
        "is_app": {"type": "boolean", "description": "A bot or an access token."}}})"},

    {"Change", R"({
      "type": "object", "description": "A merged pull request.",
      "properties": {
        "artifact_id": {"type": "string"},
        "source_id": {"type": "string"},
        "repository": {"type": ["string", "null"], "description": "workspace/slug."},
        "number": {"type": "integer"},
        "title": {"type": "string"},
        "url": {"type": ["string", "null"], "description": "Its page at Bitbucket."},
        "author": {"oneOf": [{"$ref": "ChangeAccount"}, {"type": "null"}],
          "x-must": "must be an account or null"},
        "merged_by": {"oneOf": [{"$ref": "ChangeAccount"}, {"type": "null"}],
          "x-must": "must be an account or null"},
        "merged_at": {"type": "string", "format": "date-time"},
        "destination": {"type": ["string", "null"]},
        "source_branch": {"type": ["string", "null"]},
        "merge_commit": {"type": ["string", "null"]},
        "approvals": {"type": "array", "items": {"type": "object", "properties": {
          "by": {"oneOf": [{"$ref": "ChangeAccount"}, {"type": "null"}],
            "x-must": "must be an account or null"},
          "at": {"type": ["string", "null"], "format": "date-time"}}}},
        "approved_by_other": {"type": ["boolean", "null"]},
        "self_merged": {"type": ["boolean", "null"]},
        "checks": {"type": ["object", "null"], "description": "null: not known.", "properties": {
          "successful": {"type": "integer"},
          "failed": {"type": "integer"},
          "in_progress": {"type": "integer"},
          "stopped": {"type": "integer"}}},
        "tasks_open": {"type": ["integer", "null"]},
        "findings": {"type": "array", "items": {"type": "string", "enum": ["not_approved", "self_approved_only", "self_merged", "approved_before_last_commit", "checks_failed", "checks_absent"]}},
        "not_evaluable": {"type": "array", "items": {"type": "string", "enum": ["not_approved", "self_approved_only", "self_merged", "approved_before_last_commit", "checks_failed", "checks_absent"]}}}})"},

    {"ChangeReport", R"({
      "type": "object", "properties": {
        "items": {"type": "array", "items": {"$ref": "Change"}},
        "gaps": {"type": "array", "items": {"$ref": "Gap"}},
        "next": {"type": ["string", "null"]},
        "has_more": {"type": "boolean"},
        "as_of_seq": {"type": "integer"}}})"},

    {"ChangeLine", R"({
      "description": "One line of the export: a change, or the last line with count and SHA-256 of all bytes before it.",
      "x-must": "must be a change or the trailer",
      "oneOf": [{"$ref": "Change"}, {"type": "object", "properties": {
        "trailer": {"type": "object", "properties": {
          "count": {"type": "integer"},
          "sha256": {"type": "string"}}}}}]})"},

    {"FindingCounts", R"({
      "type": "object", "properties": {
        "not_approved": {"type": "integer"},
        "self_approved_only": {"type": "integer"},
        "self_merged": {"type": "integer"},
        "approved_before_last_commit": {"type": "integer"},
        "checks_failed": {"type": "integer"},
        "checks_absent": {"type": "integer"}}})"},

    {"ChangeSummary", R"({
      "type": "object", "properties": {
        "count": {"type": "integer"},
        "evaluated": {"type": "integer", "description": "Changes that the findings were counted in."},
        "scanned": {"type": "integer", "description": "Merged pull requests that were looked at for them, the newest first."},
        "exact": {"type": "boolean", "description": "All were looked at."},
        "findings": {"$ref": "FindingCounts"},
        "not_evaluable": {"$ref": "FindingCounts"},
        "from": {"type": ["string", "null"], "format": "date-time"},
        "to": {"type": ["string", "null"], "format": "date-time"},
        "gaps": {"type": "array", "items": {"$ref": "Gap"}}}})"},
};

}  // namespace

std::span<const SchemaText> report_schemas() {
  return report_schema_table;
}

}  // namespace evidenced::api
