// Goal: what is stored about expiries, ended credentials and calendars is what was said, and only
// the owner's. Method: the stores on a real file.
#include "storage/calendar_store.hpp"
#include "storage/expiry_store.hpp"
#include "tests/storage/store.hpp"

using namespace evidenced;
using namespace evidenced::storage;
using namespace evidenced::storage::tests;
using namespace std::chrono_literals;

namespace {

const TenantScope stranger("other");

struct Desk : Store {
  Desk() {
    write([&](Connection& c) {
      auto made = Vault::create(c, Secret(std::string(32, 'k')), random);
      if (made) vault.emplace(std::move(*made));
    });
    REQUIRE(vault.has_value());
  }

  std::int64_t put(const std::string& source, std::int64_t expires, std::int64_t now) {
    CredentialInfo info;
    info.expires_at = at(expires);
    info.expiry_declared = true;
    info.created_at = at(now);
    return write([&](Connection& c) {
             return vault->put(c, tenant, source, {Secret("a@example.com"), Secret("token")}, info,
                               random);
           })
        .version;
  }

  std::vector<std::string> listed(const ExpiryFilter& filter) {
    return read([&](Connection& c) {
      std::vector<std::string> ids;
      for (const Expiry& one : list_expiries(c, tenant, filter)) ids.push_back(one.source_id);
      return ids;
    });
  }

  std::vector<Expiry> ended() {
    return read([&](Connection& c) { return list_ended(c, tenant, {}, 50); });
  }

  std::optional<Vault> vault;
};

}  // namespace

TEST_CASE("expiries are listed by date, in pages, within bounds, for some sources") {
  Desk desk;
  for (const char* id : {"src_2", "src_3", "src_4"}) desk.add_source(id);
  desk.put("src_1", 300, 0);
  desk.put("src_2", 100, 0);
  desk.put("src_3", 300, 0);
  desk.put("src_4", 200, 0);
  using Ids = std::vector<std::string>;
  CHECK(desk.listed({}) == Ids{"src_2", "src_4", "src_1", "src_3"});
  CHECK(desk.listed({.after = {{at(300), "src_1"}}}) == Ids{"src_3"});
  CHECK(desk.listed({.after = {{at(100), "src_2"}}, .limit = 2}) == Ids{"src_4", "src_1"});
  CHECK(desk.listed({.from = at(200), .before = at(300)}) == Ids{"src_4"});
  CHECK(desk.listed({.source_ids = {"src_1", "src_2"}}) == Ids{"src_2", "src_1"});
  CHECK(desk.read([&](Connection& c) { return list_expiries(c, stranger, {}); }).empty());
  CHECK(desk.read([&](Connection& c) { return list_all_expiries(c, {}); }).size() == 4);
}

TEST_CASE("a notice is given once, with its event, and only then") {
  Desk desk;
  desk.put("src_1", 100, 0);
  const Expiry expiry =
      desk.read([&](Connection& c) { return list_expiries(c, desk.tenant, {}); })[0];
  const auto give = [&](int threshold) {
    return desk.write([&](Connection& c) {
      return give_notice(c, desk.tenant, expiry, threshold,
                         {.type = "credential.expiring",
                          .source_id = expiry.source_id,
                          .subject_id = expiry.source_id,
                          .at = at(threshold)});
    });
  };
  CHECK(give(7));
  CHECK_FALSE(give(7));
  CHECK(give(3));
  CHECK(desk.number("SELECT count(*) FROM events") == 2);
  const auto notices =
      desk.read([&](Connection& c) { return notices_of(c, desk.tenant, "src_1", expiry.version); });
  REQUIRE(notices.size() == 2);
  CHECK(notices[0].threshold_days == 7);
  CHECK(notices[0].given_at == at(7));
  CHECK(desk.read([&](Connection& c) { return notices_of(c, stranger, "src_1", 1); }).empty());
  desk.put("src_1", 200, 1);
  CHECK(desk.read([&](Connection& c) { return notices_of(c, desk.tenant, "src_1", 2); }).empty());
  CHECK(desk.read([&](Connection& c) { return count_notices(c, desk.tenant, {}); }).size() == 2);
  CHECK(desk.read([&](Connection& c) { return count_notices(c, desk.tenant, {"src_x"}); }).empty());
}

TEST_CASE("a credential that is replaced or wiped is remembered as ended for a while") {
  Desk desk;
  desk.put("src_1", 100, 1);
  CHECK(desk.ended().empty());
  desk.put("src_1", 200, 2);
  desk.write([&](Connection& c) { Vault::wipe(c, desk.tenant, "src_1", at(3)); });
  const auto ended = desk.ended();
  REQUIRE(ended.size() == 2);
  CHECK(ended[0].version == 2);
  CHECK(ended[0].ended_at == at(3));
  CHECK(ended[1].expires_at == at(100));
  CHECK(ended[1].ended_at == at(2));
  desk.write([&](Connection& c) { forget_ended(c, at(3)); });
  CHECK(desk.ended().size() == 1);
}

TEST_CASE("a calendar opens with its capability alone, until it is revoked") {
  Desk desk;
  CalendarFeed wanted;
  wanted.name = "Team";
  wanted.with_names = false;
  wanted.source_ids = {"src_1"};
  const NewCalendarFeed made = desk.write([&](Connection& c) {
    return create_calendar_feed(c, desk.tenant, wanted, *desk.vault, at(0), desk.random);
  });
  const std::string capability(made.capability.reveal());
  CHECK(capability.size() == 64);
  const auto opens = [&](const std::string& text) {
    return desk.read([&](Connection& c) { return open_calendar_feed(c, text, *desk.vault); });
  };
  const auto found = opens(capability);
  REQUIRE(found);
  CHECK(found->tenant.id() == desk.tenant.id());
  CHECK(found->feed.id == made.feed.id);
  CHECK_FALSE(found->feed.with_names);
  CHECK(found->feed.source_ids == wanted.source_ids);
  std::string other = capability;
  other[0] = other[0] == 'a' ? 'b' : 'a';
  CHECK_FALSE(opens(other));
  CHECK_FALSE(opens(""));
  const auto revoke = [&](const TenantScope& tenant) {
    return desk.try_write(
        [&](Connection& c) { return revoke_calendar_feed(c, tenant, made.feed.id, at(9)); });
  };
  CHECK_FALSE(revoke(stranger));
  CHECK(opens(capability));
  CHECK(revoke(desk.tenant)->revoked_at == at(9));
  CHECK_FALSE(opens(capability));
}
