#pragma once

#include "storage/connection.hpp"
#include "storage/nouns.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace evidenced::storage {

/// A row of effective access while it is read; its texts end with the visit.
struct AccessRow {
  std::string_view upstream_id;  ///< {uuid} of the repository, '/', id of the person
  std::string_view title;        ///< name of the person, ' ', permission
  std::int64_t num = 0;          ///< for content_of
};

/// Visits the effective access that a source has collected and that was not removed, in the order
/// of upstream ids: an index has all of it, a million rows are read in less than half a second. The
/// visitor must not use the connection. Throws Fault.
void visit_access(Connection& connection, const TenantScope& tenant, const std::string& source_id,
                  const std::function<void(const AccessRow&)>& visit);

/// The stored object of a row, "" where there is none. Throws Fault.
std::string content_of(Connection& connection, std::int64_t num);

}  // namespace evidenced::storage
