#include "connector/sync/sync_run.hpp"

#include "config/log.hpp"
#include "connector/sync/coverage.hpp"
#include "connector/sync/workspace_walk.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace evidenced::connector {

namespace {

using bitbucket::Parent;
using storage::Connection;
using storage::StreamState;
using storage::SyncResult;

/// Walks in a row without an answer, over all streams, after which the rest is left to the next
/// sync.
constexpr int silent_walks_of_a_sync = 6;
constexpr std::chrono::milliseconds between_shows{500};

}  // namespace

SyncRun::SyncRun(SyncHouse& house, storage::OwnedSync owned, storage::Source source)
    : context_(house, std::move(owned), std::move(source)),
      session_(context_),
      workers_(house.services.io),
      rounds_(plan_rounds(context_.stored().only_streams)) {
  // Hints may be gone; a list without streams would mean all of them.
  if (context_.only_follows_hints() && context_.hints.empty()) rounds_.clear();
  circumstances_.sync_id = context_.id();
  circumstances_.mode = context_.stored().mode;
  circumstances_.retry_gaps = context_.stored().trigger == storage::SyncTrigger::credential;
  circumstances_.hinted = context_.only_follows_hints();
  circumstances_.scheduled = context_.stored().trigger == storage::SyncTrigger::schedule;
  circumstances_.now = context_.stored().started_at.value_or(context_.now());
}

void SyncRun::abort() {
  stop();
  workers_.cancel();
}

Task<void> SyncRun::run() {
  log::info("sync started", {{"sync", context_.id()}, {"source", context_.source.id}});
  Stored done = fail("internal.error", "the sync ended by an exception");
  try {
    done = co_await proceed();
  } catch (const std::exception& exception) {
    log::error("sync failed", {{"sync", context_.id()}, {"what", exception.what()}});
  }
  if (!done && !context_.leaving()) context_.halt(Halt::failed, std::move(done.error()));
  if (context_.stopping()) {
    const Stored ignored = co_await keep_learnt();
    log::info("sync interrupted", {{"sync", context_.id()}});
    co_return;
  }
  Stored finished = fail("internal.error", "the end of the sync threw");
  try {
    finished = co_await finish();
  } catch (const std::exception& exception) {
    log::error("sync failed", {{"sync", context_.id()}, {"what", exception.what()}});
  }
  if (!finished) {
    log::error("sync not finished",
               {{"sync", context_.id()}, {"code", finished.error().code.text()}});
  }
}

/// Preparing may wait for the credential's account, too: as a child it can be cut off.
Task<SyncRun::Stored> SyncRun::proceed() {
  Stored done = fail("internal.error", "the sync could not be prepared");
  workers_.spawn("sync preparation", prepare_into(done));
  co_await workers_.join();
  if (done) done = co_await run_rounds();
  co_return done;
}

Task<void> SyncRun::prepare_into(Stored& done) {
  done = co_await prepare();
}

Task<SyncRun::Stored> SyncRun::prepare() {
  const Stored admitted = co_await admit();
  if (!admitted) co_return admitted;
  const storage::TenantScope& tenant = context_.tenant;
  storage::Database& database = context_.house.services.database;
  auto look_back = [&](Connection& connection) -> Result<std::optional<storage::Sync>> {
    return storage::latest_sync(connection, tenant, context_.source.id, true);
  };
  const auto previous = co_await storage::read(database, std::move(look_back));
  if (!previous) co_return fail(previous);
  if (*previous) circumstances_.previous_start = (*previous)->started_at;
  const Stored loaded = co_await context_.house.open_objects.load(
      database, context_.tenant, context_.source.id, context_.now());
  if (!loaded) co_return loaded;
  const Stored watched =
      co_await context_.drift.load(database, context_.tenant, context_.source.id);
  if (!watched) co_return watched;
  for (const Parent parent : {Parent::workspace, Parent::project, Parent::repository}) {
    const Stored parents = co_await load_parents(parent);
    if (!parents) co_return parents;
  }
  const Stored estimated = co_await estimate();
  if (!estimated) co_return estimated;
  auto list_streams = [this](Connection&, storage::Sync& sync) -> Result<void> {
    for (const Round& round : rounds_) stream_row(sync, round.stream->name);
    return {};
  };
  const Stored shown = co_await context_.commit(std::move(list_streams));
  co_return shown;
}

