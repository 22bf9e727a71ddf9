#include "api/artifacts/artifact_view.hpp"
#include "api/artifacts/filter.hpp"
#include "api/artifacts/gaps.hpp"
#include "api/artifacts/rows_export.hpp"
#include "api/reports/access_view.hpp"
#include "api/reports/handlers.hpp"
#include "config/ascii.hpp"
#include "evidence/access_paths.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <utility>

namespace evidenced::api {
namespace {

using evidence::AccessMatrix;
using evidence::AccessPerson;
using evidence::AccessReport;
using evidence::AccessRepository;

/// People in the order of the report: by name, whatever its case, and nobody twice.
std::string sort_key(const AccessPerson& person) {
  return fmt::format("{}\n{}", to_lower(person.name), person.id);
}

/// Whom the filters leave, in order: their sort keys and places.
using Rows = std::vector<std::pair<std::string, std::size_t>>;

class Chooser {
 public:
  explicit Chooser(const Query& query)
      : permissions_(query.all("permission")), wanted_(to_lower(query.text("q"))) {}

  Rows choose(const AccessMatrix& matrix) const {
    Rows rows;
    for (std::size_t place = 0; place < matrix.people().size(); ++place) {
      const AccessPerson& person = matrix.people()[place];
      if (is_named(person) && is_permitted(matrix, place)) {
        rows.emplace_back(sort_key(person), place);
      }
    }
    std::ranges::sort(rows);
    return rows;
  }

 private:
  bool is_named(const AccessPerson& person) const {
    return wanted_.empty() || to_lower(person.name).contains(wanted_) ||
           to_lower(person.nickname).contains(wanted_);
  }

  bool is_permitted(const AccessMatrix& matrix, std::size_t place) const {
    if (permissions_.empty()) return true;
    const evidence::AccessCounts counts = matrix.counts(place);
    return std::ranges::any_of(permissions_, [&](const std::string& permission) {
      if (permission == "admin") return counts.admin > 0;
      return permission == "write" ? counts.write > 0 : counts.read > 0;
    });
  }

  std::vector<std::string> permissions_;
  std::string wanted_;
};

void write_row(JsonOut& json, const AccessMatrix& matrix, std::size_t place) {
  const evidence::AccessCounts counts = matrix.counts(place);
  json.begin_object();
  write_person(json, matrix.people()[place]);
  json.member("permissions", matrix.letters(place));
  json.member("admin", counts.admin);
  json.member("write", counts.write);
  json.member("read", counts.read);
  json.end_object();
}

/// Appends the rows behind the cursor; the key of the last one when there are more, else "".
std::string write_rows(storage::Connection& connection, JsonOut& json, AccessMatrix& matrix,
                       const Rows& rows, const Paging& paging) {
  auto at = std::ranges::upper_bound(rows, paging.position.last, {}, &Rows::value_type::first);
  const auto end = std::min(rows.end() - at, std::ptrdiff_t{paging.limit}) + at;
  for (; at != end; ++at) {
    evidence::tell_more(connection, matrix.person(at->second));
    write_row(json, matrix, at->second);
  }
  return end == rows.end() ? "" : std::prev(end)->first;
}

Result<Response> access_answer(storage::Connection& connection, Exchange& exchange,
                               Paging& paging) {
  Result<evidence::AccessQuestion> asked = read_access_question(connection, exchange);
  if (!asked) return fail(asked);
  if (paging.first) {
    paging.position.as_of_seq = storage::current_seq(connection, exchange.tenant());
  }
  AccessReport report = evidence::read_access(connection, exchange.tenant(), *asked);
  const Rows rows = Chooser(exchange.query).choose(report.matrix);
  JsonOut json(exchange.buffer);
  json.begin_object().key("repositories").begin_array();
  for (const AccessRepository& repository : report.matrix.repositories()) {
    write_repository(json, repository);
  }
  json.end_array();
  json.member("more_repositories", report.more_repositories);
  json.member("observed_at", report.observed_at);
  json.key("items").begin_array();
  const std::string last = write_rows(connection, json, report.matrix, rows, paging);
  json.end_array();
  write_gaps(json, find_gaps(connection, exchange.tenant(), asked->source_ids, matrix_kinds(),
                             exchange.window()));
  Response links;
  write_paging(exchange, json, links, paging, last);
  json.end_object();
  Response response = exchange.reply(200);
  std::ranges::move(links.headers, std::back_inserter(response.headers));
  return response;
}

void write_csv_cells(std::string& out,
                     std::span<const std::pair<std::string_view, std::string_view>> cells) {
  std::string_view before;
  for (const auto& [name, text] : cells) {
    out += std::exchange(before, ",");
    append_csv_cell(out, text);
  }
  out += "\r\n";
}

/// The matrix as a list. First come the repositories of which nobody knows.
class AccessRows final : public ExportRows {
 public:
  AccessRows(AccessReport report, evidence::GrantBook book, Rows rows, bool csv)
      : report_(std::move(report)), book_(std::move(book)), rows_(std::move(rows)), csv_(csv) {}

