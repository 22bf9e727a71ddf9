#include "storage/key_store.hpp"

#include "storage/columns.hpp"
#include "storage/id.hpp"

#include <boost/crc.hpp>
#include <fmt/format.h>

namespace evidenced::storage {

namespace {

constexpr std::string_view prefix = "ev_";
constexpr std::size_t kid_length = 10;
constexpr std::size_t secret_length = 43;  // 256 bits
constexpr std::size_t crc_length = 6;
constexpr std::size_t key_length = 3 + kid_length + 1 + secret_length + 1 + crc_length;
constexpr std::string_view base62 =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view key_purpose = "api-key";

constexpr std::string_view key_columns =
    "id, kid, name, roles, source_ids, window_from, window_to, created_at, expires_at, revoked_at,"
    " last_used_at";

std::string random_text(std::size_t length, Random& random) {
  std::string text;
  while (text.size() < length) text += base62[random.below(base62.size())];
  return text;
}

std::string checksum(std::string_view text) {
  boost::crc_32_type crc;
  crc.process_bytes(text.data(), text.size());
  std::string digits(crc_length, '0');
  auto value = crc.checksum();
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    *digit = base62[value % base62.size()];
    value /= static_cast<decltype(value)>(base62.size());
  }
  return digits;
}

std::string roles_to_json(const std::vector<Role>& roles) {
  std::vector<std::string> names;
  names.reserve(roles.size());
  for (Role role : roles) names.emplace_back(name_of(role));
  return to_json(names);
}

ApiKey read_key(ColumnReader& column) {
  ApiKey key;
  key.id = column.text();
  key.kid = column.text();
  key.name = column.text();
  for (const std::string& name : column.texts()) {
    if (std::optional<Role> role = value_of<Role>(name)) key.roles.push_back(*role);
  }
  key.source_ids = column.texts();
  key.window.from = column.optional_time();
  key.window.to = column.optional_time();
  key.created_at = column.time();
  key.expires_at = column.optional_time();
  key.revoked_at = column.optional_time();
  key.last_used_at = column.optional_time();
  return key;
}

}  // namespace

NewKey create_key(Connection& connection, const TenantScope& tenant, ApiKey key, const Vault& vault,
                  Timestamp now, Random& random) {
  key.id = new_id("key", now, random);
  key.kid = random_text(kid_length, random);
  key.created_at = now;
  std::string text = fmt::format("{}{}_", prefix, key.kid);
  text.reserve(key_length);
  text += random_text(secret_length, random);
  text += '_' + checksum(text);
  Digest hash = vault.peppered(key_purpose, text);
  std::string roles = roles_to_json(key.roles);
  std::string source_ids = to_json(key.source_ids);
  connection.execute(
      "INSERT INTO api_keys (id, tenant_id, kid, secret_hash, name, roles, source_ids,"
      "   window_from, window_to, created_at, expires_at)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
      {key.id, tenant.id(), key.kid, to_value(hash), key.name, roles, source_ids,
       to_value(key.window.from), to_value(key.window.to), to_value(now),
       to_value(key.expires_at)});
  return {.key = std::move(key), .text = Secret(std::move(text))};
}

bool key_well_formed(std::string_view text) {
  if (text.size() != key_length || !text.starts_with(prefix)) return false;
  std::string_view signed_part = text.substr(0, key_length - crc_length - 1);
  bool separated = text[prefix.size() + kid_length] == '_' && text[signed_part.size()] == '_';
  return separated && text.substr(signed_part.size() + 1) == checksum(signed_part);
}

Result<AuthenticatedKey> authenticate(Connection& connection, std::string_view text,
                                      const Vault& vault, Timestamp now) {
  if (!key_well_formed(text)) return fail("auth.invalid");
  std::string kid(text.substr(prefix.size(), kid_length));
  std::optional<AuthenticatedKey> found;
  std::string hash;
  std::string sql =
      fmt::format("SELECT tenant_id, secret_hash, {} FROM api_keys WHERE kid = $1", key_columns);
  connection.query(sql, {kid}, [&](const Row& row) {
    ColumnReader column(row);
    TenantScope tenant(column.text());
    hash = column.bytes();
    found = AuthenticatedKey{.tenant = std::move(tenant), .key = read_key(column)};
  });
  Digest expected = vault.peppered(key_purpose, text);
  bool same =
      equal_constant_time(hash, {reinterpret_cast<const char*>(expected.data()), expected.size()});
  if (!found || !same) return fail("auth.invalid");
  if (found->key.revoked_at) return fail("auth.revoked");
  if (found->key.expires_at && *found->key.expires_at <= now) return fail("auth.expired");
  return *found;
}

std::vector<ApiKey> list_keys(Connection& connection, const TenantScope& tenant,
                              const std::string& after_id, int limit) {
  std::vector<ApiKey> keys;
  std::string sql = fmt::format(
      "SELECT {} FROM api_keys WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3", key_columns);
  connection.query(sql, {tenant.id(), after_id, to_value(limit)}, [&](const Row& row) {
    ColumnReader column(row);
    keys.push_back(read_key(column));
  });
  return keys;
}

Result<ApiKey> find_key(Connection& connection, const TenantScope& tenant, const std::string& id) {
  std::optional<ApiKey> key;
  std::string sql =
      fmt::format("SELECT {} FROM api_keys WHERE id = $1 AND tenant_id = $2", key_columns);
  connection.query(sql, {id, tenant.id()}, [&](const Row& row) {
    ColumnReader column(row);
    key = read_key(column);
  });
  if (!key) return fail("resource.not_found");
  return *key;
}

Result<ApiKey> revoke_key(Connection& connection, const TenantScope& tenant, const std::string& id,
                          Timestamp now) {
  connection.execute(
      "UPDATE api_keys SET revoked_at = $3"
      " WHERE id = $1 AND tenant_id = $2 AND revoked_at IS NULL",
      {id, tenant.id(), to_value(now)});
  return find_key(connection, tenant, id);
}

void touch_key(Connection& connection, const std::string& id, Timestamp now) {
  connection.execute("UPDATE api_keys SET last_used_at = $2 WHERE id = $1", {id, to_value(now)});
}

}  // namespace evidenced::storage
