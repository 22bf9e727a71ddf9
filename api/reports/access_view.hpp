#pragma once

#include "api/exchange.hpp"
#include "api/json_out.hpp"
#include "evidence/access_paths.hpp"
#include "evidence/access_report.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace evidenced::api {

/// Reads the filters of the request, and what the key is limited to. Errors: resource.not_found (a
/// source that the tenant does not have or the key does not see).
Result<evidence::AccessQuestion> read_access_question(storage::Connection& connection,
                                                      const Exchange& exchange);

/// The kinds that the matrix is made of, and with the grants behind it.
std::vector<std::string> matrix_kinds();
std::vector<std::string> path_kinds();

/// Members of an object.
void write_person(JsonOut& json, const evidence::AccessPerson& person);

/// An object.
void write_repository(JsonOut& json, const evidence::AccessRepository& repository);
void write_path(JsonOut& json, const evidence::AccessPath& path);

/// The word of a letter of the matrix; "" for what nobody knows.
std::string_view permission_of_letter(char letter);

/// The ways of a person to a repository in a line: "group developers write; project admin".
std::string paths_text(const evidence::GrantBook& book,
                       const evidence::AccessRepository& repository, std::string_view person);

}  // namespace evidenced::api
