#pragma once

#include "api/message.hpp"
#include "api/target.hpp"
#include "storage/nouns.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::api {

struct Exchange;
using Call = std::shared_ptr<Exchange>;

/// Roles as bits, in the order of storage::Role: what a route asks for.
using Roles = unsigned;
inline constexpr Roles admin = 1, operator_ = 2, reviewer = 4, auditor = 8;
inline constexpr Roles writers = admin | operator_;
inline constexpr Roles everybody = admin | operator_ | reviewer | auditor;
inline constexpr Roles open_to_all = 0;  ///< no key is asked for

Roles role_bit(storage::Role role);

/// What an answer is.
enum class Shape {
  resource,  ///< strong ETag
  list,      ///< weak ETag
  none,      ///< no ETag: actions, health
};

/// A success beside the usual one.
struct OtherAnswer {
  int status;
  std::string_view answer;  ///< schema
};

/// One row of the route table: it dispatches, guards, and documents. An undocumented route does not
/// exist.
struct Route {
  Method method = Method::get;
  std::string_view pattern;    ///< "/v1/sources/{id}/pause"
  std::string_view operation;  ///< operationId, and the label in metrics: "pause_source"
  std::string_view tag;
  std::string_view summary;
  std::string_view description = {};
  Roles roles = everybody;
  Task<Result<Response>> (*handler)(Call) = nullptr;
  int status = 200;              ///< of success
  std::string_view answer = {};  ///< schema of the answer's body; "" where there is none
  Shape shape = Shape::none;
  std::string_view body = {};  ///< schema of the request's body; "" where none is taken
  bool body_required = false;
  std::span<const Parameter> parameters = {};
  std::string_view media = "application/json";  ///< of the answer, several separated by commas
  std::string_view line = "ExportLine";      ///< schema of a line, where the answer may be NDJSON
  std::span<const int> problems = {};        ///< further statuses that the handler answers
  std::span<const OtherAnswer> others = {};  ///< further successes
  bool open_on_loopback = false;             ///< a client on this machine needs no key
  /// So many bytes are taken as they come, for the handler to read; 0: `body` is checked JSON.
  std::size_t raw_body = 0;
  /// The handler holds back who has no key: it can tell who is welcome, the server cannot.
  bool own_quota = false;
};

/// The tables of routes, one a family of resources.
std::span<const Route> source_routes();
std::span<const Route> sync_routes();
std::span<const Route> artifact_routes();
std::span<const Route> report_routes();
std::span<const Route> feed_routes();
std::span<const Route> expiry_routes();
std::span<const Route> hook_routes();
std::span<const Route> key_routes();
std::span<const Route> console_routes();
std::span<const Route> system_routes();

/// All of them, in the order of the documentation.
const std::vector<const Route*>& all_routes();

/// A path's route and what stands for the names in its pattern.
struct Match {
  const Route* route = nullptr;  ///< nullptr: the path exists but not with this method
  std::vector<std::string> ids;
  std::vector<Method> allowed;  ///< all methods of the path; empty: there is no such path
};

/// HEAD goes to the route of GET.
Match match_route(Method method, std::string_view path);

std::string_view method_name(Method method);

/// "GET, HEAD, OPTIONS"
std::string allow_header(const Match& match);

/// How large a body the route takes.
std::size_t body_limit_of(const Route& route);

/// Whether it takes JSON.
bool takes_json(const Route& route);

/// Whether it takes an Idempotency-Key with it, which counts for the API key alone that sends it.
bool keeps_answers(const Route& route);

}  // namespace evidenced::api