/// Whether the source may be asked at all. A source that needs a credential is tried once.
Task<SyncRun::Stored> SyncRun::admit() {
  switch (context_.source.state) {
    case storage::SourceState::deleted:
      context_.halt(Halt::cancelled, fail("source.deleted").error());
      break;
    case storage::SourceState::paused:
      context_.halt(Halt::cancelled, fail("source.paused").error());
      break;
    default:
      break;
  }
  if (context_.leaving()) co_return fail("upstream.cancelled");
  const Stored opened = co_await session_.open();
  if (!opened) co_return opened;
  if (context_.source.state == storage::SourceState::needs_credential) {
    const Stored alive = co_await session_.knock();
    if (!alive) co_return alive;
  }
  co_return Stored{};
}

Task<SyncRun::Stored> SyncRun::run_rounds() {
  for (const Round& round : rounds_) {
    if (context_.leaving()) break;
    const Stored walked = co_await run_round(round);
    if (!walked) co_return walked;
  }
  co_return Stored{};
}

StreamRun& SyncRun::stream_of(const bitbucket::Stream& stream) {
  std::unique_ptr<StreamRun>& run = streams_[stream.name];
  if (!run) run = std::make_unique<StreamRun>(stream);
  return *run;
}

Task<SyncRun::Stored> SyncRun::run_round(Round round) {
  StreamRun& stream = stream_of(*round.stream);
  if (!stream.planned()) {
    const Stored parents = co_await load_parents(round.stream->parent);
    if (!parents) co_return parents;
    const Stored planned = co_await plan(stream, false);
    if (!planned) co_return planned;
  } else {
    const Stored refreshed = co_await refresh(stream);
    if (!refreshed) co_return refreshed;
  }
  std::deque<WalkTask> tasks = stream.take(round.part);
  const auto count = std::min<std::size_t>(
      tasks.size(),
      static_cast<std::size_t>(context_.house.services.settings.connector.account_concurrency));
  if (!stream.closed() && !tasks.empty()) {
    const Stored shown = co_await show(stream, false);
    if (!shown) co_return shown;
    for (std::size_t i = 0; i < count; ++i) workers_.spawn("walks", work(stream, tasks));
    co_await workers_.join();
    const Stored estimated = co_await estimate_after(round);
    if (!estimated) co_return estimated;
  }
  if (context_.leaving()) {
    for (WalkTask& task : tasks) stream.waiting().push_back(std::move(task));
    co_return Stored{};
  }
  if (stream.closed()) {
    for (WalkTask& task : stream.waiting()) tasks.push_back(std::move(task));
    stream.waiting().clear();
    const Stored spared = co_await spare(stream, std::move(tasks));
    if (!spared) co_return spared;
  }
  const Stored shown = co_await show(stream, !stream.has_waiting());
  co_return shown;
}

/// One of the few that walk beside each other.
Task<void> SyncRun::work(StreamRun& stream, std::deque<WalkTask>& tasks) {
  while (!tasks.empty() && !stream.closed() && !context_.leaving()) {
    WalkTask task = std::move(tasks.front());
    tasks.pop_front();
    WalkTask copy = task;
    const WalkResult result = co_await walk(std::move(copy));
    learn(task, result);
    if (result.ending == Ending::halted) {
      stream.waiting().push_back(std::move(task));
    } else {
      stream.settle(std::move(task), result);
    }
    // Every page was shown; the count of partitions may lag a little.
    if (context_.clock().steady() - shown_at_ < between_shows) continue;
    reckon(stream, tasks);
    const Stored shown = co_await show(stream, false);
    if (!shown) co_return;
  }
}

