// Goal: the feed gives everything that happened once, in order, and says when it cannot. Method:
// events and artifacts stored in turns on a real file, read in pages of every size.
#include "storage/event_store.hpp"
#include "storage/sync_store.hpp"
#include "tests/storage/store.hpp"
#include "tests/storage/walker.hpp"

using namespace evidenced;
using namespace evidenced::storage;
using namespace evidenced::storage::tests;

namespace {

std::int64_t record(Store& store, EventType type, std::int64_t second,
                    const std::string& source = "src_1") {
  return store.write([&](Connection& c) {
    return record_event(c, store.tenant,
                        {.type = type,
                         .source_id = source,
                         .subject_id = source,
                         .at = at(second),
                         .facts = {{"name", std::string("a \"name\"")}, {"count", 3}}});
  });
}

EventPage page_after(Store& store, std::int64_t after, int limit = 50) {
  EventFilter filter;
  filter.after = after;
  filter.limit = limit;
  return store.read([&](Connection& c) { return list_events(c, store.tenant, filter); });
}

std::vector<ArtifactDraft> repositories(const std::vector<std::string>& uuids) {
  std::vector<ArtifactDraft> drafts;
  for (const std::string& uuid : uuids) drafts.push_back(repository(uuid, "acme/" + uuid));
  return drafts;
}

std::vector<std::string> types_of(const std::vector<Event>& events) {
  std::vector<std::string> types;
  for (const Event& event : events) types.push_back(event.type);
  return types;
}

}  // namespace

TEST_CASE("events and artifacts make one feed in the order in which they were stored") {
  Store store;
  Walker walker(store, "repository", "{w}");
  record(store, "source.created", 1);
  walker.walk(repositories({"{a}", "{b}"}));
  record(store, "source.updated", 3);
  const EventPage page = page_after(store, 0);
  CHECK(types_of(page.events) == std::vector<std::string>{"source.created", "artifact.created",
                                                          "artifact.created", "source.updated"});
  for (std::size_t i = 1; i < page.events.size(); ++i) {
    CHECK(page.events[i - 1].seq < page.events[i].seq);
  }
  CHECK_FALSE(page.more);
  CHECK(page.after == page.events.back().seq);
  CHECK(page.events[0].data == R"({"name":"a \"name\"","count":3})");
}

TEST_CASE("pages of every size give the same feed") {
  Store store;
  Walker walker(store, "repository", "{w}");
  for (int i = 0; i < 5; ++i) record(store, "source.updated", i);
  walker.walk(repositories({"{a}", "{b}", "{c}"}));
  for (int i = 5; i < 9; ++i) record(store, "source.updated", i);
  const std::vector<Event> whole = page_after(store, 0).events;
  REQUIRE(whole.size() == 12);
  for (const int limit : {1, 2, 3, 5, 11, 12, 13}) {
    std::vector<std::int64_t> seen;
    std::int64_t after = 0;
    bool more = true;
    while (more) {
      const EventPage page = page_after(store, after, limit);
      for (const Event& event : page.events) seen.push_back(event.seq);
      after = page.after;
      more = page.more;
    }
    INFO(limit);
    REQUIRE(seen.size() == whole.size());
    for (std::size_t i = 0; i < seen.size(); ++i) CHECK(seen[i] == whole[i].seq);
  }
}

TEST_CASE("an artifact that changes again moves to the end of the feed") {
  Store store;
  Walker walker(store, "repository", "{w}");
  walker.walk(repositories({"{a}", "{b}"}));
  const std::int64_t after = page_after(store, 0).after;
  walker.walk({draft("repository", "{a}", R"({"new":1})"), repository("{b}", "acme/{b}")});
  const EventPage later = page_after(store, after);
  REQUIRE(later.events.size() == 1);
  CHECK(later.events[0].type == "artifact.revised");
  CHECK(page_after(store, 0).events.size() == 2);
}

TEST_CASE("the feed is narrowed by type, source and the sources of a key") {
  Store store;
  store.add_source("src_2");
  record(store, "source.created", 1);
  record(store, "source.created", 2, "src_2");
  record(store, "source.paused", 3, "src_2");
  const auto types = [&](const EventFilter& filter) {
    const EventPage page =
        store.read([&](Connection& c) { return list_events(c, store.tenant, filter); });
    return types_of(page.events);
  };
  EventFilter by_type;
  by_type.types = {"source.paused"};
  CHECK(types(by_type) == std::vector<std::string>{"source.paused"});
  EventFilter by_source;
  by_source.source_ids = {"src_2"};
  CHECK(types(by_source) == std::vector<std::string>{"source.created", "source.paused"});
  by_source.allowed_source_ids = {"src_1"};
  CHECK(types(by_source).empty());
  EventFilter window;
  window.window.from = at(2);
  window.window.to = at(2);
  CHECK(types(window) == std::vector<std::string>{"source.created"});
}

TEST_CASE("a position before what is kept is refused, the beginning is not") {
  Store store;
  const std::int64_t first = record(store, "source.created", 1);
  const std::int64_t second = record(store, "source.updated", 2);
  record(store, "source.paused", 100);
  store.write([&](Connection& c) { expire_events(c, at(50)); });
  EventFilter filter;
  filter.after = first;
  const auto refused =
      store.try_read([&](Connection& c) { return list_events(c, store.tenant, filter); });
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code("cursor.expired"));
  CHECK(page_after(store, second).events.size() == 1);
  CHECK(page_after(store, 0).events.size() == 1);
}

TEST_CASE("another tenant's events are in another feed") {
  Store store;
  record(store, "source.created", 1);
  const TenantScope other("other");
  const EventPage page =
      store.read([&](Connection& c) { return list_events(c, other, EventFilter{}); });
  CHECK(page.events.empty());
  CHECK(page.after == 0);
}

TEST_CASE("a sync tells when it is queued, started and cancelled") {
  Store store;
  SyncRequest request;
  request.source_id = store.source_id;
  store.write([&](Connection& c) {
    enqueue_sync(c, store.tenant, request, at(1), store.random);
    enqueue_sync(c, store.tenant, request, at(2), store.random);  // coalesced: no second event
  });
  store.write([&](Connection& c) { claim_sync(c, at(3)); });
  const Enqueued second = store.write(
      [&](Connection& c) { return enqueue_sync(c, store.tenant, request, at(4), store.random); });
  store.write([&](Connection& c) {
    static_cast<void>(request_cancel(c, store.tenant, second.sync.id, at(5)));
  });
  const std::vector<Event> events = page_after(store, 0).events;
  CHECK(types_of(events) ==
        std::vector<std::string>{"sync.queued", "sync.started", "sync.queued", "sync.finished"});
  CHECK(events[3].subject_id == second.sync.id);
  CHECK(events[3].data.find("\"cancelled\"") != std::string::npos);
}
