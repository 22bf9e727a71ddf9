#pragma once

#include "config/random.hpp"
#include "config/secret.hpp"
#include "storage/connection.hpp"
#include "storage/crypto.hpp"
#include "storage/nouns.hpp"
#include "storage/vault.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::storage {

/// How long the secret before the present one is good: time to paste the new one into Bitbucket.
inline constexpr std::chrono::hours hook_secret_overlap{24};

/// How long the ids of deliveries are remembered: Bitbucket sends one again within minutes.
inline constexpr std::chrono::hours deliveries_remembered{72};

/// Where Bitbucket sends webhooks of a source to.
struct InboundHook {
  std::string id;  ///< "hook_…"
  std::string source_id;
  std::string name;
  Timestamp created_at{};
  std::int64_t secret_version = 1;
  std::optional<Timestamp> previous_until;  ///< until then the secret before is good, too
  std::int64_t accepted = 0;                ///< deliveries that hinted at something
  std::int64_t ignored = 0;                 ///< … that were signed, and hinted at nothing
  std::int64_t duplicates = 0;              ///< … that had come before
  std::int64_t refused = 0;                 ///< … without a good signature
  std::optional<Timestamp> last_delivery_at;
  std::string last_event;  ///< of a delivery that was signed
};

/// What a secret is made and sealed with.
struct Minting {
  const Vault& vault;
  Random& random;
  Timestamp now;
};

struct NewInboundHook {
  InboundHook hook;
  Secret secret;  ///< 64 hexadecimal digits, all random; shown once
};

/// Makes a hook for `hook.source_id`; `id` and `created_at` are filled in here.
NewInboundHook create_inbound_hook(Connection& connection, const TenantScope& tenant,
                                   InboundHook hook, const Minting& minting);

/// Gives a hook a new secret; the old one is good for `hook_secret_overlap`. Errors:
/// resource.not_found.
Result<NewInboundHook> renew_hook_secret(Connection& connection, const TenantScope& tenant,
                                         const std::string& id, const Minting& minting);

/// In the order of ids.
std::vector<InboundHook> list_inbound_hooks(Connection& connection, const TenantScope& tenant,
                                            const std::string& after_id, int limit);

/// Errors of both: resource.not_found.
Result<InboundHook> find_inbound_hook(Connection& connection, const TenantScope& tenant,
                                      const std::string& id);
Result<void> delete_inbound_hook(Connection& connection, const TenantScope& tenant,
                                 const std::string& id);

/// The hooks of a source go, and what they hinted at.
void delete_hooks_of(Connection& connection, const TenantScope& tenant,
                     const std::string& source_id);

/// A hook with what its deliveries are signed with.
struct OpenedHook {
  TenantScope tenant;
  std::string id;
  std::string source_id;
  std::vector<Secret> secrets;  ///< good ones, at least one
};

/// Errors: resource.not_found; credential.undecryptable.
Result<OpenedHook> open_inbound_hook(Connection& connection, const std::string& id,
                                     const Vault& vault, Timestamp now);

/// Notes the id of a delivery; whether it is the first of that id.
bool is_first_delivery(Connection& connection, const std::string& hook_id, const Digest& request,
                       Timestamp now);

enum class DeliveryOutcome { accepted, ignored, duplicate };

/// Counts a delivery that was signed.
void count_delivery(Connection& connection, const std::string& hook_id, DeliveryOutcome outcome,
                    std::string_view event, Timestamp now);

/// Counts deliveries that were not.
void count_refused(Connection& connection, const std::string& hook_id, std::int64_t refused);

/// The workspace of a repository of the source that is not removed; nullopt: it has none such.
struct RepositoryPlace {
  std::string workspace;       ///< slug
  std::string workspace_uuid;  ///< "" where the workspace is not stored
};
std::optional<RepositoryPlace> find_repository(Connection& connection, const std::string& source_id,
                                               const std::string& repository_uuid);

/// Forgets deliveries that came before.
void forget_deliveries(Connection& connection, Timestamp before);

}  // namespace evidenced::storage
