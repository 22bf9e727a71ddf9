#include "api/artifacts/rows_export.hpp"

#include "api/artifacts/sent_stream.hpp"
#include "api/limits.hpp"
#include "storage/crypto.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

namespace evidenced::api {
namespace {

class ExportStream final : public BodyStream {
 public:
  ExportStream(Call call, Places::Place place, std::unique_ptr<ExportRows> rows)
      : call_(std::move(call)),
        place_(std::move(place)),
        source_(std::move(rows)),
        csv_(wants_csv(*call_)) {}

  Task<Result<std::string>> next() override {
    std::string piece;
    if (csv_ && !begun_) source_->write_csv_header(piece);
    begun_ = true;
    while (!ended_ && piece.size() < limits::export_piece) {
      // Before each look: the whole of a large export takes a while.
      Result<void> valid = co_await check_key_again(call_);
      if (!valid) co_return fail(valid);
      auto work = [&](storage::Connection& connection) -> Result<void> {
        const ExportRows::Batch batch = source_->read(connection, piece);
        count_ += batch.rows;
        ended_ = batch.last;
        return {};
      };
      Result<void> read = co_await reading_page(std::move(work));
      if (!read) co_return fail(read);
    }
    if (!csv_ && !finished_) {
      rows_.update(piece);
      if (ended_) write_trailer(piece);
    }
    finished_ = ended_;
    co_return piece;
  }

  std::vector<std::string> trailer_names() const override { return {"Evidenced-Count"}; }
  std::vector<std::pair<std::string, std::string>> trailers() const override {
    return {{"Evidenced-Count", std::to_string(count_)}};
  }

 private:
  template <class F>
  Task<Result<void>> reading_page(F work) {
    return storage::query(call_->core.services.database, std::move(work));
  }

  void write_trailer(std::string& piece) {
    piece += fmt::format("{{\"trailer\":{{\"count\":{},\"sha256\":\"{}\"}}}}\n", count_,
                         storage::to_hex(rows_.finish()));
  }

  Call call_;
  Places::Place place_;
  std::unique_ptr<ExportRows> source_;
  bool csv_;
  bool begun_ = false;
  bool ended_ = false;
  bool finished_ = false;
  std::int64_t count_ = 0;
  storage::Sha256Stream rows_;
};

void set_gaps(Response& response, std::span<const Gap> gaps) {
  response.set("Evidenced-Gap-Count", std::to_string(gaps.size()));
  std::string list;
  for (const Gap& gap : gaps.first(std::min(gaps.size(), limits::gaps_in_a_header))) {
    if (!list.empty()) list += ", ";
    list += fmt::format("{};kind={};status={}", gap.source_id, gap.kind, gap.status);
  }
  if (!list.empty()) response.set("Evidenced-Gaps", std::move(list));
}

}  // namespace

bool wants_csv(const Exchange& exchange) {
  return exchange.media == "text/csv";
}

Result<Response> export_rows(Call call, std::unique_ptr<ExportRows> rows,
                             const std::vector<Gap>& gaps, std::string_view name) {
  std::optional<Places::Place> place = call->core.exports.take(call->key->key.id);
  if (!place) {
    return fail("quota.exceeded",
                fmt::format("A key has at most {} exports at once", limits::exports_at_once));
  }
  const bool csv = wants_csv(*call);
  Response response;
  response.set("Content-Type", csv ? "text/csv; charset=utf-8; header=present"
                                   : "application/x-ndjson; charset=utf-8");
  if (csv) {
    response.set("Content-Disposition", fmt::format("attachment; filename=\"{}.csv\"", name));
  }
  set_gaps(response, gaps);
  const bool zstd = wants_zstd(call->request.list_header("accept-encoding"));
  if (zstd) response.set("Content-Encoding", "zstd");
  response.set("Vary", "Accept, Accept-Encoding");
  auto stream = std::make_unique<ExportStream>(std::move(call), std::move(*place), std::move(rows));
  response.stream = sent_as(std::move(stream), zstd);
  return response;
}

}  // namespace evidenced::api
