#pragma once

#include "api/artifacts/gaps.hpp"
#include "api/exchange.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::api {

/// What an export is made of, batch by batch.
class ExportRows {
 public:
  /// `last`: nothing follows.
  struct Batch {
    std::int64_t rows = 0;
    bool last = false;
  };

  virtual ~ExportRows() = default;

  /// The first record of a CSV.
  virtual void write_csv_header(std::string& out) const = 0;

  /// Appends some rows, each a CSV record or a line of NDJSON. On a thread of the database, in a
  /// transaction of its own. Throws Fault.
  virtual Batch read(storage::Connection& connection, std::string& out) = 0;
};

/// The answer that streams rows: NDJSON with a trailer line, or CSV; both coded with zstd for who
/// asks for that, and with the HTTP trailers Evidenced-Count and Content-Digest (RFC 9530: of the
/// bytes that are sent). What is missing is said in front: Evidenced-Gap-Count, and Evidenced-Gaps
/// as a list of source, kind and status (RFC 9651), cut off where it would be too long for a
/// header. `name`: of the file, without its ending. Errors: quota.exceeded (too many exports of
/// this key at once).
Result<Response> export_rows(Call call, std::unique_ptr<ExportRows> rows,
                             const std::vector<Gap>& gaps, std::string_view name);

/// Whether the rows are records of a CSV.
bool wants_csv(const Exchange& exchange);

}  // namespace evidenced::api
