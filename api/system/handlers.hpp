#pragma once

#include "api/exchange.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace evidenced::api {

// The handlers of the routes in system_routes.cpp.

Task<Result<Response>> get_livez(Call call);
Task<Result<Response>> get_readyz(Call call);
Task<Result<Response>> get_metrics(Call call);
Task<Result<Response>> get_openapi(Call call);
Task<Result<Response>> list_problems(Call call);
Task<Result<Response>> get_problem(Call call);
Task<Result<Response>> get_status(Call call);

/// The sources that there are: how many, by state and by health, and their accounts.
struct SourceCounts {
  std::int64_t total = 0;
  std::map<std::string, std::int64_t> by_state;
  std::map<std::string, std::int64_t> by_health;
  std::set<std::string> accounts;  ///< whose budgets their requests are counted on
};
SourceCounts count_sources(storage::Connection& connection, const storage::TenantScope& tenant,
                           const std::vector<std::string>& ids, Timestamp now);

}  // namespace evidenced::api
