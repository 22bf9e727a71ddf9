#pragma once

#include "api/message.hpp"
#include "api/metrics.hpp"
#include "config/clock.hpp"
#include "config/random.hpp"
#include "config/settings.hpp"
#include "connector/sync_control.hpp"
#include "storage/database.hpp"
#include "storage/vault.hpp"

#include <functional>
#include <memory>
#include <string>

namespace evidenced::api {

/// What the API works with; everything outlives it.
struct Services {
  storage::Database& database;
  const storage::Vault& vault;
  connector::SyncControl& sync_control;
  Clock& clock;
  Random& random;
  const Settings& settings;
  /// What the server around the API counts; none where there is no server.
  std::function<std::vector<Gauge>()> server_gauges = {};
};

/// The REST API: a route table and its handlers. Lives on the io thread.
class Api {
 public:
  explicit Api(Services services);
  ~Api();

  /// Answers a request. Never throws; every failure is a problem+json answer. `buffer` is an empty
  /// string whose capacity the answer's body may reuse.
  Task<Response> handle(Request request, std::string buffer);

  /// How large a body the route of this request takes, known before the body is read: 413, 404 and
  /// 405 need no body. Errors: resource.not_found, request.method, request.too_large is the
  /// caller's.
  Result<std::size_t> body_limit(Method method, std::string_view target) const;

  /// Whether the route of this request holds back by itself who shows no key.
  static bool has_own_quota(Method method, std::string_view target);

  /// From now on /readyz says 503 (capacity.draining), and long polls return.
  void drain();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace evidenced::api
