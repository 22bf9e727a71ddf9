// Goal: a credential can be read only with the right master key, from the row it was sealed for.
// Method: real rows, damaged or moved behind the vault's back; published test vectors.
#include "storage/vault.hpp"

#include "storage/columns.hpp"
#include "tests/storage/store.hpp"

#include <fmt/format.h>

#include <fstream>
#include <set>

namespace evidenced::storage::tests {

namespace {

Secret master(char fill = 'k') {
  return Secret(std::string(32, fill));
}

Credential credential() {
  return {.email = Secret("ada@example.com"), .token = Secret("canary-token-0123456789")};
}

class VaultStore : public Store {
 public:
  VaultStore() {
    add_source("src_2");
    create();
  }

  CredentialInfo put(const std::string& source) {
    return write([&](Connection& c) {
      return vault->put(c, tenant, source, credential(), CredentialInfo{}, random);
    });
  }
  Result<Credential> get(const std::string& source) {
    return try_read([&](Connection& c) { return vault->get(c, tenant, source); });
  }
  void sql(const std::string& statement) {
    write([&](Connection& c) { c.execute(statement); });
  }

  std::optional<Vault> vault;

 private:
  void create() {
    write([&](Connection& c) -> Result<void> {
      Result<Vault> created = Vault::create(c, master(), random);
      if (!created) return evidenced::fail(created);
      vault.emplace(std::move(*created));
      return {};
    });
  }
};

std::string hex_of(const Digest& digest) {
  return to_hex(digest);
}

}  // namespace

TEST_CASE("a credential that was put is got back, and only its mask is in the clear") {
  VaultStore store;
  CredentialInfo info = store.put("src_1");
  CHECK(info.version == 1);
  CHECK(info.email_masked == "a***@example.com");
  CHECK(info.fingerprint.size() == 16);
  Result<Credential> got = store.get("src_1");
  REQUIRE(got.has_value());
  CHECK(got->email.reveal() == "ada@example.com");
  CHECK(got->token.reveal() == "canary-token-0123456789");
}

TEST_CASE("neither token nor e-mail is in any file of the database") {
  VaultStore store;
  store.put("src_1");
  store.put("src_1");
  auto hold_nothing = [&] {
    for (const char* suffix : {"", "-wal"}) {
      std::ifstream file(store.path() + suffix, std::ios::binary);
      std::string bytes((std::istreambuf_iterator<char>(file)), {});
      CHECK(bytes.find("canary-token") == std::string::npos);
      CHECK(bytes.find("ada@example.com") == std::string::npos);
    }
  };
  store.close();
  hold_nothing();
}

TEST_CASE("a source without a credential says so") {
  VaultStore store;
  CHECK(store.get("src_1").error().code == Code("credential.missing"));
  store.put("src_1");
  store.write([&](Connection& c) { Vault::wipe(c, store.tenant, "src_1", at(0)); });
  CHECK(store.get("src_1").error().code == Code("credential.missing"));
  CHECK(store.number("SELECT count(*) FROM credentials") == 0);
}

TEST_CASE("versions rise and never come again, not even after a wipe") {
  VaultStore store;
  CHECK(store.put("src_1").version == 1);
  CHECK(store.put("src_1").version == 2);
  store.write([&](Connection& c) { Vault::wipe(c, store.tenant, "src_1", at(0)); });
  CHECK(store.put("src_1").version == 3);
  CHECK(store.put("src_2").version == 1);
}

TEST_CASE("a declared expiry stands when its token is sent again without one") {
  VaultStore store;
  const auto put = [&store](const char* token, CredentialInfo info) {
    return store.write([&](Connection& c) {
      const Credential sent{Secret("ada@example.com"), Secret(token)};
      return store.vault->put(c, store.tenant, "src_1", sent, std::move(info), store.random);
    });
  };
  CredentialInfo declared;
  declared.expires_at = at(100);
  declared.expiry_declared = true;
  put("canary-token-a", declared);
  CredentialInfo assumed;
  assumed.expires_at = at(365);
  CHECK(put("canary-token-a", assumed).expires_at == at(100));
  CHECK(put("canary-token-a", assumed).expiry_declared);
  const CredentialInfo other = put("canary-token-b", assumed);
  CHECK(other.expires_at == at(365));
  CHECK_FALSE(other.expiry_declared);
}

TEST_CASE("only the right master key opens the vault") {
  VaultStore store;
  store.put("src_1");
  store.read([&](Connection& c) {
    CHECK(Vault::open(c, master()).has_value());
    Result<Vault> wrong = Vault::open(c, master('x'));
    REQUIRE_FALSE(wrong.has_value());
    CHECK(wrong.error().code == Code("key.wrong"));
    CHECK(wrong.error().code.problem().exit_code == 77);
  });
}

TEST_CASE("a vault that was opened again reads what was sealed before, and hashes alike") {
  VaultStore store;
  store.put("src_1");
  store.read([&](Connection& c) {
    Result<Vault> opened = Vault::open(c, master());
    REQUIRE(opened.has_value());
    Result<Credential> got = opened->get(c, store.tenant, "src_1");
    REQUIRE(got.has_value());
    CHECK(got->token.reveal() == "canary-token-0123456789");
    CHECK(opened->peppered("a", "b") == store.vault->peppered("a", "b"));
  });
}

TEST_CASE("a sealed secret that was moved to another row does not open") {
  VaultStore store;
  store.put("src_1");
  store.put("src_2");
  SECTION("to another source") {
    store.sql(
        "UPDATE credentials SET sealed_token ="
        " (SELECT sealed_token FROM credentials WHERE source_id = 'src_1')"
        " WHERE source_id = 'src_2'");
    CHECK(store.get("src_2").error().code == Code("credential.undecryptable"));
    CHECK(store.get("src_1").has_value());
  }
  SECTION("to another purpose") {
    store.sql("UPDATE credentials SET sealed_token = sealed_email WHERE source_id = 'src_2'");
    CHECK(store.get("src_2").error().code == Code("credential.undecryptable"));
  }
  SECTION("to another version") {
    store.sql("UPDATE credentials SET version = 7 WHERE source_id = 'src_2'");
    CHECK(store.get("src_2").error().code == Code("credential.undecryptable"));
  }
  SECTION("to another tenant") {
    store.sql("UPDATE credentials SET tenant_id = 'other' WHERE source_id = 'src_2'");
    Result<Credential> got = store.try_read(
        [&](Connection& c) { return store.vault->get(c, TenantScope("other"), "src_2"); });
    CHECK(got.error().code == Code("credential.undecryptable"));
    CHECK(store.get("src_2").error().code == Code("credential.missing"));
  }
}

TEST_CASE("any flipped bit of a sealed text keeps it shut") {
  SeededRandom random;
  Key key{};
  random.fill(key);
  std::string sealed = seal(key, "secret", "aad", random);
  REQUIRE(open(key, sealed, "aad").has_value());
  CHECK_FALSE(open(key, sealed, "aae").has_value());
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::string damaged = sealed;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    REQUIRE_FALSE(open(key, damaged, "aad").has_value());
  }
  for (std::size_t length = 0; length < sealed.size(); ++length) {
    REQUIRE_FALSE(open(key, std::string_view(sealed).substr(0, length), "aad").has_value());
  }
}

