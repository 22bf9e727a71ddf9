#include "api/schema.hpp"

namespace evidenced::api {
namespace {

constexpr SchemaText artifact_schema_table[] = {
    {"Artifact", R"({
      "type": "object",
      "description": "One upstream object as it is now. With `fields` only the members asked for.",
      "optional": ["kind", "source_id", "workspace", "project", "repository", "upstream_id",
        "title", "state", "dated_at", "revision", "seq", "observed_at", "first_observed_at", "removed_at",
        "removed_reason", "sync_id", "status", "tags", "content_sha256", "content", "links"],
      "properties": {
        "id": {"type": "string"},
        "kind": {"type": "string"},
        "source_id": {"type": "string"},
        "workspace": {"type": ["string", "null"], "description": "Slug."},
        "project": {"type": ["string", "null"], "description": "Key."},
        "repository": {"type": ["string", "null"], "description": "workspace/slug."},
        "upstream_id": {"type": "string"},
        "title": {"type": "string"},
        "state": {"type": ["string", "null"],
          "description": "Bitbucket's own word: OPEN, MERGED, DECLINED or SUPERSEDED of a pull request; how far a pipeline, a deployment or a build has come, or how it ended. null: the kind has none."},
        "dated_at": {"type": ["string", "null"], "format": "date-time",
          "description": "When it happened: a pull request was merged or declined (its last change where it is open), a commit was made, a pipeline or a deployment ended (began, where it runs). null: the kind has no such time."},
        "revision": {"type": "integer"},
        "seq": {"type": "integer", "description": "Feed position of the last change."},
        "observed_at": {"type": "string", "format": "date-time"},
        "first_observed_at": {"type": "string", "format": "date-time"},
        "removed_at": {"type": ["string", "null"], "format": "date-time"},
        "removed_reason": {"type": ["string", "null"]},
        "sync_id": {"type": "string"},
        "status": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "content_sha256": {"type": "string"},
        "content": {"description": "The stored object, verbatim."},
        "links": {"type": "object", "properties": {
          "self": {"type": "string"},
          "revisions": {"type": "string"},
          "raw": {"type": "string"},
          "source": {"type": "string"}}}}})"},

    {"Raw", R"({"description": "The stored object."})"},

    {"Gap", R"({
      "type": "object",
      "description": "A kind that is missing or not whole for a source of this list.",
      "properties": {
        "source_id": {"type": "string"},
        "kind": {"type": "string"},
        "status": {"type": "string",
          "enum": ["missing_scope", "needs_role", "plan_limited", "not_visible",
            "removed_upstream", "incomplete", "failed", "pending", "out_of_scope"]},
        "reason": {"type": "string"},
        "missing_scopes": {"type": "array", "items": {"type": "string"},
          "description": "Those that Bitbucket says the token lacks."},
        "complete_as_of": {"type": ["string", "null"], "format": "date-time",
          "description": "How old what is listed is: all of it was read to the end since then. null: it never was, or a window of time is asked for."}}})"},

