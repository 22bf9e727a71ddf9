#pragma once

#include "config/error.hpp"
#include "config/random.hpp"
#include "config/secret.hpp"
#include "storage/connection.hpp"
#include "storage/crypto.hpp"
#include "storage/nouns.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace evidenced::storage {

/// What a source authenticates with.
struct Credential {
  Secret email;
  Secret token;
};

/// Seals credentials at rest. master key → data key (wrapped, in the database) → AES-256-GCM per
/// secret with AAD = evidenced/v1|tenant|source|credential version|purpose, so a ciphertext moved
/// to another row does not open. Immutable after construction; thread-safe.
class Vault {
 public:
  Vault(Vault&& other) noexcept;
  Vault& operator=(Vault&& other) noexcept;
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;
  ~Vault();  ///< wipes the keys

  /// Creates key-check record, data key and pepper in an empty database (`init`). The transaction
  /// is the caller's.
  static Result<Vault> create(Connection& connection, const Secret& master_key, Random& random);

  /// Opens them; the key-check record is read before anything else. Errors: key.wrong.
  static Result<Vault> open(Connection& connection, const Secret& master_key);

  /// Stores a new version of the source's credential over the old one, which ends at
  /// `info.created_at`; `info.version`, fingerprint and masked e-mail are filled in here. The
  /// expiry that was declared for this very token stands where `info` only assumes one.
  Result<CredentialInfo> put(Connection& connection, const TenantScope& tenant,
                             const std::string& source_id, const Credential& credential,
                             CredentialInfo info, Random& random) const;

  /// Errors: credential.missing, credential.undecryptable.
  Result<Credential> get(Connection& connection, const TenantScope& tenant,
                         const std::string& source_id) const;

  /// Notes that the credential was just used with success, and the scopes it was seen to have.
  static void verified(Connection& connection, const TenantScope& tenant,
                       const std::string& source_id, const std::vector<std::string>& scopes,
                       Timestamp now);

  /// Metadata only. Errors: credential.missing.
  static Result<CredentialInfo> info(Connection& connection, const TenantScope& tenant,
                                     const std::string& source_id);

  /// Removes it, at once.
  static void wipe(Connection& connection, const TenantScope& tenant, const std::string& source_id,
                   Timestamp now);

  /// What a sealed secret of something else than a source belongs to: it opens nowhere else.
  struct Binding {
    const TenantScope& tenant;
    std::string_view id;  ///< of what has the secret
    std::int64_t version;
    std::string_view purpose;
  };
  std::string seal_secret(const Binding& binding, const Secret& secret, Random& random) const;

  /// nullopt when it is another's, or a bit is wrong.
  std::optional<Secret> open_secret(const Binding& binding, std::string_view sealed) const;

  /// A keyed hash for API keys and idempotency fingerprints (pepper from the database, sealed by
  /// the master key).
  Digest peppered(std::string_view purpose, std::string_view bytes) const;

 private:
  Vault() = default;
  void wipe_keys();

  Key data_key_{};
  Key pepper_{};
};

/// "a***@example.com": the first character and the domain; "***" for what has no @.
std::string mask_email(std::string_view email);

}  // namespace evidenced::storage
