#pragma once

#include "api/exchange.hpp"
#include "api/json_out.hpp"
#include "evidence/change_report.hpp"

#include <string>
#include <vector>

namespace evidenced::api {

/// Reads the filters of the request, and what the key is limited to. Errors: resource.not_found (a
/// source that the tenant does not have or the key does not see).
Result<evidence::ChangeQuestion> read_change_question(storage::Connection& connection,
                                                      const Exchange& exchange);

/// The kinds that the report is made of.
std::vector<std::string> change_kinds();

/// The names of findings.
std::vector<std::string> names_of(const evidence::Findings& findings);

/// An object.
void write_change(JsonOut& json, const evidence::ReportedChange& change);

/// A record of a CSV, and the first one.
void write_change_header(std::string& out);
void write_change_record(std::string& out, const evidence::ReportedChange& change);

}  // namespace evidenced::api
