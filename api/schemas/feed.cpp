#include "api/schema.hpp"

namespace evidenced::api {
namespace {

constexpr SchemaText feed_schema_table[] = {
    {"Event", R"({
      "type": "object", "properties": {
        "seq": {"type": "integer", "description": "Position in the feed; rises, with holes."},
        "type": {"type": "string", "enum": [
          "artifact.created", "artifact.revised", "artifact.removed", "artifact.restored", "artifact.moved", "coverage.changed", "credential.expiring", "credential.expired", "credential.rotated", "drift.ended", "drift.found", "session.ended", "session.link_created", "session.started", "source.created", "source.updated", "source.paused", "source.resumed", "source.needs_credential", "source.deleted", "sync.queued", "sync.started", "sync.finished"]},
        "at": {"type": "string", "format": "date-time"},
        "source_id": {"type": ["string", "null"]},
        "subject_id": {"type": "string",
          "description": "Id of the source, sync or artifact that it is about; of coverage.*, drift.*: of the source; of session.*: of the session, or of the link."},
        "data": {"type": "object", "additionalProperties": true, "properties": {},
          "description": "What else is known; members depend on the type. coverage.changed: kind, stream, from, to, reason, scopes. drift.*: as in Drift, what there is of it."}}})"},

    {"ChangeList", R"({
      "type": "object", "properties": {
        "items": {"type": "array", "items": {"$ref": "Event"}},
        "after": {"type": "integer", "description": "The position to go on from."},
        "has_more": {"type": "boolean"},
        "next": {"type": ["string", "null"]}}})"},

    {"EventStream", R"({"type": "string", "description": "Server-sent events."})"},
};

}  // namespace

std::span<const SchemaText> feed_schemas() {
  return feed_schema_table;
}

}  // namespace evidenced::api