Task<WalkResult> SyncRun::walk(WalkTask task) {
  if (task.stream->shape == bitbucket::Shape::list_of_objects) {
    std::vector<bitbucket::Partition> known = stored_parents(Parent::workspace);
    WorkspaceWalk workspaces(context_, session_, std::move(task), std::move(known));
    WalkResult result = co_await workspaces.run();
    co_return result;
  }
  Walk list(context_, session_, std::move(task));
  WalkResult result = co_await list.run();
  co_return result;
}

/// What a walk means for the rest of the sync.
void SyncRun::learn(const WalkTask& task, const WalkResult& result) {
  if (result.listed) {
    listed_[std::string(task.stream->name) + task.partition.id] = *result.listed;
  }
  if (result.ending == Ending::halted) return;
  note_look(task, result);
  const std::string doubt = doubt_key(*task.stream, task.partition);
  context_.house.doubts.erase(doubt);
  if (result.missed_some) context_.house.doubts.insert(doubt);
  if (!result.error || !is_silence(*result.error)) {
    silent_walks_ = 0;
    return;
  }
  // What was silent before is broken by itself: that it still is tells nothing of the others.
  if (!was_silent_before(task)) ++silent_walks_;
  const bool first =
      task.stream->parent == Parent::none && task.stream->shape == bitbucket::Shape::object;
  if (!first && silent_walks_ < silent_walks_of_a_sync) return;
  Error error;
  error.code = Code::from_stored(result.error->code);
  error.detail = result.error->detail;
  context_.halt(Halt::outage, std::move(error));
}

/// Marks as refused what need not be asked: all of it would be refused.
Task<SyncRun::Stored> SyncRun::spare(StreamRun& stream, std::deque<WalkTask> untouched) {
  const std::vector<WalkTask> spared = stream.spare(std::move(untouched));
  for (const WalkTask& task : spared) {
    context_.progress.expect(stream.stream().name, task.partition.id, 0);
  }
  if (spared.empty()) co_return Stored{};
  auto mark = [&](Connection& connection, storage::Sync&) -> Result<void> {
    for (const WalkTask& task : spared) {
      const storage::PartitionKey key{context_.source.id, std::string(stream.stream().name),
                                      task.partition.id};
      storage::begin_walk(connection, key, task.decision.mode, context_.id(), "");
      storage::fail_walk(connection, key, *stream.closing(), true);
    }
    return {};
  };
  const Stored marked = co_await context_.commit(std::move(mark));
  co_return marked;
}

Task<SyncRun::Stored> SyncRun::show(StreamRun& stream, bool finished) {
  shown_at_ = context_.clock().steady();
  note_parents(stream);
  stream.tally.nameless_parents = nameless_[stream.stream().parent];
  const StreamVerdict verdict = judge(stream.tally);
  auto write = [&](Connection&, storage::Sync& sync) -> Result<void> {
    storage::SyncStream& row = stream_row(sync, stream.stream().name);
    row.state = finished ? verdict.state : StreamState::running;
    row.complete = finished && verdict.complete;
    row.partitions_done = stream.tally.done();
    row.partitions_total = stream.tally.total;
    row.partitions_lost = stream.tally.lost;
    row.error = verdict.error;
    return {};
  };
  if (is_shown(stream, finished ? verdict.state : StreamState::running)) co_return Stored{};
  const Stored shown = co_await context_.commit(std::move(write));
  co_return shown;
}

/// Whether the row says it already: a transaction less.
bool SyncRun::is_shown(const StreamRun& stream, StreamState state) const {
  const auto& rows = context_.stored().streams;
  const auto row = std::ranges::find(rows, stream.stream().name, &storage::SyncStream::name);
  return row != rows.end() && row->state == state && row->partitions_done == stream.tally.done() &&
         row->partitions_total == stream.tally.total &&
         row->error.has_value() == stream.tally.error.has_value();
}

