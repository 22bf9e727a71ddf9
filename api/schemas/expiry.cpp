#include "api/schema.hpp"

namespace evidenced::api {
namespace {

constexpr SchemaText expiry_schema_table[] = {
    {"ExpiryNotice", R"({
      "type": "object", "description": "A reminder that was given.",
      "properties": {
        "threshold_days": {"type": "integer", "description": "0: at the expiry itself."},
        "given_at": {"type": "string", "format": "date-time"}}})"},

    {"NextNotice", R"({
      "type": "object",
      "properties": {
        "threshold_days": {"type": "integer"},
        "at": {"type": "string", "format": "date-time"}}})"},

    {"Expiration", R"({
      "type": "object", "description": "When the credential of a source expires.",
      "properties": {
        "source_id": {"type": "string"},
        "source_name": {"type": "string"},
        "credential_version": {"type": "integer"},
        "expires_at": {"type": "string", "format": "date-time"},
        "expiry_source": {"type": "string", "enum": ["declared", "assumed"],
          "description": "assumed: no date was declared; it is a year after the token was first seen."},
        "days_left": {"type": "integer", "description": "Rounded down; negative once it has expired."},
        "state": {"type": "string", "enum": ["ok", "expiring", "expired"],
          "description": "expiring: at most 30 days are left."},
        "notices": {"type": "array", "items": {"$ref": "ExpiryNotice"},
          "description": "The reminders given for this credential, each once."},
        "next_notice": {"x-must": "must be null or an object",
          "oneOf": [{"type": "null"}, {"$ref": "NextNotice"}]}}})"},

    {"ExpirationList", R"({
      "type": "object", "properties": {
        "items": {"type": "array", "items": {"$ref": "Expiration"}},
        "next": {"type": ["string", "null"]},
        "has_more": {"type": "boolean"},
        "as_of_seq": {"type": "integer"}}})"},

    {"CalendarFeedInput", R"({
      "type": "object", "optional": ["names"],
      "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 200},
        "names": {"type": "boolean",
          "description": "false: the calendar holds ids of sources in place of their names."}}})"},

    {"CalendarFeed", R"({
      "type": "object", "optional": ["url"],
      "properties": {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "names": {"type": "boolean"},
        "source_ids": {"type": ["array", "null"], "items": {"type": "string"},
          "description": "The sources in it; null: all."},
        "created_at": {"type": "string", "format": "date-time"},
        "revoked_at": {"type": ["string", "null"], "format": "date-time"},
        "last_used_at": {"type": ["string", "null"], "format": "date-time",
          "description": "To the hour."},
        "url": {"type": ["string", "null"],
          "description": "Where the calendar is, in the answer that creates it and never again: null in a replay."}}})"},

    {"CalendarFeedList", R"({
      "type": "object", "properties": {
        "items": {"type": "array", "items": {"$ref": "CalendarFeed"}},
        "next": {"type": ["string", "null"]},
        "has_more": {"type": "boolean"},
        "as_of_seq": {"type": "integer"}}})"},

    {"Calendar", R"({"type": "string", "description": "iCalendar (RFC 5545)."})"},
};

}  // namespace

std::span<const SchemaText> expiry_schemas() {
  return expiry_schema_table;
}

}  // namespace evidenced::api
