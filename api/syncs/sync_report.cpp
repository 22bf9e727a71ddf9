#include "api/syncs/sync_report.hpp"

#include "api/syncs/sync_view.hpp"
#include "connector/bitbucket/asked.hpp"
#include "connector/bitbucket/targets.hpp"
#include "storage/names.hpp"
#include "storage/walk_log.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <optional>

namespace evidenced::api {
namespace {

/// How the streams of a sync are asked for: as the version did that ran it, where that was kept.
class Questions {
 public:
  Questions(storage::Connection& connection, const storage::Sync& sync, int history_days) {
    std::string text = storage::find_questions(connection, sync.id);
    known_ = !text.empty() || sync.state != storage::SyncState::done;
    if (text.empty()) text = connector::bitbucket::asked_by_this_version(history_days);
    told_ = boost::json::parse(text);
  }

  /// nullopt: the sync ended before that was kept.
  std::optional<std::string_view> version() const {
    if (!known_) return std::nullopt;
    return std::string_view(told_.at("version").as_string());
  }

  /// nullptr: of a stream that the version does not have.
  const boost::json::object* of(std::string_view name) const {
    for (const boost::json::value& stream : told_.at("streams").as_array()) {
      if (stream.at("name").as_string() == name) return &stream.as_object();
    }
    return nullptr;
  }

 private:
  boost::json::value told_;
  bool known_ = false;
};

void write_question(JsonOut& json, const boost::json::object& question, const storage::Sync& sync) {
  json.member("kind", std::string_view(question.at("kind").as_string()));
  boost::json::object asked = question.at("asked").as_object();
  const std::chrono::hours window(question.at("window_hours").as_int64());
  asked["not_before"] = nullptr;
  if (window.count() > 0 && sync.started_at) {
    asked["not_before"] = format_rfc3339(*sync.started_at - window);
  }
  json.key("asked").raw(boost::json::serialize(asked));
}

void write_gap(JsonOut& json, const storage::WalkGap& gap) {
  json.begin_object();
  json.member("partition", gap.partition);
  json.member("mode", storage::name_of(gap.mode));
  json.member("pages", gap.pages);
  json.member("rows", gap.rows);
  json.member("size", gap.size);
  json.member("complete_at", gap.complete_at);
  write_sync_error(json, gap.error);
  json.end_object();
}

/// What {since} stood for at the earliest: as the connector asks, some minutes before what it knew.
std::optional<Timestamp> asked_since(const storage::WalkCounts& counts,
                                     const boost::json::object& question) {
  const std::string_view by_time =
      connector::bitbucket::freshness_name(connector::bitbucket::Freshness::updated_on);
  if (question.at("asked").at("way").as_string() != by_time) return std::nullopt;
  const std::optional<Timestamp> known = parse_timestamp(counts.earliest_since);
  if (!known) return std::nullopt;
  return *known - connector::bitbucket::overlap;
}

void write_counts(JsonOut& json, const std::optional<storage::WalkCounts>& counts,
                  const boost::json::object& question) {
  json.key("walks");
  if (!counts) {
    json.null();
    return;
  }
  json.begin_object();
  json.member("whole", counts->whole);
  json.member("changes", counts->changes);
  json.member("running", counts->running);
  json.member("pages", counts->pages);
  json.member("rows", counts->rows);
  json.member("size", counts->size);
  json.member("earliest_since", asked_since(*counts, question));
  json.member("gaps", counts->gaps);
  json.end_object();
}

void write_walks(JsonOut& json, storage::Connection& connection, const storage::Sync& sync,
                 const std::string& name, const boost::json::object& question) {
  write_counts(json, storage::count_walks(connection, sync, name), question);
  json.key("gaps").begin_array();
  for (const storage::WalkGap& gap : storage::list_walk_gaps(connection, sync, name)) {
    write_gap(json, gap);
  }
  json.end_array();
}

void write_report(JsonOut& json, storage::Connection& connection, const storage::Sync& sync,
                  int history_days) {
  json.begin_object();
  json.member("sync_id", sync.id);
  json.member("source_id", sync.source_id);
  json.member("mode", storage::name_of(sync.mode));
  json.text_or_null("result", storage::name_of(sync.result));
  json.member("requests", sync.requests_done);
  json.member("started_at", sync.started_at);
  json.member("finished_at", sync.finished_at);
  const Questions questions(connection, sync, history_days);
  json.member("version", questions.version());
  json.key("streams").begin_array();
  for (const storage::SyncStream& row : sync.streams) {
    const boost::json::object* question = questions.of(row.name);
    if (question == nullptr) continue;  // of an older version that did not keep how it asked
    json.begin_object();
    json.member("name", row.name);
    write_question(json, *question, sync);
    write_stream_members(json, row);
    write_walks(json, connection, sync, row.name, *question);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

}  // namespace

Task<Result<Response>> get_sync_report(Call call) {
  Exchange& exchange = *call;
  auto work = [&](storage::Connection& connection) -> Result<Response> {
    const Result<storage::Sync> sync = find_named_sync(connection, exchange);
    if (!sync) return fail(sync);
    exchange.buffer.clear();
    JsonOut json(exchange.buffer);
    write_report(json, connection, *sync, exchange.core.services.settings.connector.history_days);
    return exchange.reply(200);
  };
  Result<Response> response = co_await reading(call, std::move(work));
  co_return response;
}

}  // namespace evidenced::api
