#include "storage/session_store.hpp"

#include "storage/columns.hpp"
#include "storage/event_store.hpp"
#include "storage/id.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace evidenced::storage {

namespace {

constexpr std::string_view session_purpose = "console-session";
constexpr std::string_view csrf_purpose = "console-csrf";
constexpr std::string_view link_purpose = "sign-in-link";
constexpr std::size_t session_secret_length = 64;  // 256 bits in hexadecimal digits

/// A session that was dropped.
struct Dropped {
  std::string id;
  TenantScope tenant;
  std::string key_id;
};

/// Runs a DELETE … RETURNING id, tenant_id, key_id; true when a session ended.
bool drop_sessions(Connection& connection, std::string_view sql,
                   std::initializer_list<Value> parameters, std::string_view reason,
                   Timestamp now) {
  std::vector<Dropped> dropped;
  connection.query(sql, parameters, [&](const Row& row) {
    ColumnReader column(row);
    std::string id = column.text();
    TenantScope tenant(column.text());
    dropped.push_back({std::move(id), std::move(tenant), column.text()});
  });
  for (const Dropped& session : dropped) {
    record_event(connection, session.tenant,
                 {.type = "session.ended",
                  .source_id = "",
                  .subject_id = session.id,
                  .at = now,
                  .facts = {{"key_id", session.key_id}, {"reason", std::string(reason)}}});
  }
  return !dropped.empty();
}

/// The key of a session or link, when it may still be used.
std::optional<AuthenticatedKey> usable_key(Connection& connection, TenantScope tenant,
                                           const std::string& key_id, Timestamp now) {
  Result<ApiKey> key = find_key(connection, tenant, key_id);
  if (!key || key->revoked_at || (key->expires_at && *key->expires_at <= now)) return std::nullopt;
  return AuthenticatedKey{.tenant = std::move(tenant), .key = std::move(*key)};
}

std::unexpected<Error> link_refused(std::string detail) {
  return fail("session.link_invalid", std::move(detail));
}

}  // namespace

