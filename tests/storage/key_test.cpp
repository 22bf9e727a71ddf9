// Goal: an API key lets in exactly whom it was made for. Method: real rows.
#include "storage/idempotency_store.hpp"
#include "storage/key_store.hpp"
#include "tests/storage/store.hpp"

namespace evidenced::storage::tests {

namespace {

class KeyStore : public Store {
 public:
  KeyStore() {
    write([&](Connection& c) -> Result<void> {
      Result<Vault> created = Vault::create(c, Secret(std::string(32, 'k')), random);
      if (!created) return evidenced::fail(created);
      vault.emplace(std::move(*created));
      return {};
    });
  }

  NewKey create(std::optional<Timestamp> expires_at = std::nullopt) {
    ApiKey key;
    key.name = "ci";
    key.roles = {Role::operator_, Role::auditor};
    key.source_ids = {"src_1"};
    key.expires_at = expires_at;
    return write([&](Connection& c) { return create_key(c, tenant, key, *vault, at(0), random); });
  }

  Result<AuthenticatedKey> try_key(std::string_view text, Timestamp now = at(1)) {
    return try_read([&](Connection& c) { return authenticate(c, text, *vault, now); });
  }

  std::optional<Vault> vault;
};

}  // namespace

TEST_CASE("a key authenticates as the tenant, roles and limits it was made with") {
  KeyStore store;
  NewKey made = store.create();
  CHECK(made.text.reveal().size() == 64);
  CHECK(made.text.reveal().starts_with("ev_" + made.key.kid + "_"));
  Result<AuthenticatedKey> found = store.try_key(made.text.reveal());
  REQUIRE(found.has_value());
  CHECK(found->tenant.id() == "default");
  CHECK(found->key.id == made.key.id);
  CHECK(found->key.roles == std::vector<Role>{Role::operator_, Role::auditor});
  CHECK(found->key.source_ids == std::vector<std::string>{"src_1"});
}

TEST_CASE("the secret of a key is not in the database") {
  KeyStore store;
  NewKey made = store.create();
  std::string secret(made.text.reveal().substr(14, 43));
  std::string row = store.text(
      "SELECT id || kid || hex(secret_hash) || name || roles || source_ids FROM api_keys");
  CHECK(row.find(secret) == std::string::npos);
}

TEST_CASE("a mistyped key is told by its checksum, a forged one by its hash") {
  KeyStore store;
  NewKey made = store.create();
  std::string text(made.text.reveal());
  CHECK(key_well_formed(text));
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string wrong = text;
    wrong[i] = wrong[i] == 'A' ? 'B' : 'A';
    CHECK_FALSE(key_well_formed(wrong));
    CHECK(store.try_key(wrong).error().code == Code("auth.invalid"));
  }
  for (const char* wrong : {"", "ev_", "Bearer", "ev_0123456789_short_000000"}) {
    CHECK_FALSE(key_well_formed(wrong));
  }
  KeyStore other;
  other.random = SeededRandom(99);
  std::string foreign(other.create().text.reveal());
  CHECK(key_well_formed(foreign));
  CHECK(store.try_key(foreign).error().code == Code("auth.invalid"));
}

TEST_CASE("a key ends when it expires or is revoked, and stays revoked") {
  KeyStore store;
  NewKey made = store.create(at(100));
  CHECK(store.try_key(made.text.reveal(), at(99)).has_value());
  CHECK(store.try_key(made.text.reveal(), at(100)).error().code == Code("auth.expired"));
  auto revoke = [&](Timestamp now) {
    return store.write(
        [&](Connection& c) { return revoke_key(c, store.tenant, made.key.id, now); });
  };
  CHECK(revoke(at(50)).revoked_at == at(50));
  CHECK(revoke(at(60)).revoked_at == at(50));
  CHECK(store.try_key(made.text.reveal(), at(51)).error().code == Code("auth.revoked"));
}

TEST_CASE("keys are listed, found and touched within their tenant") {
  KeyStore store;
  NewKey first = store.create();
  NewKey second = store.create();
  store.write([&](Connection& c) { touch_key(c, first.key.id, at(7)); });
  store.read([&](Connection& c) {
    CHECK(list_keys(c, store.tenant, "", 10).size() == 2);
    CHECK(list_keys(c, TenantScope("other"), "", 10).empty());
    CHECK(find_key(c, store.tenant, first.key.id)->last_used_at == at(7));
    CHECK_FALSE(find_key(c, TenantScope("other"), first.key.id).has_value());
  });
}

TEST_CASE("an answer is kept for its key, path and a day, and stored once") {
  KeyStore store;
  IdempotencyRecord record{.key_id = "key_1",
                           .idempotency_key = "abc",
                           .method_path = "POST /v1/sources",
                           .fingerprint = "f",
                           .status = 201,
                           .headers = "{}",
                           .body = "{\"id\":\"src_1\"}",
                           .created_at = at(0)};
  auto keep = [&](IdempotencyRecord kept) {
    return store.try_write([&](Connection& c) { return store_idempotency(c, kept); });
  };
  auto find = [&](const std::string& key_id, Timestamp not_before) {
    return store.read([&](Connection& c) {
      return find_idempotency(c, key_id, "abc", "POST /v1/sources", not_before);
    });
  };
  CHECK(keep(record).has_value());
  CHECK(keep(record).error().code == Code("idempotency.in_progress"));
  REQUIRE(find("key_1", at(0)).has_value());
  CHECK(find("key_1", at(0))->body == record.body);
  CHECK(find("key_1", at(0))->status == 201);
  CHECK_FALSE(find("key_2", at(0)).has_value());
  CHECK_FALSE(find("key_1", at(1)).has_value());

  record.created_at = at(0) + idempotency_lifetime + std::chrono::seconds(1);
  record.fingerprint = "g";
  CHECK(keep(record).has_value());
  CHECK(find("key_1", at(0))->fingerprint == "g");
  store.write([&](Connection& c) { expire_idempotency(c, record.created_at); });
  CHECK(find("key_1", at(0)).has_value());
  store.write(
      [&](Connection& c) { expire_idempotency(c, record.created_at + std::chrono::seconds(1)); });
  CHECK_FALSE(find("key_1", at(0)).has_value());
}

}  // namespace evidenced::storage::tests
