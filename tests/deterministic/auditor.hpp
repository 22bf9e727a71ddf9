#pragma once

#include "storage/connection.hpp"
#include "tests/deterministic/trace.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace evidenced::deterministic {

/// Holds a database to what it has acknowledged, and to what must always be true of it (invariants
/// I1, I2, I3, I5, I6 of the acceptance tests). What is broken goes to the trace.
class Auditor {
 public:
  explicit Auditor(Trace& trace) : trace_(trace) {}

  /// After each acknowledged write: whatever it added must be there for ever.
  void acknowledged(storage::Connection& connection);

  /// A sync that somebody was told is queued.
  void promised(const std::string& sync_id) { syncs_.push_back(sync_id); }

  /// At any moment between two writes, above all after a restart.
  void check(storage::Connection& connection);

  std::uint64_t writes() const { return writes_; }

 private:
  struct Revision {
    std::int64_t num = 0;
    std::int64_t artifact = 0;
    std::int64_t number = 0;
    std::string content;
    bool operator==(const Revision&) const = default;
  };
  static std::vector<Revision> revisions_after(storage::Connection& connection, std::int64_t num);
  void check_acknowledged(storage::Connection& connection);
  void check_none(storage::Connection& connection, std::string_view what, std::string_view sql);

  Trace& trace_;
  std::vector<Revision> revisions_;  ///< in their order
  std::vector<std::string> syncs_;
  std::uint64_t writes_ = 0;
};

}  // namespace evidenced::deterministic