/// The result and the last word on every stream.
void SyncRun::conclude(storage::Sync& sync) {
  const Halt halt = context_.halted();
  const std::optional<Error>& why = context_.halt_error();
  std::vector<StreamVerdict> verdicts;
  for (storage::SyncStream& row : sync.streams) {
    const auto found = streams_.find(row.name);
    StreamVerdict verdict;
    if (found != streams_.end() && found->second->planned()) {
      StreamRun& stream = *found->second;
      if (why && halt != Halt::cancelled) stream.give_up_rest(stored(*why));
      note_parents(stream);  // some came to their end later than what hangs on them
      verdict = judge(stream.tally);
      row.partitions_done = stream.tally.done();
      row.partitions_total = stream.tally.total;
      row.partitions_lost = stream.tally.lost;
    } else if (why && halt != Halt::cancelled) {
      verdict.state = StreamState::failed;
      verdict.spoils = true;
      verdict.error = stored(*why);
    }
    row.state = verdict.state;
    row.complete = verdict.complete && !context_.only_follows_hints();
    row.error = verdict.error;
    verdicts.push_back(verdict);
  }
  sync.result = result_of(verdicts);
  if (halt == Halt::failed) sync.result = SyncResult::failed;
  if (halt == Halt::cancelled) sync.result = SyncResult::cancelled;
  if (why) sync.error = stored(*why);
}

/// What was learnt, found, asked and waited since the last page, for whoever goes on.
Task<SyncRun::Stored> SyncRun::keep_learnt() {
  DriftWatch::Notes notes = context_.drift.all();
  if (notes.empty() && !context_.has_unsaved_times()) co_return Stored{};
  auto write = [&](Connection& connection, storage::Sync&) -> Result<void> {
    context_.write(connection, notes);
    return {};
  };
  const Stored written = co_await context_.commit(std::move(write));
  if (written) context_.written(notes);
  co_return written;
}

/// The streams that were walked, and whether all of them was; none where hints chose what to look
/// at.
std::map<std::string, bool, std::less<>> SyncRun::walked() const {
  std::map<std::string, bool, std::less<>> streams;
  for (const auto& [name, run] : streams_) {
    if (run->planned() && run->tally.complete > 0 && !context_.only_follows_hints()) {
      streams.emplace(name, !judge(run->tally).spoils);
    }
  }
  return streams;
}

Task<SyncRun::Stored> SyncRun::finish() {
  for (const Round& round : rounds_) context_.progress.forget(round.stream->name);
  context_.waiting_until.reset();
  context_.drift.end(walked());
  DriftWatch::Notes notes = context_.drift.all();
  auto write = [&](Connection& connection, storage::Sync& sync) -> Result<void> {
    conclude(sync);
    sync.state = storage::SyncState::done;
    sync.finished_at = context_.now();
    sync.eta_seconds.reset();
    context_.write(connection, notes);
    if (!context_.only_follows_hints()) {
      record_coverage(connection, context_.tenant, sync, *sync.finished_at);
    }
    const bool looked = sync.result != SyncResult::failed && context_.halted() == Halt::none;
    storage::conclude_sync(connection, context_.tenant, sync, looked, *sync.finished_at);
    return {};
  };
  const Stored written = co_await context_.commit(std::move(write));
  if (written) context_.written(notes);
  const storage::Sync& sync = context_.stored();
  constexpr std::string_view names[] = {"none", "succeeded", "partial", "failed", "cancelled"};
  log::info("sync finished", {{"sync", sync.id},
                              {"source", sync.source_id},
                              {"result", names[static_cast<std::size_t>(sync.result)]},
                              {"code", sync.error ? sync.error->code : std::string()},
                              {"requests", sync.requests_done}});
  co_return written;
}

}  // namespace evidenced::connector
