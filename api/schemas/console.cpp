#include "api/schema.hpp"

namespace evidenced::api {
namespace {

constexpr SchemaText console_schema_table[] = {
    {"SignIn", R"({
      "type": "object", "optional": ["key", "code"],
      "description": "One of the two.",
      "properties": {
        "key": {"type": "string", "minLength": 1, "maxLength": 200, "description": "An API key."},
        "code": {"type": "string", "minLength": 1, "maxLength": 200,
          "description": "What stands behind #code= in a sign-in link."}}})"},

    {"ConsoleSession", R"({
      "type": "object",
      "properties": {
        "principal": {"$ref": "Principal"},
        "csrf_token": {"type": "string",
          "description": "To be sent in X-CSRF-Token by every request of the session but GET and HEAD."},
        "expires_at": {"type": "string", "format": "date-time", "description": "However much it is used."},
        "idle_expires_at": {"type": "string", "format": "date-time", "description": "Unless it is used before."},
        "version": {"type": "string", "description": "Of the daemon."}}})"},

    {"SignInLink", R"({
      "type": "object",
      "properties": {
        "url": {"type": ["string", "null"],
          "description": "To be opened in a browser, once; null in a replay. Below server.public_url, else at the host that was asked."},
        "expires_at": {"type": "string", "format": "date-time"}}})"},
};

}  // namespace

std::span<const SchemaText> console_schemas() {
  return console_schema_table;
}

}  // namespace evidenced::api
