#pragma once

#include "config/time.hpp"
#include "storage/connection.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace evidenced::storage {

/// An artifact that changed, or went: when, and in which sync.
struct RowChange {
  std::string upstream_id;
  std::string sync_id;
  Timestamp at{};
};

/// What changed of a kind of a source since then, in no order. Looks at every row of the kind, and
/// reads no content.
std::vector<RowChange> list_row_changes(Connection& connection, const std::string& source_id,
                                        std::string_view kind, Timestamp since);

}  // namespace evidenced::storage
