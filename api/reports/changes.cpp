#include "api/artifacts/gaps.hpp"
#include "api/artifacts/rows_export.hpp"
#include "api/limits.hpp"
#include "api/reports/change_view.hpp"
#include "api/reports/handlers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

namespace evidenced::api {
namespace {

using evidence::ChangeQuestion;
using evidence::ChangeReader;
using evidence::Finding;
using evidence::ReportedChange;

/// What one answer may cost: less than the time after which a statement is given up.
evidence::Effort effort_of_answer() {
  return {.rows = limits::changes_scanned,
          .until = std::chrono::steady_clock::now() + limits::changes_scanning};
}

/// "1795500000000:17": the time and the number of the last pull request.
std::string text_of(const storage::MergedPosition& position) {
  return fmt::format("{}:{}", position.dated_at, position.num);
}

storage::MergedPosition position_in(std::string_view text) {
  storage::MergedPosition position;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return position;
  position.dated_at = parse_count(text.substr(0, colon)).value_or(position.dated_at);
  position.num = parse_count(text.substr(colon + 1)).value_or(0);
  return position;
}

Result<Response> changes_answer(storage::Connection& connection, Exchange& exchange,
                                Paging& paging) {
  Result<ChangeQuestion> question = read_change_question(connection, exchange);
  if (!question) return fail(question);
  if (paging.first) {
    paging.position.as_of_seq = storage::current_seq(connection, exchange.tenant());
  }
  const std::vector<std::string> sources = question->filter.source_ids;
  question->filter.after = position_in(paging.position.last);
  ChangeReader reader(exchange.tenant(), std::move(*question));
  const ChangeReader::Batch batch = reader.read(connection, paging.limit, effort_of_answer());
  JsonOut json(exchange.buffer);
  json.begin_object().key("items").begin_array();
  for (const ReportedChange& change : batch.changes) write_change(json, change);
  json.end_array();
  write_gaps(json,
             find_gaps(connection, exchange.tenant(), sources, change_kinds(), exchange.window()));
  Response links;
  write_paging(exchange, json, links, paging, batch.last ? "" : text_of(batch.position));
  json.end_object();
  Response response = exchange.reply(200);
  std::ranges::move(links.headers, std::back_inserter(response.headers));
  return response;
}

class ChangeRows final : public ExportRows {
 public:
  ChangeRows(ChangeReader reader, bool csv) : reader_(std::move(reader)), csv_(csv) {}

  void write_csv_header(std::string& out) const override { write_change_header(out); }

  Batch read(storage::Connection& connection, std::string& out) override {
    const ChangeReader::Batch batch =
        reader_.read(connection, limits::export_rows, effort_of_answer());
    for (const ReportedChange& change : batch.changes) {
      if (csv_) {
        write_change_record(out, change);
        continue;
      }
      JsonOut json(out);
      write_change(json, change);
      out += '\n';
    }
    return {std::ssize(batch.changes), batch.last};
  }

 private:
  ChangeReader reader_;
  const bool csv_;
};

/// What a summary counts.
struct Tally {
  std::int64_t count = 0;
  std::int64_t scanned = 0;
  bool whole = false;
  std::array<std::int64_t, evidence::finding_count> found{};
  std::array<std::int64_t, evidence::finding_count> not_evaluable{};
  std::optional<Timestamp> first;
  std::optional<Timestamp> last;

  void add(const ReportedChange& row) {
    ++count;
    for (std::size_t at = 0; at < evidence::finding_count; ++at) {
      found[at] += row.judgement.findings[at] ? 1 : 0;
      not_evaluable[at] += row.judgement.not_evaluable[at] ? 1 : 0;
    }
    const Timestamp merged_at = row.change.merged_at;
    first = std::min(first.value_or(merged_at), merged_at);
    last = std::max(last.value_or(merged_at), merged_at);
  }
};

Tally tally_of(storage::Connection& connection, ChangeReader& reader) {
  Tally tally;
  evidence::Effort effort = effort_of_answer();
  while (!tally.whole && effort.rows > 0 && std::chrono::steady_clock::now() < effort.until) {
    const ChangeReader::Batch batch = reader.read(connection, limits::export_rows, effort);
    for (const ReportedChange& row : batch.changes) tally.add(row);
    tally.scanned += batch.scanned;
    effort.rows -= batch.scanned;
    tally.whole = batch.last;
  }
  return tally;
}

void write_counts(JsonOut& json, std::string_view name,
                  const std::array<std::int64_t, evidence::finding_count>& counts) {
  json.key(name).begin_object();
  for (std::size_t at = 0; at < counts.size(); ++at) {
    json.member(evidence::name_of(static_cast<Finding>(at)), counts[at]);
  }
  json.end_object();
}

Result<Response> summary_answer(storage::Connection& connection, Exchange& exchange) {
  Result<ChangeQuestion> question = read_change_question(connection, exchange);
  if (!question) return fail(question);
  const storage::MergedFilter filter = question->filter;
  const bool takes_all = question->takes_all() && !filter.source_ids.empty();
  ChangeReader reader(exchange.tenant(), std::move(*question));
  const Tally tally = tally_of(connection, reader);
  const bool more = takes_all && !tally.whole;
  const std::int64_t count =
      more ? storage::count_merged(connection, exchange.tenant(), filter) : tally.count;
  JsonOut json(exchange.buffer);
  json.begin_object();
  json.member("count", count);
  json.member("evaluated", tally.count);
  json.member("scanned", tally.scanned);
  json.member("exact", tally.whole);
  write_counts(json, "findings", tally.found);
  write_counts(json, "not_evaluable", tally.not_evaluable);
  json.member("from", tally.first);
  json.member("to", tally.last);
  write_gaps(json, find_gaps(connection, exchange.tenant(), filter.source_ids, change_kinds(),
                             exchange.window()));
  json.end_object();
  return exchange.reply(200);
}

}  // namespace

Task<Result<Response>> report_changes(Call call) {
  Exchange& exchange = *call;
  Result<Paging> paging = read_paging(exchange);
  if (!paging) co_return fail(paging);
  if (exchange.media == "application/json") {
    auto work = [&](storage::Connection& connection) {
      return changes_answer(connection, exchange, *paging);
    };
    Result<Response> response = co_await reading(call, std::move(work));
    co_return response;
  }
  std::vector<Gap> gaps;
  auto look = [&](storage::Connection& connection) -> Result<ChangeQuestion> {
    Result<ChangeQuestion> read = read_change_question(connection, exchange);
    if (read) {
      gaps = find_gaps(connection, exchange.tenant(), read->filter.source_ids, change_kinds(),
                       exchange.window());
    }
    return read;
  };
  Result<ChangeQuestion> question = co_await reading(call, std::move(look));
  if (!question) co_return fail(question);
  auto rows = std::make_unique<ChangeRows>(ChangeReader(exchange.tenant(), std::move(*question)),
                                           wants_csv(exchange));
  co_return export_rows(call, std::move(rows), gaps, "changes");
}

Task<Result<Response>> report_change_summary(Call call) {
  Exchange& exchange = *call;
  auto work = [&](storage::Connection& connection) { return summary_answer(connection, exchange); };
  Result<Response> response = co_await reading(call, std::move(work));
  co_return response;
}

}  // namespace evidenced::api
