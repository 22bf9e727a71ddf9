#include "api/schema.hpp"

namespace evidenced::api {
namespace {

constexpr SchemaText hook_schema_table[] = {
    {"InboundHookInput", R"({
      "type": "object",
      "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 200},
        "source_id": {"type": "string", "description": "The source that the webhooks are about."}},
      "example": {"name": "example-works", "source_id": "src_01JD9X2V6T3Q8R5Y7Z1A4B6C8D"}})"},

    {"HookDeliveries", R"({
      "type": "object", "description": "How many deliveries came.",
      "properties": {
        "accepted": {"type": "integer", "description": "Signed, and hinting at something collected."},
        "ignored": {"type": "integer",
          "description": "Signed, but telling of nothing that the source collects or covers now."},
        "duplicate": {"type": "integer", "description": "Signed, but sent before."},
        "refused": {"type": "integer", "description": "Without a good signature; to the minute."}}})"},

    {"InboundHook", R"({
      "type": "object", "optional": ["secret"],
      "properties": {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "source_id": {"type": "string"},
        "url": {"type": "string", "description": "What Bitbucket is to send to."},
        "created_at": {"type": "string", "format": "date-time"},
        "previous_secret_until": {"type": ["string", "null"], "format": "date-time",
          "description": "Until then the secret before the present one is good, too."},
        "deliveries": {"$ref": "HookDeliveries"},
        "last_delivery_at": {"type": ["string", "null"], "format": "date-time",
          "description": "When the last signed one came."},
        "last_event": {"type": ["string", "null"], "description": "What it told of: repo:push."},
        "secret": {"type": ["string", "null"],
          "description": "In the answer that makes it and never again: null in a replay."}},
      "example": {"id": "hook_01JD9X2V6T3Q8R5Y7Z1A4B6C8D", "name": "example-works",
        "source_id": "src_01JD9X2V6T3Q8R5Y7Z1A4B6C8D",
        "url": "https://evidence.example.com/v1/hooks/bitbucket/hook_01JD9X2V6T3Q8R5Y7Z1A4B6C8D",
        "created_at": "2026-11-24T06:00:00.000Z", "previous_secret_until": null,
        "deliveries": {"accepted": 41, "ignored": 3, "duplicate": 1, "refused": 0},
        "last_delivery_at": "2026-11-24T07:08:09.000Z", "last_event": "pullrequest:approved"}})"},

    {"InboundHookList", R"({
      "type": "object", "properties": {
        "items": {"type": "array", "items": {"$ref": "InboundHook"}},
        "next": {"type": ["string", "null"]},
        "has_more": {"type": "boolean"},
        "as_of_seq": {"type": "integer"}}})"},

    {"HookDelivery", R"({
      "type": "object", "description": "As Bitbucket sends it; any JSON will do.",
      "properties": {}, "additionalProperties": true,
      "example": {"repository": {"full_name": "example-works/checkout", "type": "repository",
        "uuid": "{00000000-0000-4000-8000-0000000000c1}"}, "pullrequest": {"id": 42}}})"},
};

}  // namespace

std::span<const SchemaText> hook_schemas() {
  return hook_schema_table;
}

}  // namespace evidenced::api