    {"ArtifactList", R"({
      "type": "object", "properties": {
        "items": {"type": "array", "items": {"$ref": "Artifact"}},
        "gaps": {"type": "array", "items": {"$ref": "Gap"}},
        "next": {"type": ["string", "null"]},
        "has_more": {"type": "boolean"},
        "as_of_seq": {"type": "integer"}}})"},

    {"Facets", R"({
      "type": "object", "properties": {
        "count": {"type": "integer", "description": "Artifacts that the filters leave."},
        "exact": {"type": "boolean", "description": "false: see counted_since."},
        "counted_since": {"type": ["string", "null"], "format": "date-time",
          "description": "Artifacts that were first seen before this were not counted. null: all were."},
        "facets": {"type": "array", "items": {"type": "object", "properties": {
          "name": {"type": "string",
            "enum": ["kind", "source", "workspace", "project", "repository", "state"],
            "description": "Also the name of the filter that chooses a value."},
          "values": {"type": "array", "items": {"type": "object", "properties": {
            "value": {"type": "string", "description": "As the filter takes it."},
            "label": {"type": "string", "description": "For people: a title, or the name of a source."},
            "count": {"type": "integer"}}}},
          "other": {"type": "integer",
            "description": "Artifacts whose values are beyond those asked for."},
          "none": {"type": "integer", "description": "Artifacts that have no value."}}}},
        "gaps": {"type": "array", "items": {"$ref": "Gap"},
          "description": "Why counts may be less than the truth."},
        "as_of_seq": {"type": "integer"}}})"},

    {"RelatedList", R"({
      "type": "object", "properties": {
        "items": {"type": "array", "items": {"type": "object", "properties": {
          "relation": {"type": "string",
            "description": "What they are to the artifact: author, merge_commit, …; the kind where there is no better word."},
          "kind": {"type": "string"},
          "count": {"type": "integer"},
          "url": {"type": ["string", "null"],
            "description": "The list of all of them, or the only one. null: no list shows exactly these."},
          "artifacts": {"type": "array", "description": "The newest, at most 5.",
            "items": {"type": "object", "properties": {
              "id": {"type": "string"},
              "kind": {"type": "string"},
              "title": {"type": "string"},
              "state": {"type": ["string", "null"]},
              "removed_at": {"type": ["string", "null"], "format": "date-time"}}}}}}},
        "gaps": {"type": "array", "items": {"$ref": "Gap"}}}})"},

    {"ExportLine", R"({
      "description": "One line of the export: an artifact, or the last line with count and SHA-256 of all bytes before it.",
      "x-must": "must be an artifact or the trailer",
      "oneOf": [{"$ref": "Artifact"}, {"type": "object", "properties": {
        "trailer": {"type": "object", "properties": {
          "count": {"type": "integer"},
          "sha256": {"type": "string"}}}}}]})"},

    {"Revision", R"({
      "type": "object", "description": "What an artifact was. Immutable.",
      "properties": {
        "artifact_id": {"type": "string"},
        "revision": {"type": "integer"},
        "change": {"type": "string", "enum": ["created", "revised", "removed", "restored"]},
        "observed_at": {"type": "string", "format": "date-time"},
        "sync_id": {"type": "string"},
        "content_sha256": {"type": "string"},
        "content": {"description": "The stored object, verbatim."}}})"},

    {"RevisionList", R"({
      "type": "object", "properties": {
        "items": {"type": "array", "items": {"$ref": "Revision"}},
        "next": {"type": ["string", "null"]},
        "has_more": {"type": "boolean"},
        "as_of_seq": {"type": "integer"}}})"},

    {"Kind", R"({
      "type": "object", "optional": ["gaps"], "properties": {
        "kind": {"type": "string"},
        "title": {"type": "string"},
        "description": {"type": "string"},
        "parent": {"type": ["string", "null"]},
        "scopes": {"type": "array", "items": {"type": "string"}},
        "profile": {"type": "string", "enum": ["read", "control"]},
        "needs_role": {"type": "boolean"},
        "fields": {"type": "array", "items": {"type": "object", "properties": {
          "name": {"type": "string"},
          "type": {"type": "string"}}}},
        "example": {"type": "object"},
        "count": {"type": "integer", "description": "Artifacts that are not removed."},
        "gaps": {"type": "array", "items": {"$ref": "Gap"},
          "description": "Why the count may be less than the truth; in the list of kinds, that of the list has them all."}}})"},

    {"KindList", R"({
      "type": "object", "properties": {
        "items": {"type": "array", "items": {"$ref": "Kind"}},
        "gaps": {"type": "array", "items": {"$ref": "Gap"}}}})"},
};

}  // namespace

std::span<const SchemaText> artifact_schemas() {
  return artifact_schema_table;
}

}  // namespace evidenced::api
