#include "connector/sync/walk_store.hpp"

#include "config/log.hpp"
#include "connector/retry.hpp"
#include "connector/sync/planner.hpp"
#include "storage/source_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace evidenced::connector {

namespace {

using storage::Connection;

/// What every page begins with: nothing is added to a source that was paused or deleted meanwhile.
Result<void> check_source(Connection& connection, const SyncContext& context) {
  const Result<storage::Source> source =
      storage::find_source(connection, context.tenant, context.source.id);
  if (!source) return fail(source);
  if (source->state == storage::SourceState::deleted) return fail("source.deleted");
  if (source->state == storage::SourceState::paused) return fail("source.paused");
  return {};
}

std::int64_t begin(Connection& connection, const SyncContext& context,
                   const WalkIdentity& identity) {
  if (identity.walk) return *identity.walk;
  return storage::begin_walk(connection, identity.key, identity.mode, context.id(),
                             identity.next_watermark, identity.start)
      .walk;
}

/// Complete, or not: entries that nobody can read, or fewer rows than the source said there are.
void end_walk(Connection& connection, const SyncContext& context, const WalkIdentity& identity,
              const PageWrite& page, PageStored& out) {
  const auto checkpoint = storage::find_checkpoint(connection, identity.key);
  if (checkpoint) out.rows = checkpoint->rows;
  out.expected = page.size.value_or(out.rows);
  out.malformed = page.malformed;
  if (out.malformed.count > 0) {
    storage::fail_walk(connection, identity.key, stored(malformed_rows(out.malformed)), true);
    return;
  }
  out.short_of_rows = out.rows < out.expected;
  out.left = page.left;
  if (out.short_of_rows || out.left > 0) {
    const Error why = out.short_of_rows ? short_of_rows(out) : rows_left(out);
    storage::fail_walk(connection, identity.key, stored(why), true);
    return;
  }
  storage::spare_unasked(connection, identity.key, identity.key.stream, page.unasked);
  out.end = storage::complete_walk(connection, context.tenant, identity.key, context.id(),
                                   context.now(), page.listed);
  if (out.end.suspicious_drop) {
    // Complete, but not believed: the partition keeps the doubt until a walk settles it.
    storage::fail_walk(connection, identity.key, stored(suspicious_drop(out)), true);
  }
}

/// Runs on a thread of the database.
Result<PageStored> write_page(Connection& connection, storage::Sync& sync,
                              const SyncContext& context, const WalkIdentity& identity,
                              const PageWrite& page) {
  const Result<void> allowed = check_source(connection, context);
  if (!allowed) return fail(allowed);
  PageStored out;
  out.walk = begin(connection, context, identity);
  storage::PageCommit commit;
  commit.key = identity.key;
  commit.walk = out.walk;
  commit.sync_id = context.id();
  commit.position = page.position;
  commit.size = page.size;
  commit.moved = page.moved;
  commit.artifacts = page.artifacts;
  commit.next_watermark = page.next_watermark;
  commit.now = context.now();
  const storage::PageResult result =
      storage::commit_page(connection, context.tenant, commit, context.house.services.random);
  const auto rows = static_cast<std::int64_t>(page.artifacts.size());
  const bool known_from_here = page.may_end && rows > 0 && result.known_tail * 2 >= rows;
  out.created = result.created;
  out.revised = result.revised;
  out.ended = page.last || known_from_here;
  if (out.ended) end_walk(connection, context, identity, page, out);

  storage::SyncStream& row = stream_row(sync, identity.key.stream);
  row.seen += rows;
  row.created += result.created;
  row.revised += result.revised;
  row.removed += out.end.removed;
  return out;
}

bool is_tls(const Error& error) {
  return error.code.text().starts_with("upstream.tls_");
}

}  // namespace

Task<Result<PageStored>> store_page(SyncContext& context, const WalkIdentity& identity,
                                    PageWrite page) {
  DriftWatch::Notes notes = context.drift.found();
  auto work = [&](Connection& connection, storage::Sync& sync) -> Result<PageStored> {
    Result<PageStored> written = write_page(connection, sync, context, identity, page);
    if (written) context.write(connection, notes);
    return written;
  };
  Result<PageStored> stored = co_await context.commit(std::move(work));
  if (stored) context.written(notes);
  co_return stored;
}

Task<WalkResult> store_failure(SyncContext& context, const WalkIdentity& identity, Error error,
                               WalkResult result) {
  if (context.stopping() || error.code == Code("upstream.cancelled") ||
      error.code == Code("credential.expired_or_revoked")) {
    co_return WalkResult{};
  }
  if (error.code == Code("source.deleted") || error.code == Code("source.paused")) {
    context.halt(Halt::cancelled, std::move(error));
    co_return WalkResult{};
  }
  if (is_tls(error)) context.halt(Halt::failed, error);
  if (error.code == Code("upstream.rate_limited")) context.halt(Halt::outage, error);
  const bool restart = class_of(error.code) != FailureClass::transient;
  DriftWatch::Notes notes = context.drift.found();
  auto mark = [&](Connection& connection, storage::Sync&) -> Result<void> {
    begin(connection, context, identity);
    storage::fail_walk(connection, identity.key, *result.error, restart);
    context.write(connection, notes);
    return {};
  };
  const Result<void> marked = co_await context.commit(std::move(mark));
  if (!marked) co_return WalkResult{};
  context.written(notes);
  log::warning("walk failed", {{"sync", context.id()},
                               {"stream", identity.key.stream},
                               {"partition", identity.key.partition},
                               {"code", result.error->code}});
  co_return result;
}

Error malformed_rows(const Malformed& malformed) {
  Error error;
  error.code = "stream.malformed";
  error.detail =
      fmt::format("{} entries of the list are no objects, the first is entry {} of page {}",
                  malformed.count, malformed.entry, malformed.page);
  return error;
}

Error short_of_rows(const PageStored& page) {
  Error error;
  error.code = "stream.incomplete";
  error.detail = fmt::format("{} rows received of {}", page.rows, page.expected);
  return error;
}

Error rows_left(const PageStored& page) {
  Error error;
  error.code = "stream.incomplete";
  error.detail = fmt::format(
      "{} rows left the list of {} while it was read: others moved to pages that were read before",
      page.left, page.expected);
  return error;
}

Error refused_later(const Error& error) {
  Error later;
  later.code = "stream.incomplete";
  later.detail = fmt::format("a later page was refused: {} ({})", error.detail, error.code.text());
  return later;
}

Error suspicious_drop(const PageStored& page) {
  Error error;
  error.code = "stream.suspicious_drop";
  error.detail = fmt::format("{} rows listed, {} that were there before are missing", page.rows,
                             page.end.missing);
  return error;
}

storage::StoredError stored(const Error& error) {
  storage::StoredError out;
  out.code = error.code.text();
  out.detail = error.detail;
  out.scopes = error.scopes_required;
  return out;
}

Ending refused(const std::optional<storage::Checkpoint>& before) {
  const bool gap = before && before->error && is_gap(before->error->code);
  const bool readable =
      before && !gap && (before->generation > 0 || before->observed_at.has_value());
  return readable ? Ending::lost : Ending::gap;
}

storage::SyncStream& stream_row(storage::Sync& sync, std::string_view name) {
  const auto found = std::ranges::find(sync.streams, name, &storage::SyncStream::name);
  if (found != sync.streams.end()) return *found;
  storage::SyncStream row;
  row.name = name;
  return sync.streams.emplace_back(std::move(row));
}

}  // namespace evidenced::connector
