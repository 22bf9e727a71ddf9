#include "tests/deterministic/house.hpp"

#include "storage/id.hpp"
#include "storage/source_store.hpp"
#include "tests/deterministic/tenant.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

namespace evidenced::deterministic {

using storage::Connection;
using storage::SourceState;
using storage::SyncMode;

namespace {}  // namespace

void House::add_source(const simulator::Token& token, const std::string& account,
                       const std::string& email, std::chrono::seconds interval) {
  storage::Source source;
  source.id = storage::new_id("src", parts_.clock.now(), parts_.machine.random());
  source.name = source.id;
  source.interval = interval;
  source.account_uuid = account;
  source.created_at = parts_.clock.now();
  source.updated_at = parts_.clock.now();
  source.next_run_at = parts_.clock.now();
  auto insert = [&](Connection& connection) -> Result<void> {
    storage::insert_source(connection, tenant, source);
    const storage::Credential credential{Secret(email), Secret(token.token)};
    const auto put = parts_.machine.vault().put(connection, tenant, source.id, credential, {},
                                                parts_.machine.random());
    if (!put) return fail(put);
    return {};
  };
  const Result<void> inserted = write(insert);
  if (!inserted) throw std::runtime_error(inserted.error().detail);
  sources_.push_back(source.id);
  parts_.machine.service().wake();
}

std::string House::order() {
  const std::string& source = parts_.dice.pick(sources_);
  const std::size_t what = parts_.dice.below(6);
  if (what < 2) return queue(source, SyncMode::incremental);
  if (what == 2) return queue(source, SyncMode::full);
  if (what == 3) {
    cancel(source);
  } else {
    set_state(source, what == 4 ? SourceState::paused : SourceState::active);
  }
  return {};
}

std::string House::queue_full(const std::string& source_id) {
  return queue(source_id, SyncMode::full);
}

std::string House::queue(const std::string& source_id, SyncMode mode) {
  auto enqueue = [&](Connection& connection) -> Result<std::string> {
    storage::SyncRequest request;
    request.source_id = source_id;
    request.mode = mode;
    return storage::enqueue_sync(connection, tenant, request, parts_.clock.now(),
                                 parts_.machine.random())
        .sync.id;
  };
  const Result<std::string> id = write(enqueue);
  parts_.trace.add("order a sync: " + (id ? *id : std::string(id.error().code.text())));
  if (!id) return {};
  parts_.machine.service().wake();
  return *id;
}

void House::cancel(const std::string& source_id) {
  std::string id;
  auto request = [&](Connection& connection) -> Result<void> {
    const auto latest = storage::latest_sync(connection, tenant, source_id, false);
    if (!latest) return {};
    id = latest->id;
    const auto requested =
        storage::request_cancel(connection, tenant, latest->id, parts_.clock.now());
    if (!requested) return fail(requested);
    return {};
  };
  const Result<void> requested = write(request);
  parts_.trace.add(fmt::format("order a cancellation: {}", requested.has_value()));
  if (requested && !id.empty()) parts_.machine.service().cancel(id);
}

void House::set_state(const std::string& source_id, SourceState state) {
  auto change = [&](Connection& connection) -> Result<void> {
    Result<storage::Source> source = storage::find_source(connection, tenant, source_id);
    if (!source) return fail(source);
    if (source->state == SourceState::needs_credential) return {};
    source->state = state;
    if (state == SourceState::active) source->next_run_at = parts_.clock.now();
    const Result<storage::Source> changed = storage::update_source(connection, tenant, *source);
    if (!changed) return fail(changed);
    return {};
  };
  const Result<void> changed = write(change);
  parts_.trace.add(fmt::format("order a pause or its end: {}", changed.has_value()));
  parts_.machine.service().wake();
}

void House::resume_all() {
  for (const std::string& source : sources_) set_state(source, SourceState::active);
}

storage::Sync House::sync(const std::string& id) {
  auto find = [&](Connection& connection) { return storage::find_sync(connection, tenant, id); };
  return at_once(parts_.machine.database(), storage::Access::read, find).value();
}

bool House::is_done(const std::string& id) {
  return sync(id).state == storage::SyncState::done;
}

std::string House::describe(const storage::Sync& sync) {
  std::string text = fmt::format("{} result {} {}", sync.id, static_cast<int>(sync.result),
                                 sync.error ? sync.error->code + " " + sync.error->detail : "");
  for (const storage::SyncStream& stream : sync.streams) {
    if (!stream.error) continue;
    text += fmt::format("; {}: {} {}", stream.name, stream.error->code, stream.error->detail);
  }
  return text;
}

}  // namespace evidenced::deterministic