TEST_CASE("sealing never uses a nonce twice") {
  SystemRandom random;
  Key key{};
  std::set<std::string> nonces;
  for (int i = 0; i < 20'000; ++i) nonces.insert(seal(key, "", "", random).substr(0, 12));
  CHECK(nonces.size() == 20'000);
}

TEST_CASE("hashes and derived keys are those of the standards") {
  CHECK(hex_of(sha256("abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  // RFC 4231, test case 2.
  CHECK(hex_of(hmac_sha256("Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  // RFC 5869, test case 3: no salt, no info; its first 32 bytes.
  CHECK(hex_of(derive_key(std::string(22, '\x0b'), "")) ==
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
  Sha256Stream stream;
  stream.update("a");
  stream.update("bc");
  CHECK(stream.finish() == sha256("abc"));
}

TEST_CASE("base64 is read strictly and written as the RFC has it") {
  CHECK(to_base64("") == "");
  CHECK(to_base64("f") == "Zg==");
  CHECK(to_base64("foobar") == "Zm9vYmFy");
  CHECK(to_base64url("\xfb\xff") == "-_8");
  CHECK(from_base64("Zm8=") == "fo");
  CHECK(from_base64url("-_8") == "\xfb\xff");
  for (const char* wrong : {"Zg=", "Zg", "Z===", "Zh==", "Z g=", "Zg==Zg=="}) {
    CHECK_FALSE(from_base64(wrong).has_value());
  }
  for (const char* wrong : {"A", "-_9", "+/8", "Zg=="}) {
    CHECK_FALSE(from_base64url(wrong).has_value());
  }
}

TEST_CASE("the mask of an e-mail shows its first character and its domain") {
  CHECK(mask_email("ada@example.com") == "a***@example.com");
  CHECK(mask_email("@example.com") == "***");
  CHECK(mask_email("ada") == "***");
}

TEST_CASE("equal texts are told from different ones in constant time") {
  CHECK(equal_constant_time("abc", "abc"));
  CHECK_FALSE(equal_constant_time("abc", "abd"));
  CHECK_FALSE(equal_constant_time("abc", "ab"));
  CHECK(equal_constant_time("", ""));
}

}  // namespace evidenced::storage::tests
