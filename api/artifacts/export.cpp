#include "api/artifacts/export.hpp"

#include "api/artifacts/filter.hpp"
#include "api/artifacts/sent_stream.hpp"
#include "api/limits.hpp"
#include "storage/crypto.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace evidenced::api {
namespace {

class ExportStream final : public BodyStream {
 public:
  ExportStream(Call call, Places::Place place, storage::ArtifactFilter filter, FieldSet fields,
               bool csv)
      : call_(std::move(call)),
        place_(std::move(place)),
        filter_(std::move(filter)),
        fields_(fields),
        csv_(csv) {
    filter_.limit = limits::export_rows;
  }

  Task<Result<std::string>> next() override {
    std::string piece;
    if (csv_ && !begun_) write_csv_header(piece, fields_);
    begun_ = true;
    while (!ended_ && piece.size() < limits::export_piece) {
      // Before each look: the whole of a large export takes a while.
      Result<void> valid = co_await check_key_again(call_);
      if (!valid) co_return fail(valid);
      auto work = [&](storage::Connection& connection) -> Result<void> {
        read_page(connection, piece);
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

  void read_page(storage::Connection& connection, std::string& piece) {
    std::string last;
    int rows = 0;
    storage::visit_artifacts(connection, call_->tenant(), filter_,
                             [&](const storage::ArtifactView& artifact) {
                               write_row(piece, artifact);
                               last = place_of(filter_, artifact);
                               ++rows;
                             });
    count_ += rows;
    ended_ = rows < filter_.limit;
    if (rows > 0) go_on_after(filter_, last);
  }

  void write_row(std::string& piece, const storage::ArtifactView& artifact) {
    if (csv_) {
      write_csv_record(piece, artifact, fields_);
      return;
    }
    write_artifact(piece, artifact, fields_);
    piece += '\n';
  }

  void write_trailer(std::string& piece) {
    piece += fmt::format("{{\"trailer\":{{\"count\":{},\"sha256\":\"{}\"}}}}\n", count_,
                         storage::to_hex(rows_.finish()));
  }

  Call call_;
  Places::Place place_;
  storage::ArtifactFilter filter_;
  FieldSet fields_;
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

Result<Response> export_artifacts(Call call, storage::ArtifactFilter filter, FieldSet fields,
                                  const std::vector<Gap>& gaps) {
  std::optional<Places::Place> place = call->core.exports.take(call->key->key.id);
  if (!place) {
    return fail("quota.exceeded",
                fmt::format("A key has at most {} exports at once", limits::exports_at_once));
  }
  const bool csv = call->media == "text/csv";
  Response response;
  response.set("Content-Type", csv ? "text/csv; charset=utf-8; header=present"
                                   : "application/x-ndjson; charset=utf-8");
  if (csv) response.set("Content-Disposition", "attachment; filename=\"artifacts.csv\"");
  set_gaps(response, gaps);
  const bool zstd = wants_zstd(call->request.list_header("accept-encoding"));
  if (zstd) response.set("Content-Encoding", "zstd");
  response.set("Vary", "Accept, Accept-Encoding");
  auto rows = std::make_unique<ExportStream>(std::move(call), std::move(*place), std::move(filter),
                                             fields, csv);
  response.stream = sent_as(std::move(rows), zstd);
  return response;
}

}  // namespace evidenced::api
