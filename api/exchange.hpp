#pragma once

#include "api/core.hpp"
#include "api/cursor.hpp"
#include "api/json_out.hpp"
#include "api/route.hpp"
#include "storage/idempotency_store.hpp"
#include "storage/key_store.hpp"
#include "storage/session_store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::api {

/// One request on its way through the API, and what is known of it. Handlers share it with the
/// dispatcher, which fills it in: a handler that needs a key has one.
struct Exchange {
  Exchange(Core& owner, Request received, std::string reuse);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  Core& core;
  Request request;
  std::string buffer;  ///< for the body of the answer
  const Route* route = nullptr;
  std::vector<std::string> ids;  ///< what stands for the names in the route's pattern
  Query query;
  Json body;
  std::optional<storage::AuthenticatedKey> key;
  std::optional<storage::ConsoleSession> session;  ///< where a cookie showed the key
  Timestamp now;                                   ///< of everything that this request stamps
  SteadyTime began;
  std::string idempotency_key;  ///< "" when none was sent
  std::string fingerprint;
  std::vector<std::pair<std::string, std::string>> headers;  ///< for the answer, whatever it is
  std::string_view media;                                    ///< of the answer, chosen by Accept
  std::string in_flight;  ///< entry of Core::requests_in_flight that is this request's

  const storage::TenantScope& tenant() const { return key->tenant; }
  bool has_role(Roles roles) const;
  bool sees_source(std::string_view id) const;  ///< the key is not limited to other sources

  /// The time that the key is limited to. Every read of what was collected, and of syncs and
  /// events, goes through it; sources, keys and the health of the program have no past to hide.
  const storage::Window& window() const { return key->key.window; }
  bool sees_email() const { return has_role(writers); }
  std::string_view path() const { return path_of(request.target); }

  /// An answer with what was written to `buffer`.
  Response reply(int status);

  /// Stores the answer under the request's Idempotency-Key, in the transaction of its effect; does
  /// nothing when there is none. `stored_body` is the body that may be kept: without e-mail, token
  /// and key.
  Result<void> remember(storage::Connection& connection, const Response& response,
                        std::string_view stored_body) const;
};

/// `resource.not_found`, the same for what is not there and for what is another's.
std::unexpected<Error> not_found();

/// The parts of a list's answer: how many, from where.
struct Paging {
  int limit = 0;
  Position position;  ///< of the cursor; `last` is empty on the first page
  bool first = true;
};

/// Reads `limit` and `cursor`. Errors: cursor.*.
Result<Paging> read_paging(const Exchange& exchange);

/// Writes the end of a list behind its items: `next`, `has_more`, `as_of_seq`; sets Link.
/// `last` is the key of the last item when there are more, else "".
void write_paging(const Exchange& exchange, JsonOut& json, Response& response, const Paging& paging,
                  std::string_view last);

/// A place among the requests of the key that wait, unless `place` is one already. Errors:
/// quota.exceeded.
Result<void> take_wait(Exchange& exchange, std::optional<Places::Place>& place);

/// Looks the key of a request up again, or its session, for those that go on for long: a key that
/// was revoked learns nothing more. Errors: as Authenticator::authenticate, SessionDoor::open.
Task<Result<void>> check_key_again(Call call);

/// Whether the task that answers was cancelled: whoever asked has left, or is not to wait longer. A
/// wait ends then, with what is known.
Task<bool> is_cancelled();

/// The parameters that every list takes.
inline constexpr Parameter limit_parameter = {"limit",
                                              Parameter::Kind::count,
                                              "Items on a page: 1 to 500, default 50; more is 500.",
                                              false,
                                              {},
                                              1};
inline constexpr Parameter cursor_parameter = {"cursor", Parameter::Kind::text,
                                               "Where the page begins; taken from `next`."};

/// Runs `work` in a read transaction of the exchange's database.
template <class F>
auto reading(const Call& call, F work) {
  return storage::query(call->core.services.database, std::move(work));
}

/// Runs `work` in a write transaction of the exchange's database.
template <class F>
auto writing(const Call& call, F work) {
  return storage::write(call->core.services.database, std::move(work));
}

}  // namespace evidenced::api
