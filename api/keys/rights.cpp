#include "api/keys/rights.hpp"

#include "storage/names.hpp"

namespace evidenced::api {

using storage::ApiKey;

namespace {

void write_window(JsonOut& json, const ApiKey& key) {
  json.key("window");
  if (key.window.open()) {
    json.null();
    return;
  }
  json.begin_object();
  json.member("from", key.window.from);
  json.member("to", key.window.to);
  json.end_object();
}

}  // namespace

void write_rights(JsonOut& json, const ApiKey& key) {
  json.member("id", key.id);
  json.member("kid", key.kid);
  json.member("name", key.name);
  json.key("roles").begin_array();
  for (const storage::Role role : key.roles) json.value(storage::name_of(role));
  json.end_array();
  json.key("source_ids");
  if (key.source_ids.empty()) {
    json.null();
  } else {
    json.value(key.source_ids);
  }
  write_window(json, key);
  json.member("created_at", key.created_at);
  json.member("expires_at", key.expires_at);
}

void write_principal(JsonOut& json, const storage::AuthenticatedKey& who) {
  json.begin_object();
  write_rights(json, who.key);
  json.member("tenant", who.tenant.id());
  json.end_object();
}

}  // namespace evidenced::api
