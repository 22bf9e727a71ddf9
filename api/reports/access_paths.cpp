#include "api/artifacts/gaps.hpp"
#include "api/reports/access_view.hpp"
#include "api/reports/handlers.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace evidenced::api {
namespace {

using evidence::AccessMatrix;
using evidence::AccessPath;

/// Both ends of a cell have to be named, and once.
Result<void> check_ends(const Query& query) {
  Error error;
  error.code = "request.invalid_field";
  for (const std::string_view name : {"person", "repository"}) {
    if (query.has(name)) continue;
    error.fields.push_back({fmt::format("?{}", name), "request.invalid_field", "has to be given"});
  }
  if (error.fields.empty()) return {};
  error.detail = fmt::format("{} has to be given", error.fields.front().pointer);
  return std::unexpected(std::move(error));
}

std::optional<evidence::Permission> permission_in(const AccessMatrix& matrix, std::size_t person) {
  return evidence::permission_of(permission_of_letter(matrix.letter(person, 0)));
}

struct Cell {
  evidence::AccessReport report;
  evidence::GrantBook book;
  std::size_t person = 0;
  std::vector<AccessPath> paths;
};

/// Somebody of whom nothing is known, neither access nor membership nor a grant, is not found.
Result<Cell> read_cell(storage::Connection& connection, const storage::TenantScope& tenant,
                       evidence::AccessQuestion question, const std::string& person) {
  Cell cell;
  cell.report = evidence::read_access(connection, tenant, question);
  AccessMatrix& matrix = cell.report.matrix;
  if (matrix.repositories().size() != 1) return not_found();
  const evidence::AccessRepository& repository = matrix.repositories().front();
  question.workspaces = {repository.workspace};
  question.repositories = {repository.repository};
  // A repository without a project has no grants from one.
  question.projects = {repository.project};
  cell.book = evidence::read_grants(connection, tenant, question);
  cell.paths = cell.book.paths(repository, person);
  if (!matrix.find_person(person) && cell.paths.empty()) return not_found();
  cell.person = matrix.person_place(person);
  evidence::tell_more(connection, matrix.person(cell.person));
  return cell;
}

Result<Response> paths_answer(storage::Connection& connection, Exchange& exchange) {
  Result<evidence::AccessQuestion> asked = read_access_question(connection, exchange);
  if (!asked) return fail(asked);
  const storage::TenantScope& tenant = exchange.tenant();
  Result<Cell> cell = read_cell(connection, tenant, *asked, exchange.query.text("person"));
  if (!cell) return fail(cell);
  const AccessMatrix& matrix = cell->report.matrix;
  const evidence::AccessRepository& repository = matrix.repositories().front();
  const auto permission = permission_in(matrix, cell->person);
  const evidence::Explanation explanation =
      evidence::explain(permission, cell->paths, cell->book.has_closed_group(repository));
  JsonOut json(exchange.buffer);
  json.begin_object().key("person").begin_object();
  write_person(json, matrix.people()[cell->person]);
  json.end_object().key("repository");
  write_repository(json, repository);
  json.text_or_null("permission", permission ? evidence::name_of(*permission) : "");
  json.key("paths").begin_array();
  for (const AccessPath& path : cell->paths) write_path(json, path);
  json.end_array();
  json.member("explained", explanation.explained);
  json.text_or_null("reason", explanation.reason);
  json.member("observed_at", cell->report.observed_at);
  write_gaps(json,
             find_gaps(connection, tenant, asked->source_ids, path_kinds(), exchange.window()));
  json.end_object();
  return exchange.reply(200);
}

}  // namespace

Task<Result<Response>> report_access_paths(Call call) {
  Exchange& exchange = *call;
  Result<void> checked = check_ends(exchange.query);
  if (!checked) co_return fail(checked);
  auto work = [&](storage::Connection& connection) { return paths_answer(connection, exchange); };
  Result<Response> response = co_await reading(call, std::move(work));
  co_return response;
}

}  // namespace evidenced::api
