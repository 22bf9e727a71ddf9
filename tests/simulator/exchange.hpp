#pragma once

#include "tests/simulator/fields.hpp"
#include "tests/simulator/simulator.hpp"
#include "tests/simulator/target.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::simulator {

/// How a list leads on (reference: bitbucket, 11.9).
enum class Next {
  numbered,  ///< page=2
  context,   ///< ctx=…&page=2, without size and page: commits
  token,     ///< page=8xhd, without size and page: commits of a pull request
  after,     ///< after=<created_on of the last row>: the removed list of all repositories
};

/// A list before paging: rows are built only when they are looked at.
struct Listing {
  std::size_t count = 0;
  std::function<const json::value&(std::size_t)> row;
  std::function<Micros(std::size_t)> updated;  ///< for Switches::sorted_by_update; may be empty
  std::function<Micros(std::size_t)> created;  ///< for Next::after, rising
  std::span<const std::string_view> hidden;    ///< dotted paths shown only when asked for
  std::int64_t cap = 100;                      ///< of pagelen
  std::int64_t page_length = 10;               ///< by default
  bool filters = true;                         ///< honours q
  bool sorts = true;                           ///< honours sort
  bool refuses_sort = false;                   ///< 400 "Invalid sort attribute"
  bool leads_on = true;                        ///< has `next` at all
  Next next = Next::numbered;
  std::deque<json::value> owned;  ///< rows made for this answer
  /// Makes a row; instead of `row`.
  std::function<json::value(std::size_t)> make;
};

enum class Need { nothing, workspace, admin, project, project_admin, repository, repository_admin };

class Exchange;

/// One endpoint: a row of the table in routes.cpp.
struct Route {
  std::string_view pattern;  ///< "2.0/workspaces/{workspace}/projects"
  std::string_view scope;    ///< "": none
  Need need = Need::nothing;
  bool access_tokens = true;
  void (*handler)(Exchange&) = nullptr;
};

std::span<const Route> routes();

/// One request on its way through the service, in the order of the real one as far as it is known:
/// form, credential, removed paths, limit, scope, reach, role, answer.
class Exchange {
 public:
  Exchange(Simulator& simulator, const SimRequest& request);

  SimResponse run();
  std::string_view group() const { return group_; }
  std::string account() const;

  // For the handlers:
  World& world() { return simulator_.world_; }
  Bodies& bodies() { return simulator_.bodies_; }
  SetupBodies& setup_bodies() { return simulator_.setup_bodies_; }
  DeliveryBodies& delivery_bodies() { return simulator_.delivery_bodies_; }
  const Switches& switches() const { return simulator_.switches; }
  const Target& target() const { return target_; }
  const Token& token() const { return *token_; }
  bool anonymous() const { return token_ == nullptr; }
  Workspace& workspace() { return *workspace_; }
  Project& project() { return *project_; }
  Repository& repository() { return *repository_; }
  Role role() const { return role_; }
  const std::string& capture(std::string_view name) const;

  void single(const json::value& body, std::span<const std::string_view> hidden = {});
  void list(Listing listing);
  void raw(const json::value& body);
  void error(int status, std::string_view message, json::value detail = nullptr);
  void text(int status, std::string_view body);
  void not_found(std::string_view what);
  void unauthorized();
  bool sees(const Repository& repository) const;
  Role role_in(const Workspace& workspace) const;

  static Listing values(std::deque<json::value> rows);
  /// So many rows, each made when it is looked at.
  static Listing made(std::size_t count, std::function<json::value(std::size_t)> make);

 private:
  bool authenticate();
  bool removed();
  bool within_limit();
  bool scoped(const Route& route);
  bool reaches(const Route& route);
  bool reach_project(const Route& route);
  bool reach_repository(const Route& route);
  const Route* find_route();
  void too_many();
  void gone();
  std::string next_link(Next style, const std::string& position) const;
  std::optional<std::size_t> first_row(const Listing& listing, std::size_t length);
  std::optional<std::int64_t> requested_length(const Listing& listing);
  bool order(Listing& listing, std::vector<std::size_t>& rows);
  void standard_headers();

  Simulator& simulator_;
  const SimRequest& request_;
  Target target_;
  SimResponse response_;
  Token* token_ = nullptr;
  std::string_view group_ = "other";
  std::string_view scope_;
  std::map<std::string, std::string, std::less<>> captures_;
  Workspace* workspace_ = nullptr;
  Project* project_ = nullptr;
  Repository* repository_ = nullptr;
  Role role_ = Role::none;
};

}  // namespace evidenced::simulator