bool session_secret_well_formed(std::string_view text) {
  return text.size() == session_secret_length && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

std::string csrf_token(std::string_view secret, const Vault& vault) {
  return to_hex(vault.peppered(csrf_purpose, secret));
}

NewSession create_session(Connection& connection, const AuthenticatedKey& owner, const Vault& vault,
                          Timestamp now, Random& random) {
  ConsoleSession session{.id = new_id("ses", now, random),
                         .key_id = owner.key.id,
                         .created_at = now,
                         .last_used_at = now,
                         .expires_at = now + session_life};
  Secret secret(new_secret(random));
  const Digest hash = vault.peppered(session_purpose, secret.reveal());
  connection.execute(
      "INSERT INTO console_sessions"
      "   (id, tenant_id, key_id, secret_hash, created_at, last_used_at, expires_at)"
      " VALUES ($1, $2, $3, $4, $5, $5, $6)",
      {session.id, owner.tenant.id(), owner.key.id, to_value(hash), to_value(now),
       to_value(session.expires_at)});
  record_event(connection, owner.tenant,
               {.type = "session.started",
                .source_id = "",
                .subject_id = session.id,
                .at = now,
                .facts = {{"key_id", owner.key.id}, {"key", owner.key.name}}});
  const bool ended_others =
      drop_sessions(connection,
                    "DELETE FROM console_sessions WHERE id IN ("
                    "   SELECT id FROM console_sessions WHERE key_id = $1 AND id <> $2"
                    "   ORDER BY last_used_at DESC, id DESC LIMIT 1000 OFFSET $3)"
                    " RETURNING id, tenant_id, key_id",
                    {owner.key.id, session.id, to_value(sessions_of_a_key - 1)}, "replaced", now);
  touch_key(connection, owner.key.id, now);
  return {.signed_in = {.owner = owner, .session = std::move(session)},
          .secret = std::move(secret),
          .ended_others = ended_others};
}

Result<SignedIn> find_session(Connection& connection, std::string_view secret, const Vault& vault,
                              Timestamp now) {
  if (!session_secret_well_formed(secret)) return fail("session.ended");
  // Found by a keyed hash: how long the look-up takes tells nothing about other sessions.
  const Digest hash = vault.peppered(session_purpose, secret);
  std::optional<TenantScope> tenant;
  ConsoleSession session;
  connection.query(
      "SELECT tenant_id, id, key_id, created_at, last_used_at, expires_at FROM console_sessions"
      " WHERE secret_hash = $1",
      {to_value(hash)}, [&](const Row& row) {
        ColumnReader column(row);
        tenant.emplace(column.text());
        session.id = column.text();
        session.key_id = column.text();
        session.created_at = column.time();
        session.last_used_at = column.time();
        session.expires_at = column.time();
      });
  if (!tenant || session.over(now)) return fail("session.ended");
  std::optional<AuthenticatedKey> owner =
      usable_key(connection, std::move(*tenant), session.key_id, now);
  if (!owner) return fail("session.ended");
  return SignedIn{.owner = std::move(*owner), .session = std::move(session)};
}

void touch_session(Connection& connection, const ConsoleSession& session, Timestamp now) {
  connection.execute("UPDATE console_sessions SET last_used_at = $2 WHERE id = $1",
                     {session.id, to_value(now)});
  touch_key(connection, session.key_id, now);
}

void end_session(Connection& connection, const SignedIn& signed_in, std::string_view reason,
                 Timestamp now) {
  drop_sessions(connection,
                "DELETE FROM console_sessions WHERE id = $1 RETURNING id, tenant_id, key_id",
                {signed_in.session.id}, reason, now);
}

void end_sessions_of_key(Connection& connection, const TenantScope& tenant,
                         const std::string& key_id, Timestamp now) {
  drop_sessions(connection,
                "DELETE FROM console_sessions WHERE key_id = $1 AND tenant_id = $2"
                " RETURNING id, tenant_id, key_id",
                {key_id, tenant.id()}, "key_revoked", now);
  connection.execute("DELETE FROM sign_in_links WHERE key_id = $1 AND tenant_id = $2",
                     {key_id, tenant.id()});
}

SignInLink create_sign_in_link(Connection& connection, const AuthenticatedKey& owner,
                               const Vault& vault, Timestamp now, Random& random,
                               std::chrono::minutes life) {
  SignInLink link{.id = new_id("lnk", now, random),
                  .code = Secret(new_secret(random)),
                  .expires_at = now + life};
  const Digest hash = vault.peppered(link_purpose, link.code.reveal());
  connection.execute(
      "INSERT INTO sign_in_links (id, tenant_id, key_id, code_hash, created_at, expires_at)"
      " VALUES ($1, $2, $3, $4, $5, $6)",
      {link.id, owner.tenant.id(), owner.key.id, to_value(hash), to_value(now),
       to_value(link.expires_at)});
  connection.execute(
      "DELETE FROM sign_in_links WHERE id IN ("
      "   SELECT id FROM sign_in_links WHERE key_id = $1 ORDER BY id DESC LIMIT 1000 OFFSET $2)",
      {owner.key.id, to_value(links_of_a_key)});
  record_event(connection, owner.tenant,
               {.type = "session.link_created",
                .source_id = "",
                .subject_id = link.id,
                .at = now,
                .facts = {{"key_id", owner.key.id}, {"key", owner.key.name}}});
  return link;
}

Result<AuthenticatedKey> use_sign_in_link(Connection& connection, std::string_view code,
                                          const Vault& vault, Timestamp now) {
  if (!session_secret_well_formed(code)) return link_refused("There is no such link");
  const Digest hash = vault.peppered(link_purpose, code);
  std::optional<TenantScope> tenant;
  std::string id, key_id;
  Timestamp expires_at{};
  bool used = false;
  connection.query(
      "SELECT tenant_id, id, key_id, expires_at, used_at FROM sign_in_links WHERE code_hash = $1",
      {to_value(hash)}, [&](const Row& row) {
        ColumnReader column(row);
        tenant.emplace(column.text());
        id = column.text();
        key_id = column.text();
        expires_at = column.time();
        used = column.optional_time().has_value();
      });
  if (!tenant) return link_refused("There is no such link");
  if (used) return link_refused("The link was used already");
  if (expires_at <= now) return link_refused("The link has expired");
  std::optional<AuthenticatedKey> owner = usable_key(connection, std::move(*tenant), key_id, now);
  if (!owner) return link_refused("The key of the link can no longer be used");
  // The condition again: where several write, only one of two finds it unused.
  const std::int64_t taken =
      connection.execute("UPDATE sign_in_links SET used_at = $2 WHERE id = $1 AND used_at IS NULL",
                         {id, to_value(now)});
  if (taken == 0) return link_refused("The link was used already");
  return std::move(*owner);
}

void expire_sessions(Connection& connection, Timestamp now) {
  drop_sessions(connection,
                "DELETE FROM console_sessions WHERE expires_at <= $1 OR last_used_at <= $2"
                " RETURNING id, tenant_id, key_id",
                {to_value(now), to_value(now - session_idle)}, "expired", now);
  connection.execute("DELETE FROM sign_in_links WHERE expires_at <= $1", {to_value(now)});
}

}  // namespace evidenced::storage
