#include "storage/vault.hpp"

#include "storage/columns.hpp"
#include "storage/expiry_store.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <cstring>

namespace evidenced::storage {

namespace {

constexpr std::int64_t data_key_version = 1;
constexpr std::string_view key_check_text = "evidenced key check";

std::string aad_of(std::string_view purpose) {
  return fmt::format("evidenced/v1|{}", purpose);
}

std::string aad_of(const TenantScope& tenant, std::string_view source_id, std::int64_t version,
                   std::string_view purpose) {
  return fmt::format("evidenced/v1|{}|{}|{}|{}", tenant.id(), source_id, version, purpose);
}

std::string_view text_of(const Key& key) {
  return {reinterpret_cast<const char*>(key.data()), key.size()};
}

bool copy_key(const std::optional<Secret>& opened, Key& key) {
  if (!opened || opened->reveal().size() != key.size()) return false;
  std::memcpy(key.data(), opened->reveal().data(), key.size());
  return true;
}

std::string single_blob(Connection& connection, std::string_view sql) {
  std::string bytes;
  connection.query(sql, {}, [&](const Row& row) { bytes = ColumnReader(row).bytes(); });
  return bytes;
}

/// Of the token that is stored now, where it is the one of `info`.
void keep_declared_expiry(Connection& connection, const std::string& source_id,
                          CredentialInfo& info) {
  if (info.expiry_declared) return;
  connection.query(
      "SELECT expires_at FROM credentials"
      " WHERE source_id = $1 AND fingerprint = $2 AND expiry_declared = 1",
      {source_id, info.fingerprint}, [&](const Row& row) {
        ColumnReader column(row);
        info.expires_at = column.optional_time();
        info.expiry_declared = true;
      });
}

}  // namespace

Vault::Vault(Vault&& other) noexcept : data_key_(other.data_key_), pepper_(other.pepper_) {
  other.wipe_keys();
}

Vault& Vault::operator=(Vault&& other) noexcept {
  if (this == &other) return *this;
  data_key_ = other.data_key_;
  pepper_ = other.pepper_;
  other.wipe_keys();
  return *this;
}

Vault::~Vault() {
  wipe_keys();
}

void Vault::wipe_keys() {
  OPENSSL_cleanse(data_key_.data(), data_key_.size());
  OPENSSL_cleanse(pepper_.data(), pepper_.size());
}

Result<Vault> Vault::create(Connection& connection, const Secret& master_key, Random& random) {
  Vault vault;
  random.fill(vault.data_key_);
  random.fill(vault.pepper_);
  Key wrapping = derive_key(master_key.reveal(), aad_of("wrap"));
  auto wrap = [&](std::string_view plain, std::string_view purpose) {
    return seal(wrapping, plain, aad_of(purpose), random);
  };
  std::string key_check = wrap(key_check_text, "key-check");
  std::string pepper = wrap(text_of(vault.pepper_), "pepper");
  std::string data_key = wrap(text_of(vault.data_key_), "data-key|1");
  OPENSSL_cleanse(wrapping.data(), wrapping.size());
  connection.execute("INSERT INTO vault (id, key_check, sealed_pepper) VALUES (1, $1, $2)",
                     {to_blob(key_check), to_blob(pepper)});
  connection.execute("INSERT INTO data_keys (version, sealed_key) VALUES ($1, $2)",
                     {data_key_version, to_blob(data_key)});
  return vault;
}

Result<Vault> Vault::open(Connection& connection, const Secret& master_key) {
  Key wrapping = derive_key(master_key.reveal(), aad_of("wrap"));
  auto unwrap = [&](std::string_view sql, std::string_view purpose) {
    return storage::open(wrapping, single_blob(connection, sql), aad_of(purpose));
  };
  Vault vault;
  bool opened = unwrap("SELECT key_check FROM vault", "key-check").has_value() &&
                copy_key(unwrap("SELECT sealed_pepper FROM vault", "pepper"), vault.pepper_) &&
                copy_key(unwrap("SELECT sealed_key FROM data_keys WHERE version = 1", "data-key|1"),
                         vault.data_key_);
  OPENSSL_cleanse(wrapping.data(), wrapping.size());
  if (!opened) return fail("key.wrong", "the key-check record does not open with this key");
  return vault;
}

Result<CredentialInfo> Vault::put(Connection& connection, const TenantScope& tenant,
                                  const std::string& source_id, const Credential& credential,
                                  CredentialInfo info, Random& random) const {
  info.fingerprint = to_hex(peppered("fingerprint", credential.token.reveal())).substr(0, 16);
  keep_declared_expiry(connection, source_id, info);
  end_credential(connection, tenant, source_id, info.created_at);
  connection.query(
      "INSERT INTO credential_versions (source_id, last_version) VALUES ($1, 1)"
      " ON CONFLICT (source_id) DO UPDATE SET last_version = credential_versions.last_version + 1"
      " RETURNING last_version",
      {source_id}, [&](const Row& row) { info.version = row.integer(0); });
  info.email_masked = mask_email(credential.email.reveal());
  std::string email = seal(data_key_, credential.email.reveal(),
                           aad_of(tenant, source_id, info.version, "email"), random);
  std::string token = seal(data_key_, credential.token.reveal(),
                           aad_of(tenant, source_id, info.version, "token"), random);
  std::string scopes = to_json(info.scopes);
  connection.execute(
      "INSERT INTO credentials (source_id, tenant_id, version, key_version, sealed_email,"
      "   sealed_token, email_masked, fingerprint, expires_at, expiry_declared, scopes,"
      "   last_verified_at, created_at)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
      " ON CONFLICT (source_id) DO UPDATE SET version = excluded.version,"
      "   key_version = excluded.key_version, sealed_email = excluded.sealed_email,"
      "   sealed_token = excluded.sealed_token, email_masked = excluded.email_masked,"
      "   fingerprint = excluded.fingerprint, expires_at = excluded.expires_at,"
      "   expiry_declared = excluded.expiry_declared, scopes = excluded.scopes,"
      "   last_verified_at = excluded.last_verified_at, created_at = excluded.created_at",
      {source_id, tenant.id(), info.version, data_key_version, to_blob(email), to_blob(token),
       info.email_masked, info.fingerprint, to_value(info.expires_at),
       to_value(info.expiry_declared), scopes, to_value(info.last_verified_at),
       to_value(info.created_at)});
  return info;
}

Result<Credential> Vault::get(Connection& connection, const TenantScope& tenant,
                              const std::string& source_id) const {
  std::optional<std::int64_t> version;
  std::string email;
  std::string token;
  connection.query(
      "SELECT version, sealed_email, sealed_token FROM credentials"
      " WHERE source_id = $1 AND tenant_id = $2",
      {source_id, tenant.id()}, [&](const Row& row) {
        ColumnReader column(row);
        version = column.integer();
        email = column.bytes();
        token = column.bytes();
      });
  if (!version) return fail("credential.missing");
  auto opened_email = storage::open(data_key_, email, aad_of(tenant, source_id, *version, "email"));
  auto opened_token = storage::open(data_key_, token, aad_of(tenant, source_id, *version, "token"));
  if (!opened_email || !opened_token) return fail("credential.undecryptable");
  return Credential{.email = std::move(*opened_email), .token = std::move(*opened_token)};
}

void Vault::verified(Connection& connection, const TenantScope& tenant,
                     const std::string& source_id, const std::vector<std::string>& scopes,
                     Timestamp now) {
  std::string known = to_json(scopes);
  connection.execute(
      "UPDATE credentials SET last_verified_at = $3, scopes = $4"
      " WHERE source_id = $1 AND tenant_id = $2",
      {source_id, tenant.id(), to_value(now), known});
}

Result<CredentialInfo> Vault::info(Connection& connection, const TenantScope& tenant,
                                   const std::string& source_id) {
  std::optional<CredentialInfo> info;
  connection.query(
      "SELECT version, email_masked, fingerprint, expires_at, expiry_declared, scopes,"
      "   last_verified_at, created_at"
      " FROM credentials WHERE source_id = $1 AND tenant_id = $2",
      {source_id, tenant.id()}, [&](const Row& row) {
        ColumnReader column(row);
        info.emplace();
        info->version = column.integer();
        info->email_masked = column.text();
        info->fingerprint = column.text();
        info->expires_at = column.optional_time();
        info->expiry_declared = column.flag();
        info->scopes = column.texts();
        info->last_verified_at = column.optional_time();
        info->created_at = column.time();
      });
  if (!info) return fail("credential.missing");
  return *info;
}

void Vault::wipe(Connection& connection, const TenantScope& tenant, const std::string& source_id,
                 Timestamp now) {
  end_credential(connection, tenant, source_id, now);
  connection.execute("DELETE FROM credentials WHERE source_id = $1 AND tenant_id = $2",
                     {source_id, tenant.id()});
}

std::string Vault::seal_secret(const Binding& binding, const Secret& secret, Random& random) const {
  const std::string aad = aad_of(binding.tenant, binding.id, binding.version, binding.purpose);
  return seal(data_key_, secret.reveal(), aad, random);
}

std::optional<Secret> Vault::open_secret(const Binding& binding, std::string_view sealed) const {
  const std::string aad = aad_of(binding.tenant, binding.id, binding.version, binding.purpose);
  return storage::open(data_key_, sealed, aad);
}

Digest Vault::peppered(std::string_view purpose, std::string_view bytes) const {
  // The length keeps (purpose, bytes) pairs apart that would join to the same text.
  std::string message = fmt::format("{}|{}|", purpose.size(), purpose);
  message += bytes;
  Digest digest = hmac_sha256(text_of(pepper_), message);
  evidenced::wipe(message);
  return digest;
}

std::string mask_email(std::string_view email) {
  std::size_t at = email.rfind('@');
  if (at == std::string_view::npos || at == 0) return "***";
  return fmt::format("{}***{}", email.substr(0, 1), email.substr(at));
}

}  // namespace evidenced::storage
