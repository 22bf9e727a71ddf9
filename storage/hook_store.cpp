#include "storage/hook_store.hpp"

#include "storage/columns.hpp"
#include "storage/id.hpp"

#include <fmt/format.h>

namespace evidenced::storage {

namespace {

constexpr std::string_view hook_columns =
    "id, source_id, name, created_at, secret_version, previous_until, accepted, ignored,"
    " duplicates, refused, last_delivery_at, last_event";

InboundHook read_hook(ColumnReader& column) {
  InboundHook hook;
  hook.id = column.text();
  hook.source_id = column.text();
  hook.name = column.text();
  hook.created_at = column.time();
  hook.secret_version = column.integer();
  hook.previous_until = column.optional_time();
  hook.accepted = column.integer();
  hook.ignored = column.integer();
  hook.duplicates = column.integer();
  hook.refused = column.integer();
  hook.last_delivery_at = column.optional_time();
  hook.last_event = column.text();
  return hook;
}

Vault::Binding binding_of(const TenantScope& tenant, const std::string& id, std::int64_t version) {
  return {tenant, id, version, "hook-secret"};
}

}  // namespace

NewInboundHook create_inbound_hook(Connection& connection, const TenantScope& tenant,
                                   InboundHook hook, const Minting& minting) {
  hook.id = new_id("hook", minting.now, minting.random);
  hook.created_at = minting.now;
  Secret secret(new_secret(minting.random));
  const std::string sealed = minting.vault.seal_secret(
      binding_of(tenant, hook.id, hook.secret_version), secret, minting.random);
  connection.execute(
      "INSERT INTO inbound_hooks (id, tenant_id, source_id, name, created_at, secret_version,"
      "   sealed_secret, sealed_previous, accepted, ignored, duplicates, refused, last_event)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, 0, 0, '')",
      {hook.id, tenant.id(), hook.source_id, hook.name, to_value(hook.created_at),
       hook.secret_version, to_blob(sealed), to_blob("")});
  return {.hook = std::move(hook), .secret = std::move(secret)};
}

Result<NewInboundHook> renew_hook_secret(Connection& connection, const TenantScope& tenant,
                                         const std::string& id, const Minting& minting) {
  Result<InboundHook> hook = find_inbound_hook(connection, tenant, id);
  if (!hook) return fail(hook);
  hook->secret_version += 1;
  hook->previous_until = minting.now + hook_secret_overlap;
  Secret secret(new_secret(minting.random));
  const std::string sealed = minting.vault.seal_secret(
      binding_of(tenant, hook->id, hook->secret_version), secret, minting.random);
  connection.execute(
      "UPDATE inbound_hooks SET secret_version = $3, sealed_previous = sealed_secret,"
      "   sealed_secret = $4, previous_until = $5"
      " WHERE id = $1 AND tenant_id = $2",
      {id, tenant.id(), hook->secret_version, to_blob(sealed), to_value(hook->previous_until)});
  return NewInboundHook{.hook = std::move(*hook), .secret = std::move(secret)};
}

std::vector<InboundHook> list_inbound_hooks(Connection& connection, const TenantScope& tenant,
                                            const std::string& after_id, int limit) {
  std::vector<InboundHook> hooks;
  const std::string sql = fmt::format(
      "SELECT {} FROM inbound_hooks WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3",
      hook_columns);
  connection.query(sql, {tenant.id(), after_id, to_value(limit)}, [&](const Row& row) {
    ColumnReader column(row);
    hooks.push_back(read_hook(column));
  });
  return hooks;
}

Result<InboundHook> find_inbound_hook(Connection& connection, const TenantScope& tenant,
                                      const std::string& id) {
  std::optional<InboundHook> hook;
  const std::string sql =
      fmt::format("SELECT {} FROM inbound_hooks WHERE id = $1 AND tenant_id = $2", hook_columns);
  connection.query(sql, {id, tenant.id()}, [&](const Row& row) {
    ColumnReader column(row);
    hook = read_hook(column);
  });
  if (!hook) return fail("resource.not_found");
  return std::move(*hook);
}

Result<void> delete_inbound_hook(Connection& connection, const TenantScope& tenant,
                                 const std::string& id) {
  const std::int64_t deleted = connection.execute(
      "DELETE FROM inbound_hooks WHERE id = $1 AND tenant_id = $2", {id, tenant.id()});
  if (deleted == 0) return fail("resource.not_found");
  connection.execute("DELETE FROM hook_deliveries WHERE hook_id = $1", {id});
  return {};
}

void delete_hooks_of(Connection& connection, const TenantScope& tenant,
                     const std::string& source_id) {
  connection.execute(
      "DELETE FROM hook_deliveries WHERE hook_id IN"
      " (SELECT id FROM inbound_hooks WHERE source_id = $1 AND tenant_id = $2)",
      {source_id, tenant.id()});
  connection.execute("DELETE FROM inbound_hooks WHERE source_id = $1 AND tenant_id = $2",
                     {source_id, tenant.id()});
  connection.execute("DELETE FROM hook_hints WHERE source_id = $1 AND tenant_id = $2",
                     {source_id, tenant.id()});
}

Result<OpenedHook> open_inbound_hook(Connection& connection, const std::string& id,
                                     const Vault& vault, Timestamp now) {
  std::optional<OpenedHook> found;
  bool opens = true;
  connection.query(
      "SELECT tenant_id, source_id, secret_version, sealed_secret, sealed_previous, previous_until"
      " FROM inbound_hooks WHERE id = $1",
      {id}, [&](const Row& row) {
        ColumnReader column(row);
        TenantScope tenant(column.text());
        found = OpenedHook{std::move(tenant), id, column.text(), {}};
        const std::int64_t version = column.integer();
        const std::string present = column.bytes();
        const std::string previous = column.bytes();
        const std::optional<Timestamp> until = column.optional_time();
        const auto open = [&](const std::string& sealed, std::int64_t of_version) {
          auto secret = vault.open_secret(binding_of(found->tenant, id, of_version), sealed);
          opens = opens && secret.has_value();
          if (secret) found->secrets.push_back(std::move(*secret));
        };
        open(present, version);
        if (until && *until > now) open(previous, version - 1);
      });
  if (!found) return fail("resource.not_found");
  if (!opens) return fail("credential.undecryptable");
  return std::move(*found);
}

bool is_first_delivery(Connection& connection, const std::string& hook_id, const Digest& request,
                       Timestamp now) {
  return connection.execute(
             "INSERT INTO hook_deliveries (hook_id, request_digest, received_at)"
             " VALUES ($1, $2, $3) ON CONFLICT (hook_id, request_digest) DO NOTHING",
             {hook_id, to_value(request), to_value(now)}) > 0;
}

void count_delivery(Connection& connection, const std::string& hook_id, DeliveryOutcome outcome,
                    std::string_view event, Timestamp now) {
  connection.execute(
      "UPDATE inbound_hooks SET accepted = accepted + $2, ignored = ignored + $3,"
      "   duplicates = duplicates + $4, last_delivery_at = $5, last_event = $6"
      " WHERE id = $1",
      {hook_id, to_value(outcome == DeliveryOutcome::accepted),
       to_value(outcome == DeliveryOutcome::ignored),
       to_value(outcome == DeliveryOutcome::duplicate), to_value(now), event});
}

void count_refused(Connection& connection, const std::string& hook_id, std::int64_t refused) {
  connection.execute("UPDATE inbound_hooks SET refused = refused + $2 WHERE id = $1",
                     {hook_id, refused});
}

std::optional<RepositoryPlace> find_repository(Connection& connection, const std::string& source_id,
                                               const std::string& repository_uuid) {
  std::optional<RepositoryPlace> place;
  connection.query(
      "SELECT workspace FROM artifacts WHERE source_id = $1 AND kind = 'repository'"
      "   AND upstream_id = $2 AND removed_at IS NULL",
      {source_id, repository_uuid},
      [&](const Row& row) { place = RepositoryPlace{ColumnReader(row).text(), ""}; });
  if (!place) return place;
  connection.query(
      "SELECT upstream_id FROM artifacts WHERE source_id = $1 AND kind = 'workspace'"
      "   AND workspace = $2 AND removed_at IS NULL",
      {source_id, place->workspace},
      [&](const Row& row) { place->workspace_uuid = ColumnReader(row).text(); });
  return place;
}

void forget_deliveries(Connection& connection, Timestamp before) {
  connection.execute("DELETE FROM hook_deliveries WHERE received_at < $1", {to_value(before)});
}

}  // namespace evidenced::storage
