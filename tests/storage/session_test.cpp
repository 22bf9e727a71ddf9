// Goal: sessions and links survive a restart, are found by their secret alone, and go when their
// time has come. Method: real rows.
#include "storage/event_store.hpp"
#include "storage/session_store.hpp"
#include "tests/storage/store.hpp"

#include <fmt/format.h>

namespace evidenced::storage::tests {

namespace {

class SessionStore : public Store {
 public:
  SessionStore() {
    write([&](Connection& c) -> Result<void> {
      Result<Vault> created = Vault::create(c, Secret(std::string(32, 'k')), random);
      if (!created) return evidenced::fail(created);
      vault.emplace(std::move(*created));
      return {};
    });
    ApiKey key;
    key.name = "ci";
    key.roles = {Role::auditor};
    owner.key =
        write([&](Connection& c) { return create_key(c, tenant, key, *vault, at(0), random); }).key;
  }

  NewSession sign_in(Timestamp now) {
    return write([&](Connection& c) { return create_session(c, owner, *vault, now, random); });
  }
  bool opens(const Secret& secret, Timestamp now) {
    return try_read([&](Connection& c) { return find_session(c, secret.reveal(), *vault, now); })
        .has_value();
  }
  std::int64_t count(const std::string& table) {
    return read([&](Connection& c) {
      std::int64_t rows = 0;
      c.query("SELECT count(*) FROM " + table, {}, [&](const Row& row) { rows = row.integer(0); });
      return rows;
    });
  }

  std::optional<Vault> vault;
  AuthenticatedKey owner{.tenant = tenant, .key = {}};
};

}  // namespace

TEST_CASE("a session is found by its secret, of which a keyed hash is stored") {
  SessionStore store;
  const NewSession made = store.sign_in(at(0));
  CHECK(made.secret.reveal().size() == 64);
  CHECK(store.opens(made.secret, at(1)));
  CHECK_FALSE(store.opens(Secret(std::string(64, '0')), at(1)));
  CHECK_FALSE(store.opens(Secret(made.signed_in.session.id), at(1)));
  const std::string stored = store.read([&](Connection& c) {
    std::string hash;
    c.query("SELECT secret_hash FROM console_sessions", {}, [&](const Row& row) {
      const auto bytes = row.blob(0);
      hash.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    });
    return hash;
  });
  CHECK(stored.size() == 32);
  const Digest plain = sha256(made.secret.reveal());
  CHECK(stored != std::string(reinterpret_cast<const char*>(plain.data()), plain.size()));
}

TEST_CASE("tokens of two sessions differ, and a token is not the secret") {
  SessionStore store;
  const NewSession one = store.sign_in(at(0)), other = store.sign_in(at(1));
  const std::string token = csrf_token(one.secret.reveal(), *store.vault);
  CHECK(token == csrf_token(one.secret.reveal(), *store.vault));
  CHECK(token != csrf_token(other.secret.reveal(), *store.vault));
  CHECK(token != one.secret.reveal());
}

TEST_CASE("what has expired is dropped, and the feed says so") {
  SessionStore store;
  const NewSession idle = store.sign_in(at(0));
  const NewSession used = store.sign_in(at(0));
  const Timestamp later = at(0) + session_idle;
  store.write([&](Connection& c) -> Result<void> {
    touch_session(c, used.signed_in.session, at(60));
    create_sign_in_link(c, store.owner, *store.vault, at(0), store.random);
    create_sign_in_link(c, store.owner, *store.vault, later, store.random);
    expire_sessions(c, later);
    return {};
  });
  CHECK(store.count("console_sessions") == 1);
  CHECK(store.count("sign_in_links") == 1);
  CHECK(store.opens(used.secret, later));
  CHECK_FALSE(store.opens(idle.secret, later));
  const auto page = store.try_read([&](Connection& c) {
    EventFilter filter;
    filter.types = {"session.ended"};
    return list_events(c, store.tenant, filter);
  });
  REQUIRE(page.has_value());
  REQUIRE(page->events.size() == 1);
  CHECK(page->events[0].subject_id == idle.signed_in.session.id);
  CHECK(page->events[0].data.find(R"("reason":"expired")") != std::string::npos);
}

TEST_CASE("a key has so many links at most: the oldest go") {
  SessionStore store;
  std::vector<SignInLink> links;
  for (int i = 0; i < links_of_a_key + 2; ++i) {
    links.push_back(store.write([&](Connection& c) {
      return create_sign_in_link(c, store.owner, *store.vault, at(i), store.random);
    }));
  }
  CHECK(store.count("sign_in_links") == links_of_a_key);
  const auto use = [&](const SignInLink& link) {
    return store
        .try_write([&](Connection& c) {
          return use_sign_in_link(c, link.code.reveal(), *store.vault, at(60));
        })
        .has_value();
  };
  CHECK_FALSE(use(links[1]));
  CHECK(use(links[2]));
  CHECK_FALSE(use(links[2]));
  CHECK(use(links.back()));
}

}  // namespace evidenced::storage::tests
