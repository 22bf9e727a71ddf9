#include "api/artifacts/export.hpp"

#include "api/artifacts/filter.hpp"
#include "api/artifacts/rows_export.hpp"
#include "api/limits.hpp"

#include <utility>

namespace evidenced::api {
namespace {

class ArtifactRows final : public ExportRows {
 public:
  ArtifactRows(const Exchange& exchange, storage::ArtifactFilter filter, FieldSet fields)
      : tenant_(exchange.tenant()),
        filter_(std::move(filter)),
        fields_(fields),
        csv_(wants_csv(exchange)) {
    filter_.limit = limits::export_rows;
  }

  void write_csv_header(std::string& out) const override { api::write_csv_header(out, fields_); }

  Batch read(storage::Connection& connection, std::string& out) override {
    std::string last;
    Batch batch;
    storage::visit_artifacts(connection, tenant_, filter_,
                             [&](const storage::ArtifactView& artifact) {
                               write_row(out, artifact);
                               last = place_of(filter_, artifact);
                               ++batch.rows;
                             });
    batch.last = batch.rows < filter_.limit;
    if (batch.rows > 0) go_on_after(filter_, last);
    return batch;
  }

 private:
  void write_row(std::string& out, const storage::ArtifactView& artifact) const {
    if (csv_) {
      write_csv_record(out, artifact, fields_);
      return;
    }
    write_artifact(out, artifact, fields_);
    out += '\n';
  }

  storage::TenantScope tenant_;
  storage::ArtifactFilter filter_;
  FieldSet fields_;
  bool csv_;
};

}  // namespace

Result<Response> export_artifacts(Call call, storage::ArtifactFilter filter, FieldSet fields,
                                  const std::vector<Gap>& gaps) {
  auto rows = std::make_unique<ArtifactRows>(*call, std::move(filter), fields);
  return export_rows(std::move(call), std::move(rows), gaps, "artifacts");
}

}  // namespace evidenced::api