  void write_csv_header(std::string& out) const override {
    out +=
        "person,account_id,name,nickname,member,workspace_permission,repository,project,"
        "permission,paths\r\n";
  }

  Batch read(storage::Connection& connection, std::string& out) override {
    Batch batch;
    if (!began_) write_unknown(batch, out);
    began_ = true;
    if (next_ < rows_.size()) write_person_rows(connection, batch, out);
    batch.last = next_ == rows_.size();
    return batch;
  }

 private:
  void write_unknown(Batch& batch, std::string& out) {
    for (const AccessRepository& repository : report_.matrix.repositories()) {
      if (repository.known) continue;
      write_line(out, {nullptr, repository, "unknown", ""});
      ++batch.rows;
    }
  }

  void write_person_rows(storage::Connection& connection, Batch& batch, std::string& out) {
    AccessMatrix& matrix = report_.matrix;
    const std::size_t place = rows_[next_++].second;
    evidence::tell_more(connection, matrix.person(place));
    const AccessPerson& person = matrix.people()[place];
    for (std::size_t at = 0; at < matrix.repositories().size(); ++at) {
      const std::string_view permission = permission_of_letter(matrix.letter(place, at));
      if (permission.empty() || permission == "none") continue;
      const AccessRepository& repository = matrix.repositories()[at];
      write_line(out, {&person, repository, permission, paths_text(book_, repository, person.id)});
      ++batch.rows;
    }
  }

  struct Line {
    const AccessPerson* person;  // nullptr: of everybody
    const AccessRepository& repository;
    std::string_view permission;
    std::string paths;
  };

  void write_line(std::string& out, const Line& line) const {
    static const AccessPerson nobody;
    const AccessPerson& who = line.person == nullptr ? nobody : *line.person;
    std::string_view member;
    if (line.person != nullptr) member = who.artifact_id.empty() ? "false" : "true";
    const std::pair<std::string_view, std::string_view> cells[] = {
        {"person", who.id},
        {"account_id", who.account_id},
        {"name", who.name},
        {"nickname", who.nickname},
        {"member", member},
        {"workspace_permission", who.workspace_permission},
        {"repository", line.repository.repository},
        {"project", line.repository.project},
        {"permission", line.permission},
        {"paths", line.paths}};
    if (csv_) {
      write_csv_cells(out, cells);
      return;
    }
    JsonOut json(out);
    json.begin_object();
    for (const auto& [name, text] : cells) {
      if (name == "member") {
        json.key(name).raw(text.empty() ? "null" : text);
      } else {
        json.text_or_null(name, text);
      }
    }
    json.end_object();
    out += '\n';
  }

  AccessReport report_;
  evidence::GrantBook book_;
  Rows rows_;
  std::size_t next_ = 0;
  bool began_ = false;
  const bool csv_;
};

/// Everything the list is made of, and the gaps of what it is made of.
Result<std::unique_ptr<AccessRows>> access_rows(storage::Connection& connection,
                                                const Exchange& exchange, std::vector<Gap>& gaps) {
  Result<evidence::AccessQuestion> asked = read_access_question(connection, exchange);
  if (!asked) return fail(asked);
  const storage::TenantScope& tenant = exchange.tenant();
  AccessReport report = evidence::read_access(connection, tenant, *asked);
  Rows rows = Chooser(exchange.query).choose(report.matrix);
  gaps = find_gaps(connection, tenant, asked->source_ids, path_kinds(), exchange.window());
  return std::make_unique<AccessRows>(std::move(report),
                                      evidence::read_grants(connection, tenant, *asked),
                                      std::move(rows), wants_csv(exchange));
}

}  // namespace

Task<Result<Response>> report_access(Call call) {
  Exchange& exchange = *call;
  Result<Paging> paging = read_paging(exchange);
  if (!paging) co_return fail(paging);
  if (exchange.media == "application/json") {
    auto work = [&](storage::Connection& connection) {
      return access_answer(connection, exchange, *paging);
    };
    Result<Response> response = co_await reading(call, std::move(work));
    co_return response;
  }
  std::vector<Gap> gaps;
  auto look = [&](storage::Connection& connection) {
    return access_rows(connection, exchange, gaps);
  };
  Result<std::unique_ptr<AccessRows>> rows = co_await reading(call, std::move(look));
  if (!rows) co_return fail(rows);
  co_return export_rows(call, std::move(*rows), gaps, "access");
}

}  // namespace evidenced::api
